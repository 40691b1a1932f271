import numpy as np
import pytest
from h36m_clips import made_rigs
from h36m_official import write_metadata, write_w0

from ige.base.errors import InputError
from ige.poses.h36m.metadata import read_cameras, rotation_xyz
from ige.poses.h36m.names import CAMERAS, SUBJECTS


@pytest.fixture
def numbers(tmp_path):
    """The 300 numbers of a good file, to be spoilt."""
    write_metadata(tmp_path, made_rigs())
    text = (tmp_path / "metadata.xml").read_text()
    return text[text.index("<w0>[") + 5 : text.index("]</w0>")].split()


def test_cameras_come_back(tmp_path):
    rigs = made_rigs()
    write_metadata(tmp_path, rigs)
    found = read_cameras(tmp_path)
    assert tuple(found) == SUBJECTS
    for subject, cameras in found.items():
        assert tuple(camera.name for camera in cameras) == CAMERAS
        for camera, expected in zip(cameras, rigs[subject], strict=True):
            for field in ("extrinsics", "focal", "centre", "radial", "tangential"):
                np.testing.assert_allclose(getattr(camera, field), getattr(expected, field), atol=1e-9)


def test_numbers_stand_where_the_published_code_looks_for_them(tmp_path, numbers):
    """By hand: the second camera of S5, counted from one as load_camera_params of 3d-pose-baseline does."""
    start = 6 * ((2 - 1) * 11 + (5 - 1))
    a, b, g, *place = (float(number) for number in numbers[start : start + 6])
    lens = [float(number) for number in numbers[264 + 9 : 264 + 18]]
    camera = read_cameras(tmp_path)["S5"][1]
    rotation = camera.extrinsics[:, :3]
    np.testing.assert_allclose(-rotation.T @ camera.extrinsics[:, 3] * 1000.0, place, atol=1e-8)
    np.testing.assert_allclose(rotation, rotation_xyz(a, b, g))
    assert [*camera.focal, *camera.centre, *camera.radial, *camera.tangential] == lens


def test_angles_turn_as_right_hands_do():
    quarter = np.pi / 2
    x, y, z = np.eye(3)
    np.testing.assert_allclose(rotation_xyz(quarter, 0, 0) @ y, z, atol=1e-15)
    np.testing.assert_allclose(rotation_xyz(0, quarter, 0) @ z, x, atol=1e-15)
    np.testing.assert_allclose(rotation_xyz(0, 0, quarter) @ x, y, atol=1e-15)
    # g turns first: x goes to y, then a turns that to z.
    np.testing.assert_allclose(rotation_xyz(quarter, 0, quarter) @ x, z, atol=1e-15)


@pytest.mark.parametrize(
    ("at", "number", "said"),
    [
        (None, None, "wrong number of camera parameters: expected 300 numbers in element w0, found 299"),
        (7, "nan", "not finite: .* found nan at 7"),
        (299, "1e999", "not finite: .* found 1e999 at 299"),
        (11, "eleven", "no numbers: .*'eleven'"),
        (264, "-1145.0", "camera 54138969 of S1: .*focal lengths must be positive"),
        (3, "1e9", "camera 54138969 of S1: a camera at an implausible place: .*, found 1e[+]06 m"),
        (0, "92.0", "camera 54138969 of S1: a camera that looks away .* three angles in radians, found"),
    ],
)
def test_wrong_numbers_are_named(tmp_path, numbers, at, number, said):
    if at is None:
        numbers.pop()
    else:
        numbers[at] = number
    write_w0(tmp_path, " ".join(numbers))
    with pytest.raises(InputError, match=said) as caught:
        read_cameras(tmp_path)
    assert "metadata.xml" in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("separator", ["\n", ", ", "; ", "   "])
def test_numbers_may_be_set_apart_otherwise(tmp_path, numbers, separator):
    expected = read_cameras(tmp_path)["S1"][0].extrinsics
    write_w0(tmp_path, separator.join(numbers))
    np.testing.assert_array_equal(read_cameras(tmp_path)["S1"][0].extrinsics, expected)


def test_a_missing_file_is_told(tmp_path):
    with pytest.raises(InputError, match=r"no metadata\.xml: .* set poses\.h36m\.cameras to cameras-h5"):
        read_cameras(tmp_path)


def test_entities_are_refused(tmp_path, numbers):
    write_w0(tmp_path, " ".join(numbers))
    path = tmp_path / "metadata.xml"
    bomb = '<!DOCTYPE m [<!ENTITY a "1 1 1"><!ENTITY b "&a;&a;&a;">]>'
    path.write_text(path.read_text().replace("<metadata>", f"{bomb}<metadata>").replace("[", "[&b; ", 1))
    with pytest.raises(InputError, match=r"metadata\.xml"):
        read_cameras(tmp_path)
