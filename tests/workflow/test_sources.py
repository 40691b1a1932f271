from pathlib import Path

import pytest
from shapenet_trees import write_shapenet

from ige.base.errors import InputError
from ige.workflow.sources import (
    REAL_DATA,
    detection_group,
    folder_of,
    mesh_files,
    motion_files,
    pose_data,
    pose_groups,
    screen,
    shape_data,
)

OFFICIAL = [f"Poses_D3_Positions_S{number}.tgz" for number in (1, 5, 6, 7, 8, 9, 11)]


@pytest.fixture
def elsewhere(root, tmp_path, monkeypatch):
    """An empty checkout but for the list of sources."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv(REAL_DATA, raising=False)
    (tmp_path / "workflow").mkdir()
    (tmp_path / "workflow/sources.csv").write_bytes((root / "workflow/sources.csv").read_bytes())
    return tmp_path


@pytest.fixture
def h36m(changed):
    return changed({"poses": {"source": "h36m", "lifting": {"rig": {"kind": "recorded"}}}})


def test_generated_sources_need_nothing(params):
    assert pose_data(params) is None
    data, manifest = shape_data(params)
    assert data is None
    assert manifest.entries


def test_the_folder_of_real_data_goes_before_the_project_s_own(elsewhere, monkeypatch):
    assert folder_of("mocap").as_posix() == "data/sources/mocap"
    (elsewhere / "real/mocap").mkdir(parents=True)
    for given in (str(elsewhere / "real"), "./real/"):
        monkeypatch.setenv(REAL_DATA, given)
        assert folder_of("mocap").as_posix() == "real/mocap"
    assert folder_of("h36m").as_posix() == "data/sources/h36m", "what the other folder lacks"


def test_a_linked_folder_keeps_the_name_of_its_source(elsewhere):
    (elsewhere / "large/Human3.6M").mkdir(parents=True)
    (elsewhere / "data/sources").mkdir(parents=True)
    (elsewhere / "data/sources/h36m").symlink_to(elsewhere / "large/Human3.6M")
    assert folder_of("h36m").as_posix() == "data/sources/h36m"


def test_a_missing_folder_of_motions_says_what_to_do(elsewhere, changed):
    data = pose_data(changed({"poses": {"source": "mocap"}}))
    assert data.files([]) == []
    text = screen([(data, [])])
    assert text.startswith("data/sources/mocap: no motion files")
    assert "docs/mocap.md" in text
    assert len(text.splitlines()) == 1


def test_motions_that_were_downloaded_are_not_taken_for_the_users_own(elsewhere, changed):
    params = changed({"poses": {"source": "mocap", "mocap": {"fetch": ["cmu-papagina"]}}})
    before = pose_data(params).files(["cmu-papagina"])
    assert len(before) == 5
    for path in before:
        name = Path(path).relative_to("data/sources/mocap/downloaded")
        for place in ("downloaded", ".download"):
            copy = elsewhere / "data/sources/mocap" / place / name
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.touch()
    data = pose_data(params)
    assert data.listed == ()
    assert data.folder.as_posix() == "data/sources/mocap/downloaded"
    text = screen([(data, ["cmu-papagina"])])
    assert "an empty file" in text
    assert "into data/sources/mocap/\n" in text


OBJ = "v 0 0 0\nv 1 0 0\nv 0 1 0\nv 0 0 1\nf 1 3 2\nf 1 2 4\nf 2 3 4\nf 1 4 3\n"


def test_meshes_that_can_be_downloaded_are_built_from_once_all_are_there(elsewhere, changed):
    folder = {"fetch": ["kaykit-city"], "files": [{"pattern": "*/none_*", "up": "z"}]}
    params = changed({"shapes": {"source": "folder", "folder": folder}})
    data, manifest = shape_data(params)
    wanted = data.files(["kaykit-city"])
    assert len(wanted) == 3
    assert not manifest.entries
    for path, presence in zip(wanted, data.groups["kaykit-city"], strict=True):
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        Path(path).write_text(OBJ.ljust(presence.file.bytes))  # a file of another size is a wrong one
    data, manifest = shape_data(params)
    assert data.folder.as_posix() == "data/sources/meshes/downloaded"
    assert sorted(f"{data.folder}/{entry.origin}" for entry in manifest.entries) == sorted(wanted)


def test_the_users_own_meshes_come_before_those_that_can_be_downloaded(elsewhere, changed):
    own = Path("data/sources/meshes/car/mine.obj")
    own.parent.mkdir(parents=True)
    own.write_text(OBJ)
    params = changed({"shapes": {"source": "folder", "folder": {"fetch": ["kaykit-city"]}}})
    data, manifest = shape_data(params)
    assert data.groups == {}
    assert [entry.id for entry in manifest.entries] == ["mine.obj"]


def test_what_decides_the_clips_is_listed(tmp_path):
    for name in ("b/x.BVH", "a.amc.gz", "a.asf", "list.csv", "own.rig.json", "readme.txt", "LICENSE"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    names = [path.removeprefix(f"{tmp_path}/") for path in motion_files(tmp_path)]
    assert names == ["a.amc.gz", "a.asf", "b/x.BVH", "list.csv", "own.rig.json"]


@pytest.mark.parametrize(
    ("chosen", "groups"),
    [
        ({"positions": "official", "cameras": "metadata"}, ["official", "metadata"]),
        ({"positions": "videopose3d", "cameras": "cameras-h5"}, ["videopose3d", "martinez"]),
        ({"positions": "martinez", "cameras": "cameras-h5"}, ["martinez"]),
    ],
)
def test_each_layout_of_human36m_needs_its_files(changed, chosen, groups):
    assert pose_groups(changed({"poses": {"h36m": chosen}})) == groups


def test_only_the_chosen_detections_are_needed(changed, elsewhere):
    params = changed(
        {
            "poses": {
                "source": "h36m",
                "lifting": {
                    "observations": {
                        "sh": {"kind": "detections", "detector": "sh"},
                        "cpn": {"kind": "detections", "detector": "vp3d-cpn-ft"},
                    }
                },
            },
            "train": {"observations": ["projection", "cpn"]},
        }
    )
    assert detection_group(params, "projection") is None
    assert detection_group(params, "sh") == "martinez"
    assert list(pose_data(params).groups) == ["official", "metadata", "vp3d-cpn-ft"]


def test_what_human36m_lacks_is_told_on_one_screen(h36m, elsewhere):
    data = pose_data(h36m)
    text = screen([(data, ["official", "metadata"])])
    assert "Poses_D3_Positions_S{1,5,6,7,8,9,11}.tgz" in text
    assert "metadata.xml" in text
    assert "data/sources/h36m" in text
    assert len(text.splitlines()) <= 40


def test_what_is_there_is_listed_and_not_asked_for(h36m, elsewhere):
    folder = elsewhere / "data/sources/h36m"
    folder.mkdir(parents=True)
    for name in [*OFFICIAL, "metadata.xml"]:
        (folder / name).write_bytes(b"<w0/>" if name.endswith("xml") else b"\x1f\x8b")
    data = pose_data(h36m)
    found = data.files(["official", "metadata"])
    assert set(found) == {f"data/sources/h36m/{name}" for name in [*OFFICIAL, "metadata.xml"]}


def test_of_human36m_a_part_is_enough_where_it_is_asked_for(changed, elsewhere):
    folder = elsewhere / "data/sources/h36m"
    tree = folder / "S9/MyPoseFeatures/D3_Positions"
    tree.mkdir(parents=True)
    (tree / "Walking 1.cdf").write_bytes(b"x")
    (folder / "metadata.xml").write_bytes(b"<w0/>")
    found = {
        frames: pose_data(changed({"poses": {"source": "h36m", "h36m": {"frames": frames}}}))
        for frames in ("full", "part")
    }
    assert len(found["full"].absent(["official", "metadata"])) == len(OFFICIAL)
    assert "found 1: without Directions" in " ".join(screen([(found["full"], ["official"])]).split())
    assert found["part"].absent(["official", "metadata"]) == []
    assert found["part"].files(["official"]) == [
        "data/sources/h36m/S9/MyPoseFeatures/D3_Positions/Walking 1.cdf"
    ]


@pytest.mark.parametrize(("source", "name"), [("folder", "meshes"), ("shapenet", "shapenet")])
def test_shapes_that_are_not_there_leave_no_models_and_are_asked_for(changed, elsewhere, source, name):
    data, manifest = shape_data(changed({"shapes": {"source": source}}))
    assert manifest.entries == ()
    assert data.folder.as_posix() == f"data/sources/{name}"
    text = screen([(data, list(data.groups))])
    assert f"data/sources/{name}" in text


CAR, CHAIR = "02958343.zip", "03001627.zip"


@pytest.fixture
def shapenet(changed, elsewhere):
    """Parameters that ask for two categories of ShapeNet, and its folder."""
    chosen = {"version": 2, "counts": "part"}
    shapes = {"source": "shapenet", "categories": ["car", "chair"], "shapenet": chosen}
    return changed({"shapes": shapes}), elsewhere / "data/sources/shapenet"


def put_shapes(folder, categories, version=2):
    write_shapenet(folder, version=version, kind="zips", categories=categories, models=2)


def test_shapes_that_can_be_downloaded_are_no_problem(shapenet, monkeypatch):
    monkeypatch.setenv("HF_TOKEN", "t0ken")
    data, manifest = shape_data(shapenet[0])
    assert manifest.entries == ()
    assert data.files(["v2"]) == [f"data/sources/shapenet/downloaded/{name}" for name in (CAR, CHAIR)]
    assert screen([(data, ["v2"])]) == ""


def test_an_interrupted_download_of_shapes_goes_on_with_what_lacks(shapenet, monkeypatch):
    monkeypatch.setenv("HF_TOKEN", "t0ken")
    params, folder = shapenet
    put_shapes(folder / "downloaded", ["car"])
    data, manifest = shape_data(params)
    assert manifest.entries == ()
    assert data.files(["v2"]) == [f"data/sources/shapenet/downloaded/{CHAIR}"]
    put_shapes(folder / "downloaded", ["chair"])
    data, manifest = shape_data(params)
    assert data.groups == {}
    assert {entry.category for entry in manifest.entries} == {"car", "chair"}


def test_a_part_of_shapenet_is_worked_with_where_the_rest_cannot_be_had(shapenet, monkeypatch):
    monkeypatch.delenv("HF_TOKEN", raising=False)
    params, folder = shapenet
    put_shapes(folder, ["car"])
    data, manifest = shape_data(params)
    assert {entry.category for entry in manifest.entries} == {"car"}
    assert screen([(data, list(data.groups))]) == ""


def test_shapes_of_the_other_version_are_told_and_nothing_is_downloaded(shapenet, monkeypatch):
    monkeypatch.setenv("HF_TOKEN", "t0ken")
    params, folder = shapenet
    put_shapes(folder, ["car"], version=1)
    data, manifest = shape_data(params)
    assert manifest.entries == ()
    assert data.groups == {}
    assert "Set shapes.shapenet.version to 1" in screen([(data, [])])


def test_what_is_wrong_with_the_folder_of_shapes_is_told(changed, elsewhere):
    (elsewhere / "data/sources/meshes").mkdir(parents=True)
    data, manifest = shape_data(changed({"shapes": {"source": "folder"}}))
    assert manifest.entries == ()
    assert "no model of any category" in screen([(data, [])])


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


def test_a_list_of_splits_that_is_not_the_published_one_is_told_before_it_decides(changed, elsewhere):
    folder = elsewhere / "data/sources/shapenet"
    folder.mkdir(parents=True)
    (folder / "all.csv").write_text("id,synsetId,subSynsetId,modelId,split\n")
    shapes = {"source": "shapenet", "splits": {"lists": "shrec16"}}
    data, manifest = shape_data(changed({"shapes": shapes}))
    assert manifest.entries == ()
    assert "all.csv: expected 3,249,007 bytes" in screen([(data, list(data.groups))])
