from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ige.base.errors import InputError
from ige.geometry.skeletons import H36M_32
from ige.params.poses import FilePattern
from ige.poses.mocap.naming import Claim
from ige.poses.mocap.reading import Take, body_height, place_on_floor, read_take, z_up
from ige.poses.mocap.rigs import known_rigs

CLAIM = Claim("anna", "walk", "3")


@pytest.fixture
def read(
    tmp_path: Path,
    trees: dict[str, Any],
    bvh_text: Callable[..., str],
    write_file: Callable[[Path, str], Path],
) -> Callable[..., Take]:
    """Write frames of the DAZ body and read them as a take."""

    def write_and_read(frames: list[Any], facts: dict[str, Any] | None = None, drop: bool = True) -> Take:
        write_file(tmp_path / "a.bvh", bvh_text(trees["daz-43"], frames))
        pattern = None if facts is None else FilePattern(pattern="*", **facts)
        return read_take(tmp_path, "a.bvh", CLAIM, pattern, known_rigs(tmp_path), drop)

    return write_and_read


def test_a_clip_has_the_claim_and_stands_on_the_floor(
    read: Callable[..., Take], arm_swing: Callable[..., Any]
) -> None:
    clip = read(arm_swing(61)).clip
    assert (clip.subject, clip.action, clip.take, clip.fps) == ("anna", "walk", "3", 60.0)
    assert (clip.origin, clip.licence) == ("a.bvh", "not stated")
    assert clip.positions_world.shape == (61, 32, 3)
    assert clip.positions_world.dtype == np.float32
    hips = clip.positions_world[:, 0]
    # The body walked 60 cm along the file's z, the world's -y; its toe tips were 90 - 80 - 6 cm high.
    np.testing.assert_allclose(hips[0], [0.0, 0.3, 0.86], atol=1e-5)
    np.testing.assert_allclose(hips[-1], [0.0, -0.3, 0.86], atol=1e-5)
    assert clip.notes == "moved by (0.000, 0.300, -0.040) m"


def test_facts_go_before_the_file(read: Callable[..., Take], arm_swing: Callable[..., Any]) -> None:
    plain = read(arm_swing(10)).clip
    facts = {"fps": 25.0, "metres_per_unit": 0.012, "up": "z", "licence": "CC0"}
    clip = read(arm_swing(10), facts).clip
    assert (clip.fps, clip.licence) == (25.0, "CC0")
    x, y, z = np.moveaxis(plain.positions_world[5] - plain.positions_world[5, 0], -1, 0)
    expected = 1.2 * np.stack([x, z, -y], axis=-1)  # as the file has them
    np.testing.assert_allclose(clip.positions_world[5] - clip.positions_world[5, 0], expected, atol=1e-5)


def test_a_leading_t_pose_is_dropped_and_noted(
    read: Callable[..., Take], arm_swing: Callable[..., Any]
) -> None:
    frames = [{"at": (0.0, 90.0, 0.0)}] * 4 + arm_swing(50)
    take = read(frames)
    assert take.dropped == 4
    assert len(take.clip.positions_world) == 50
    assert take.clip.notes.startswith("4 leading T-pose frames dropped; moved by")
    kept = read(frames, drop=False)
    assert kept.dropped == 0
    assert len(kept.clip.positions_world) == 54


@pytest.mark.parametrize(("unit", "height"), [(1.0, "156 m"), (0.001, "0.156 m")])
def test_a_wrong_unit_is_refused_with_its_remedy(
    read: Callable[..., Take], arm_swing: Callable[..., Any], unit: float, height: str
) -> None:
    with pytest.raises(
        InputError, match=f"a.bvh: .* expected 0.8 to 2.3 m, found {height}. Set metres_per_unit"
    ):
        read(arm_swing(3), {"metres_per_unit": unit})


@pytest.mark.parametrize("far", [1.0e6, 1.0e300])
def test_a_damaged_place_is_refused(
    read: Callable[..., Take], arm_swing: Callable[..., Any], far: float
) -> None:
    frames = arm_swing(9)
    frames[4]["at"] = (far, 90.0, 0.0)
    with pytest.raises(InputError, match=r"a\.bvh: the body travels impossibly far: expected at most 1000 m"):
        read(frames)


def test_a_rig_without_unit_asks_for_it(
    tmp_path: Path, trees: dict[str, Any], bvh_text: Callable[..., str], arm_swing: Callable[..., Any]
) -> None:
    packaged = next(rig for rig in known_rigs(tmp_path) if rig.name == "daz-43")
    rig = type(packaged)("bare", None, packaged.up, packaged.weights, packaged.offsets)
    (tmp_path / "a.bvh").write_text(bvh_text(trees["daz-43"], arm_swing(2)))
    with pytest.raises(
        InputError, match=r"neither the file nor the rig bare says its unit\. Set metres_per_unit"
    ):
        read_take(tmp_path, "a.bvh", CLAIM, None, (rig,), True)


def test_y_up_becomes_z_up_by_a_turn() -> None:
    np.testing.assert_array_equal(z_up(np.eye(3), "y"), [[1, 0, 0], [0, 0, 1], [0, -1, 0]])
    assert np.linalg.det(z_up(np.eye(3), "y")) == pytest.approx(1.0)
    np.testing.assert_array_equal(z_up(np.eye(3), "z"), np.eye(3))


def test_height_sums_bones_whatever_the_pose(
    read: Callable[..., Take], arm_swing: Callable[..., Any]
) -> None:
    upright, bent = (
        arm_swing(3),
        [{**frame, "abdomen": (0.0, 80.0, 0.0), "rShin": (0.0, 90.0, 0.0)} for frame in arm_swing(3)],
    )
    heights = [body_height(read(frames).clip.positions_world.astype(float)) for frames in (upright, bent)]
    assert heights[0] == pytest.approx(heights[1], abs=0.06)  # the spine's middle is no joint


def test_the_floor_ignores_a_short_dip() -> None:
    joints = np.zeros((100, 32, 3))
    joints[..., 2] = 1.0
    feet = [H36M_32.names.index(name) for name in ("LToeEnd", "RToeEnd")]
    joints[:, feet, 2] = 0.25
    joints[:2, feet, 2] = -0.5
    joints[:, 0, 0] = np.linspace(1.0, 3.0, 100)
    np.testing.assert_allclose(place_on_floor(joints), [-2.0, 0.0, -0.25])
