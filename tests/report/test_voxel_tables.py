import re

import pytest

from ige.report.voxel_tables import tabulate_shapes

MODELS = """\
| model | cells per side | T | IoU by volume (%) | IoU by cell (%) | IoU in the world (%) |\
 silhouette IoU (%) | F-score (%) | missed (%) | false, hidden (%) | false, seen (%) | threshold |\
 parameters (M) | multiply-adds (M) | n |
| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
| mean-shape | 32 |  | 25.0 | 26.0 | 27.0 | 45.0 | 15.0 | 37.5 | 30.0 | 7.5 | 0.40 |  |  | 4 |
| deconv-long | 32 |  | 46.0 ± 1.4 | 47.0 ± 1.4 | 48.0 ± 1.4 | 66.0 ± 1.4 | 36.0 ± 1.4 | 27.0 | 21.6 | 5.4 |\
 0.40 | 1.23 | 61.00 | 4 |
"""
COMPARED = """\
| head | deconv-long | 32 | +2.00 | +2.00 to +2.00 | +2.00 to +2.00 | +2.00 | +2.00 to +2.00 |\
 +2.00 to +2.00 | 4 | 4 |
"""
POSTER = """\
| IGE-I4\\_1 | published | 58.4 | 71.2 | 76.5 | 76.5 | 30.1 | 49.2 | 60.5 | 62.0 | 35.0 | 46.4 | 52.2 |\
 52.1 |  | published on ShapeNet |
| mean-shape | ours | 30.0 |  |  |  | 20.0 |  |  |  |  |  |  |  | 2/2/0 | procedural, in the frustum by\
 volume, at 64 cells per side |
"""
BY_CATEGORY = """\
| model | cells per side | all (n = 4) | car (n = 2) | plane (n = 2) |
| --- | ---: | ---: | ---: | ---: |
| mean-shape | 32 | 25.0 | 30.0 | 20.0 |
"""


@pytest.fixture
def tabulate(tmp_path, voxel_settings):
    def call(scores, **over):
        names = ("csv", "comparisons", "markdown", "latex")
        paths = {name: tmp_path / f"shapes.{name}" for name in names}
        tabulate_shapes(scores=scores, settings=voxel_settings.model_copy(update=over), **paths)
        return {name: path.read_text(encoding="utf-8") for name, path in paths.items()}

    return call


def test_the_tables_to_the_letter(tabulate, voxel_scores):
    text = tabulate(voxel_scores)["markdown"]
    for part in (MODELS, COMPARED, POSTER, BY_CATEGORY):
        assert part in text


def test_each_table_says_what_it_is_made_of(tabulate, voxel_scores):
    tables = tabulate(voxel_scores)
    head = (
        "Test: generated shapes (procedural), n = 4 views (first of each shape); compared at 64 cells per "
        "side; seeds 0 and 1; threshold of each model and seed chosen on the validation shapes."
    )
    assert len(re.findall("^## ", tables["markdown"], flags=re.MULTILINE)) == 5
    assert tables["markdown"].count(head) == 1 + 5, "in the notes, and above each table"
    assert tables["latex"].count(head) == 3, "below each table"
    assert "Protocol: IoU of cells." in tables["markdown"]
    assert "world coordinates, other renders, one category" in tables["markdown"]
    assert (
        "This run: generated shapes (procedural), split in order of ids, first view of each shape, 64 cells "
        "per side: no difference is given"
    ) in tables["markdown"]
    assert "threshold 0.5." in tabulate(voxel_scores, threshold="half")["markdown"]


def test_columns_that_nothing_brings_to_100_are_told(tabulate, voxels, voxel_scores):
    tables = tabulate(voxel_scores)
    notes = (
        "World: answers in the frustum are carried to the object's box by nearest cells, so that none can "
        "reach 100 % there. The truth itself reaches 77.0 % at 32 cells per side (ceiling).",
        "F-score: below 100 cells per side a cell is wider than the distance that counts, 1 % of the "
        "object's diagonal: a surface off by one cell is wrong. The truth itself reaches 65.0 % at 32 cells "
        "per side (ceiling).",
    )
    for note in notes:
        assert note in tables["markdown"].partition("## All models")[2].partition("## Mean IoU")[0]
        assert note.replace("%", r"\%") in tables["latex"]
    fine = [
        voxels.score("ige", 0, [0.5] * 4, resolution=128),
        voxels.score("deconv-world", 0, [0.5] * 4, resolution=128, coordinates="world"),
    ]
    text = tabulate(fine)["markdown"]
    assert (
        "reach 100 % there, nor answers in the world in the frustum. How far the truth itself comes is not "
        "known: no model of kind ceiling is in this run."
    ) in text
    assert "F-score: below" not in text


def test_generated_shapes_beside_meshes_are_told_above_each_table(tabulate, voxel_scores):
    text = tabulate(voxel_scores, source="folder", generated=True)["markdown"]
    heads = [line for line in text.splitlines() if "n = 4 views" in line]
    assert len(heads) == 6
    assert all(
        "; generated shapes train and validate beside the meshes, none tests;" in head for head in heads
    )
    assert "beside the meshes" not in tabulate(voxel_scores)["markdown"]


