import math
from types import SimpleNamespace

import numpy as np
import pytest

from ige.geometry.frustum import shape_view
from ige.shapes.dataset import ShapeGrids
from ige.shapes.voxels.view_facts import ViewFacts, box_of, view_facts
from ige.storage.shard_writer import ShardHeader, write_shard

ELEVATIONS = (20.0, 30.0, 40.0)
# (top, left, bottom, right) of the object in images of 16 pixels; the last is seen nowhere.
BOXES = ((2, 4, 12, 8), (4, 2, 10, 14), (0, 0, 0, 0))


@pytest.fixture
def grids(tmp_path):
    path = tmp_path / "car.h5"
    facts = {"level": "exact", "closed": True, "leak": False, "retries": 0, "volume": 1.0, "cut": False}
    ratios = {"stabbed_ratio": 1.0, "coarse_ratio": 1.0}
    grid = SimpleNamespace(bits=np.zeros((8, 8, 1), dtype=np.uint8), **facts, **ratios)
    with (
        write_shard(path, ShardHeader("car", "train", (8,), 16, "gzip", {})) as writer,
        writer.model("a", "CC0", {8: grid}),
    ):
        for number, (elevation, box) in enumerate(zip(ELEVATIONS, BOXES, strict=True)):
            image = np.zeros((16, 16, 4), dtype=np.uint8)
            image[box[0] : box[2], box[1] : box[3], 3] = 128
            image[0, 0, 3] = 127  # less than half a pixel
            writer.add_view(number, shape_view(0.7 * number, math.radians(elevation)), image, {8: grid})
    return ShapeGrids(path, 8)


def test_facts_of_views_are_their_means_and_the_median_box(grids):
    facts = ViewFacts.of(view_facts(grids))
    assert facts.pixels == 16
    assert facts.elevation_degrees == pytest.approx(30.0, abs=1e-4)
    view = shape_view(0.0, 0.0)
    assert (facts.distance, facts.focal) == pytest.approx((math.sqrt(1.36), view.focal), abs=1e-6)
    assert (facts.near, facts.far) == pytest.approx((view.near, view.far), abs=1e-6)
    assert facts.box_side == pytest.approx((10 + 12) / 2 / 16)
    assert facts.box_row == pytest.approx(7 / 16)


def test_the_camera_that_stands_for_all_is_the_mean_one(grids):
    found, expected = ViewFacts.of(view_facts(grids)).frustum(), shape_view(0.0, math.radians(30.0))
    np.testing.assert_allclose(found.extrinsics, expected.extrinsics, atol=1e-6)
    assert (found.near, found.far) == pytest.approx((expected.near, expected.far), abs=1e-6)


def test_facts_that_lack_one_are_told(grids):
    facts = view_facts(grids)
    del facts["box_row"]
    with pytest.raises(KeyError, match="box_row"):
        ViewFacts.of(facts)


def test_a_box_is_half_open_and_an_empty_mask_has_none():
    mask = np.zeros((5, 7), dtype=bool)
    assert box_of(mask) is None
    mask[1, 6] = mask[3, 2] = True
    assert box_of(mask) == (1, 2, 4, 7)
