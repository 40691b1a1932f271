from __future__ import annotations

import numpy as np
import pytest

from ige.geometry.skeletons import H36M_16, H36M_32, MPII_16, ROOT, hip_midpoint, with_hip_midpoint


def test_joint_orders_are_those_of_the_released_code() -> None:
    assert H36M_16.source == (1, 2, 3, 6, 7, 8, 12, 13, 14, 15, 17, 18, 19, 25, 26, 27)
    assert MPII_16.source == (3, 2, 1, 6, 7, 8, 0, 12, 13, 15, 27, 26, 25, 17, 18, 19)


def test_2d_and_3d_joints_differ_in_pelvis_and_head_centre() -> None:
    assert set(MPII_16.names) - set(H36M_16.names) == {"Hips"}
    assert set(H36M_16.names) - set(MPII_16.names) == {"HeadCentre"}


@pytest.mark.parametrize("skeleton", [H36M_32, H36M_16, MPII_16])
def test_every_joint_hangs_on_one_root(skeleton) -> None:
    count = len(skeleton.names)
    assert len(set(skeleton.names)) == count == len(skeleton.parents) == len(skeleton.source)
    assert skeleton.parents.count(ROOT) == 1
    for joint in range(count):
        climbed = 0
        while joint != ROOT:
            joint, climbed = skeleton.parents[joint], climbed + 1
            assert climbed <= count


@pytest.mark.parametrize("skeleton", [H36M_16, MPII_16])
def test_left_and_right_mirror_each_other(skeleton) -> None:
    def mirrored(name: str) -> str:
        return {"L": "R", "R": "L"}.get(name[0], name[0]) + name[1:] if name[1].isupper() else name

    for name, parent in zip(skeleton.names, skeleton.parents, strict=True):
        if parent != ROOT:
            twin = skeleton.parents[skeleton.names.index(mirrored(name))]
            assert skeleton.names[twin] == mirrored(skeleton.names[parent])


def test_select_takes_joints_by_name() -> None:
    joints = np.arange(2 * 32 * 3.0).reshape(2, 32, 3)
    chosen = MPII_16.select(joints)
    assert chosen.shape == (2, 16, 3)
    np.testing.assert_array_equal(
        chosen[:, MPII_16.names.index("LWrist")], joints[:, H36M_32.names.index("LWrist")]
    )
    with pytest.raises(ValueError, match="32"):
        H36M_16.select(joints[:, :31])


def test_hip_midpoint_is_the_last_of_17() -> None:
    poses = np.zeros((2, 16, 3), dtype=np.float32)
    poses[:, H36M_16.names.index("RHip")] = [0.0, 0.0, 4.0]
    poses[:, H36M_16.names.index("LHip")] = [0.2, 0.0, 5.0]
    extended = with_hip_midpoint(poses)
    assert extended.shape == (2, 17, 3)
    assert extended.dtype == np.float32
    np.testing.assert_allclose(extended[:, 16], [[0.1, 0.0, 4.5]] * 2)
    np.testing.assert_array_equal(extended[:, 16], hip_midpoint(poses))
    np.testing.assert_array_equal(extended[:, :16], poses)
    with pytest.raises(ValueError, match="16, 3"):
        with_hip_midpoint(extended)
