from __future__ import annotations

import dataclasses
import math
import threading
import time
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from ige.geometry.frustum import object_box, shape_view
from ige.grids.surface import make_surface
from ige.grids.voxelise import voxelise
from ige.params.shapes import GridsSettings, ImagesSettings, ProceduralShapesSettings, RandomViews
from ige.shapes.dataset import ShapeGrids
from ige.shapes.endless import EndlessSettings, EndlessViews
from ige.shapes.rendering import draw
from ige.shapes.sources import open_source
from ige.shapes.unpack import unpack_bits
from ige.shapes.voxels.examples import Examples, read_ahead
from ige.shapes.voxels.view_sets import FreshViews, KeptViews

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def grids(shape_shards: list[Path]) -> ShapeGrids:
    return ShapeGrids(shape_shards, 16, world=True)


@pytest.fixture(params=["kept", "streamed"])
def views(request: pytest.FixtureRequest, grids: ShapeGrids) -> KeptViews | ShapeGrids:
    return KeptViews(grids) if request.param == "kept" else grids


def batches(*indices: list[int]) -> list[Tensor]:
    return [torch.tensor(each) for each in indices]


def test_batches_come_as_they_were_named(views: KeptViews | ShapeGrids, grids: ShapeGrids) -> None:
    examples = Examples(views, device=CPU)
    assert (len(examples), examples.resolution) == (8, 16)
    examples.enter_epoch(3, batches([4, 1], [7], [0, 2, 3], [5, 6]))
    for indices in ([4, 1], [7], [0, 2, 3], [5, 6]):
        found, expected = examples.next_batch(len(indices)), grids[indices]
        assert torch.equal(found.rgba, expected["image"])
        assert torch.equal(found.bits, expected["bits"])
        assert torch.equal(found.category, expected["category"])
        assert torch.equal(found.truth("frustum"), unpack_bits(expected["bits"], 16))
        assert torch.equal(found.truth("world"), unpack_bits(expected["world"], 16))
        assert torch.equal(found.query.bits, found.bits)
    with pytest.raises(ValueError, match="those that enter_epoch named"):
        examples.next_batch(1)
    examples.enter_epoch(0, batches([4, 1]))
    with pytest.raises(ValueError, match="those that enter_epoch named"):
        examples.next_batch(1)


def test_in_order_all_come_as_they_are(views: KeptViews | ShapeGrids, grids: ShapeGrids) -> None:
    examples = Examples(views, device=CPU, flips=True)
    found = list(examples.in_order(3))
    assert [len(part) for part in found] == [3, 3, 2]
    assert torch.equal(torch.cat([part.bits for part in found]), grids[list(range(8))]["bits"])


def test_volumes_are_those_of_the_frustum_and_the_world_has_none(grids: ShapeGrids) -> None:
    (part,) = Examples(grids, device=CPU).in_order(8)
    volumes = shape_view(0.3, 0.4).cell_volumes(16)
    np.testing.assert_allclose(part.weights("frustum").numpy(), np.tile(volumes, (8, 1)), rtol=1e-5)
    assert part.weights("world") is None
    with pytest.raises(ValueError, match="the grids of the world were not read"):
        dataclasses.replace(part, world=None).truth("world")


def test_half_of_the_examples_are_mirrored_by_seed_epoch_and_example(views: KeptViews | ShapeGrids) -> None:
    def mirrored(seed: int, epoch: int, order: list[int]) -> dict[int, bool]:
        examples = Examples(views, device=CPU, seed=seed, flips=True)
        examples.enter_epoch(epoch, batches(order[:3], order[3:]))
        found = {}
        for part in (order[:3], order[3:]):
            got, plain = examples.next_batch(len(part)), views[part]
            for place, index in enumerate(part):
                same = torch.equal(got.rgba[place], plain["image"][place])
                expected = [plain["image"][place], plain["bits"][place], plain["world"][place]]
                if not same:
                    expected = [expected[0].flip(2), expected[1].flip(1), expected[2].flip(1)]
                assert torch.equal(got.rgba[place], expected[0])
                assert torch.equal(got.bits[place], expected[1])
                assert torch.equal(got.world[place], expected[2])
                found[index] = not same
        return found

    order = [3, 1, 4, 0, 5, 7, 2, 6]
    first = mirrored(0, 0, order)
    assert mirrored(0, 0, sorted(order)) == first
    others = [mirrored(seed, epoch, order) for seed, epoch in ((0, 1), (0, 2), (1, 0), (2, 0))]
    assert all(other != first for other in others)
    share = np.mean([list(each.values()) for each in (first, *others)])
    assert 0.2 < share < 0.8


