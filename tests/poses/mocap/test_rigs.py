from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ige.base.errors import InputError
from ige.geometry.skeletons import H36M_32
from ige.poses.mocap.bvh import read_bvh
from ige.poses.mocap.motion import Motion
from ige.poses.mocap.rigs import POINTS, RIG_SUFFIX, known_rigs, packaged_rigs, read_rig, recognise

RIGS = {path.name.removesuffix(RIG_SUFFIX): path for path in packaged_rigs()}
# How each rig writes the side of a joint: left, then right.
SIDES = {
    "cc4": ("_L_", "_R_"),
    "cgspeed-31": ("^L(eft|Thumb)", "^R(ight|Thumb)"),
    "cmu-asf": ("^l(?!ower)", "^r"),
    "daz-43": ("^l[A-Z]", "^r[A-Z]"),
}


def test_all_rigs_of_the_package_are_tested() -> None:
    assert set(RIGS) == set(SIDES)


@pytest.mark.parametrize("name", RIGS)
def test_left_points_stand_on_left_joints_alone(name: str) -> None:
    rig = read_rig(RIGS[name])
    left, right = SIDES[name]
    assert rig.name == name
    for point in POINTS:
        sides = {bool(re.search(left, joint)) - bool(re.search(right, joint)) for joint in rig.weights[point]}
        expected = {"L": {1}, "R": {-1}}.get(point[0], {0})
        assert sides == expected, f"{point}: {rig.weights[point]}"


@pytest.mark.parametrize("name", RIGS)
def test_the_right_side_mirrors_the_left(name: str) -> None:
    rig = read_rig(RIGS[name])
    for point in POINTS:
        if point[0] == "L":
            left, right = rig.weights[point].values(), rig.weights[f"R{point[1:]}"].values()
            assert list(left) == list(right), point


@pytest.mark.parametrize("name", ["daz-43", "cgspeed-31"])
def test_in_t_pose_left_is_left_and_the_face_is_in_front(
    name: str, trees: dict[str, Any], bvh_text: Callable[..., str], tmp_path: Path
) -> None:
    (tmp_path / "a.bvh").write_text(bvh_text(trees[name], [{}]))
    motion = read_bvh(tmp_path / "a.bvh")
    rig = recognise(motion.names, known_rigs(tmp_path), tmp_path)
    assert rig.name == name
    place = dict(zip(H36M_32.names, rig.joints_32(motion)[0], strict=True))
    up = np.array([0.0, 1.0, 0.0])
    left = place["LHip"] - place["RHip"]
    front = np.cross(left, up)
    for side in "LR":
        assert (place[f"{side}ToeBase"] - place[f"{side}Ankle"]) @ front > 0
        assert (place[f"{side}ToeEnd"] - place[f"{side}ToeBase"]) @ front >= 0
        assert place[f"{side}Ankle"] @ up < place[f"{side}Knee"] @ up < place[f"{side}Hip"] @ up
    assert (place["HeadCentre"] - place["HeadBack"]) @ front > 0
    order = [place[joint] @ up for joint in ("Hips", "Spine", "Neck", "HeadCentre", "HeadBack")]
    assert order == sorted(order)
    reach = [
        place[joint] @ left
        for joint in (
            "RHandEnd",
            "RWrist",
            "RElbow",
            "RShoulder",
            "Neck",
            "LShoulder",
            "LElbow",
            "LWrist",
            "LHandEnd",
        )
    ]
    assert reach == sorted(reach)


def test_repeated_joints_coincide_as_in_human36m(
    trees: dict[str, Any], bvh_text: Callable[..., str], tmp_path: Path
) -> None:
    (tmp_path / "a.bvh").write_text(bvh_text(trees["daz-43"], [{"lShldr": (-60.0, 10.0, 5.0)}]))
    motion = read_bvh(tmp_path / "a.bvh")
    place = dict(zip(H36M_32.names, read_rig(RIGS["daz-43"]).joints_32(motion)[0], strict=True))
    np.testing.assert_allclose(place["Hips"], (place["LHip"] + place["RHip"]) / 2)
    for one, other in (
        ("SpineBase", "Hips"),
        ("LCollar", "Neck"),
        ("RCollar", "Neck"),
        ("LThumb", "LWrist"),
        ("RHand", "RHandEnd"),
    ):
        np.testing.assert_array_equal(place[one], place[other])


