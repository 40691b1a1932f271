import pytest
from shapenet_trees import EMPTY_RIFLE, write_shapenet

from ige.params.shapes import ShapeNetSettings
from ige.shapes.shapenet_check import check_shapenet


def settings(version=1, counts="full"):
    return ShapeNetSettings(version=version, counts=counts, skip_ids={EMPTY_RIFLE: "empty"}, repairs={})


@pytest.fixture
def folder(tmp_path):
    write_shapenet(tmp_path, version=1, kind="zips", categories=["rifle", "sofa"], models=1)
    return tmp_path


def test_each_category_has_its_state(folder):
    (folder / "02958343.zip").write_bytes(b"PK cut off")
    found = check_shapenet(folder, settings(), ["rifle", "car", "table", "tree"])
    assert [(category, state) for category, state, *_ in found] == [
        ("rifle", "incomplete"), ("car", "incomplete"), ("table", "missing"), ("tree", "missing"),
    ]  # fmt: skip
    assert found[0].detail == "2 of 2373 published models"
    assert "02958343.zip: no zip file" in found[1].detail
    assert found[2].detail == "no 04379243.zip and no folder 04379243 of 8509 models"


def test_a_part_is_present_where_a_part_is_asked_for(folder):
    (rifle,) = check_shapenet(folder, settings(counts="part"), ["rifle"])
    assert rifle == ("rifle", "present", "2 of 2373 published models", 2)


def test_all_models_are_present(folder, monkeypatch):
    monkeypatch.setattr("ige.shapes.shapenet_check.published_counts", lambda version: {"rifle": 2})
    assert check_shapenet(folder, settings(), ["rifle"])[0].state == "present"


def test_the_other_version_is_told(folder):
    (rifle,) = check_shapenet(folder, settings(version=2), ["rifle"])
    assert rifle.state == "incomplete"
    assert "found version 1" in rifle.detail


def test_numbers_of_version_2_are_said_to_be_unknown(tmp_path):
    write_shapenet(tmp_path, version=2, kind="folders", categories=["sofa"], models=1)
    (sofa,) = check_shapenet(tmp_path, settings(version=2), ["sofa"])
    assert sofa == ("sofa", "present", "1 models, published number unknown", 1)


def test_without_a_folder_all_is_missing(tmp_path):
    assert [each.state for each in check_shapenet(tmp_path / "none", settings(), ["car", "sofa"])] == [
        "missing",
        "missing",
    ]


def test_categories_in_zip_files_inside_a_zip_file_are_told(tmp_path):
    write_shapenet(tmp_path, version=1, kind="nested", categories=["rifle", "sofa"], models=3)
    found = check_shapenet(tmp_path, settings(counts="part"), ["rifle", "sofa", "car"])
    assert [(each.state, each.detail) for each in found[:2]] == [
        ("present", "4 of 2373 published models"),
        ("present", "3 of 3173 published models"),
    ]
    assert found[2].state == "missing"
