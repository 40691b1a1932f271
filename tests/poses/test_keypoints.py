from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest

from ige.base.errors import InputError
from ige.geometry.skeletons import MPII_16
from ige.poses.keypoints import read_keypoints


@pytest.fixture
def values() -> np.ndarray:
    """Two frames of MPII_16 with scores."""
    rng = np.random.default_rng(0)
    return np.round(rng.uniform(0.1, 900.0, (2, 16, 3)), 2)


def wide(values: np.ndarray, names: tuple[str, ...] = MPII_16.names) -> str:
    header = ["frame"] + [f"{name}_{part}" for name in names for part in ("x", "y", "score")]
    rows = [[str(5 + frame), *map(str, row.flatten())] for frame, row in enumerate(values)]
    return "\n".join(",".join(row) for row in [header, *rows]) + "\n"


def long(values: np.ndarray) -> str:
    rows = ["frame,joint,x,y,score"]
    for frame, row in enumerate(values):
        # The order within a frame does not matter.
        rows += [
            f"{5 + frame},{MPII_16.names[j]},{x},{y},{s}" for j, (x, y, s) in reversed([*enumerate(row)])
        ]
    return "\n".join(rows) + "\n"


def test_wide_and_long_csv_say_the_same(tmp_path: Path, values: np.ndarray) -> None:
    for name, text in {"wide.csv": wide(values), "long.csv": long(values)}.items():
        path = tmp_path / name
        path.write_text(text)
        found = read_keypoints(path, "mpii16")
        np.testing.assert_array_equal(found.values, values)
        assert found.frames == ("5", "6")
        assert found.layout == "mpii16"


def test_csv_without_scores_and_with_an_empty_cell(tmp_path: Path) -> None:
    path = tmp_path / "points.csv"
    header = ",".join(f"{name}_{axis}" for name in MPII_16.names for axis in "xy")
    path.write_text(f"frame,{header}\n0,,{','.join(['3'] * 31)}\n")
    found = read_keypoints(path, "mpii16")
    assert np.isnan(found.values[0, 0, 0])
    assert found.values[0, 0, 1:].tolist() == [3.0, 1.0]


@pytest.mark.parametrize("numbers", [2, 3])
@pytest.mark.parametrize("kind", [np.float32, np.int64])
def test_npy(tmp_path: Path, values: np.ndarray, numbers: int, kind: type) -> None:
    path = tmp_path / "points.npy"
    given = values[:, :, :numbers].astype(kind)
    np.save(path, given)
    found = read_keypoints(path, "mpii16")
    np.testing.assert_array_equal(found.values[:, :, :numbers], given)
    assert numbers == 3 or (found.values[:, :, 2] == 1.0).all()


@pytest.mark.parametrize(
    ("layout", "ending"),
    [("mpii16", r"\. Are these --skeleton coco17 or h36m17\?$"), ("h36m17", r"\(4, 17, 4\)$")],
)
def test_npy_of_17_joints_names_both_skeletons_that_have_them(
    tmp_path: Path, layout: str, ending: str
) -> None:
    path = tmp_path / "points.npy"
    np.save(path, np.ones((4, 17, 4)))
    with pytest.raises(InputError, match=ending):
        read_keypoints(path, layout)


def test_npy_of_another_number_of_joints_names_the_skeleton_that_fits(tmp_path: Path) -> None:
    path = tmp_path / "points.npy"
    np.save(path, np.ones((4, 25, 3)))
    with pytest.raises(
        InputError, match=r"expected numbers \(F, 16, 2\) .*found float64 \(4, 25, 3\)\. Are these --sk"
    ):
        read_keypoints(path, "mpii16")
    assert read_keypoints(path, "openpose25").values.shape == (4, 25, 3)


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (np.ones((0, 16, 2)), "no frames"),
        (np.ones((16, 2)), "another shape"),
        (np.ones((3, 17, 2)), "another shape"),
        (np.ones((3, 16, 4)), "another shape"),
        (np.full((3, 16, 2), "a"), "another shape"),
        (np.ones((3, 16, 2), dtype=complex), "another shape"),
    ],
)
def test_npy_of_other_content(tmp_path: Path, array: np.ndarray, message: str) -> None:
    path = tmp_path / "points.npy"
    np.save(path, array)
    with pytest.raises(InputError, match=message):
        read_keypoints(path, "mpii16")


