import zipfile

import pytest

from ige.base.errors import InputError
from ige.params.shapes import ShapeNetSettings
from ige.shapes.shapenet import SYNSETS, ShapeNetListing
from ige.shapes.skipped import Skipped

CAR, RIFLE = SYNSETS["car"], SYNSETS["rifle"]
MESH = {1: "model.obj", 2: "models/model_normalized.obj"}
MTL = {1: "model.mtl", 2: "models/model_normalized.mtl"}
TEXTURE = {1: "images/t.jpg", 2: "images/t.jpg"}


def listing(folder, version=1, **skip_ids):
    return ShapeNetListing(folder, ShapeNetSettings(version=version, skip_ids=skip_ids))


def files_of_model(version, id):
    texture = "images/t.jpg" if version == 1 else "../images/t.jpg"
    return {
        f"{id}/{MESH[version]}": f"mtllib {MTL[version].split('/')[-1]}\nv 0 0 0\n",
        f"{id}/{MTL[version]}": f"newmtl a\nmap_Kd {texture}\n",
        f"{id}/{TEXTURE[version]}": "",
    }


def put(folder, names):
    for name, text in names.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)


def pack(file, names):
    with zipfile.ZipFile(file, "w") as archive:
        for name, text in names.items():
            archive.writestr(name, text)


def under(prefix, names):
    return {f"{prefix}/{name}": text for name, text in names.items()}


@pytest.mark.parametrize("version", [1, 2])
@pytest.mark.parametrize("kind", ["folders", "zips", "zips without the synset", "archive", "deep archive"])
def test_each_layout_is_listed_and_read(tmp_path, version, kind):
    cars = files_of_model(version, "c1") | files_of_model(version, "c2")
    rifles = files_of_model(version, "r1")
    if kind == "folders":
        put(tmp_path, under(CAR, cars) | under(RIFLE, rifles))
    elif kind == "zips":
        pack(tmp_path / f"{CAR}.zip", under(CAR, cars))
        pack(tmp_path / f"{RIFLE}.zip", under(RIFLE, rifles))
    elif kind == "zips without the synset":
        pack(tmp_path / f"{CAR}.zip", cars)
        pack(tmp_path / f"{RIFLE}.ZIP", rifles)
    else:
        prefix = "ShapeNetCore" if kind == "archive" else "data/a b/ShapeNetCore.v1"
        pack(tmp_path / "all.zip", under(f"{prefix}/{CAR}", cars) | under(f"{prefix}/{RIFLE}", rifles))
    source = listing(tmp_path, version)
    models, skipped = source.models(["rifle", "car"])
    assert [(model.category, model.id) for model in models] == [("rifle", "r1"), ("car", "c1"), ("car", "c2")]
    assert {(model.up, model.licence) for model in models} == {("y", "ShapeNet terms of use")}
    assert models[1].origin == f"{CAR}/c1/{MESH[version]}"
    assert skipped == []
    store, path = source.file_of("car", "c2")
    assert store.read(path).startswith(b"mtllib")
    if kind == "folders":
        below = tmp_path / CAR / "c2"
        assert source.files_of("car", "c2") == [below / MESH[version], below / MTL[version]]
    else:
        assert source.files_of("car", "c2") == [store.file]
    assert source.model("car", "c2") == models[2]


def test_models_left_out_are_listed_with_the_reason(tmp_path):
    put(tmp_path, under(RIFLE, files_of_model(1, "r1") | files_of_model(1, "r2") | {"r3/readme.txt": ""}))
    models, skipped = listing(tmp_path, r2="no geometry in the file", gone="x").models(["rifle"])
    assert [model.id for model in models] == ["r1"]
    assert skipped == [
        Skipped("rifle/r2", "left out by the settings: no geometry in the file"),
        Skipped("rifle/r3", "no model.obj in its folder"),
    ]


def test_what_is_extracted_comes_first_and_the_rest_from_zip_files(tmp_path):
    put(tmp_path, under(CAR, files_of_model(1, "c1")))
    pack(tmp_path / f"{CAR}.zip", under(CAR, files_of_model(1, "c1") | files_of_model(1, "c2")))
    source = listing(tmp_path)
    assert [model.id for model in source.models(["car"])[0]] == ["c1", "c2"]
    assert source.files_of("car", "c1")[0] == tmp_path / CAR / "c1/model.obj"
    assert source.files_of("car", "c2") == [tmp_path / f"{CAR}.zip"]


def test_a_zip_file_of_another_synset_is_not_opened(tmp_path):
    pack(tmp_path / f"{CAR}.zip", files_of_model(1, "c1"))
    (tmp_path / f"{RIFLE}.zip").write_bytes(b"damaged")
    source = listing(tmp_path)
    assert len(source.models(["car"])[0]) == 1
    with pytest.raises(InputError, match=rf"{RIFLE}\.zip: no zip file"):
        source.models(["rifle"])


def test_the_other_layout_is_recognised(tmp_path):
    put(tmp_path, under(CAR, files_of_model(2, "c1")))
    with pytest.raises(
        InputError, match=r"1 of 1 models have no model\.obj.*set shapes\.shapenet\.version to 2"
    ):
        listing(tmp_path).models(["car"])


def test_zip_files_inside_a_zip_file_are_refused(tmp_path):
    pack(tmp_path / "ShapeNetCore.v1.zip", {f"ShapeNetCore.v1/{CAR}.zip": ""})
    with pytest.raises(InputError, match=r"zip files inside a zip file.*Extract it once"):
        listing(tmp_path).models(["car"])


def test_other_categories_and_ids_are_refused(tmp_path):
    with pytest.raises(InputError, match="no ShapeNet category tree"):
        listing(tmp_path).models(["tree"])
    put(tmp_path, files_of_model(1, "outside"))
    for id in ("c9", "../outside", ""):
        with pytest.raises(InputError, match="no model"):
            listing(tmp_path).file_of("car", id)


def test_a_category_without_models_is_empty(tmp_path):
    assert listing(tmp_path).models(["car"]) == ([], [])
