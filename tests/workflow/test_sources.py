from pathlib import Path

import pytest

from ige.base.errors import InputError
from ige.workflow.sources import REAL_DATA, mesh_files, motion_files, motion_folder, shape_folder


@pytest.fixture
def mocap(changed):
    return changed({"poses": {"source": "mocap"}})


def test_a_generated_source_needs_no_folder(params):
    assert motion_folder(params) is None
    assert motion_files(None) == []


def test_the_folder_of_real_data_goes_before_the_project_s_own(mocap, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data/sources/mocap").mkdir(parents=True)
    (tmp_path / "real/mocap").mkdir(parents=True)
    monkeypatch.delenv(REAL_DATA, raising=False)
    assert motion_folder(mocap).as_posix() == "data/sources/mocap"
    monkeypatch.setenv(REAL_DATA, str(tmp_path / "real"))
    assert motion_folder(mocap).as_posix() == "real/mocap"
    monkeypatch.setenv(REAL_DATA, "./real/")
    assert motion_folder(mocap).as_posix() == "real/mocap"


def test_a_missing_folder_says_what_to_do(mocap, tmp_path, monkeypatch):
    monkeypatch.setenv(REAL_DATA, str(tmp_path))
    with pytest.raises(InputError, match=r"mocap: no folder of motion files.*docs/mocap\.md"):
        motion_folder(mocap)


def test_what_decides_the_clips_is_listed(tmp_path):
    for name in ("b/x.BVH", "a.amc.gz", "a.asf", "list.csv", "own.rig.json", "readme.txt", "LICENSE"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    names = [path.removeprefix(f"{tmp_path}/") for path in motion_files(tmp_path)]
    assert names == ["a.amc.gz", "a.asf", "b/x.BVH", "list.csv", "own.rig.json"]


@pytest.mark.parametrize(("source", "name"), [("folder", "meshes"), ("shapenet", "shapenet")])
def test_the_folder_of_meshes_is_found_or_asked_for(changed, tmp_path, monkeypatch, source, name):
    params = changed({"shapes": {"source": source}})
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(REAL_DATA, "real")
    with pytest.raises(InputError, match=rf"real/{name}: no folder of .*docs/meshes\.md.*shapes\.source"):
        shape_folder(params)
    (tmp_path / "real" / name).mkdir(parents=True)
    assert shape_folder(params).as_posix() == f"real/{name}"


def test_generated_shapes_need_no_folder(params):
    assert shape_folder(params) is None


class Listed:
    """A listing of models that share a file."""

    def __init__(self, name):
        self.name = name

    def files_of(self, category, id):
        return [Path(category, id), Path(category, self.name)]


def test_files_that_decide_models_are_listed_once():
    assert mesh_files(Listed("both.mtl"), "car", ["b.obj", "a.obj"]) == [
        "car/b.obj", "car/both.mtl", "car/a.obj",
    ]  # fmt: skip


def test_a_side_file_that_snakemake_would_take_for_a_pattern_is_named():
    with pytest.raises(InputError, match=r"car/\{0\}\.png: a name with braces.*Rename"):
        mesh_files(Listed("{0}.png"), "car", ["a.obj"])