@pytest.mark.parametrize("azimuth", [0.0, 0.7, 2.5])
def test_a_mirrored_example_is_a_view_of_the_mirrored_object(azimuth: float) -> None:
    settings = ProceduralShapesSettings(seed=3, models_per_category=2, open_share=0.0)
    mesh = open_source(settings, None).load("rifle", "rifle-0001")
    # Off the plane x = 0, so that the object is not its own mirror image.
    turned = mesh.vertices @ np.array([[0.8, 0.6, 0.0], [-0.6, 0.8, 0.0], [0.0, 0.0, 1.0]]).T
    turned *= 0.8
    mirrored = dataclasses.replace(mesh, vertices=turned * [-1.0, 1.0, 1.0], faces=mesh.faces[:, ::-1])
    plain = dataclasses.replace(mesh, vertices=turned)
    images = ImagesSettings(renderer="raster", pixels=64, supersample=1)

    def seen(solid, angle: float) -> dict[str, Tensor]:
        frustum, surface = shape_view(angle, 0.5), make_surface(solid.vertices, solid.faces)
        return {
            "image": torch.from_numpy(draw(solid, frustum, images).rgba.transpose(2, 0, 1).copy())[None],
            "bits": torch.from_numpy(voxelise(surface, frustum, 32).bits)[None],
            "world": torch.from_numpy(voxelise(surface, object_box(), 32).bits)[None],
        }

    one, other = seen(plain, azimuth), seen(mirrored, math.pi - azimuth)
    facts = dict.fromkeys(("focal", "near", "far"), torch.ones(1)) | {"category": torch.zeros(1)}
    facts["far"] = torch.tensor([2.0])

    class Single:
        resolution = 32

        def __len__(self) -> int:
            return 1

        def __getitem__(self, index: list[int]) -> dict[str, Tensor]:
            return {**one, **facts}

    found = None
    for seed in range(20):
        examples = Examples(Single(), device=CPU, seed=seed, flips=True)
        examples.enter_epoch(0, batches([0]))
        got = examples.next_batch(1)
        if not torch.equal(got.bits, one["bits"]):
            found = got
    assert found is not None
    for mine, theirs in (
        (found.truth("frustum"), unpack_bits(other["bits"], 32)),
        (found.truth("world"), unpack_bits(other["world"], 32)),
    ):
        # A cell whose centre lies on a surface may fall on either side.
        assert (mine != theirs).sum() <= 0.02 * theirs.sum()
        assert 2 * (unpack_bits(one["bits"], 32) != theirs).sum() > theirs.sum()
    assert float((found.rgba[:, 3].float() - other["image"][:, 3].float()).abs().mean()) < 2.0


def test_a_mirrored_object_still_looks_to_the_front(grids: ShapeGrids) -> None:
    # Cars and chairs are the same on the left and on the right, but not in front and behind.
    examples = Examples(grids, device=CPU, flips=True)
    examples.enter_epoch(0, batches(list(range(8))))
    found, plain = examples.next_batch(8), grids[list(range(8))]
    mirrored = [place for place in range(8) if not torch.equal(found.bits[place], plain["bits"][place])]
    assert mirrored
    for place in mirrored:
        mine, theirs = found.truth("world")[place] > 0, unpack_bits(plain["world"][place], 16) > 0
        assert (mine & theirs).sum() > 0.9 * (mine | theirs).sum()


def test_fresh_views_of_an_epoch_are_numbered_from_its_first() -> None:
    lens = {"distance": 1.2, "focal": 1.1}
    settings = EndlessSettings(
        source=ProceduralShapesSettings(seed=0, models_per_category=2, open_share=0.0),
        folder=None,
        models=(("car", "car-0000"), ("car", "car-0001")),
        views=RandomViews(kind="random", seed=0, count=1, elevation_degrees=(25.0, 30.0), **lens),
        grids=GridsSettings(resolutions=(16,), fill="auto", surface="none"),
        images=ImagesSettings(renderer="raster", pixels=16, supersample=1),
        views_per_visit=2,
    )
    endless = EndlessViews(settings, 16)
    examples = Examples(FreshViews(endless), device=CPU)
    assert len(examples) == 4
    examples.enter_epoch(2, batches([3, 0]))
    found = examples.next_batch(2)
    for place, number in enumerate((11, 8)):
        assert torch.equal(found.rgba[place], endless[number]["image"])
        assert torch.equal(found.bits[place], endless[number]["bits"])


def test_reading_ahead_keeps_the_order_and_reads_no_more_than_two_more() -> None:
    started: list[int] = []

    def read(item: int) -> int:
        assert threading.current_thread() is not threading.main_thread()
        started.append(item)
        return 10 * item

    results = read_ahead(read, range(6))
    assert next(results) == 0
    deadline = time.monotonic() + 5
    while len(started) < 3 and time.monotonic() < deadline:
        time.sleep(0.001)
    assert started == [0, 1, 2]
    assert list(results) == [10, 20, 30, 40, 50]
    assert list(read_ahead(read, [])) == []


def test_what_fails_ahead_fails_where_it_is_due() -> None:
    def read(item: int) -> int:
        if item == 1:
            raise KeyError(item)
        return item

    results = read_ahead(read, range(3))
    assert next(results) == 0
    with pytest.raises(KeyError):
        next(results)


def test_an_epoch_that_is_left_early_stops_reading() -> None:
    before = threading.active_count()
    results = read_ahead(lambda item: item, range(100))
    next(results)
    results.close()
    deadline = time.monotonic() + 5
    while threading.active_count() > before and time.monotonic() < deadline:
        time.sleep(0.001)
    assert threading.active_count() == before


def test_epochs_never_read_at_once(grids: ShapeGrids) -> None:
    class Watched:
        resolution = grids.resolution
        reading = 0

        def __len__(self) -> int:
            return len(grids)

        def __getitem__(self, indices: list[int]) -> dict[str, torch.Tensor]:
            assert not self.reading
            self.reading += 1
            time.sleep(0.01)
            self.reading -= 1
            return grids[indices]

    examples = Examples(Watched(), device=torch.device("cpu"))
    for epoch in range(4):
        examples.enter_epoch(epoch, batches([0], [1], [0], [1]))
        assert len(examples.next_batch(1)) == 1


def test_what_is_dropped_while_it_reads_waits_for_nothing() -> None:
    """Garbage is collected anywhere, also where a thread is about to start: waiting there is a deadlock."""
    begun, go_on = threading.Event(), threading.Event()

    def read(item: int) -> int:
        if item:
            begun.set()
            go_on.wait()
        return item

    results = read_ahead(read, range(9))
    assert next(results) == 0
    assert begun.wait(timeout=5.0)
    dropping = threading.Thread(target=results.close, daemon=True)
    dropping.start()
    dropping.join(timeout=5.0)
    waited = dropping.is_alive()
    go_on.set()
    assert not waited
