import os

import pytest

from ige.base.errors import InputError
from ige.params.shapes import MeshFolderSettings
from ige.shapes.folder import FolderListing
from ige.shapes.skipped import Skipped


@pytest.fixture
def put(tmp_path):
    def put_files(*names):
        for name in names:
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_bytes(b"")
        return tmp_path

    return put_files


def listing(folder, **values):
    lists = dict.fromkeys(["files", "skip", "fetch"], ())
    defaults = {"up": "y", "licence": "unknown", "aliases": {"gun": "rifle"}, "generated": None} | lists
    return FolderListing(folder, MeshFolderSettings.model_validate(defaults | values))


def ids(models):
    return [(model.category, model.id) for model in models]


def test_meshes_of_the_wanted_categories_are_taken(put):
    folder = put(
        "car/b.OBJ", "car/b.mtl", "car/t.png", "car/notes.txt", "car/pack/deep/a.glb", "car/._b.obj",
        "car/.cache/c.obj", "Gun/r.stl", "RIFLE/s.Ply", "tree/t.obj", "loose.obj", "bench/readme.md",
    )  # fmt: skip
    models, skipped = listing(folder).models(["car", "rifle", "bench"])
    assert ids(models) == [
        ("car", "b.OBJ"), ("car", "pack/deep/a.glb"), ("rifle", "r.stl"), ("rifle", "s.Ply"),
    ]  # fmt: skip
    assert [model.origin for model in models] == [
        "car/b.OBJ",
        "car/pack/deep/a.glb",
        "Gun/r.stl",
        "RIFLE/s.Ply",
    ]
    assert skipped == []


def test_an_alias_of_a_category_that_is_not_wanted_is_not_taken(put):
    assert listing(put("gun/r.stl")).models(["car"]) == ([], [])


def test_folders_that_are_not_taken_are_named(put):
    folder = put(
        "car/a.obj", "Cars/b.obj", "guns/r.stl", "ugly/u.obj", "textures/t.png", ".git/x.obj", "Gun/r.obj"
    )  # fmt: skip
    assert listing(folder).not_taken(["car", "rifle"]) == [
        "Cars (did you mean car?)",
        "guns (did you mean gun?)",
        "ugly",
    ]
    # The alias of a category that is not wanted is no slip of the pen.
    assert "Gun" in listing(folder).not_taken(["car"])


def test_mesh_files_that_are_not_read_are_listed_with_the_reason(put):
    models, skipped = listing(put("car/a.FBX", "car/b.blend", "car/c.obj", "tree/d.fbx")).models(["car"])
    assert ids(models) == [("car", "c.obj")]
    advice = "is not read; convert it to one of .obj, .ply, .stl, .off, .gltf, .glb, .dae"
    assert skipped == [Skipped("car/a.FBX", f".fbx {advice}"), Skipped("car/b.blend", f".blend {advice}")]


def test_patterns_give_facts_and_reasons(put):
    folder = put("car/a.obj", "car/b.stl", "car/c.stl")
    source = listing(
        folder,
        files=[{"pattern": "car/b.*", "licence": "CC0"}, {"pattern": "*.stl", "up": "z", "licence": "MIT"}],
        skip=[{"pattern": "*/a.*", "reason": "a toy"}],
    )
    models, skipped = source.models(["car"])
    # The first match counts, also where it says nothing.
    assert [(model.id, model.up, model.licence) for model in models] == [
        ("b.stl", "y", "CC0"),
        ("c.stl", "z", "MIT"),
    ]
    assert skipped == [Skipped("car/a.obj", "left out by the settings: a toy")]
    assert source.model("car", "c.stl") == models[1]


@pytest.mark.parametrize("where", ["files", "skip"])
def test_a_pattern_that_matches_nothing_is_named(put, where):
    entry = {"pattern": "car/*.dae"} | ({"reason": "x"} if where == "skip" else {})
    with pytest.raises(InputError, match=rf"'car/\*\.dae' of shapes\.folder\.{where}"):
        listing(put("car/a.obj"), **{where: [entry]}).models(["car"])


def test_two_files_of_one_id_are_refused(put):
    with pytest.raises(
        InputError, match=r"two files claim the model a\.obj of rifle.*gun/a\.obj and rifle/a\.obj"
    ):
        listing(put("gun/a.obj", "rifle/a.obj")).models(["rifle"])


def test_files_of_a_model_are_the_mesh_and_what_it_refers_to(put):
    folder = put("gun/pack/a.obj", "gun/pack/a.mtl", "gun/t.png")
    (folder / "gun/pack/a.obj").write_text("mtllib a.mtl\n")
    (folder / "gun/pack/a.mtl").write_text("newmtl m\nmap_Kd ../t.png\n")
    assert listing(folder).files_of("rifle", "pack/a.obj") == [
        folder / "gun/pack/a.obj",
        folder / "gun/pack/a.mtl",
        folder / "gun/t.png",
    ]


@pytest.mark.parametrize("id", ["b.obj", "../loose.obj", "../../etc/passwd", "./a.obj", ""])
def test_other_ids_are_no_models(put, id):
    with pytest.raises(InputError, match="no mesh"):
        listing(put("car/a.obj", "loose.obj")).file_of("car", id)


def test_a_link_to_itself_is_no_endless_folder(put):
    folder = put("car/a.obj")
    (folder / "car/again").symlink_to(folder / "car")
    assert ids(listing(folder).models(["car"])[0]) == [("car", "a.obj")]


def test_names_that_no_list_or_command_line_holds_are_skipped(put, tmp_path):
    put("car/{x}.obj", "car/-x.obj", "car/a/-fine.obj", "car/two\nlines.obj", 'car/it\'s "ok" é.obj')
    (tmp_path / os.fsdecode(b"car/\xff.obj")).write_bytes(b"")
    models, skipped = listing(tmp_path).models(["car"])
    assert ids(models) == [("car", "a/-fine.obj"), ("car", 'it\'s "ok" é.obj')]
    assert {row.id for row in skipped} == {
        "car/{x}.obj",
        "car/-x.obj",
        "car/two\\nlines.obj",
        "car/\\udcff.obj",
    }
    assert all("rename it" in row.reason for row in skipped)


def test_a_mesh_that_cannot_be_read_is_still_named_as_an_input(put, monkeypatch):
    folder = put("car/a.obj")
    monkeypatch.setattr("ige.shapes.stores.MOST_BYTES", -1)
    assert listing(folder).files_of("car", "a.obj") == [folder / "car/a.obj"]