@pytest.fixture
def content() -> dict[str, Any]:
    points: dict[str, Any] = {name: name for name in POINTS}
    points["Spine"] = {"RHip": 0.25, "LHip": 0.25, "Neck": 0.5}
    points["HeadBack"] = {"at": "Head", "offset": [0, 2, 0]}
    return {"name": "mine", "description": "", "metres_per_unit": None, "up": "z", "points": points}


def test_the_three_rules(content: dict[str, Any], tmp_path: Path) -> None:
    path = tmp_path / "mine.rig.json"
    path.write_text(json.dumps(content))
    rig = read_rig(path)
    names = (*sorted(rig.joints - {"Head"}), "Head")
    positions = np.random.default_rng(0).normal(size=(2, len(names), 3))
    rotations = np.broadcast_to(np.array([[0.0, -1, 0], [1, 0, 0], [0, 0, 1]]), (2, len(names), 3, 3))
    joints = rig.joints_32(Motion(names, positions, rotations, 30.0, 1.0))
    place = {name: joints[:, index] for index, name in enumerate(H36M_32.names)}
    at = {name: positions[:, index] for index, name in enumerate(names)}
    np.testing.assert_allclose(place["RKnee"], at["RKnee"])
    np.testing.assert_allclose(place["Spine"], (at["RHip"] + at["LHip"] + 2 * at["Neck"]) / 4)
    np.testing.assert_allclose(
        place["HeadBack"], at["Head"] + [-2.0, 0.0, 0.0]
    )  # the joint's y is the file's -x
    assert joints.shape == (2, 32, 3)


def test_a_rig_of_the_folder_goes_before_those_of_the_package(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    own = json.loads(RIGS["daz-43"].read_text())
    (tmp_path / "sub" / "mine.rig.json").write_text(json.dumps({**own, "name": "mine"}))
    rigs = known_rigs(tmp_path)
    assert len(rigs) == len(RIGS) + 1
    assert recognise(rigs[0].joints, rigs, tmp_path).name == "mine"


def test_an_unknown_rig_shows_its_names_and_the_closest(tmp_path: Path) -> None:
    known = read_rig(RIGS["cc4"]).joints
    names = [*sorted(known)[1:], "Tail", "Tail.end"]
    with pytest.raises(InputError) as caught:
        recognise(names, known_rigs(tmp_path), tmp_path / "cat.bvh")
    text = str(caught.value)
    assert "cat.bvh: unknown rig" in text
    assert f"Closest is cc4 with {len(known) - 1} of {len(known)} names (lacking {sorted(known)[0]})" in text
    assert f"and {len(names) - 1 - 12} more" in text  # without the End Site
    assert "docs/mocap.md" in text
    assert "\n" not in text


BROKEN = {
    "lacks a point": (lambda rig: rig["points"].pop("Neck"), "missing or unknown points: .* found Neck"),
    "unknown point": (lambda rig: rig["points"].update(Tail="t"), "missing or unknown points: .* found Tail"),
    "unknown key": (lambda rig: rig.update(scale=1), "not a rig: expected .* found .*scale"),
    "weights": (lambda rig: rig["points"].update(Neck={"a": 0.5, "b": 0.6}), "cannot read the rule of Neck"),
    "weight": (lambda rig: rig["points"].update(Neck={"a": "1"}), "cannot read the rule of Neck"),
    "no weights": (lambda rig: rig["points"].update(Neck={}), "cannot read the rule of Neck"),
    "offset": (
        lambda rig: rig["points"].update(Neck={"at": "a", "offset": [1, 2]}),
        "cannot read the rule of Neck",
    ),
    "number": (lambda rig: rig["points"].update(Neck=3), "cannot read the rule of Neck: .* found '3'"),
    "axis": (lambda rig: rig.update(up="x"), "a wrong unit or axis: .* found None, x"),
    "unit": (lambda rig: rig.update(metres_per_unit=0), "a wrong unit or axis: .* found 0, z"),
}


@pytest.mark.parametrize(("change", "message"), BROKEN.values(), ids=BROKEN)
def test_a_wrong_rig_is_one_line(
    content: dict[str, Any], tmp_path: Path, change: Callable[[dict[str, Any]], object], message: str
) -> None:
    change(content)
    path = tmp_path / "mine.rig.json"
    path.write_text(json.dumps(content))
    with pytest.raises(InputError, match=message):
        read_rig(path)


def test_a_rig_that_is_no_json_names_the_line(tmp_path: Path) -> None:
    (tmp_path / "mine.rig.json").write_text('{\n"name": }')
    with pytest.raises(InputError, match=r"mine\.rig\.json: not a JSON file \(line 2"):
        read_rig(tmp_path / "mine.rig.json")
