import pytest

from ige.base.errors import InputError
from ige.params.shapes import MeshFolderSettings, ProceduralShapesSettings, ShapeSplitsSettings
from ige.params.stages import ShapeManifestSettings
from ige.shapes.manifest import list_shapes
from ige.shapes.mixed import MixedListing
from ige.shapes.sources import open_source

OBJ = "v 0 0 0\nv 1 0 0\nv 0 1 0\nv 0 0 1\nf 1 3 2\nf 1 2 4\nf 2 3 4\nf 1 4 3\n"
SETTINGS = MeshFolderSettings(
    up="z",
    licence="CC0",
    aliases={},
    files=(),
    skip=(),
    fetch=(),
    generated=ProceduralShapesSettings(seed=0, models_per_category=4, open_share=0.0),
)


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "car").mkdir()
    for name in "abcd":
        (tmp_path / "car" / f"{name}.obj").write_text(OBJ)
    return tmp_path


def test_generated_models_train_and_validate_and_never_test(folder):
    settings = ShapeManifestSettings(
        source=SETTINGS,
        categories=("car",),
        splits=ShapeSplitsSettings(lists="none", order="id", test_share=0.5, validation_share=0.25),
        models_per_shard=10,
    )
    entries = list_shapes(settings, folder).entries
    tested = [entry.id for entry in entries if entry.split == "test"]
    assert tested == ["c.obj", "d.obj"]
    generated = {entry.id: entry.split for entry in entries if entry.origin == "procedural"}
    assert sorted(generated) == [f"car-000{number}" for number in range(4)]
    assert sorted(generated.values()) == ["train", "train", "train", "validation"]
    assert len(entries) == 8


def test_both_kinds_are_loaded_by_their_ids(folder):
    source = open_source(SETTINGS, folder)
    assert source.load("car", "a.obj").faces.shape == (4, 3)
    assert len(source.load("car", "car-0001").faces) > 4
    assert source.files_of("car", "car-0001") == []
    assert source.files_of("car", "a.obj") == [folder / "car" / "a.obj"]
    assert source.model("car", "car-0003").licence == "MIT"
    assert source.model("car", "b.obj").licence == "CC0"


@pytest.mark.parametrize("id", ["car-0004", "e.obj", "car-1"])
def test_a_model_that_is_neither_is_named(folder, id):
    with pytest.raises(InputError, match=id):
        MixedListing(folder, SETTINGS).model("car", id)