def test_the_pairs_that_tell_of_the_energy_are_named(tabulate, voxels, voxel_scores):
    text = tabulate(voxel_scores)["markdown"]
    assert "on the same categories: ige − deconv-long and ige − head. Other differences may" in text
    others = [voxels.score("head", 0, [0.4] * 4, initial="deconv-i4"), voxels.score("ige", 0, [0.5] * 4)]
    assert "What the energy does is not told: no reference" in tabulate(others)["markdown"]
    plain = [voxels.score("head", 0, [0.4] * 4), voxels.score("deconv-long", 0, [0.5] * 4)]
    assert "What the energy does" not in tabulate(plain)["markdown"]


def test_costs_of_models_by_category_are_those_of_one_net(tabulate, voxels):
    keys = [(category, "a", 0) for category in ("car", "plane")]
    parts = [voxels.score("ige-1", 0, [0.5], keys=[key], category=key[0]) for key in keys]
    whole = voxels.score("head", 0, [0.5] * 2, keys=keys)
    text = tabulate([whole, *parts])["markdown"]
    assert (
        "Parameters and multiply-adds are of one net; ige-1 at 32 has one for each of 2 categories." in text
    )
    assert "are of one net" not in tabulate([whole])["markdown"]


def test_latex_has_all_models_the_poster_and_the_differences(tabulate, voxel_scores):
    text = tabulate(voxel_scores)["latex"]
    labels = re.findall(r"\\label\{(.*?)\}", text)
    assert labels == ["tab:shapes-1", "tab:shapes-2", "tab:shapes-3"]
    assert r"IGE-MN\_13 & published & 57.8 & 68.8" in text
    assert r"OGN\_1 & published, other protocol & 64.1" in text
    assert "data and protocol" not in text
    assert r"deconv-long & 32 &  & 46.0 $\pm$ 1.4" in text


def test_on_shapenet_differences_stand_below_ours(tabulate, voxels, published_settings):
    keys = [(category, f"{category}-0", 0) for category in ("car", "plane", "table")]
    on = {"keys": keys, "data": "shapenet", "evaluation_resolution": 256}
    scores = [
        voxels.score("ige-mn-1", 0, [0.56, 0.307, 0.35], **on),
        voxels.score("head", 0, [0.5] * 3, **on),
    ]
    tables = tabulate(scores, **dict(published_settings))
    ours = "| ige-mn-1 | ours | 56.0 |  |  |  | 30.7 |  |  |  | 35.0 |  |  |  | 1/1/1 | shapenet (r2n2), in"
    difference = "| ige-mn-1 | difference | −1.0 |  |  |  | 0.0 |  |  |  | +1.4 |  |  |  |  |  |"
    lines = tables["markdown"].splitlines()
    place = next(place for place, line in enumerate(lines) if line.startswith(ours))
    assert lines[place - 1].startswith("| IGE-MN\\_1 | published | 57.0 | 70.3 |")
    assert lines[place + 1] == difference
    assert (
        "Difference: ours − published. Ours: ShapeNetCore version 1, split by the lists r2n2, first view of "
        "each shape, threshold of each model and seed chosen on the validation shapes. Which split, views "
        "and threshold the published values have is not known."
    ) in tables["markdown"]
    assert "no difference is given" not in tables["markdown"]
    assert "ige-mn-1,car,32,1,56.00,57.00,58.00,76.00,46.00,57,1,shapenet" in tables["csv"]


def test_a_resolution_that_the_poster_lacks_has_its_columns(tabulate, voxels):
    text = tabulate([voxels.score("ige", 0, [0.5] * 4, resolution=16)])["markdown"]
    assert "| car 16 | car 32 | car 64 | car 128 | car 256 |" in text
    assert "| ige | ours | 50.0 |  |  |  |  | 50.0 |" in text


def test_what_is_not_compared_is_told(tabulate, voxels, voxel_scores):
    cars = (("car", "a", 0), ("car", "b", 0))
    part = voxels.score("ige-1", 0, [0.6, 0.5], keys=cars, category="car", threshold=0.55)
    more = voxels.score("ige-1", 1, [0.6, 0.5], keys=cars, category="car", threshold=0.35)
    text = tabulate([*voxel_scores, part, more], references=("deconv-long", "gone"))["markdown"]
    assert "Not in this run, so nothing is compared with it: gone." in text
    assert "no reference was scored on the same examples: ige-1 at 32." in text
    assert "Tested on some categories alone: ige-1 at 32 (car)." in text
    assert "0.35 to 0.55" in text
    assert "n = 2 to 4 views" in text


def test_what_has_no_value_is_told(tabulate, voxels):
    text = tabulate([voxels.score("head", 0, [0.5, None, 0.4, 0.6], empty_truths=1)])["markdown"]
    assert "head at 32: iou\\_frustum\\_weighted of 1; " in text
    assert "The truth of 1 view fills no cell" in text
    assert "seed 0;" in text
    assert "±" not in text


def test_same_scores_same_bytes(tabulate, voxel_scores):
    assert tabulate(voxel_scores) == tabulate(voxel_scores)
