import json

import h5py
import numpy as np
import pytest
from h36m_clips import made_clips, made_rigs
from h36m_detections import DAMAGED
from h36m_martinez import write_h36m_zip
from h36m_videopose3d import write_keypoints

from ige.base.errors import InputError
from ige.params.poses import Detections
from ige.poses.clips import write_clips
from ige.poses.detected import prepare_detections, read_detected, write_detected
from ige.poses.h36m.detections import DetectedView, read_detections
from ige.poses.h36m.names import CAMERAS

RIGS = made_rigs()
CLIPS = [clip for clip in made_clips(6, subjects=("S1", "S11")) if clip.action == "Directions"]


def view(camera=CAMERAS[0], take="1", value=500.0, **changes):
    made = {"subject": "S1", "action": "Walking", "pixels": np.full((5, 16, 2), value, np.float32), **changes}
    return DetectedView(take=take, camera=camera, origin="somewhere", **made)


@pytest.mark.parametrize("detector", ["sh", "vp3d-cpn-ft"])
def test_the_stage_writes_all_views_and_says_which_are_missing(tmp_path, detector):
    if detector == "sh":
        write_h36m_zip(tmp_path, CLIPS, RIGS)
    else:
        write_keypoints(tmp_path, CLIPS, RIGS, detector)
    out = tmp_path / "out" / "detections.h5"
    prepare_detections(folder=tmp_path, out=out, settings=Detections(kind="detections", detector=detector))
    found = read_detected(out)
    read = {one.key: one.pixels for one in read_detections(tmp_path, detector)}
    assert found.detector == detector
    assert found.views.keys() == read.keys()
    for key, pixels in found.views.items():
        assert pixels.dtype == np.float32
        assert np.array_equal(pixels, read[key])
    missing = {DAMAGED} if detector == "sh" else {(*DAMAGED[:3], camera) for camera in CAMERAS}
    assert found.gaps.keys() == missing
    assert "cannot be played" in found.gaps[DAMAGED]


def test_the_same_views_in_any_order_are_the_same_bytes(tmp_path):
    views = [view(camera, take, n) for n, (camera, take) in enumerate((c, t) for c in CAMERAS for t in "12")]
    write_detected(tmp_path / "a.h5", "sh", views)
    write_detected(tmp_path / "b.h5", "sh", views[::-1])
    assert (tmp_path / "a.h5").read_bytes() == (tmp_path / "b.h5").read_bytes()
    # Walking 2 comes after all cameras of Walking 1.
    assert [key[2] for key in read_detected(tmp_path / "a.h5").views] == list("11112222")


def test_gaps_that_are_there_are_none(tmp_path):
    one, other = view(), view(CAMERAS[1])
    write_detected(tmp_path / "a.h5", "sh", [one], {one.key: "no video", other.key: "no video"})
    assert read_detected(tmp_path / "a.h5").gaps == {other.key: "no video"}


@pytest.mark.parametrize(
    ("views", "said"),
    [
        ([view(), view()], "twice"),
        ([view(pixels=np.ones((5, 17, 2), np.float32))], "not float32"),
        ([view(pixels=np.ones((5, 16, 2)))], "not float32"),
        ([view(value=np.nan)], "not finite"),
    ],
)
def test_what_is_no_set_of_views_is_not_written(tmp_path, views, said):
    with pytest.raises(ValueError, match=said):
        write_detected(tmp_path / "a.h5", "sh", views)
    assert not (tmp_path / "a.h5").exists()


def test_other_files_of_ours_are_refused(tmp_path):
    write_clips(tmp_path / "a.h5", CLIPS, source="h36m")
    with pytest.raises(InputError, match="expected detections, found clips"):
        read_detected(tmp_path / "a.h5")


def test_an_edited_file_is_refused(tmp_path):
    write_detected(tmp_path / "a.h5", "sh", [view()])
    with h5py.File(tmp_path / "a.h5", "r+") as file:
        file["views/00000/pixels"][0, 0, 0] = 0.0
    with pytest.raises(InputError, match="corrupt or edited"):
        read_detected(tmp_path / "a.h5")


def test_the_file_says_where_each_view_comes_from(tmp_path):
    write_detected(tmp_path / "a.h5", "sh", [view()])
    with h5py.File(tmp_path / "a.h5") as file:
        attributes = json.loads(file["attributes.json"][()].tobytes())
    assert attributes["views"][0]["origin"] == "somewhere"


def test_a_missing_folder_is_named(tmp_path):
    settings = Detections(kind="detections", detector="sh")
    with pytest.raises(InputError, match="no such folder"):
        prepare_detections(folder=tmp_path / "none", out=tmp_path / "a.h5", settings=settings)
    with pytest.raises(InputError, match=r"no detections of sh: expected h36m\.zip"):
        prepare_detections(folder=tmp_path, out=tmp_path / "a.h5", settings=settings)
    assert not (tmp_path / "a.h5").exists()
