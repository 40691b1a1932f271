from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from h36m_clips import made_rigs

from ige.base.errors import InputError
from ige.params.poses import ExplicitRig, RecordedRig, RingRig
from ige.poses.rigs import rig_cameras, rig_of

PATH = Path("clips.h5")
RECORDED = RecordedRig(kind="recorded", image_pixels=(1000, 1002))
LENS: dict[str, Any] = {
    "focal_pixels": [1145.0, 1144.0],
    "centre_pixels": [512.0, 515.0],
    "radial": [-0.2, 0.2, 0.0],
    "tangential": [0.001, -0.001],
}
PLACE = {"azimuth_degrees": 90.0, "distance_m": 4.0, "height_m": 1.2}


def ring(*names: str) -> RingRig:
    return RingRig.model_validate(
        {
            "kind": "ring",
            "image_pixels": [1000, 1000],
            "look_at_m": [0.0, 0.0, 0.9],
            "cameras": [{"name": name, **PLACE, **LENS} for name in names],
        }
    )


def explicit(extrinsics: list[list[float]]) -> ExplicitRig:
    return ExplicitRig.model_validate(
        {
            "kind": "explicit",
            "image_pixels": [1000, 1000],
            "cameras": [{"name": "flat", "extrinsics": extrinsics, **LENS}],
        }
    )


def test_a_ring_camera_stands_at_its_horizontal_distance_and_height() -> None:
    (camera,) = rig_cameras(ring("north"))
    rotation, shift = camera.extrinsics[:, :3], camera.extrinsics[:, 3]
    np.testing.assert_allclose(-rotation.T @ shift, [0.0, 4.0, 1.2], atol=1e-12)
    target = rotation @ [0.0, 0.0, 0.9] + shift
    np.testing.assert_allclose(target, [0.0, 0.0, np.hypot(4.0, 0.3)], atol=1e-12)


def test_an_explicit_rig_equals_the_ring_that_it_copies() -> None:
    (camera,) = rig_cameras(ring("north"))
    (copied,) = rig_cameras(explicit(camera.extrinsics.tolist()))
    for part in ("extrinsics", "focal", "centre", "radial", "tangential"):
        np.testing.assert_array_equal(getattr(copied, part), getattr(camera, part))


def test_a_matrix_without_rotation_is_one_line() -> None:
    flat = [[1.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 0.0, 4.0]]
    with pytest.raises(InputError, match=r"rig\.cameras: camera flat: .*no rotation"):
        rig_cameras(explicit(flat))


def test_a_described_rig_sees_all_subjects() -> None:
    rig = rig_of(ring("a", "b"), {}, ["S1", "S9"], PATH)
    assert [camera.name for camera in rig.cameras] == ["a", "b"]
    assert rig.of_subject == {"S1": {"a": 0, "b": 1}, "S9": {"a": 0, "b": 1}}


def test_recorded_cameras_see_their_own_subject() -> None:
    recorded = made_rigs()
    rig = rig_of(RECORDED, recorded, ["S9", "S11"], PATH)
    assert len(rig.cameras) == 8
    for subject in ("S9", "S11"):
        assert list(rig.of_subject[subject]) == [camera.name for camera in recorded[subject]]
        for camera in recorded[subject]:
            found = rig.cameras[rig.of_subject[subject][camera.name]]
            assert found.name == f"{subject}/{camera.name}"
            np.testing.assert_array_equal(found.extrinsics, camera.extrinsics)
            np.testing.assert_array_equal(found.focal, camera.focal)


def test_subjects_without_recorded_cameras_are_named() -> None:
    recorded = {"S1": made_rigs()["S1"]}
    with pytest.raises(InputError, match=r"clips\.h5: .*: expected cameras of S1, S5, found none of S5$"):
        rig_of(RECORDED, recorded, ["S1", "S5"], PATH)
    with pytest.raises(InputError, match="found none of S1, S5"):
        rig_of(RECORDED, {}, ["S1", "S5"], PATH)
