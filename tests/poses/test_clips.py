import numpy as np
import pytest

from ige.base.errors import InputError
from ige.geometry.cameras import Camera, look_at
from ige.poses.clips import Clip, Skipped, ViewExclusion, read_clip_file, write_clips, write_skipped
from ige.storage.arrays import write_arrays


def clip(frames, **facts):
    positions = np.arange(frames * 96, dtype=np.float32).reshape(frames, 32, 3)
    known = {"subject": "S1", "action": "Walking", "take": "1", "fps": 50.0, "licence": "MIT", "origin": "x"}
    return Clip(positions_world=positions, **(known | facts))


def camera(name, focal=1145.0):
    return Camera(
        name=name,
        extrinsics=look_at((4.0, 1.0, 1.5), (0.0, 0.0, 0.9)),
        focal=np.array([focal, 1144.0]),
        centre=np.array([512.0, 515.0]),
        radial=np.array([-0.2, 0.2, 0.1 / 3]),
        tangential=np.array([0.001, -0.001]),
    )


def test_clips_come_back_as_they_were_in_their_order(tmp_path):
    clips = [clip(3, take="2", notes="cut"), clip(1, subject="S9", fps=120.0)]
    write_clips(tmp_path / "clips.h5", clips, source="mocap")
    found = read_clip_file(tmp_path / "clips.h5")
    assert [each.name for each in found.clips] == ["S1/Walking/2", "S9/Walking/1"]
    assert (found.clips[0].notes, found.clips[1].fps) == ("cut", 120.0)
    for one, other in zip(clips, found.clips, strict=True):
        np.testing.assert_array_equal(one.positions_world, other.positions_world)
    assert (found.source, found.rigs, found.exclusions) == ("mocap", {}, ())


def test_recorded_cameras_come_back_exactly_and_with_their_subject(tmp_path):
    rigs = {"S9": (camera("b"), camera("a", 1150.0)), "S1": (camera("a", 1149.1 / 3),)}
    write_clips(tmp_path / "clips.h5", [clip(1)], source="h36m", rigs=rigs)
    found = read_clip_file(tmp_path / "clips.h5").rigs
    assert {subject: [each.name for each in rig] for subject, rig in found.items()} == {
        "S1": ["a"],
        "S9": ["b", "a"],
    }
    for subject, cameras in rigs.items():
        for one, other in zip(cameras, found[subject], strict=True):
            for part in ("extrinsics", "focal", "centre", "radial", "tangential"):
                np.testing.assert_array_equal(getattr(one, part), getattr(other, part))


def test_exclusions_come_back_and_name_their_view(tmp_path):
    exclusions = (
        ViewExclusion("S11", "Directions", "1", "54138969", "detections", "no video"),
        ViewExclusion("S9", "Greeting", "1", None, "always", "parts are shifted"),
    )
    write_clips(tmp_path / "clips.h5", [clip(1)], source="h36m", exclusions=exclusions)
    found = read_clip_file(tmp_path / "clips.h5").exclusions
    assert found == exclusions
    assert [each.view for each in found] == ["S11/Directions/1/54138969", "S9/Greeting/1"]


@pytest.mark.parametrize(
    ("clips", "rigs", "name"),
    [
        ([clip(1), clip(2, fps=25.0)], {}, "S1/Walking/1"),
        ([clip(1)], {"S1": (camera("a"), camera("a", 1150.0))}, "S1/a"),
    ],
)
def test_names_that_stand_twice_are_not_written(tmp_path, clips, rigs, name):
    with pytest.raises(ValueError, match=f"more than once: {name}"):
        write_clips(tmp_path / "clips.h5", clips, source="h36m", rigs=rigs)


def test_another_kind_of_file_is_refused(tmp_path):
    write_arrays(tmp_path / "x.h5", "lifting-set", {}, {})
    with pytest.raises(InputError, match="expected clips, found lifting-set"):
        read_clip_file(tmp_path / "x.h5")


def test_clips_of_an_earlier_version_are_one_line(tmp_path):
    write_arrays(tmp_path / "x.h5", "clips", {}, {"source": "procedural", "clips": []})
    with pytest.raises(InputError, match=r"x\.h5: clips of another version of ige.*prepare them again"):
        read_clip_file(tmp_path / "x.h5")


@pytest.mark.parametrize(
    "positions",
    [np.zeros((2, 31, 3), np.float32), np.zeros((2, 32, 3)), np.full((1, 32, 3), np.nan, np.float32)],
)
def test_what_is_no_clip_is_not_written(tmp_path, positions):
    spoilt = Clip(positions, "S1", "Walking", "1", 50.0, "MIT", "x")
    with pytest.raises(ValueError, match="S1/Walking/1"):
        write_clips(tmp_path / "clips.h5", [spoilt], source="procedural")
    assert not (tmp_path / "clips.h5").exists()


def test_skipped_has_a_header_even_when_nothing_was(tmp_path):
    write_skipped(tmp_path / "a.csv", [])
    assert (tmp_path / "a.csv").read_text() == "id,frames,reason\n"
    write_skipped(tmp_path / "a.csv", [Skipped("b.bvh", 3, "why, indeed")])
    assert (tmp_path / "a.csv").read_text() == 'id,frames,reason\nb.bvh,3,"why, indeed"\n'
