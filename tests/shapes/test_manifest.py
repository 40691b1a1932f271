import pytest

from ige.base.errors import InputError
from ige.params import stages
from ige.shapes.manifest import (
    Manifest,
    ShapeEntry,
    Shard,
    list_shapes,
    prepare_manifest,
    read_manifest,
    write_manifest,
)
from ige.shapes.skipped import Skipped, read_skipped


def entry(id, category="car", split="train"):
    return ShapeEntry(id, category, split, "CC0, or so", "y", f"{category}/{id}")


@pytest.fixture
def folder(tmp_path):
    for number in range(10):
        for category in ("gun", "car"):
            (tmp_path / "meshes" / category).mkdir(parents=True, exist_ok=True)
            (tmp_path / "meshes" / category / f"{9 - number}.obj").touch()
    (tmp_path / "meshes" / "car" / "x.fbx").touch()
    return tmp_path / "meshes"


@pytest.fixture
def settings(changed):
    shapes = {
        "source": "folder",
        "categories": ["rifle", "car", "sofa"],
        "models_per_shard": 3,
        "splits": {"order": "id", "test_share": 0.2, "validation_share": 0.125},
        "folder": {"up": "y", "licence": "unknown", "aliases": {"gun": "rifle"}, "files": [], "skip": []},
    }
    return stages.prepare_manifest(changed({"shapes": shapes}))


def test_models_are_ordered_split_and_cut_into_shards(settings, folder):
    manifest = list_shapes(settings, folder)
    assert len(manifest.entries) == 20
    assert manifest.shards()[:5] == [
        Shard("rifle", "train", 0, ("0.obj", "1.obj", "2.obj")),
        Shard("rifle", "train", 1, ("3.obj", "5.obj", "6.obj")),
        Shard("rifle", "train", 2, ("7.obj",)),
        Shard("rifle", "validation", 0, ("4.obj",)),
        Shard("rifle", "test", 0, ("8.obj", "9.obj")),
    ]
    assert [(shard.category, shard.split) for shard in manifest.shards()[5:]] == [
        ("car", "train"), ("car", "train"), ("car", "train"), ("car", "validation"), ("car", "test"),
    ]  # fmt: skip
    assert [row.id for row in manifest.skipped] == ["car/x.fbx"]


def test_each_model_is_in_exactly_one_shard(settings, folder):
    manifest = list_shapes(settings, folder)
    in_shards = [(shard.category, shard.split, id) for shard in manifest.shards() for id in shard.ids]
    assert in_shards == [(entry.category, entry.split, entry.id) for entry in manifest.entries]
    assert len(set(in_shards)) == len(in_shards)


def test_a_manifest_comes_back_as_written(tmp_path):
    entries = (entry("a, b.obj"), entry("a.obj", "rifle", "test"))
    manifest = Manifest(entries, (Skipped("car/x.fbx", "why"),), 2)
    write_manifest(manifest, tmp_path / "manifest.csv", tmp_path / "skipped.csv")
    assert (tmp_path / "manifest.csv").read_text().splitlines()[0] == "id,category,split,licence,up,origin"
    assert tuple(read_manifest(tmp_path / "manifest.csv")) == entries
    assert read_skipped(tmp_path / "skipped.csv") == [Skipped("car/x.fbx", "why")]


@pytest.mark.parametrize(
    "text", ["id,reason\na,b\n", "id,category,split,licence,up,origin\na,car,dev,x,y,z\n"]
)
def test_another_table_is_no_manifest(tmp_path, text):
    (tmp_path / "m.csv").write_text(text)
    with pytest.raises(InputError, match="is no manifest of shapes"):
        read_manifest(tmp_path / "m.csv")


