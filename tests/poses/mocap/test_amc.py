from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from ige.base.errors import InputError
from ige.poses.mocap.amc import CMU_FPS, find_asf, read_amc


@pytest.fixture
def asf(tmp_path: Path, asf_text: str) -> Path:
    (tmp_path / "07.asf").write_text(asf_text)
    return tmp_path / "07.asf"


def test_bone_ends_stand_where_geometry_says(asf: Path, amc_text: str) -> None:
    path = asf.parent / "07_01.amc"
    path.write_text(amc_text)
    motion = read_amc(path, asf)
    assert motion.names == ("root", "spine", "thigh", "shin")
    assert (motion.fps, motion.metres_per_unit) == (CMU_FPS, 0.0254 / 0.5)
    root = np.array([1.0, 2.0, 3.0])
    np.testing.assert_allclose(
        motion.positions[0], np.add(root, [[0, 0, 0], [0, 4, 0], [0, -8, 0], [0, -14, 0]]), atol=1e-12
    )
    turn = Rotation.from_euler("y", 90, degrees=True)
    frame = Rotation.from_euler("z", 20, degrees=True)
    thigh = turn * frame * Rotation.from_euler("x", 30, degrees=True) * frame.inv()
    # The shin's own x is the file's -z: its frame is turned by 90 degrees about y.
    shin = thigh * Rotation.from_euler("z", -90, degrees=True)
    knee = root + thigh.apply([0, -8, 0])
    expected = [root, np.add(root, [0, 4, 0]), knee, knee + shin.apply([0, -6, 0])]
    np.testing.assert_allclose(motion.positions[1], expected, atol=1e-12)
    np.testing.assert_allclose(motion.rotations[1, 3], shin.as_matrix(), atol=1e-12)


def test_radians_and_crlf_are_read(asf: Path, amc_text: str) -> None:
    (asf.parent / "a.amc").write_text(amc_text)
    radians = (
        amc_text.replace(":DEGREES", ":RADIANS")
        .replace(" 90", f" {np.pi / 2}")
        .replace(" 30", f" {np.pi / 6}")
    )
    (asf.parent / "b.amc").write_bytes(radians.replace("\n", "\r\n").encode())
    expected, found = (read_amc(asf.parent / name, asf) for name in ("a.amc", "b.amc"))
    np.testing.assert_allclose(found.positions, expected.positions, atol=1e-12)


BROKEN = {
    "wrong number of values": (
        "thigh 30 0",
        "thigh 30",
        "line 10: 'thigh' has the wrong number of values: expected 2, .* 07.asf, found 1",
    ),
    "missing bone": (
        "thigh 30 0\n",
        "",
        "line 10: frame 2 is not complete: expected 3 bones, .* found 2, without thigh",
    ),
    "cut": ("shin 90\n", "", "line 10: frame 2 is not complete: .* without shin"),
    "unknown bone": (
        "shin 90",
        "calf 90",
        "line 11: a bone that the skeleton does not move: .* found 'calf'",
    ),
    "still bone": (
        "shin 90",
        "spine 90",
        "line 11: a bone that the skeleton does not move: .* found 'spine'",
    ),
    "repeated bone": ("shin 90", "thigh 9 0", "line 11: a bone that this frame has already"),
    "NaN": ("shin 90", "shin nan", "line 11: a frame holds a value that is not a finite number: found 'nan'"),
    "a word": ("shin 90", "shin x", "line 11: .* found 'x'"),
    "lost frame": ("2\nroot", "3\nroot", "line 8: frames are not in sequence: expected frame 2, found 3"),
    "no keyword": (":FULLY-SPECIFIED\n", "", "not an AMC file: expected :FULLY-SPECIFIED, found '1'"),
    "before the first frame": ("1\nroot", "root", "line 4: text before the first frame"),
}


@pytest.mark.parametrize(("old", "new", "message"), BROKEN.values(), ids=BROKEN)
def test_a_broken_motion_is_one_line(asf: Path, amc_text: str, old: str, new: str, message: str) -> None:
    assert amc_text.count(old) == 1
    path = asf.parent / "07_01.amc"
    path.write_text(amc_text.replace(old, new))
    with pytest.raises(InputError, match=message) as caught:
        read_amc(path, asf)
    assert "\n" not in str(caught.value)


def test_no_frames_are_refused(asf: Path) -> None:
    (asf.parent / "07_01.amc").write_text(":FULLY-SPECIFIED\n:DEGREES\n")
    with pytest.raises(InputError, match="no frames: expected 1 or more"):
        read_amc(asf.parent / "07_01.amc", asf)


def test_the_skeleton_is_found_by_subject(tmp_path: Path) -> None:
    for name in ("01.asf", "02.ASF", "02_07.asf", "03.asf.gz"):
        (tmp_path / name).touch()
    assert find_asf(tmp_path / "01_14.amc.gz").name == "01.asf"
    assert find_asf(tmp_path / "02_05.AMC").name == "02.ASF"
    assert find_asf(tmp_path / "02_07.amc").name == "02_07.asf"
    assert find_asf(tmp_path / "03_01.amc").name == "03.asf.gz"
    with pytest.raises(
        InputError, match=r"04_01\.amc: no ASF skeleton .*expected 04\.asf .* found 01\.asf, 02\.ASF"
    ):
        find_asf(tmp_path / "04_01.amc")


def test_the_only_skeleton_serves_any_motion(tmp_path: Path) -> None:
    (tmp_path / "actor.asf").touch()
    assert find_asf(tmp_path / "jump.amc").name == "actor.asf"


def test_a_motion_without_skeleton_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"expected 01\.asf in the same folder, .* found no \.asf file"):
        find_asf(tmp_path / "01_14.amc")
