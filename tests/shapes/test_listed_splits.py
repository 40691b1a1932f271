from collections import Counter

import pytest
from shapenet_trees import EMPTY_RIFLE, write_shrec16

from ige.base.errors import InputError
from ige.params import stages
from ige.shapes.manifest import list_shapes, prepare_manifest
from ige.shapes.shapenet import SYNSETS
from ige.shapes.split_lists import list_path

CARS = [f"{number * 37 % 256:032x}" for number in range(20)]
RIFLES = [EMPTY_RIFLE, *(f"{number:032x}" for number in range(5))]


@pytest.fixture
def folder(tmp_path):
    add(tmp_path / "shapenet", "car", CARS)
    add(tmp_path / "shapenet", "rifle", RIFLES)
    return tmp_path / "shapenet"


@pytest.fixture
def lists(tmp_path):
    return tmp_path / "splits"


@pytest.fixture
def settings(changed, monkeypatch):
    """Settings of a ShapeNet that is whole with twenty cars and six rifles."""
    published = {"car": len(CARS), "rifle": len(RIFLES)}
    monkeypatch.setattr(
        "ige.shapes.shapenet_counts.published_counts", lambda version: published if version == 1 else {}
    )

    def make(lists="r2n2", counts="full", version=1, **splits):
        shapes = {
            "source": "shapenet",
            "categories": ["rifle", "car"],
            "shapenet": {"version": version, "counts": counts},
            "splits": {"lists": lists, **splits},
        }
        return stages.prepare_manifest(changed({"shapes": shapes}))

    return make


def add(folder, category, ids, mesh="model.obj"):
    for id in ids:
        path = folder / SYNSETS[category] / id / mesh
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


def remove(folder, category, id):
    (folder / SYNSETS[category] / id / "model.obj").unlink()
    (folder / SYNSETS[category] / id).rmdir()


def prepare(folder, lists, settings, tmp_path):
    out, skipped = tmp_path / "manifest.csv", tmp_path / "skipped.csv"
    prepare_manifest(folder=folder, out=out, skipped=skipped, settings=settings, splits=lists)
    return out.read_bytes(), skipped.read_bytes()


def splits_of(manifest, category):
    return {entry.id: entry.split for entry in manifest.entries if entry.category == category}


@pytest.mark.parametrize("kind", ["r2n2", "shrec16"])
@pytest.mark.parametrize(("counts", "ending"), [("full", ""), ("part", "-part")])
def test_the_manifest_is_the_same_before_and_after_the_lists_are_made(
    folder, lists, settings, tmp_path, kind, counts, ending
):
    write_shrec16(folder, {"car": CARS, "rifle": RIFLES})
    chosen, place = settings(kind, counts), lists / f"shapenet-v1-{kind}{ending}"
    before = list_shapes(chosen, folder, lists)
    assert not lists.exists()
    first = prepare(folder, lists, chosen, tmp_path)
    (folder / "all.csv").unlink()
    after = list_shapes(chosen, folder, lists)
    assert (after.entries, after.skipped, after.notes) == (before.entries, before.skipped, before.notes)
    assert [new.category for new in before.new_lists] == ["rifle", "car"]
    assert after.new_lists == ()
    assert list(lists.iterdir()) == [place]
    files = {path.name: path.read_bytes() for path in place.iterdir()}
    assert len(files) == 6
    assert prepare(folder, lists, chosen, tmp_path) == first
    assert files == {path.name: path.read_bytes() for path in place.iterdir()}


def test_r2n2_trains_on_the_first_four_fifths_of_the_ids_in_order(folder, lists, settings):
    cars = splits_of(list_shapes(settings(), folder, lists), "car")
    ordered = sorted(CARS)
    assert [id for id in ordered if cars[id] == "test"] == ordered[16:]
    assert Counter(cars.values()) == {"train": 14, "validation": 2, "test": 4}
    # The rifle without geometry is left out before the cut.
    assert Counter(splits_of(list_shapes(settings(), folder, lists), "rifle").values())["test"] == 1


def test_shrec16_follows_the_table(folder, lists, settings, tmp_path):
    written = write_shrec16(folder, {"car": CARS, "rifle": RIFLES}, padded=False)
    cars = splits_of(list_shapes(settings("shrec16"), folder, lists), "car")
    assert sorted(id for id in cars if cars[id] == "validation") == sorted(written["car"]["val"])
    prepare(folder, lists, settings("shrec16"), tmp_path)
    listed = list_path(lists / "shapenet-v1-shrec16", "car", "test").read_text().split()
    assert listed == sorted(written["car"]["test"])


