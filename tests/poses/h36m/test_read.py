import shutil
from types import MappingProxyType

import numpy as np
import pytest
from h36m_clips import made_clips, made_rigs
from h36m_official import write_cdf, write_official

from ige.base.errors import InputError
from ige.params.poses import H36mSettings
from ige.poses.h36m import counts
from ige.poses.h36m.names import SUBJECTS, sequence_order
from ige.poses.h36m.read import read_h36m


@pytest.fixture
def settings():
    def of(**over):
        official = {
            "positions": "official",
            "cameras": "metadata",
            "frames": "part",
            "exclusions": "published",
        }
        return H36mSettings(**official | over)

    return of


@pytest.fixture(scope="module")
def clips():
    return made_clips()


@pytest.fixture(scope="module")
def folder(tmp_path_factory, clips):
    folder = tmp_path_factory.mktemp("h36m")
    write_official(folder, clips, made_rigs(), packed=False)
    return folder


@pytest.fixture
def copy(folder, tmp_path):
    """The folder, with S9 and S11 alone, to be spoilt."""
    copied = tmp_path / "h36m"
    shutil.copytree(folder, copied, ignore=shutil.ignore_patterns("S1", "S5", "S6", "S7", "S8"))
    return copied


def place(folder, subject="S9"):
    return folder / subject / "MyPoseFeatures" / "D3_Positions"


def test_all_clips_come_in_order_with_their_cameras(folder, clips, settings):
    read = read_h36m(folder, settings())
    keys = [(clip.subject, clip.action, clip.take) for clip in read.clips]
    assert keys == sorted(keys, key=lambda key: sequence_order(*key))
    assert sorted(keys) == sorted((clip.subject, clip.action, clip.take) for clip in clips)
    by_name = {clip.name: clip for clip in clips}
    for clip in read.clips:
        np.testing.assert_allclose(clip.positions_world, by_name[clip.name].positions_world, atol=1e-5)
        assert (clip.fps, clip.licence) == (50.0, "Human3.6M terms of use")
        assert (folder / clip.origin).is_file()
    assert tuple(read.rigs) == SUBJECTS
    assert read.skipped == []
    assert [view.view for view in read.exclusions] == ["S11/Directions/0/54138969"]


def test_strict_exclusions_are_rows(copy, settings):
    read = read_h36m(copy, settings(exclusions="strict"))
    there = [row for row in read.skipped if not row.id.startswith(("S1/", "S5/", "S6/", "S7/", "S8/"))]
    assert [row.id for row in there] == ["S9/Greeting/0", "S9/SittingDown/1", "S9/Waiting/1"]
    assert len(read.skipped) == 5 * 30 + 3
    assert len(read.clips) == 57


def test_a_part_is_taken_as_it_is(copy, settings, caplog):
    caplog.set_level("INFO")
    shutil.rmtree(copy / "S11")
    read = read_h36m(copy, settings())
    assert tuple(read.rigs) == ("S9",)
    assert read.exclusions == ()
    assert len(read.skipped) == 6 * 30
    assert (read.skipped[0].id, read.skipped[0].frames) == ("S1/Directions/0", 1612)
    assert {row.reason for row in read.skipped} == {"not there (poses.h36m.frames: part)"}
    assert any(message.startswith("S11: 0 of 30 sequences") for message in caplog.messages)


def test_all_frames_are_asked_for(folder, settings, clips, monkeypatch):
    with pytest.raises(InputError, match=r"not all of Human3\.6M: S1 'Directions': expected 1,612 frames"):
        read_h36m(folder, settings(frames="full"))
    frames = {(clip.subject, clip.action, clip.take): len(clip.positions_world) for clip in clips}
    monkeypatch.setattr(counts, "known_frames", lambda: MappingProxyType(frames))
    assert len(read_h36m(folder, settings(frames="full")).clips) == 210


def test_a_sequence_under_two_names_is_refused(copy, settings):
    shutil.copy(place(copy) / "Photo.cdf", place(copy) / "TakingPhoto.cdf")
    with pytest.raises(
        InputError, match=r"S9 Photo 0 is there twice: found .*Photo\.cdf and .*TakingPhoto\.cdf"
    ):
        read_h36m(copy, settings())


def test_the_same_poses_under_two_names_are_told(copy, settings, caplog):
    shutil.copy(place(copy) / "Walking.cdf", place(copy, "S11") / "Walking.cdf")
    read_h36m(copy, settings())
    assert "S11/MyPoseFeatures/D3_Positions/Walking.cdf holds the same poses as" in caplog.text


def spoilt(values, how):
    if how == "not finite":
        values[3, 5] = np.nan
        return values
    return values * {"metres": 0.001, "kilometres away": 1.0}[how] + (1e7 if how.startswith("kilo") else 0.0)


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ("not finite", "positions that are not finite: found the first in frame 3"),
        ("metres", r"no poses of people in a studio: expected 0\.3 to 3 m large, .* found 0\.00"),
        ("kilometres away", r"no poses of people in a studio: .* up to 1e[+]04 m away"),
    ],
)
def test_what_cannot_be_poses_is_named(copy, settings, clips, how, said):
    (clip,) = (clip for clip in clips if clip.name == "S9/Walking/0")
    values = clip.positions_world.reshape(-1, 96).astype(np.float64) * 1000.0
    write_cdf(place(copy) / "Walking.cdf", spoilt(values, how))
    with pytest.raises(InputError, match=said) as caught:
        read_h36m(copy, settings())
    assert str(place(copy) / "Walking.cdf") in str(caught.value)


def test_missing_things_are_told(tmp_path, copy, settings):
    with pytest.raises(InputError, match="no such folder"):
        read_h36m(tmp_path / "nowhere", settings())
    with pytest.raises(InputError, match=r"no poses of Human3\.6M in the martinez layout"):
        read_h36m(copy, settings(positions="martinez"))
    (copy / "metadata.xml").unlink()
    with pytest.raises(InputError, match=r"no metadata\.xml"):
        read_h36m(copy, settings())
