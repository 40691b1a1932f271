import io
import pickle
import zipfile

import numpy as np
import pytest
from shapenet_trees import (
    EMPTY_RIFLE,
    FAULTY_CAR,
    WITHOUT_MATERIALS,
    WITHOUT_MTL,
    generate_one,
    model_id,
    write_shapenet,
)

from ige.base.errors import InputError
from ige.params.shapes import ShapeNetSettings
from ige.shapes.shapenet import SYNSETS, ShapeNetListing
from ige.shapes.skipped import Skipped
from ige.shapes.sources import ShapeSource

CAR, RIFLE = SYNSETS["car"], SYNSETS["rifle"]
MESH = {1: "model.obj", 2: "models/model_normalized.obj"}
MTL = {1: "model.mtl", 2: "models/model_normalized.mtl"}
TEXTURE = {1: "images/t.jpg", 2: "images/t.jpg"}


def listing(folder, version=1, counts="part", repairs=(), **skip_ids):
    settings = ShapeNetSettings(
        version=version, counts=counts, skip_ids=skip_ids, repairs=dict.fromkeys(repairs, "torn")
    )
    return ShapeNetListing(folder, settings)


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


def pack(file, names, method=zipfile.ZIP_STORED):
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, text in names.items():
            archive.writestr(name, text)


def packed(names):
    """The bytes of a zip file."""
    stream = io.BytesIO()
    pack(stream, names)
    return stream.getvalue()


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
    with pytest.raises(InputError, match=rf"1 models of synset {CAR}, all of the other version.*to 2, or"):
        listing(tmp_path).models(["car"])


def test_the_other_layout_is_recognised_in_zip_files(tmp_path):
    cars = under(f"ShapeNetCore.v1/{CAR}", files_of_model(1, "c1") | files_of_model(1, "c2"))
    pack(tmp_path / "ShapeNetCore.v2.zip", cars)
    with pytest.raises(InputError, match=r"2 models .* found version 1 \(model\.obj\)\. Set .* to 1"):
        listing(tmp_path, 2).models(["car"])


def test_both_versions_may_lie_side_by_side(tmp_path):
    put(tmp_path / "ShapeNetCore.v2", under(CAR, files_of_model(2, "c1") | files_of_model(2, "c3")))
    pack(tmp_path / "ShapeNetCore.v1.zip", under(f"ShapeNetCore.v1/{CAR}", files_of_model(1, "c1")))
    first, second = listing(tmp_path, 1), listing(tmp_path, 2)
    assert [model.id for model in first.models(["car"])[0]] == ["c1"]
    assert first.models(["car"])[1] == []
    assert "car: 1 more models of the other version alone are not taken" in first.notes(["car"])
    assert [model.id for model in second.models(["car"])[0]] == ["c1", "c3"]
    assert second.files_of("car", "c3")[0] == tmp_path / "ShapeNetCore.v2" / CAR / "c3" / MESH[2]


def test_folders_without_meshes_are_no_shapenet(tmp_path):
    put(tmp_path, under(CAR, {"c1/readme.txt": "", "c2/readme.txt": ""} | files_of_model(1, "c3")))
    with pytest.raises(InputError, match=rf"2 of 3 models of synset {CAR} have no model\.obj"):
        listing(tmp_path).models(["car"])


@pytest.mark.parametrize("above", ["ShapeNetCore.v2", "ShapeNetCore.v2/ShapeNetCore.v2", "a/b/c"])
def test_synsets_may_lie_some_folders_deeper(tmp_path, above):
    put(tmp_path / above, under(CAR, files_of_model(2, "c1")))
    pack(tmp_path / above / f"{RIFLE}.zip", files_of_model(2, "r1"))
    source = listing(tmp_path, 2)
    assert [model.origin for model in source.models(["car", "rifle"])[0]] == [
        f"{CAR}/c1/{MESH[2]}",
        f"{RIFLE}/r1/{MESH[2]}",
    ]
    assert source.files_of("car", "c1") == [
        tmp_path / above / CAR / "c1" / name for name in (MESH[2], MTL[2])
    ]
    assert source.files_of("rifle", "r1") == [tmp_path / above / f"{RIFLE}.zip"]


