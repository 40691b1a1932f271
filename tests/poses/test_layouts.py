from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ige.base.errors import InputError
from ige.geometry.skeletons import MPII_16
from ige.poses.h36m.detections import H36M_17_JOINTS
from ige.poses.layouts import LAYOUTS, Detections, to_mpii16


def detections(layout: str, **points: tuple[float, float]) -> Detections:
    """One frame in which joint j lies at (100 + j, 200 + j), but for the given points."""
    names = LAYOUTS[layout]
    values = np.ones((1, len(names), 3))
    values[0, :, 0] = 100.0 + np.arange(len(names))
    values[0, :, 1] = 200.0 + np.arange(len(names))
    for name, point in points.items():
        values[0, names.index(name), :2] = point
    return Detections(Path("points.csv"), layout, ("7",), values)


def joint(pixels: np.ndarray, name: str) -> list[float]:
    return pixels[0, MPII_16.names.index(name)].tolist()


def without(found: Detections, *names: str) -> Detections:
    values = found.values.copy()
    for name in names:
        values[:, LAYOUTS[found.layout].index(name)] = 0.0
    return Detections(found.where, found.layout, found.frames, values)


def test_mpii16_is_taken_as_it_is() -> None:
    found = detections("mpii16")
    np.testing.assert_array_equal(to_mpii16(found), found.values[..., :2])


def test_of_h36m17_every_joint_is_taken_and_none_derived() -> None:
    pixels = to_mpii16(detections("h36m17"))
    assert LAYOUTS["h36m17"] == H36M_17_JOINTS
    for name in MPII_16.names:
        assert joint(pixels, name) == [100.0 + H36M_17_JOINTS.index(name), 200.0 + H36M_17_JOINTS.index(name)]


def test_of_h36m17_the_centre_of_the_head_may_be_missing_and_nothing_else() -> None:
    to_mpii16(without(detections("h36m17"), "HeadCentre"))
    with pytest.raises(InputError, match="frame 7: HeadBack is missing: expected"):
        to_mpii16(without(detections("h36m17"), "HeadBack"))


@pytest.mark.parametrize("layout", ["openpose25", "coco17", "h36m17"])
def test_limbs_are_found_by_name_and_keep_their_side(layout: str) -> None:
    pixels = to_mpii16(detections(layout))
    for name in ("RAnkle", "LKnee", "RHip", "LWrist", "RElbow", "LShoulder"):
        assert joint(pixels, name)[0] == 100.0 + LAYOUTS[layout].index(name)


def test_trunk_of_openpose_by_the_stated_rule() -> None:
    found = detections(
        "openpose25", Neck=(50.0, 100.0), MidHip=(60.0, 200.0), REar=(47.0, 70.0), LEar=(53.0, 70.0)
    )
    pixels = to_mpii16(found)
    assert joint(pixels, "Neck") == [50.0, 100.0]
    assert joint(pixels, "Hips") == [60.0, 200.0]
    assert joint(pixels, "Spine") == [55.0, 150.0]
    assert joint(pixels, "HeadBack") == pytest.approx([50.0, 50.0])  # 30 up to the ears, 5/3 of it to the top


def test_trunk_of_coco_comes_from_hips_and_shoulders() -> None:
    found = detections(
        "coco17", LHip=(70.0, 200.0), RHip=(50.0, 200.0), LShoulder=(80.0, 100.0), RShoulder=(40.0, 100.0)
    )
    pixels = to_mpii16(found)
    assert joint(pixels, "Hips") == [60.0, 200.0]
    assert joint(pixels, "Neck") == [60.0, 100.0]
    assert joint(pixels, "Spine") == [60.0, 150.0]


@pytest.mark.parametrize(
    ("lost", "top"),
    [
        (("REar",), [65.0, 50.0]),  # through the left ear, at 15 right of the neck
        (("LEar",), [35.0, 50.0]),
        (("REar", "LEar"), [50.0, 40.0]),  # through the nose, 30 above the neck
    ],
)
def test_top_of_the_head_falls_back_on_one_ear_then_on_the_nose(
    lost: tuple[str, ...], top: list[float]
) -> None:
    found = detections(
        "openpose25", Neck=(50.0, 100.0), REar=(41.0, 70.0), LEar=(59.0, 70.0), Nose=(50.0, 70.0)
    )
    assert joint(to_mpii16(without(found, *lost)), "HeadBack") == pytest.approx(top)


def test_a_head_of_which_nothing_is_seen_is_an_error_that_says_what_it_needs() -> None:
    found = without(detections("openpose25"), "REar", "LEar", "Nose")
    with pytest.raises(
        InputError, match=r"points.csv: frame 7: HeadBack is missing \(it needs Neck and an ear"
    ):
        to_mpii16(found)


@pytest.mark.parametrize(
    "bad", [(0.0, 0.0, 1.0), (np.nan, 5.0, 1.0), (5.0, np.inf, 1.0), (5.0, 5.0, 0.0), (5.0, 5.0, np.nan)]
)
def test_what_counts_as_missing(bad: tuple[float, float, float]) -> None:
    found = detections("mpii16")
    found.values[0, MPII_16.names.index("LWrist")] = bad
    with pytest.raises(InputError, match=r"frame 7: LWrist is missing: .*found 1 of 1 frames"):
        to_mpii16(found)


def test_a_joint_on_the_edge_of_the_image_is_there() -> None:
    assert joint(to_mpii16(detections("mpii16", LWrist=(0.0, 5.0))), "LWrist") == [0.0, 5.0]
