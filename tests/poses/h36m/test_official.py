import shutil

import numpy as np
import pytest
from h36m_clips import made_clips, made_rigs
from h36m_official import pack, write_cdf, write_official

from ige.base.errors import InputError
from ige.poses.h36m.official import read_positions


@pytest.fixture(scope="module")
def clips():
    return made_clips(subjects=("S1", "S9"))


@pytest.fixture(scope="module")
def trees(tmp_path_factory, clips):
    """The same clips packed and extracted."""
    folders = {packed: tmp_path_factory.mktemp("h36m") for packed in (True, False)}
    for packed, folder in folders.items():
        write_official(folder, clips, made_rigs(), packed=packed)
    return folders


@pytest.fixture
def tree(trees, tmp_path):
    """An extracted tree to be spoilt."""
    return shutil.copytree(trees[False], tmp_path / "h36m")


def read(folder):
    """Positions and origin of each sequence."""
    return {(row[0], row[1], row[2]): (row[3], row[4]) for row in read_positions(folder)}


@pytest.mark.parametrize("packed", [True, False])
def test_clips_come_back_whatever_they_lie_in(trees, clips, packed):
    found = read(trees[packed])
    assert sorted(found) == sorted((clip.subject, clip.action, clip.take) for clip in clips)
    for clip in clips:
        values, origin = found[clip.subject, clip.action, clip.take]
        assert values.dtype == np.float32
        np.testing.assert_allclose(values, clip.positions_world, atol=1e-6)
        assert (trees[packed] / origin).exists() == (not packed)
    inside = "S1/MyPoseFeatures/D3_Positions/TakingPhoto 1.cdf"
    assert found["S1", "Photo", "1"][1] == (f"Poses_D3_Positions_S1.tgz/{inside}" if packed else inside)


def test_joints_are_in_order(tree):
    place = tree / "S9" / "MyPoseFeatures" / "D3_Positions" / "Walking.cdf"
    write_cdf(place, np.arange(2 * 96, dtype=np.float64).reshape(2, 96))
    values, _ = read(tree)["S9", "Walking", "0"]
    np.testing.assert_allclose(values[1, 5], [0.111, 0.112, 0.113], rtol=1e-6)


def test_a_tree_may_lie_deeper_and_beside_archives(trees, tree, clips):
    deeper = tree / "my" / "copy"
    deeper.mkdir(parents=True)
    shutil.move(tree / "S9", deeper / "S9")
    shutil.rmtree(tree / "S1")
    (tree / "downloaded").mkdir()
    shutil.copy(trees[True] / "Poses_D3_Positions_S1.tgz", tree / "downloaded")
    origins = [origin for _, origin in read(tree).values()]
    assert len(origins) == 60
    assert {origin.split("/S")[0] for origin in origins} == {
        "downloaded/Poses_D3_Positions_S1.tgz",
        "my/copy",
    }


def test_files_that_are_no_sequences_are_left(tree):
    place = tree / "S9" / "MyPoseFeatures" / "D3_Positions"
    for name in ("_ALL.cdf", "_ALL 1.cdf", "._Walking.cdf", "notes.txt"):
        (place / name).write_bytes(b"no sequence")
    assert len(read(tree)) == 60
    pack(tree, tree / "Poses_D3_Positions_S9.tgz")
    with pytest.raises(InputError, match="another subject: expected S9, found S1"):
        read(tree)
    shutil.rmtree(tree / "S1")
    pack(tree / "S9" / "..", tree / "Poses_D3_Positions_S9.tgz")
    assert len(read(tree)) == 30


def test_two_trees_of_a_subject_are_one_too_many(tree):
    shutil.copytree(tree / "S9", tree / "copy" / "S9")
    with pytest.raises(InputError, match=r"S9 lies there twice: .*found S9/.*, copy/S9/"):
        read(tree)


def test_unknown_names_are_told(tree):
    place = tree / "S9" / "MyPoseFeatures" / "D3_Positions"
    (place / "Walking.cdf").rename(place / "Walkin.cdf")
    with pytest.raises(InputError, match=r"Walkin\.cdf: unknown sequence 'Walkin': .*Did you mean Walking\?"):
        read(tree)


@pytest.mark.parametrize("packed", [True, False])
def test_damaged_files_are_named_where_they_lie(tree, packed):
    place = tree / "S9" / "MyPoseFeatures" / "D3_Positions" / "Walking.cdf"
    place.write_bytes(place.read_bytes()[:700])
    where = str(place)
    if packed:
        shutil.rmtree(tree / "S1")
        pack(tree, tree / "Poses_D3_Positions_S9.tgz")
        where = str(tree / "Poses_D3_Positions_S9.tgz" / "S9/MyPoseFeatures/D3_Positions/Walking.cdf")
    with pytest.raises(InputError) as caught:
        read(tree)
    assert str(caught.value).startswith(f"{where}: is no CDF file that can be read")
    assert "\n" not in str(caught.value)


def test_a_truncated_archive_is_named(trees, tmp_path):
    archive = tmp_path / "Poses_D3_Positions_S9.tgz"
    archive.write_bytes((trees[True] / archive.name).read_bytes()[:-50_000])
    with pytest.raises(InputError, match=r"Poses_D3_Positions_S9\.tgz"):
        read(tmp_path)
