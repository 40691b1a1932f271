import numpy as np
import pytest

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