def test_the_stage_writes_the_same_bytes_again_and_names_empty_categories(settings, folder, tmp_path, caplog):
    paths = {"out": tmp_path / "manifest.csv", "skipped": tmp_path / "skipped.csv"}
    prepare_manifest(folder=folder, settings=settings, **paths)
    first = paths["out"].read_bytes()
    prepare_manifest(folder=folder, settings=settings, **paths)
    assert paths["out"].read_bytes() == first
    assert len(read_manifest(paths["out"])) == 20
    assert "sofa: no models" in caplog.messages


def test_no_model_at_all_is_an_error(settings, tmp_path):
    (tmp_path / "car").mkdir()
    with pytest.raises(InputError, match=r"no model of any category.*rifle, car, sofa"):
        list_shapes(settings, tmp_path)


def test_folders_that_are_not_taken_are_told_but_not_skipped(settings, folder, tmp_path, caplog):
    for name in ("cars", "ugly"):
        (folder / name).mkdir()
        (folder / name / "a.obj").touch()
    paths = {"out": tmp_path / "manifest.csv", "skipped": tmp_path / "skipped.csv"}
    with caplog.at_level("INFO"):
        prepare_manifest(folder=folder, settings=settings, **paths)
    assert "folders not taken: cars (did you mean car?), ugly" in caplog.messages
    assert [row.id for row in read_skipped(paths["skipped"])] == ["car/x.fbx"]


def test_the_error_of_no_model_names_the_folders(settings, tmp_path):
    for number in range(22):
        (tmp_path / f"f{number:02}").mkdir()
        (tmp_path / f"f{number:02}" / "a.obj").touch()
    with pytest.raises(InputError, match=r"found none; folders not taken: f00, f01, .*f19 and 2 more$"):
        list_shapes(settings, tmp_path)


def test_generated_shapes_need_no_folder(changed):
    few = changed({"shapes": {"procedural": {"models_per_category": 3}, "categories": ["sofa", "car"]}})
    manifest = list_shapes(stages.prepare_manifest(few), None)
    assert {entry.id for entry in manifest.entries} == {
        f"{category}-000{number}" for category in ("sofa", "car") for number in range(3)
    }


def test_files_of_one_name_in_different_splits_are_told(settings, tmp_path, caplog):
    files = {
        # In order of ids the last fifth tests, and the middle of the others validates.
        "car": "a.glb a.obj b.obj c.glb c.obj d.obj e.obj f.GLB f.obj z.obj",
        "gun": "GLB/M.glb OBJ/a.obj OBJ/b.obj OBJ/c.obj OBJ/m.obj f.obj",
        "sofa": "1/model.obj 2/model.obj 3/model.obj 4/model.obj 5/model.obj",
    }
    folder = tmp_path / "meshes"
    for category, names in files.items():
        for name in names.split():
            path = folder / category / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
    manifest = list_shapes(settings, folder)
    split_of = {entry.origin: entry.split for entry in manifest.entries}
    assert (split_of["car/a.glb"], split_of["car/a.obj"]) == ("train", "train")
    assert (split_of["car/f.GLB"], split_of["car/f.obj"]) == ("train", "test")
    note = (
        "6 files of a category have equal names but for their endings and are in different splits; if they "
        "are the same shape, remove all but one: gun/GLB/M.glb, gun/OBJ/m.obj, car/c.glb, car/c.obj, "
        "car/f.GLB, car/f.obj"
    )
    assert manifest.notes == (note,)
    prepare_manifest(
        folder=folder, settings=settings, out=tmp_path / "manifest.csv", skipped=tmp_path / "skipped.csv"
    )
    assert note in caplog.messages


def test_generated_shapes_are_no_files_of_equal_names(changed, tmp_path):
    (tmp_path / "car").mkdir()
    for number in range(5):
        (tmp_path / "car" / f"car-000{number}.obj").touch()
    generated = {"seed": 0, "models_per_category": 5, "open_share": 0.0}
    mixed = changed(
        {"shapes": {"source": "folder", "categories": ["car"], "folder": {"generated": generated}}}
    )
    assert list_shapes(stages.prepare_manifest(mixed), tmp_path).notes == ()
