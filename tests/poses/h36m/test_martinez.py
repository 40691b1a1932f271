import re
from pathlib import Path

import h5py
import numpy as np
import pytest
from h36m_clips import made_clips, made_rigs
from h36m_martinez import cameras_h5, hdf5, write_h36m_zip, zip_members

from ige.base.errors import InputError
from ige.poses.h36m.martinez import read_cameras_h5, read_positions
from ige.poses.h36m.names import CAMERAS, SUBJECTS

RIGS = made_rigs()
CLIPS = [clip for clip in made_clips(6, subjects=("S1", "S11")) if clip.action in ("Directions", "Photo")]
BY_KEY = {(clip.subject, clip.action, clip.take): clip for clip in CLIPS}
ONE = "h36m/S1/MyPoses/3D_positions/Directions.h5"


def tree_with(folder: Path, name: str, content: bytes) -> Path:
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(content)
    return folder


def refusal(folder: Path) -> str:
    with pytest.raises(InputError) as caught:
        list(read_positions(folder))
    assert "\n" not in str(caught.value)
    return str(caught.value)


def camera_refusal(folder: Path, part: str, change) -> str:
    """Change one number of one camera and read the file."""
    content = cameras_h5(RIGS)
    path = tree_with(folder, "h36m/cameras.h5", content) / "h36m/cameras.h5"
    with h5py.File(path, "r+") as file:
        values = change(file[part][()])
        del file[part]
        file[part] = values
    with pytest.raises(InputError) as caught:
        read_cameras_h5(folder)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("place", ["h36m.zip", "downloaded/h36m.zip", "", "a/b"])
def test_positions_come_back_from_the_archive_and_from_the_tree(tmp_path, place):
    if place.endswith("zip"):
        (tmp_path / place).parent.mkdir(exist_ok=True)
        write_h36m_zip((tmp_path / place).parent, CLIPS, RIGS)
    else:
        write_h36m_zip(tmp_path / place, CLIPS, RIGS, packed=False)
    found = list(read_positions(tmp_path))
    assert {row[:3] for row in found} == BY_KEY.keys()
    for subject, action, take, positions, origin in found:
        assert positions.dtype == np.float32
        assert np.array_equal(positions, BY_KEY[subject, action, take].positions_world)
        assert origin.startswith(place)
        assert origin.endswith(
            f"{subject}/MyPoses/3D_positions/{action}{'' if take == '0' else ' ' + take}.h5"
        )


def test_the_archive_comes_before_the_tree(tmp_path):
    write_h36m_zip(tmp_path, CLIPS[:1], RIGS)
    write_h36m_zip(tmp_path, CLIPS, RIGS, packed=False)
    assert len(list(read_positions(tmp_path))) == 1


def test_without_files_there_is_nothing(tmp_path):
    assert list(read_positions(tmp_path)) == []


@pytest.mark.parametrize("packed", [True, False])
def test_cameras_come_back(tmp_path, packed):
    write_h36m_zip(tmp_path, CLIPS[:1], RIGS, packed=packed)
    found = read_cameras_h5(tmp_path)
    assert tuple(found) == SUBJECTS
    for subject, rig in found.items():
        assert tuple(camera.name for camera in rig) == CAMERAS
        for camera, made in zip(rig, RIGS[subject], strict=True):
            for part in ("extrinsics", "focal", "centre", "radial", "tangential"):
                np.testing.assert_allclose(getattr(camera, part), getattr(made, part), rtol=0, atol=1e-12)


def test_names_of_cameras_may_be_flat(tmp_path):
    path = tree_with(tmp_path, "cameras.h5", cameras_h5(RIGS)) / "cameras.h5"
    with h5py.File(path, "r+") as file:
        for subject in SUBJECTS:
            for number in range(1, 5):
                name = f"subject{subject[1:]}/camera{number}/Name"
                flat = file[name][()].reshape(-1)
                del file[name]
                file[name] = flat
    assert [camera.name for camera in read_cameras_h5(tmp_path)["S9"]] == list(CAMERAS)


