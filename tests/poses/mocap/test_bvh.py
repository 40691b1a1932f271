from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from ige.base.errors import InputError
from ige.poses.mocap.bvh import read_bvh

GOOD = """HIERARCHY
ROOT Hips
{
  OFFSET 1 2 3
  CHANNELS 6 Zrotation Yposition Xrotation Xposition Yrotation Zposition
  JOINT Left Knee
  {
    OFFSET 0 -4.0e1 0
    CHANNELS 4 Yposition Xrotation Yrotation Zrotation
    End Site
    {
      OFFSET 0 -38 5
    }
  }
}
MOTION
Frames: 2
Frame Time: 0.0333333
10 90 20 1 30 -2 -40 5 6 7
-10 91 +2.0E1 0 0 0 -42 0 0 -1e1
"""


@pytest.fixture
def read(tmp_path: Path) -> Callable[[str], object]:
    def read_text(text: str) -> object:
        path = tmp_path / "clip.bvh"
        path.write_bytes(text.encode())
        return read_bvh(path)

    return read_text


def test_channels_of_any_order_give_closed_form_positions(tmp_path: Path) -> None:
    path = tmp_path / "clip.bvh"
    path.write_text(GOOD)
    motion = read_bvh(path)
    assert motion.names == ("Hips", "Left Knee", "Left Knee.end")
    assert motion.metres_per_unit is None
    hips, knee = (
        Rotation.from_euler("ZXY", [10, 20, 30], degrees=True),
        Rotation.from_euler("XYZ", [5, 6, 7], degrees=True),
    )
    at_hips = np.array([1.0, 90.0, -2.0])
    # A position channel replaces the offset on its axis; the others keep it.
    at_knee = at_hips + hips.apply([0.0, -40.0, 0.0])
    at_end = at_knee + (hips * knee).apply([0.0, -38.0, 5.0])
    np.testing.assert_allclose(motion.positions[0], [at_hips, at_knee, at_end], atol=1e-9)
    np.testing.assert_allclose(motion.rotations[0, 1], (hips * knee).as_matrix(), atol=1e-12)
    second = Rotation.from_euler("ZXY", [-10, 20, 0], degrees=True)
    np.testing.assert_allclose(
        motion.positions[1, 1], np.array([0, 91, 0]) + second.apply([0, -42, 0]), atol=1e-9
    )


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda text: text.replace("\n", "\r\n"), id="CRLF"),
        pytest.param(
            lambda text: text.replace("Frames: ", "Frames:").replace("Time: ", "Time:"), id="no space"
        ),
        pytest.param(lambda text: text.replace("\n{", " {").replace("\n  {", "{"), id="braces behind names"),
        pytest.param(
            lambda text: (
                text.replace("MOTION", "\nmotion\n")
                .upper()
                .replace("LEFT KNEE", "Left Knee")
                .replace("HIPS", "Hips")
            ),
            id="upper case",
        ),
        pytest.param(lambda text: text + "\n\n  \n", id="blank lines at the end"),
        pytest.param(lambda text: text.rstrip("\n"), id="no last line end"),
        pytest.param(lambda text: text.replace(" ", "\t"), id="tabs"),
    ],
)
def test_other_spellings_are_the_same_motion(tmp_path: Path, change: Callable[[str], str]) -> None:
    (tmp_path / "a.bvh").write_text(GOOD)
    (tmp_path / "b.bvh.gz").write_bytes(gzip.compress(change(GOOD).encode()))
    expected, found = read_bvh(tmp_path / "a.bvh"), read_bvh(tmp_path / "b.bvh.gz")
    np.testing.assert_array_equal(found.positions, expected.positions)
    assert found.names == expected.names
    assert found.fps == expected.fps


@pytest.mark.parametrize(
    ("period", "fps"),
    [
        ("0.008333", 120.0),
        ("0.016667", 60.0),
        ("0.0333333", 30.0),
        ("1", 1.0),
        (".0416667", 24.0),
        ("0.03", 1 / 0.03),
    ],
)
def test_rounded_frame_times_mean_whole_rates(tmp_path: Path, period: str, fps: float) -> None:
    (tmp_path / "a.bvh").write_text(GOOD.replace("0.0333333", period))
    assert read_bvh(tmp_path / "a.bvh").fps == pytest.approx(fps, abs=1e-12)