def test_npy_is_never_unpickled(tmp_path: Path) -> None:
    path = tmp_path / "points.npy"
    np.save(path, np.array([{"a": 1}], dtype=object), allow_pickle=True)
    with pytest.raises(InputError, match="not a readable NPY file"):
        read_keypoints(path, "mpii16")


def test_damaged_npy(tmp_path: Path) -> None:
    stream = io.BytesIO()
    np.save(stream, np.ones((3, 16, 2)))
    for content in (b"", b"hello", stream.getvalue()[:200]):
        path = tmp_path / "points.npy"
        path.write_bytes(content)
        with pytest.raises(InputError, match="not a readable NPY file"):
            read_keypoints(path, "mpii16")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "an empty file"),
        ("frame,joint,x,y\n", "no frames"),
        ("a,b\n1,2\n", "no column named frame"),
        ("frame,RAnkle_x,RAnkel_y\n1,2,3\n", r"unknown column RAnkel_y.*Did you mean RAnkle_y\?"),
        ("frame,RAnkle_x,RAnkle_y\n1,2,3\n", "the 16 joints of mpii16, found 1, without RKnee, RHip"),
        ("frame,joint,x,y\n1,RAnkle,2,3\n", "frame 1: missing joints.*found 1, without RKnee"),
        ("frame,joint,x,y\n1,Tail,2,3\n", "frame 1, Tail: unknown joint"),
        ("frame,joint,x,y\n1,RAnkle,2,3\n1,RAnkle,2,3\n", "the same frame and joint twice"),
        ("frame,joint,x,y\n1,RAnkle,2,b\n", "frame 1, RAnkle: no number: found 'b'"),
        ("frame,joint,x,y\n1,RAnkle,2\n", "line 2 has another number of cells"),
    ],
)
def test_csv_of_other_content(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "points.csv"
    path.write_text(text)
    with pytest.raises(InputError, match=message) as caught:
        read_keypoints(path, "mpii16")
    assert "\n" not in str(caught.value)


def test_wide_csv_with_a_frame_twice(tmp_path: Path, values: np.ndarray) -> None:
    path = tmp_path / "points.csv"
    path.write_text(wide(values).replace("\n6,", "\n5,"))
    with pytest.raises(InputError, match="the same frame twice: found 5"):
        read_keypoints(path, "mpii16")


def test_a_binary_file_named_csv(tmp_path: Path) -> None:
    path = tmp_path / "points.csv"
    path.write_bytes(bytes(range(256)))
    with pytest.raises(InputError, match="no CSV file"):
        read_keypoints(path, "mpii16")


def test_arguments_that_cannot_be(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"unknown skeleton of keypoints: expected mpii16, .*found h36m"):
        read_keypoints(tmp_path, "h36m")
    with pytest.raises(InputError, match="no such file"):
        read_keypoints(tmp_path / "none.csv", "mpii16")
    with pytest.raises(InputError, match="a folder holds OpenPose JSON"):
        read_keypoints(tmp_path, "coco17")
    path = tmp_path / "points.json"
    path.touch()
    with pytest.raises(InputError, match=r"unknown kind of keypoints.*found \.json"):
        read_keypoints(path, "mpii16")


def test_a_folder_is_openpose_whatever_the_default(tmp_path: Path) -> None:
    for layout in ("mpii16", "openpose25"):
        with pytest.raises(InputError, match="no OpenPose files"):
            read_keypoints(tmp_path, layout)