def test_a_zip_file_that_is_cut_off_is_named(tmp_path):
    pack(tmp_path / f"{CAR}.zip", under(CAR, files_of_model(1, "c1")))
    whole = (tmp_path / f"{CAR}.zip").read_bytes()
    (tmp_path / f"{CAR}.zip").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(InputError, match=rf"{CAR}\.zip: no zip file: expected a whole zip file"):
        listing(tmp_path).models(["car"])


def test_all_models_are_asked_for_by_their_published_number(tmp_path):
    put(tmp_path, under(CAR, files_of_model(1, "c1")) | under(RIFLE, files_of_model(1, "r1")))
    expected = r"not all models .* expected car 7497, rifle 2373, found car 1, rifle 1\. Bring"
    with pytest.raises(InputError, match=expected):
        listing(tmp_path, counts="full").models(["car", "rifle"])
    part = listing(tmp_path)
    assert len(part.models(["car", "rifle"])[0]) == 2
    assert part.notes(["rifle"]) == ["rifle: 1 of 2373 published models"]


def test_models_left_out_by_the_settings_count_as_there(tmp_path, monkeypatch):
    counts = {"rifle": 3}
    monkeypatch.setattr("ige.shapes.shapenet_counts.published_counts", lambda version: counts)
    put(tmp_path, under(RIFLE, files_of_model(1, "r1") | files_of_model(1, "r2") | {"r3/model.mtl": ""}))
    models, skipped = listing(tmp_path, counts="full", r2="empty", r3="lost").models(["rifle"])
    assert [model.id for model in models] == ["r1"]
    assert [row.id for row in skipped] == ["rifle/r2", "rifle/r3"]
    with pytest.raises(InputError, match="expected rifle 3, found rifle 2"):
        listing(tmp_path, counts="full", r2="empty").models(["rifle"])


@pytest.mark.parametrize("name", ["c1.obj", "c1/model.obj"])
def test_a_repaired_mesh_is_taken_in_place_of_the_faulty_one(tmp_path, name):
    put(tmp_path, under(CAR, files_of_model(1, "c1") | files_of_model(1, "c2")))
    assert listing(tmp_path, repairs=["c1"]).notes(["car"])[-1] == (
        f"car/c1: known to be faulty (torn), and no repaired mesh at {tmp_path / 'repaired' / CAR / 'c1.obj'}"
    )
    mesh = f"repaired/{CAR}/{name}"
    put(tmp_path, {mesh: "v 1 1 1\n", mesh.replace(".obj", ".mtl"): ""})
    source = listing(tmp_path, repairs=["c1"])
    models, skipped = source.models(["car"])
    assert [model.origin for model in models] == [mesh, f"{CAR}/c2/model.obj"]
    assert skipped == []
    store, path = source.file_of("car", "c1")
    assert store.read(path) == b"v 1 1 1\n"
    assert source.files_of("car", "c1") == [tmp_path / mesh, tmp_path / mesh.replace(".obj", ".mtl")]
    assert source.notes(["car"])[-1] == "car/c1: the repaired mesh is taken (torn)"


def test_repaired_meshes_that_nobody_asked_for_are_told(tmp_path):
    put(tmp_path, under(CAR, files_of_model(1, "c1")) | {f"repaired/{CAR}/c1.obj": ""})
    source = listing(tmp_path)
    assert source.models(["car"])[0][0].origin == f"{CAR}/c1/model.obj"
    assert source.notes(["car"])[-1].endswith("does not name are not taken: c1")


def test_a_model_with_a_repaired_mesh_alone_is_there(tmp_path):
    put(tmp_path, {f"repaired/{CAR}/c1.obj": ""} | under(CAR, files_of_model(1, "c2")))
    assert [model.id for model in listing(tmp_path, repairs=["c1"]).models(["car"])[0]] == ["c1", "c2"]


