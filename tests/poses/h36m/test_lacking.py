from pathlib import Path

import pytest
from h36m_clips import made_clips
from h36m_official import write_official

from ige.poses.h36m.lacking import lacking_sequences, tell_lacking


def test_missing_sequences_are_named_by_subject(tmp_path):
    s9 = [clip for clip in made_clips() if clip.subject in ("S1", "S9")]
    write_official(tmp_path, s9, {}, packed=False)
    files = sorted(tmp_path.glob("S*/MyPoseFeatures/D3_Positions/*.cdf"))
    assert len(files) >= 60
    assert tell_lacking(files) == ""
    lacking = [file for file in files if "S9" in file.parts and file.stem in ("Walking 1", "Photo")]
    assert len(lacking) == 2
    left = [file for file in files if file not in lacking]
    assert lacking_sequences(left, ["S9"]) == ["Photo of S9", "Walking 1 of S9"]
    assert lacking_sequences(left, ["S1"]) == []
    assert tell_lacking(left) == "Photo of S9, Walking 1 of S9"
    assert len(lacking_sequences(left, ["S11"])) == 30


@pytest.mark.parametrize("name", ["_ALL.cdf", "notes.cdf"])
def test_other_files_are_no_sequences_and_long_lists_are_cut(name):
    told = tell_lacking([Path("S5/MyPoseFeatures/D3_Positions") / name])
    assert told.startswith("Directions 1 of S5, Directions 2 of S5, ")
    assert told.endswith(" and 24 more")