@pytest.mark.parametrize(
    ("part", "change", "said"),
    [
        ("subject9/camera2/R", lambda r: r.T, "looks away from the middle of the studio"),
        ("subject9/camera2/R", lambda r: 2 * r, "no rotation"),
        ("subject9/camera2/T", lambda t: t / 1000, "implausible place: expected 1 to 20 m"),
        ("subject9/camera2/T", lambda t: t[:2], "subject9/camera2/T"),
        ("subject9/camera2/f", lambda f: f * np.nan, "subject9/camera2/f: numbers that are not finite"),
        ("subject9/camera2/c", lambda c: c.astype("S8"), "subject9/camera2/c"),
        ("subject9/camera2/Name", lambda n: n[::-1], "another camera: expected 55011271, found '17211055'"),
    ],
)
def test_wrong_cameras_are_refused(tmp_path, part, change, said):
    text = camera_refusal(tmp_path, part, change)
    assert said in text
    assert "cameras.h5" in text


def test_every_transposed_rotation_is_noticed(tmp_path):
    for number in range(1, 5):
        text = camera_refusal(tmp_path, f"subject1/camera{number}/R", lambda r: r.T)
        assert f"subject1/camera{number}: a camera that looks away" in text


def test_no_cameras_say_what_else_would_do(tmp_path):
    with pytest.raises(
        InputError, match=r"no cameras.h5: .* found none. Or set poses.h36m.cameras to metadata"
    ):
        read_cameras_h5(tmp_path)


def test_a_subject_without_cameras_is_named(tmp_path):
    path = tree_with(tmp_path, "cameras.h5", cameras_h5(RIGS)) / "cameras.h5"
    with h5py.File(path, "r+") as file:
        del file["subject11/camera4"]
    with pytest.raises(InputError, match="subject11/camera4"):
        read_cameras_h5(tmp_path)


def test_a_truncated_file_is_named(tmp_path):
    content = dict(zip_members(CLIPS[:1], RIGS))[ONE]
    text = refusal(tree_with(tmp_path, ONE, content[: len(content) // 2]))
    assert ONE in text
    assert "HDF5" in text


@pytest.mark.parametrize(
    ("arrays", "said"),
    [
        ({"3D_positions": np.ones((5, 96))}, "(96, ?)"),
        ({"3D_positions": np.ones((96, 5, 1))}, "(96, ?)"),
        ({"3D_positions": np.ones((96, 5), dtype=np.int32)}, "int32"),
        ({"3D_positions": np.ones((96, 0))}, "empty"),
        ({"3D_positions": np.full((96, 5), np.inf)}, "not finite"),
        ({"positions": np.ones((96, 5))}, "3D_positions"),
    ],
)
def test_wrong_arrays_are_refused(tmp_path, arrays, said):
    text = refusal(tree_with(tmp_path, ONE, hdf5(arrays)))
    assert said in text
    assert ONE in text


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("h36m/S2/MyPoses/3D_positions/Directions.h5", "unknown subject 'S2': expected S1, S5"),
        ("h36m/S1/MyPoses/3D_positions/Dancing 1.h5", "unknown sequence 'Dancing 1'"),
        ("h36m/S1/MyPoses/3D_positions/Direction 1.h5", "Did you mean Directions?"),
    ],
)
def test_unknown_names_are_refused_with_their_file(tmp_path, name, said):
    text = refusal(tree_with(tmp_path, name, hdf5({"3D_positions": np.ones((96, 5))})))
    assert said in text
    assert name in text


def test_what_is_no_archive_is_refused(tmp_path):
    (tmp_path / "h36m.zip").write_bytes(b"<html>sign in to download</html>")
    assert re.search(r"h36m\.zip: .*expected a zip", refusal(tmp_path))