def test_lists_decide_and_no_model_of_an_incomplete_set_changes_its_split(folder, lists, settings, tmp_path):
    prepare(folder, lists, settings(), tmp_path)
    whole = splits_of(list_shapes(settings(), folder, lists), "car")
    remove(folder, "car", sorted(CARS)[3])
    part = list_shapes(settings(counts="part"), folder, lists)
    assert splits_of(part, "car") == {id: its for id, its in whole.items() if id != sorted(CARS)[3]}
    gone = f"car/{sorted(CARS)[3]}"
    row = next(row for row in part.skipped if row.id == gone)
    assert row.reason == "listed in train of shapenet-v1-r2n2, not in the folder"
    assert any("1 listed and not in the folder" in note for note in part.notes)
    with pytest.raises(InputError, match="expected car 20, found car 19"):
        list_shapes(settings(), folder, lists)


def test_lists_of_a_part_never_become_those_of_the_whole(folder, lists, settings, tmp_path):
    first = sorted(CARS)[0]
    remove(folder, "car", first)
    prepare(folder, lists, settings(counts="part"), tmp_path)
    add(folder, "car", CARS)
    grown = list_shapes(settings(counts="part"), folder, lists)
    assert [row.reason for row in grown.skipped if row.id == f"car/{first}"] == [
        "in no list of shapenet-v1-r2n2-part"
    ]
    whole = list_shapes(settings(), folder, lists)
    assert splits_of(whole, "car")[first] == "train"
    assert [new.category for new in whole.new_lists] == ["rifle", "car"]
    assert whole.lists_folder == lists / "shapenet-v1-r2n2"
    prepare(folder, lists, settings(), tmp_path)
    # From then on a part follows the whole.
    assert list_shapes(settings(counts="part"), folder, lists).entries == whole.entries


def test_a_part_takes_each_category_from_the_whole_where_that_has_lists(folder, lists, settings, tmp_path):
    prepare(folder, lists, settings(), tmp_path)
    for path in (lists / "shapenet-v1-r2n2").glob("car-*.txt"):
        path.unlink()
    part = list_shapes(settings(counts="part"), folder, lists)
    assert [new.category for new in part.new_lists] == ["car"]
    assert part.lists_folder == lists / "shapenet-v1-r2n2-part"


def test_a_part_is_not_cut_where_some_lists_of_the_whole_are_gone(folder, lists, settings, tmp_path):
    prepare(folder, lists, settings(), tmp_path)
    list_path(lists / "shapenet-v1-r2n2", "car", "train").unlink()
    remove(folder, "car", sorted(CARS)[-1])
    with pytest.raises(InputError, match=r"shapenet-v1-r2n2: some of the lists of car .*car-train\.txt"):
        list_shapes(settings(counts="part"), folder, lists)


@pytest.mark.parametrize(("counts", "ending"), [("full", ""), ("part", "-part")])
def test_version_2_is_not_checked_and_that_is_told(tmp_path, lists, settings, counts, ending):
    add(tmp_path / "shapenet", "car", CARS[:7], "models/model_normalized.obj")
    add(tmp_path / "shapenet", "rifle", RIFLES, "models/model_normalized.obj")
    manifest = list_shapes(settings(counts=counts, version=2), tmp_path / "shapenet", lists)
    assert manifest.lists_folder == lists / f"shapenet-v2-r2n2{ending}"
    assert "numbers of models are not checked: none are known of this version" in manifest.notes


def test_lists_of_the_whole_that_do_not_fit_it_are_refused(folder, lists, settings, tmp_path):
    prepare(folder, lists, settings(), tmp_path)
    first = sorted(CARS)[0]
    train = list_path(lists / "shapenet-v1-r2n2", "car", "train")
    train.write_text(train.read_text().replace(f"{first}\n", ""))
    with pytest.raises(
        InputError, match=rf"the lists of car .* the same 19 models, found 1 in no list.*{first}"
    ):
        list_shapes(settings(), folder, lists)


def test_lists_that_are_cut_of_a_part_are_told_as_such(folder, lists, settings, tmp_path):
    def cautions(chosen):
        notes = list_shapes(chosen, folder, lists).notes
        return [note for note in notes if "another split" in note]

    write_shrec16(folder, {"car": CARS, "rifle": RIFLES})
    part = settings(counts="part")
    assert cautions(part) == []
    remove(folder, "car", sorted(CARS)[0])
    assert cautions(settings("shrec16", counts="part")) == []
    told = [
        "car: r2n2 is cut of 19 of 20 models here, another split than that of all;"
        f" its lists are in {lists / 'shapenet-v1-r2n2-part'}"
    ]
    assert cautions(part) == told
    prepare(folder, lists, part, tmp_path)
    assert cautions(part) == []


def test_the_same_number_of_other_models_is_refused(folder, lists, settings, tmp_path):
    prepare(folder, lists, settings(), tmp_path)
    remove(folder, "car", CARS[0])
    add(folder, "car", ["e" * 32])
    with pytest.raises(InputError, match=rf"1 in no list, e\.g\. {'e' * 32}, 1 listed and not in the folder"):
        list_shapes(settings(), folder, lists)


