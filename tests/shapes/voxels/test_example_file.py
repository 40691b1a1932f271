from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from ige.geometry.frustum import shape_view
from ige.grids.bits import pack
from ige.shapes.voxels.example_file import KIND, ExampleBook, choose_examples, write_examples
from ige.shapes.voxels.scored_views import Truth
from ige.storage.array_rows import open_array_rows


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


def add(book: ExampleBook, number: int) -> dict[str, np.ndarray]:
    """Add a view; return what the file should hold of it."""
    rng = np.random.default_rng(number)
    image = rng.integers(0, 256, (4, 6, 6), dtype=np.uint8)
    bits, *iterates = rng.integers(0, 256, (4, 8, 8, 1), dtype=np.uint8)
    true = truth(number)
    book.add(number, image=image, bits=bits, iterates=iterates, truth=true, iou_frustum=number / 8)
    return {
        "rgba": image.transpose(1, 2, 0),
        "truth": bits,
        "truth_fine": true.bits,
        **{f"iterates/{step}": each for step, each in enumerate(iterates)},
        "camera": true.frustum.extrinsics,
        **{name: np.float64(getattr(true.frustum, name)) for name in ("focal", "near", "far")},
    }


def test_a_file_holds_the_views_in_the_order_they_were_chosen(tmp_path: Path) -> None:
    expected = {}
    with write_examples(tmp_path / "examples.h5", [5, 2]) as book:
        assert [number for number in range(8) if book.wants(number)] == [2, 5]
        for number in (2, 5):
            expected[number] = add(book, number)
        book.finish({"model": "some"})
    found = open_array_rows(tmp_path / "examples.h5", KIND)
    assert found.attributes == {
        "model": "some",
        "steps": 2,
        "category": ["car", "car"],
        "id": ["c5", "c2"],
        "view": [5, 2],
        "iou_frustum": [0.625, 0.25],
    }
    assert set(found.digests) == set(expected[5])
    for place, number in enumerate((5, 2)):
        for name, block in expected[number].items():
            assert_array_equal(found.row(name, place), block)


def test_examples_that_never_came_leave_no_file(tmp_path: Path) -> None:
    with (
        pytest.raises(ValueError, match="never written"),
        write_examples(tmp_path / "examples.h5", [5, 2]) as book,
    ):
        add(book, 2)
    assert list(tmp_path.iterdir()) == []
