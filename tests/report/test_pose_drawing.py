import numpy as np

from ige.geometry.skeletons import H36M_16
from ige.report import pose_drawing as drawing

NAMES = (*H36M_16.names, "Pelvis")


def test_every_joint_hangs_on_the_body_once():
    reached = {bone.second for bone in drawing.BONES}
    assert len(drawing.BONES) == 16
    edges = {frozenset((bone.first, bone.second)) for bone in drawing.BONES}
    assert len(edges) == 16
    known = {NAMES.index("Pelvis")}
    for _ in edges:
        known |= {joint for edge in edges if edge & known for joint in edge}
    assert known == set(range(17))
    assert reached


def test_sides_have_their_colours():
    colour = {NAMES[bone.second]: bone.colour for bone in drawing.BONES}
    assert {colour[name] for name in NAMES if name.startswith("L") and name in colour} == {drawing.LEFT}
    assert {colour[name] for name in NAMES if name.startswith("R") and name in colour} == {drawing.RIGHT}
    assert colour["Neck"] == colour["HeadBack"] == drawing.MIDDLE


def test_the_camera_sees_what_it_sees_and_up_is_up(pose):
    seen = drawing.camera_view(pose, 3.0)
    assert seen.shape == (17, 2)
    head, knee = (NAMES.index(name) for name in ("HeadBack", "RKnee"))
    assert seen[head, 1] > seen[knee, 1]
    np.testing.assert_allclose(seen[knee], [3.0 * pose[knee, 0] / pose[knee, 2], -3.0 * 0.4 / pose[knee, 2]])


def test_the_camera_does_not_see_scale(pose):
    np.testing.assert_allclose(drawing.camera_view(2.5 * pose, 3.0), drawing.camera_view(pose, 3.0))


def test_the_side_shows_depth_to_the_right(pose):
    side = drawing.side_view(pose)
    np.testing.assert_allclose(side[:16], np.stack([pose[:, 2], -pose[:, 1]], axis=1))


def test_depth_of_hips_is_that_of_their_midpoint(pose):
    pose[H36M_16.names.index("RHip"), 2] = 4.0
    assert drawing.depth_of_hips(pose) == 3.5