@pytest.mark.parametrize("version", [1, 2])
@pytest.mark.parametrize("kind", ["folders", "zips", "archive", "nested"])
def test_written_trees_load_as_the_shapes_that_they_were_made_from(tmp_path, version, kind):
    ids = write_shapenet(tmp_path, version=version, kind=kind, categories=["car", "rifle"], models=4)
    settings = ShapeNetSettings(
        version=version, counts="part", skip_ids={EMPTY_RIFLE: "empty"}, repairs={FAULTY_CAR: "torn"}
    )
    models, skipped = ShapeNetListing(tmp_path, settings).models(["car", "rifle"])
    assert [model.id for model in models] == ids["car"] + ids["rifle"]
    assert [row.id for row in skipped] == [f"rifle/{EMPTY_RIFLE}"]
    assert FAULTY_CAR in ids["car"]
    source = ShapeSource(settings, tmp_path)
    for number in range(4):
        mesh, made = source.load("car", model_id("car", number)), generate_one("car", number, 0)
        mine, theirs = (np.sort(each.vertices[each.faces].mean(axis=1), axis=0) for each in (mesh, made))
        np.testing.assert_allclose(mine, theirs, atol=1e-6)
        grey = number in (WITHOUT_MTL, WITHOUT_MATERIALS)
        assert (len(np.unique(mesh.face_colours, axis=0)) == 1) == grey
    with pytest.raises(InputError, match=EMPTY_RIFLE):
        source.load("rifle", EMPTY_RIFLE)


@pytest.fixture
def nested(tmp_path):
    """Version 1 as one zip file of zip files, with other things that lie in it."""
    files = {
        f"ShapeNetCore.v1/{CAR}.zip": packed(under(CAR, files_of_model(1, "c1"))),
        f"ShapeNetCore.v1/{RIFLE}.zip": packed(files_of_model(1, "r1")),
        f"__MACOSX/._{CAR}.zip": b"litter",
        "ShapeNetCore.v1/taxonomy.json": b"{}",
    }
    pack(tmp_path / "ShapeNetCore.v1.zip", files)
    return tmp_path


def test_zip_files_inside_a_zip_file_are_read_where_they_lie(nested):
    source = listing(nested)
    assert [model.id for model in source.models(["car", "rifle"])[0]] == ["c1", "r1"]
    assert source.files_of("car", "c1") == source.files_of("rifle", "r1") == [nested / "ShapeNetCore.v1.zip"]
    store, path = source.file_of("car", "c1")
    assert store.where(path) == f"{nested}/ShapeNetCore.v1.zip/ShapeNetCore.v1/{CAR}.zip/{CAR}/c1/model.obj"
    for each in (store, pickle.loads(pickle.dumps(store))):
        assert each.read(path) == files_of_model(1, "c1")["c1/model.obj"].encode()
    assert sorted(path.name for path in nested.iterdir()) == ["ShapeNetCore.v1.zip"]
    put(nested, under(f"deep/{CAR}", files_of_model(1, "c1") | files_of_model(1, "c2")))
    source = listing(nested)
    assert [model.id for model in source.models(["car"])[0]] == ["c1", "c2"]
    assert source.files_of("car", "c1")[0] == nested / "deep" / CAR / "c1" / "model.obj"


def test_a_nested_zip_file_of_another_synset_is_not_opened(tmp_path):
    inner = {f"{CAR}.zip": packed(files_of_model(1, "c1")), f"{RIFLE}.zip": b"damaged"}
    pack(tmp_path / "all.zip", inner)
    assert [model.id for model in listing(tmp_path).models(["car"])[0]] == ["c1"]
    with pytest.raises(InputError, match=rf"all\.zip/{RIFLE}\.zip: no zip file"):
        listing(tmp_path).models(["rifle"])


def test_the_other_version_is_recognised_in_nested_zip_files(nested):
    with pytest.raises(InputError, match=r"1 models of synset .*, all of the other version"):
        listing(nested, version=2).models(["car"])


def test_compressed_zip_files_inside_a_zip_file_are_refused(tmp_path):
    inner = {f"ShapeNetCore.v1/{CAR}.zip": packed(files_of_model(1, "c1"))}
    pack(tmp_path / "ShapeNetCore.v1.zip", inner, zipfile.ZIP_DEFLATED)
    with pytest.raises(InputError, match=r"zip files inside a zip file.*Extract it once") as caught:
        listing(tmp_path).models(["car"])
    assert "\n" not in str(caught.value)


def test_zip_files_two_deep_are_refused(tmp_path):
    inner = packed({f"{CAR}.zip": packed(files_of_model(1, "c1"))})
    for name in (f"{CAR}.zip", "all.zip"):
        pack(tmp_path / "outer.zip", {name: inner})
        with pytest.raises(InputError, match=rf"{name} compressed or with more zip files.*Extract it once"):
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