def test_models_that_the_table_does_not_have_are_left_out(folder, lists, settings):
    write_shrec16(folder, {"car": CARS[1:], "rifle": [*RIFLES, "f" * 32]})
    manifest = list_shapes(settings("shrec16"), folder, lists)
    assert len(splits_of(manifest, "car")) == 19
    assert [(row.id, row.reason) for row in manifest.skipped] == [
        (f"car/{CARS[0]}", "in no list of shapenet-v1-shrec16"),
        (f"rifle/{EMPTY_RIFLE}", "left out by the settings: no geometry in the file (rifle)"),
        (f"rifle/{'f' * 32}", "listed in train of shapenet-v1-shrec16, not in the folder"),
    ]


def test_an_overlap_in_the_lists_is_named(folder, lists, settings, tmp_path):
    prepare(folder, lists, settings(), tmp_path)
    test = list_path(lists / "shapenet-v1-r2n2", "car", "test")
    test.write_text(test.read_text() + sorted(CARS)[0] + "\n")
    with pytest.raises(InputError, match=f"the model {sorted(CARS)[0]} is in two splits"):
        list_shapes(settings(), folder, lists)


def test_lists_that_someone_edited_decide_and_it_is_told(folder, lists, settings, tmp_path):
    prepare(folder, lists, settings(), tmp_path)
    train, held = (list_path(lists / "shapenet-v1-r2n2", "car", split) for split in ("train", "validation"))
    moved, *rest = train.read_text().split()
    train.write_text("\n".join(rest))
    held.write_text(f"{moved}\n{held.read_text()}")
    manifest = list_shapes(settings(), folder, lists)
    assert splits_of(manifest, "car")[moved] == "validation"
    assert any("3 models validate as the lists say" in note for note in manifest.notes)


def test_a_list_that_is_gone_comes_back_the_same(folder, lists, settings, tmp_path):
    prepare(folder, lists, settings(), tmp_path)
    path = list_path(lists / "shapenet-v1-r2n2", "car", "validation")
    content = path.read_bytes()
    path.unlink()
    prepare(folder, lists, settings(), tmp_path)
    assert path.read_bytes() == content


def test_nothing_is_written_of_an_incomplete_set(folder, lists, settings, tmp_path):
    remove(folder, "car", CARS[0])
    with pytest.raises(InputError, match="not all models"):
        prepare(folder, lists, settings(), tmp_path)
    assert not lists.exists()


def test_a_category_without_models_gets_no_lists(folder, lists, settings, tmp_path):
    for id in CARS:
        remove(folder, "car", id)
    prepare(folder, lists, settings(counts="part"), tmp_path)
    names = {path.name for path in (lists / "shapenet-v1-r2n2-part").iterdir()}
    assert names == {"rifle-train.txt", "rifle-validation.txt", "rifle-test.txt"}


def test_ids_in_several_categories_and_splits_are_told(folder, lists, settings):
    twice = sorted(CARS)[-1]
    add(folder, "rifle", [twice, "f" * 32])
    notes = list_shapes(settings(counts="part"), folder, lists).notes
    assert f"1 ids are in several categories, in different splits: {twice}" not in notes
    add(folder, "rifle", ["e" * 31 + str(number) for number in range(9)])
    notes = list_shapes(settings(counts="part"), folder, lists).notes
    assert f"1 ids are in several categories, in different splits: {twice}" in notes


@pytest.mark.parametrize("wrong", [{"order": "hash"}, {"test_share": 0.3}])
def test_r2n2_is_cut_as_published(folder, lists, settings, wrong):
    with pytest.raises(InputError, match=r"r2n2, which cuts ids in order.*order id and test_share 0\.2"):
        list_shapes(settings(**wrong), folder, lists)


def test_the_table_must_be_there_and_name_the_models(folder, lists, settings):
    with pytest.raises(InputError, match=r"no all\.csv, the table of splits"):
        list_shapes(settings("shrec16"), folder, lists)
    write_shrec16(folder / "downloaded", {"car": ["1", "2"], "rifle": RIFLES})
    with pytest.raises(
        InputError, match=r"no model of car .*ids like .*found 2 rows of the synset, e\.g\. 1"
    ):
        list_shapes(settings("shrec16"), folder, lists)


def test_lists_need_shapenet_and_a_folder(folder, settings, changed):
    with pytest.raises(InputError, match="--splits"):
        list_shapes(settings(), folder)
    generated = stages.prepare_manifest(changed({"shapes": {"splits": {"lists": "r2n2"}}}))
    with pytest.raises(InputError, match="whose lists are of ShapeNet"):
        list_shapes(generated, None, folder)
