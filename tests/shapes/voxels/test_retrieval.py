from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

from ige.base.errors import InputError
from ige.grids.bits import pack
from ige.shapes.voxels import retrieval
from ige.shapes.voxels.query import Query
from ige.shapes.voxels.retrieval import NearestImage, Oracle, best_iou, pixel_features, silhouette_features


class Views:
    """Views of random boxes: each grid differs from the others, and so does each image."""

    def __init__(self, count: int, resolution: int, pixels: int = 32, seed: int = 0) -> None:
        random = np.random.default_rng(seed)
        self.resolution = resolution
        lows = random.integers(0, resolution // 2, (count, 3))
        highs = lows + 1 + random.integers(1, resolution // 2, (count, 3))
        at = np.arange(resolution)
        inside = [(at >= lows[:, [a]]) & (at < highs[:, [a]]) for a in range(3)]
        self.grids = inside[0][:, :, None, None] & inside[1][:, None, :, None] & inside[2][:, None, None, :]
        shadow = self.grids.any(3)
        repeats = pixels // resolution
        alpha = shadow.repeat(repeats, 1).repeat(repeats, 2).astype(np.uint8) * 255
        colour = random.integers(0, 256, (count, 3, 1, 1), dtype=np.uint8) * np.ones((pixels,) * 2, np.uint8)
        self.images = np.concatenate([colour, alpha[:, None]], 1)
        self.bits = np.stack([pack(grid) for grid in self.grids])
        self.read: list[int] = []

    def __len__(self) -> int:
        return len(self.grids)

    def __getitem__(self, index: list[int], /) -> dict[str, Tensor]:
        self.read += index
        return {
            "image": torch.from_numpy(self.images[index]),
            "bits": torch.from_numpy(self.bits[index]),
            "category": torch.zeros(len(index), dtype=torch.int64),
        }

    def query(self, index: list[int]) -> Query:
        return Query.of(self[index])


def slow_best(asked: np.ndarray[Any, Any], bank: np.ndarray[Any, Any]) -> list[int]:
    """The definition, grid by grid."""
    best = []
    for one in asked:
        scores = [(one & other).sum() / max(1, (one | other).sum()) for other in bank]
        best.append(int(np.argmax(scores)))
    return best


@pytest.mark.parametrize("by", ["pixels", "silhouette"])
def test_training_images_find_themselves(by: str) -> None:
    views = Views(40, 16)
    model = NearestImage(by, 40, 16)
    model.fill(views)
    found = model(views.query([7, 0, 39]))
    assert found.dtype == torch.float32
    if by == "pixels":
        np.testing.assert_array_equal(found.numpy(), views.grids[[7, 0, 39]])
    np.testing.assert_array_equal(found.any(3).numpy(), views.grids[[7, 0, 39]].any(3))


def test_pixels_are_compared_on_white() -> None:
    images = torch.zeros(3, 4, 32, 32, dtype=torch.uint8)
    images[1, :3] = 255  # whatever stands behind alpha 0
    images[2] = 255
    features = pixel_features(images)
    assert features.shape == (3, 768)
    assert bool((features == 1).all())


def test_pixels_are_means_of_blocks() -> None:
    image = torch.zeros(1, 4, 32, 32, dtype=torch.uint8)
    image[:, 3] = 255
    image[0, 1, 0, :2] = 255  # half of the first block of 2 x 2, in green
    features = pixel_features(image).view(3, 16, 16)
    assert features[1, 0, 0] == 0.5
    assert features.sum() == 0.5


def test_the_distance_of_silhouettes_is_the_area_where_they_differ() -> None:
    images = torch.zeros(2, 4, 64, 64, dtype=torch.uint8)
    images[0, 3, :20, :20] = 255
    images[1, 3, :20, 6:26] = 128  # just more than half
    images[1, 3, 40:, :] = 127  # just less
    first, second = silhouette_features(images)
    assert (first - second).square().sum() == 2 * 10 * 3


def test_a_bank_takes_evenly_spread_views_and_reads_no_others() -> None:
    views = Views(20, 8)
    model = Oracle(4, 8)
    model.fill(views)
    assert views.read == [0, 5, 10, 15]
    np.testing.assert_array_equal(model.bits.numpy(), views.bits[[0, 5, 10, 15]])


@pytest.mark.parametrize("model", [NearestImage("pixels", 21, 8), Oracle(21, 8)])
def test_a_bank_larger_than_the_training_set_is_refused(model: Oracle | NearestImage) -> None:
    with pytest.raises(InputError, match="at least 21 views, found 20"):
        model.fill(Views(20, 8))


@pytest.mark.parametrize("resolution", [8, 12, 16])
def test_oracle_answers_the_best_grid(resolution: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retrieval, "_BYTES", 5 * resolution**2 * 2)
    bank, asked = Views(30, resolution, 48), Views(9, resolution, 48, seed=1)
    model = Oracle(30, resolution)
    model.fill(bank)
    found = model(asked.query(list(range(9))))
    np.testing.assert_array_equal(found.numpy(), bank.grids[slow_best(asked.grids, bank.grids)])


def test_both_ways_to_count_agree() -> None:
    asked, bank = (torch.from_numpy(Views(n, 16, seed=n).bits).flatten(1) for n in (5, 50))
    ways = [
        retrieval._count_bits(asked.numpy(), bank.numpy()),
        retrieval._count_products(asked, bank),
    ]
    for one, other in zip(*ways, strict=True):
        assert one.dtype == other.dtype == torch.float64
        assert torch.equal(one, other)


def test_counts_stay_exact_in_low_precision() -> None:
    bits = torch.full((1, 512), 255, dtype=torch.uint8)
    bits[0, 0] = 127
    with torch.autocast("cpu", torch.bfloat16):
        shared, asked, bank = retrieval._count_products(bits, bits)
    assert shared.item() == asked.item() == bank.item() == 512 * 8 - 1


def test_products_are_counted_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    asked, bank = (torch.from_numpy(Views(n, 8, seed=n).bits).flatten(1) for n in (2, 9))
    whole = retrieval._count_products(asked, bank)
    monkeypatch.setattr(retrieval, "_CELLS", 2 * 8**3)
    assert all(torch.equal(a, b) for a, b in zip(whole, retrieval._count_products(asked, bank), strict=True))


def test_empty_grids_agree_wholly() -> None:
    bank = torch.zeros(3, 8, 8, 1, dtype=torch.uint8)
    bank[0] = 255
    bank[1, 0, 0] = 1
    assert best_iou(torch.zeros(1, 8, 8, 1, dtype=torch.uint8), bank).item() == 2


def test_fine_grids_are_compared_at_64_and_answered_whole() -> None:
    views = Views(6, 128, 128)
    model = Oracle(6, 128)
    model.fill(views)
    assert model.keys.shape == (6, 64, 64, 8)
    blocks = views.grids.reshape(6, 64, 2, 64, 2, 64, 2).mean((2, 4, 6)) >= 0.5
    np.testing.assert_array_equal(model.keys.numpy(), np.stack([pack(grid) for grid in blocks]))
    np.testing.assert_array_equal(model(views.query([4])).numpy()[0], views.grids[4])


class Largest(TorchDispatchMode):
    """Notes the largest tensor that any operation makes."""

    def __init__(self) -> None:
        super().__init__()
        self.bytes = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        made = func(*args, **(kwargs or {}))
        for tensor in made if isinstance(made, tuple | list) else [made]:
            if isinstance(tensor, Tensor):
                self.bytes = max(self.bytes, tensor.untyped_storage().nbytes())
        return made


@pytest.mark.parametrize("kind", ["pixels", "silhouette", "oracle", "products"])
def test_memory_is_bounded_by_the_batch(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # The grids of the bank take 4 MiB as floats; a batch's take 32 KiB.
    views = Views(256, 16)
    model = Oracle(256, 16) if kind in ("oracle", "products") else NearestImage(kind, 256, 16)
    model.fill(views)
    asked = views.query([3, 4])
    if kind == "products":
        monkeypatch.setattr(retrieval, "_CELLS", 4 * 16**3)
    with Largest() as seen:
        if kind == "products":
            retrieval._count_products(asked.bits.flatten(1), model.bits.flatten(1))
        else:
            model(asked)
    assert 0 < seen.bytes <= max(buffer.nbytes for buffer in model.buffers())
