import pytest
from h36m_clips import made_clips

from ige.poses.clips import ViewExclusion
from ige.poses.h36m.counts import known_frames
from ige.poses.h36m.exclusions import exclude, known_faults
from ige.poses.h36m.names import CAMERAS


@pytest.fixture(scope="module")
def clips():
    return made_clips(subjects=("S9", "S11"))


def test_the_table_names_real_sequences_with_a_source():
    for fault in known_faults():
        assert (fault.subject, fault.action, fault.take) in known_frames()
        assert fault.camera in (None, *CAMERAS)
        assert fault.applies in ("detections", "strict")
        assert fault.source.startswith("https://")
        assert fault.reason


def test_published_protocols_leave_out_the_broken_video_alone(clips):
    kept, skipped, views = exclude(clips, "published")
    assert kept == clips
    assert skipped == []
    (view,) = views
    assert view == ViewExclusion("S11", "Directions", "0", "54138969", "detections", view.reason)
    assert "https://github.com/una-dinosauria/3d-pose-baseline/issues/34" in view.reason


def test_strictly_clips_with_wrong_poses_go_too(clips):
    kept, skipped, views = exclude(clips, "strict")
    assert [row.id for row in skipped] == ["S9/Greeting/0", "S9/SittingDown/1", "S9/Waiting/1"]
    lengths = {clip.name: len(clip.positions_world) for clip in clips}
    assert [row.frames for row in skipped] == [lengths[row.id] for row in skipped]
    assert [clip.name for clip in kept] == [
        clip.name for clip in clips if clip.name not in {row.id for row in skipped}
    ]
    assert len(views) == 1


def test_faults_of_clips_that_are_not_there_are_no_rows(clips):
    others = [clip for clip in clips if clip.action == "Walking"]
    assert exclude(others, "strict") == (others, [], ())