SECOND_ROOT = GOOD.replace("MOTION", "ROOT Other\n{\nOFFSET 0 0 0\nCHANNELS 1 Xposition\n}\nMOTION")
LAST = "-10 91 +2.0E1 0 0 0 -42 0 0 -1e1\n"
BROKEN = {
    "two roots": (SECOND_ROOT, r"line 16: a second root: .*'Hips' and 'Other'"),
    "cut in the hierarchy": (GOOD[:150], "no MOTION section"),
    "cut in the header": (GOOD[: GOOD.index("Frame Time")], "ends in its motion header"),
    "cut in a frame": (
        GOOD[:-12],
        "line 20: a frame has the wrong number of values: expected 10, .* found 7. The file is trunc",
    ),
    "cut between frames": (
        GOOD[: -len(LAST)],
        "Frames does not match the motion: expected 2 frames, found 1",
    ),
    "more frames": (GOOD + LAST, "expected 2 frames, found 3"),
    "a value too many": (
        GOOD.replace("5 6 7", "5 6 7 8"),
        "line 19: .* expected 10, one per channel, found 11",
    ),
    "channel count": (
        GOOD.replace("CHANNELS 4", "CHANNELS 3"),
        "line 9: the number of channels is wrong: expected 4, as many as are named, found '3'",
    ),
    "no channel count": (GOOD.replace("CHANNELS 4 ", "CHANNELS "), "line 9: the number of channels is wrong"),
    "unknown channel": (
        GOOD.replace("Yposition Xr", "Wposition Xr"),
        "line 5: unknown or repeated channel: .* found 'Wposition'",
    ),
    "repeated channel": (
        GOOD.replace("5 Zrotation", "5 X").replace("Yrotation Zrotation", "Yrotation Yrotation"),
        "line 9: unknown or repeated",
    ),
    "NaN": (
        GOOD.replace("10 90", "10 nan"),
        "line 19: a frame holds a value that is not a finite number: found 'nan'",
    ),
    "infinity": (GOOD.replace("-1e1", "-1e999"), "line 20: .* found '-1e999'"),
    "a word in a frame": (GOOD.replace("10 90", "10 ninety"), "line 19: .* found 'ninety'"),
    "NaN in an offset": (GOOD.replace("OFFSET 1", "OFFSET nan"), "line 4: OFFSET holds"),
    "short offset": (GOOD.replace("OFFSET 1 2 3", "OFFSET 1 2"), "line 4: OFFSET has the wrong length"),
    "zero frames": (
        GOOD.replace("Frames: 2", "Frames: 0"),
        "line 17: no frames: expected Frames: 1 or more, found '0'",
    ),
    "negative frames": (GOOD.replace("Frames: 2", "Frames: -2"), "line 17: no frames"),
    "zero frame time": (GOOD.replace("0.0333333", "0"), "line 18: Frame Time is not positive: found '0'"),
    "negative frame time": (GOOD.replace("0.0333333", "-0.1"), "line 18: Frame Time is not positive"),
    "no frame time": (GOOD.replace("0.0333333", ""), "line 18: Frame Time holds a value"),
    "other header": (
        GOOD.replace("Frame Time", "Rate"),
        "line 18: a wrong motion header: expected Frame Time:, found",
    ),
    "text after the frames": (GOOD + "end of file\n", "line 21: text after the frames: found 'end of file'"),
    "not BVH": ("solid cube\n", "not a BVH file: expected HIERARCHY first, found 'solid cube'"),
    "empty": ("", "not a BVH file: .* found nothing"),
    "no joints": ("HIERARCHY\nMOTION\nFrames: 1\nFrame Time: 1\n1\n", "line 2: no ROOT before MOTION"),
    "open brace": (GOOD.replace("}\nMOTION", "MOTION"), "line 15: 1 braces are not closed before MOTION"),
    "brace too many": (GOOD.replace("}\nMOTION", "}\n}\nMOTION"), "line 16: text outside of a joint"),
    "brace missing": (GOOD.replace("ROOT Hips\n{", "ROOT Hips"), "line 3: a joint without its brace"),
    "brace from nowhere": (
        GOOD.replace("ROOT Hips\n{", "ROOT Hips\n{\n{"),
        "line 4: a brace without a joint",
    ),
    "joint before root": (GOOD.replace("ROOT", "JOINT"), "line 2: a joint outside of the root"),
    "no offset": (GOOD.replace("    OFFSET 0 -4.0e1 0\n", ""), "line 6: joint 'Left Knee' has no OFFSET"),
    "no channels": (
        GOOD.replace("CHANNELS 4 Yposition Xrotation Yrotation Zrotation\n", "\n"),
        "line 6: joint 'Left Knee' has no CHANNELS",
    ),
    "repeated name": (
        GOOD.replace("Left Knee", "Hips"),
        "line 6: a joint needs a name of its own: found 'Hips'",
    ),
    "no name": (GOOD.replace("JOINT Left Knee", "JOINT"), "line 6: a joint needs a name of its own"),
    "unknown keyword": (
        GOOD.replace("    OFFSET 0 -4.0e1 0", "    SCALE 1"),
        "line 8: unknown keyword: .* found 'SCALE'",
    ),
}


@pytest.mark.parametrize(("text", "message"), BROKEN.values(), ids=BROKEN)
def test_a_broken_file_is_one_line_that_says_where(
    read: Callable[[str], object], text: str, message: str
) -> None:
    with pytest.raises(InputError, match=message) as caught:
        read(text)
    assert "clip.bvh" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_binary_file_named_bvh_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.bvh").write_bytes(bytes(range(256)) * 4)
    with pytest.raises(InputError, match="not a text file"):
        read_bvh(tmp_path / "a.bvh")


def test_binary_without_zeros_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.bvh").write_bytes(bytes(range(128, 256)))
    with pytest.raises(InputError, match="not a BVH file"):
        read_bvh(tmp_path / "a.bvh")


@pytest.mark.parametrize("length", range(0, len(GOOD) - len(LAST), 7))
def test_a_file_cut_anywhere_is_refused(read: Callable[[str], object], length: int) -> None:
    with pytest.raises(InputError):
        read(GOOD[:length])
