"""The same clips and cameras come out of all three layouts."""

import numpy as np
import pytest
from h36m_clips import made_clips, made_rigs
from h36m_martinez import write_h36m_zip
from h36m_official import write_official
from h36m_videopose3d import write_positions

from ige.params.poses import H36mSettings
from ige.poses.h36m.read import read_h36m

SUBJECTS = ("S1", "S11")
CLIPS = made_clips(6, subjects=SUBJECTS)
RIGS = made_rigs()
NOT_PACKED = "S11/Directions/0"


@pytest.fixture(scope="module", params=["packed", "extracted"])
def folder(request, tmp_path_factory):
    place = tmp_path_factory.mktemp("h36m")
    packed = request.param == "packed"
    write_official(place, CLIPS, RIGS, packed=packed)
    write_h36m_zip(place, CLIPS, RIGS, packed=packed)
    write_positions(place, CLIPS)
    return place


def read(folder, positions, cameras="metadata"):
    settings = H36mSettings(positions=positions, cameras=cameras, frames="part", exclusions="published")
    return read_h36m(folder, settings)


@pytest.mark.parametrize("layout", ["martinez", "videopose3d"])
def test_clips_are_those_of_the_official_layout(folder, layout):
    official, other = read(folder, "official"), read(folder, layout)
    expected = [clip for clip in official.clips if layout != "videopose3d" or clip.name != NOT_PACKED]
    assert [clip.name for clip in official.clips] == [clip.name for clip in CLIPS]
    assert [clip.name for clip in other.clips] == [clip.name for clip in expected]
    for clip, same in zip(other.clips, expected, strict=True):
        assert clip.positions_world.shape == same.positions_world.shape
        assert np.abs(clip.positions_world - same.positions_world).max() < 1e-5
        assert (clip.fps, clip.licence) == (same.fps, same.licence)


def test_what_videopose3d_leaves_out_is_a_row(folder):
    rows = read(folder, "videopose3d").skipped
    left_out = [row.id for row in rows if "left out of the files of the layout videopose3d" in row.reason]
    assert left_out == [NOT_PACKED]
    assert [row.id for row in rows].count(NOT_PACKED) == 1
    assert NOT_PACKED not in [row.id for row in read(folder, "martinez").skipped]


def test_cameras_are_the_same_in_both_files(folder):
    official, other = read(folder, "official").rigs, read(folder, "videopose3d", "cameras-h5").rigs
    assert official.keys() == other.keys() == set(SUBJECTS)
    for subject, rig in official.items():
        assert [camera.name for camera in rig] == [camera.name for camera in other[subject]]
        for camera, same in zip(rig, other[subject], strict=True):
            for part in ("extrinsics", "focal", "centre", "radial", "tangential"):
                np.testing.assert_allclose(getattr(camera, part), getattr(same, part), rtol=1e-9, atol=1e-9)


def test_exclusions_do_not_depend_on_the_layout(folder):
    official, other = read(folder, "official"), read(folder, "martinez", "cameras-h5")
    assert official.exclusions == other.exclusions
    assert [exclusion.view for exclusion in official.exclusions] == ["S11/Directions/0/54138969"]


@pytest.mark.parametrize("layout", ["official", "martinez", "videopose3d"])
def test_files_may_lie_below_other_folders(folder, tmp_path, layout):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/h36m").symlink_to(folder, target_is_directory=True)
    deep, flat = (read(place, layout, "cameras-h5") for place in (tmp_path, folder))
    assert [clip.name for clip in deep.clips] == [clip.name for clip in flat.clips]
    assert all(clip.origin.startswith("mine/h36m/") for clip in deep.clips)
    assert read(tmp_path, layout).rigs.keys() == flat.rigs.keys()
