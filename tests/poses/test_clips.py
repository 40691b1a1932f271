import numpy as np
import pytest

from ige.base.errors import InputError
from ige.poses.clips import Clip, Skipped, read_clips, read_source, write_clips, write_skipped
from ige.storage.arrays import write_arrays


def clip(frames, **facts):
    positions = np.arange(frames * 96, dtype=np.float32).reshape(frames, 32, 3)
    known = {"subject": "S1", "action": "Walking", "take": "1", "fps": 50.0, "licence": "MIT", "origin": "x"}
    return Clip(positions_world=positions, **(known | facts))


def test_clips_come_back_as_they_were_in_their_order(tmp_path):
    clips = [clip(3, take="2", notes="cut"), clip(1, subject="S9", fps=120.0)]
    write_clips(tmp_path / "clips.h5", clips, source="mocap")
    found = read_clips(tmp_path / "clips.h5")
    assert [each.name for each in found] == ["S1/Walking/2", "S9/Walking/1"]
    assert (found[0].notes, found[1].fps) == ("cut", 120.0)
    for one, other in zip(clips, found, strict=True):
        np.testing.assert_array_equal(one.positions_world, other.positions_world)
    assert read_source(tmp_path / "clips.h5") == "mocap"


def test_another_kind_of_file_is_refused(tmp_path):
    write_arrays(tmp_path / "x.h5", "lifting-set", {}, {})
    with pytest.raises(InputError, match="expected clips, found lifting-set"):
        read_clips(tmp_path / "x.h5")


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
