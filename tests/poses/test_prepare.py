import numpy as np
import pytest
from h36m_clips import made_clips, made_rigs
from h36m_official import write_official

from ige.base.errors import InputError
from ige.params import stages
from ige.poses import prepare
from ige.poses.clips import Clip, Skipped, read_clip_file
from ige.poses.prepare import prepare_clips


@pytest.fixture
def paths(tmp_path):
    return {"out": tmp_path / "clips.h5", "skipped": tmp_path / "skipped.csv"}


@pytest.fixture
def mocap(changed):
    return lambda most: stages.prepare_clips(changed({"poses": {"source": "mocap", "max_skipped": most}}))


def test_a_generated_source_ends_in_clips(paths, changed):
    small = {"subjects": ["S1"], "actions": ["Walking"], "takes": 2, "seconds": 0.2, "fps": 25.0}
    settings = stages.prepare_clips(changed({"poses": {"procedural": small}}))
    prepare_clips(folder=None, settings=settings, **paths)
    content = read_clip_file(paths["out"])
    assert [clip.name for clip in content.clips] == ["S1/Walking/1", "S1/Walking/2"]
    assert content.source == "procedural"
    first = paths["out"].read_bytes()
    prepare_clips(folder=None, settings=settings, **paths)
    assert paths["out"].read_bytes() == first


def test_frames_left_out_of_a_clip_are_no_skipped_file(paths, mocap, monkeypatch, tmp_path, caplog):
    clip = Clip(np.zeros((1, 32, 3), np.float32), "1", "walk", "1", 60.0, "free", "a b.bvh")
    rows = [Skipped("a b.bvh frames 0-4", 5, "T-pose"), Skipped("c.amc", 9, "repeats a b.bvh")]
    monkeypatch.setattr(prepare, "read_folder", lambda folder, settings: ([clip], rows))
    prepare_clips(folder=tmp_path, settings=mocap(1), **paths)
    with pytest.raises(InputError, match=r"too many files were skipped: .*found 1"):
        prepare_clips(folder=tmp_path, settings=mocap(0), **paths)
    assert "skipped c.amc: repeats a b.bvh" in caplog.messages


def test_nothing_left_is_an_error(paths, mocap, monkeypatch, tmp_path):
    monkeypatch.setattr(prepare, "read_folder", lambda folder, settings: ([], []))
    with pytest.raises(InputError, match="no clips are left"):
        prepare_clips(folder=tmp_path, settings=mocap(0), **paths)


def test_a_source_of_files_needs_a_folder(paths, mocap):
    with pytest.raises(InputError, match="--folder"):
        prepare_clips(folder=None, settings=mocap(0), **paths)


def test_human36m_brings_cameras_and_exclusions(paths, changed, tmp_path):
    clips = made_clips(subjects=("S9", "S11"))
    write_official(tmp_path, clips, made_rigs(), packed=True)
    h36m = {
        "positions": "official",
        "cameras": "metadata",
        "frames": "part",
        "exclusions": "strict",
    }
    settings = stages.prepare_clips(changed({"poses": {"source": "h36m", "max_skipped": 0, "h36m": h36m}}))
    prepare_clips(folder=tmp_path, settings=settings, **paths)
    content = read_clip_file(paths["out"])
    assert content.source == "h36m"
    assert len(content.clips) == 57
    assert tuple(content.rigs) == ("S11", "S9")
    assert [view.camera for view in content.exclusions] == ["54138969"]
    # Known faults and what is not there are rows, but do not count as skipped files.
    rows = paths["skipped"].read_text().splitlines()[1:]
    faulty = [row.split(",")[0] for row in rows if "not there (poses.h36m.frames: part)" not in row]
    assert faulty == ["S9/Greeting/0", "S9/SittingDown/1", "S9/Waiting/1"]
    assert {row.partition("/")[0] for row in rows} == {"S1", "S5", "S6", "S7", "S8", "S9"}
    first = paths["out"].read_bytes()
    prepare_clips(folder=tmp_path, settings=settings, **paths)
    assert paths["out"].read_bytes() == first


def test_sources_of_files_need_a_folder(paths, changed):
    settings = stages.prepare_clips(changed({"poses": {"source": "h36m"}}))
    with pytest.raises(InputError, match=r"the h36m source needs a folder\. Give it with --folder"):
        prepare_clips(folder=None, settings=settings, **paths)
