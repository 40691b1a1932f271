from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from ige.geometry.frustum import shape_view
from ige.grids.bits import pack
from ige.shapes.voxels.example_file import KIND, ExampleBook, choose_examples
from ige.shapes.voxels.scored_views import Truth
from ige.storage.arrays import read_arrays


@pytest.mark.parametrize("threshold", [0.05, 0.5, 0.7, 0.95])
def test_what_is_filled_stays_so_in_bytes(tmp_path: Path, threshold: float) -> None:
    steps = np.linspace(-1e-3, 1e-3, 512, dtype=np.float32).reshape(1, 8, 8, 8)
    book = ExampleBook([0], threshold)
    flat = np.zeros((8, 8, 1), dtype=np.uint8)
    image = np.zeros((4, 2, 2), dtype=np.uint8)
    probabilities = (threshold + steps).astype(np.float32)
    book.add(0, image=image, bits=flat, probabilities=probabilities, truth=truth(0), iou_frustum=0.0)
    book.write(tmp_path / "examples.h5", {})
    (found,) = read_arrays(tmp_path / "examples.h5", KIND).arrays["probability"]
    assert_array_equal(found > 255.0 * threshold, probabilities > threshold)
    assert found.min() < found.max()


@pytest.mark.parametrize(
    ("categories", "count", "chosen"),
    [
        ([0] * 6, 1, [3]),
        ([0] * 6, 2, [1, 4]),
        ([0] * 6, 3, [1, 3, 5]),
        ([1, 0, 1, 0, 1], 1, [3, 2]),
        ([1, 0, 1, 0, 1], 2, [1, 3, 0, 4]),
        ([0, 0], 5, [0, 1]),
    ],
)
def test_examples_are_evenly_spread_over_each_category(
    categories: list[int], count: int, chosen: list[int]
) -> None:
    assert choose_examples(categories, count) == chosen


def truth(view: int) -> Truth:
    rng = np.random.default_rng(view)
    bits, world = (pack(rng.random((16, 16, 16)) < 0.5) for _ in range(2))
    return Truth("car", f"c{view}", view, shape_view(0.1 * view, 0.4), 16, bits, world)


def test_a_file_holds_the_views_in_the_order_they_were_chosen(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (8, 4, 6, 6), dtype=np.uint8)
    bits = rng.integers(0, 256, (8, 8, 8, 1), dtype=np.uint8)
    probabilities = rng.random((8, 3, 8, 8, 8), dtype=np.float32)
    probabilities[5, 2, 1, 2, 3] = np.nan
    probabilities[5, 0, 0, 0] = np.linspace(0.448, 0.452, 8)  # some would be rounded across the threshold
    probabilities[2, 0, 0, 0] = 0.45
    book = ExampleBook([5, 2], 0.45)
    assert [number for number in range(8) if book.wants(number)] == [2, 5]
    for number in (2, 5):
        book.add(
            number,
            image=images[number],
            bits=bits[number],
            probabilities=probabilities[number],
            truth=truth(number),
            iou_frustum=number / 8,
        )
    book.write(tmp_path / "examples.h5", {"model": "some"})
    found = read_arrays(tmp_path / "examples.h5", KIND)
    assert found.attributes == {
        "model": "some",
        "steps": 2,
        "category": ["car", "car"],
        "id": ["c5", "c2"],
        "view": [5, 2],
        "iou_frustum": [0.625, 0.25],
    }
    arrays = found.arrays
    assert_array_equal(arrays["rgba"], images[[5, 2]].transpose(0, 2, 3, 1))
    assert_array_equal(arrays["truth"], bits[[5, 2]])
    assert_array_equal(arrays["truth_fine"], [truth(5).bits, truth(2).bits])
    assert_array_equal(arrays["camera"], [truth(5).frustum.extrinsics, truth(2).frustum.extrinsics])
    for name in ("focal", "near", "far"):
        assert_array_equal(arrays[name], [getattr(truth(0).frustum, name)] * 2)
    expected = np.nan_to_num(probabilities[[5, 2]])
    assert arrays["probability"].dtype == np.uint8
    assert np.abs(arrays["probability"] / 255.0 - expected).max() < 1.0 / 255.0
    assert_array_equal(arrays["probability"] > 255.0 * 0.45, expected > 0.45)
    assert arrays["probability"][0, 2, 1, 2, 3] == 0
