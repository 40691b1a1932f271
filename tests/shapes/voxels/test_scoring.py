from __future__ import annotations

import math

import numpy as np
import pytest

from ige.geometry.frustum import Frustum, object_box, shape_view
from ige.grids.bits import pack
from ige.metrics.voxels import upsample_nearest
from ige.shapes.voxels.scored_views import Truth
from ige.shapes.voxels.scoring import MEASURES, StepMeans, measure

VIEW = shape_view(math.radians(40.0), math.radians(28.0))


def ball(frustum: Frustum, resolution: int, radius: float = 0.2) -> np.ndarray:
    """Cells whose centres lie in a ball beside the origin."""
    centres = frustum.cell_centres_world(resolution) - [0.05, -0.1, 0.08]
    return np.linalg.norm(centres, axis=-1) < radius


def truth_of(seen: np.ndarray, world: np.ndarray) -> Truth:
    return Truth("car", "c0", 0, VIEW, len(seen), pack(seen), pack(world))


@pytest.fixture(scope="module")
def truth() -> Truth:
    return truth_of(ball(VIEW, 64), ball(object_box(), 64))


def test_the_truth_in_the_frustum_is_right_there_and_nearly_so_in_the_world(truth: Truth) -> None:
    found = measure(ball(VIEW, 64), "frustum", truth)
    assert tuple(found) == MEASURES
    assert found == {
        **dict.fromkeys(("iou_frustum_weighted", "iou_frustum", "silhouette_iou", "f_score"), 1.0),
        **dict.fromkeys(("false_outside", "false_inside", "missed"), 0.0),
        "iou_world": found["iou_world"],
    }
    assert 0.85 < found["iou_world"] < 1.0


def test_the_truth_in_the_world_is_right_there_and_nearly_so_in_the_frustum(truth: Truth) -> None:
    found = measure(ball(object_box(), 64), "world", truth)
    assert found["iou_world"] == 1.0
    for name in ("iou_frustum_weighted", "iou_frustum", "silhouette_iou"):
        assert 0.85 < found[name] <= 1.0, name
    assert 0.6 < found["f_score"] < 1.0  # a cell is wider than what is near
    wrong = found["false_outside"] + found["false_inside"] + found["missed"]
    assert wrong == pytest.approx(1.0 - found["iou_frustum_weighted"], abs=1e-12)


@pytest.mark.parametrize("coordinates", ["frustum", "world"])
def test_an_empty_answer_misses_all(truth: Truth, coordinates: str) -> None:
    found = measure(np.zeros((16,) * 3, dtype=bool), coordinates, truth)
    assert found == {name: float(name == "missed") for name in MEASURES}


def test_far_cells_weigh_by_their_volume() -> None:
    seen = np.zeros((2, 2, 2), dtype=bool)
    seen[0, 1] = True
    found = measure(seen & [True, False], "frustum", truth_of(seen, seen))
    near, far = VIEW.cell_volumes(2)
    assert far > 2.0 * near
    assert found["iou_frustum"] == 0.5
    assert found["iou_frustum_weighted"] == pytest.approx(near / (near + far), rel=1e-12)
    assert found["missed"] == pytest.approx(far / (near + far), rel=1e-12)
    assert found["silhouette_iou"] == 1.0


@pytest.mark.parametrize("coordinates", ["frustum", "world"])
def test_a_coarse_answer_stands_for_the_fine_cells_in_its_cells(coordinates: str) -> None:
    coarse = ball(VIEW if coordinates == "frustum" else object_box(), 16)
    fine = upsample_nearest(coarse, 32)
    truth = truth_of(ball(VIEW, 32), ball(object_box(), 32))
    assert coarse.any()
    assert measure(coarse, coordinates, truth) == measure(fine, coordinates, truth)
    exact = measure(coarse, coordinates, truth_of(fine, fine))
    assert exact["iou_frustum" if coordinates == "frustum" else "iou_world"] == 1.0


def test_errors_beside_and_behind_the_silhouette_are_told_apart() -> None:
    seen = np.zeros((4, 4, 4), dtype=bool)
    seen[1, 1, 1] = True
    answer = np.zeros_like(seen)
    answer[1, 1, 2], answer[2, 2, 1] = True, True
    found = measure(answer, "frustum", truth_of(seen, seen))
    volumes = VIEW.cell_volumes(4)
    union = 2.0 * volumes[1] + volumes[2]
    assert found["false_inside"] == pytest.approx(volumes[2] / union, rel=1e-12)
    assert found["false_outside"] == found["missed"] == pytest.approx(volumes[1] / union, rel=1e-12)
    assert found["silhouette_iou"] == 0.5


def test_an_answer_finer_than_the_truth_is_a_mistake(truth: Truth) -> None:
    with pytest.raises(ValueError, match="128"):
        measure(np.zeros((128,) * 3, dtype=bool), "frustum", truth)


def test_steps_are_means_over_views() -> None:
    means = StepMeans()
    assert means.rows() == []
    assert means.rows_by_category() == {}
    means.add("car", [0.25, 0.5, 0.75], [4.0, math.nan])
    means.add("chair", [0.75, 1.0, 0.25], [2.0, 1.0])
    means.add("car", [0.5, 0.0, 0.5], [6.0, 3.0])
    assert means.rows() == [
        {"step": 0, "iou_frustum": 0.5, "energy": 4.0},
        {"step": 1, "iou_frustum": 0.5, "energy": None},
        {"step": 2, "iou_frustum": 0.5, "energy": None},
    ]
    assert means.rows_by_category() == {
        "car": [
            {"step": 0, "iou_frustum": 0.375, "energy": 5.0},
            {"step": 1, "iou_frustum": 0.25, "energy": None},
            {"step": 2, "iou_frustum": 0.625, "energy": None},
        ],
        "chair": [
            {"step": 0, "iou_frustum": 0.75, "energy": 2.0},
            {"step": 1, "iou_frustum": 1.0, "energy": 1.0},
            {"step": 2, "iou_frustum": 0.25, "energy": None},
        ],
    }


def test_a_model_without_an_energy_has_none() -> None:
    means = StepMeans()
    means.add("car", [0.25, 0.5], [])
    assert [row["energy"] for row in means.rows()] == [None, None]
