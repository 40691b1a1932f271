import dataclasses

import h5py
import numpy as np
import pytest

from ige.base.errors import InputError, StorageError
from ige.storage.grid_files import GridFile, write_grid


@pytest.fixture
def grid():
    rng = np.random.default_rng(0)
    return GridFile(
        occupancy=rng.random((9, 9, 9)) < 0.3,
        camera=rng.normal(size=(3, 4)),
        near=0.5,
        far=1.5,
        focal=1.09375,
        projection="perspective",
        mesh_to_world=rng.normal(size=(3, 4)),
    )


def read(path):
    """Read a grid as a program without ours would."""
    if path.suffix.lower() == ".npz":
        with np.load(path, allow_pickle=False) as archive:
            return {name: archive[name] for name in archive.files}
    with h5py.File(path) as file:
        values = {name: file[name][()] for name in file}
    return values | {"projection": values["projection"].decode()}


@pytest.mark.parametrize("name", ["grid.npz", "grid.h5", "GRID.NPZ"])
def test_other_programs_read_what_is_written(tmp_path, grid, name):
    write_grid(tmp_path / name, grid)
    values = read(tmp_path / name)
    assert set(values) == {field.name for field in dataclasses.fields(GridFile)}
    for key, value in values.items():
        np.testing.assert_array_equal(value, getattr(grid, key))
    assert values["occupancy"].dtype == np.bool_


@pytest.mark.parametrize("name", ["grid.npz", "grid.h5"])
def test_the_same_grid_gives_the_same_bytes(tmp_path, grid, name):
    write_grid(tmp_path / name, grid)
    first = (tmp_path / name).read_bytes()
    write_grid(tmp_path / "again" / name, grid)
    assert (tmp_path / "again" / name).read_bytes() == first


def test_another_suffix_is_refused(tmp_path, grid):
    with pytest.raises(InputError, match=r"grid\.mat: unknown suffix: expected \.npz or \.h5, found \.mat"):
        write_grid(tmp_path / "grid.mat", grid)


@pytest.mark.parametrize("name", ["grid.npz", "grid.h5"])
def test_a_place_that_cannot_be_written_is_one_line(tmp_path, grid, name):
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="cannot be written"):
        write_grid(tmp_path / "file" / name, grid)
