from dataclasses import replace

import pytest

from ige.base.errors import InputError
from ige.report.voxel_comparisons import compare, read_comparisons
from ige.report.voxel_findings import voxel_findings
from ige.report.voxel_rows import read_rows, voxel_rows
from ige.report.voxel_scores import read_voxel_scores
from ige.report.voxel_section import VoxelFiles, voxel_section
from ige.report.voxel_tables import tabulate_shapes

SHAPES = (("car", "a", 0), ("car", "b", 0), ("plane", "c", 0), ("plane", "d", 0))


@pytest.fixture
def files(tmp_path, voxel_scores, voxel_settings):
    csv, comparisons = tmp_path / "shapes.csv", tmp_path / "shapes-comparisons.csv"
    other = {"markdown": tmp_path / "md", "latex": tmp_path / "tex"}
    tabulate_shapes(scores=voxel_scores, csv=csv, comparisons=comparisons, settings=voxel_settings, **other)
    figures = [tmp_path / f"{name}.{kind}" for name in "abcd" for kind in ("png", "svg")]
    for figure in figures:
        figure.write_text(figure.name)
    return VoxelFiles(csv, comparisons, tuple(voxel_scores), tuple(figures))


def findings_of(paths, settings):
    scores, setting = read_voxel_scores(paths)
    return voxel_findings(voxel_rows(scores, setting, settings, []), compare(scores, settings), scores)


def test_it_holds_tables_notes_and_figures(files, voxel_settings):
    section = voxel_section(files, voxel_settings)
    assert section.tables[0].title == "All models"
    assert [each.is_open for each in section.tables] == [True, True, True, False, False]
    assert all(each.lines[0].startswith("Test: generated shapes") for each in section.tables)
    lines = section.tables[0].table.lines
    assert [line.series for line in lines] == ["baseline", "deconv", "head", "ige", "baseline"]
    kinds = [figure.uri.split(";")[0] for figure in section.figures]
    assert kinds == ["data:image/png", *["data:image/svg+xml"] * 3]
    assert "ShapeNet at 256" in section.caution
    assert "ige from 50.0 to 53.0 %" in section.figures[1].alt
    assert "ige 51.0 % and 71.0 %" in section.figures[2].alt


def test_other_figures_or_tables_are_refused(files, voxel_settings, voxels):
    with pytest.raises(InputError, match=r"expected 8 files, found a\.png"):
        voxel_section(replace(files, figures=files.figures[:1]), voxel_settings)
    other = replace(files, scores=(voxels.score("ige-max", 0, [0.5] * 4),))
    with pytest.raises(InputError, match="of other models than the scores"):
        voxel_section(other, voxel_settings)


def test_findings_say_best_baselines_gain_and_errors(files):
    scores, _ = read_voxel_scores(files.scores)
    found = voxel_findings(read_rows(files.csv), read_comparisons(files.comparisons), scores)
    assert found == [
        "At 32 cells per side ige reconstructs best of the models that learn: 51.0 % mean IoU (cells by "
        "volume) and 71.0 % of the silhouettes. The truth itself, at so many cells, has 75.0 %.",
        "Without a net: the mean of the training grids gives 25.0 % (mean-shape).",
        "Does the energy help? On 4 test shapes ige is better than deconv-long: +5.00 (95 %: +5.00 to +5.00) "
        "points of IoU; of silhouettes +5.00 (95 %: +5.00 to +5.00).",
        "Does the energy help? On 4 test shapes ige is better than head: +3.00 (95 %: +3.00 to +3.00) "
        "points of IoU; of silhouettes +3.00 (95 %: +3.00 to +3.00).",
        "What is wrong in ige, in parts of the union of answer and truth: 24.5 % missed, 19.6 % false but "
        "hidden along the rays of the object, 4.9 % false where the image shows nothing.",
    ]


@pytest.mark.parametrize(
    ("ious", "words"),
    [
        ([0.4, 0.4, 0.4, 0.3], "ige is worse than deconv-long"),
        ([0.4, 0.6, 0.6, 0.4], "ige cannot be told apart from deconv-long"),
    ],
)
def test_findings_do_not_praise_what_is_not_better(voxels, voxel_settings, ious, words):
    paths = [voxels.score("deconv-long", 0, [0.5] * 4), voxels.score("ige", 0, ious)]
    assert any(words in text for text in findings_of(paths, voxel_settings))


@pytest.mark.parametrize(
    ("model", "facts", "told"),
    [
        ("deconv-long", {"initial": "deconv"}, True),
        ("deconv-long", {"initial": "deconv-i4"}, False),
        ("deconv-long", {"initial": None}, False),
        ("deconv", {"initial": None}, False),
        ("head", {"initial": "deconv"}, True),
        ("head", {"initial": "deconv-i4"}, False),
        ("ige-max", {"initial": "deconv"}, False),
        ("mean-shape", {"initial": None}, False),
    ],
)
def test_the_energy_is_judged_beside_controls_of_the_same_start_alone(
    voxels, voxel_settings, model, facts, told
):
    settings = voxel_settings.model_copy(update={"references": (model,)})
    paths = [voxels.score(model, 0, [0.4] * 4, **facts), voxels.score("ige", 0, [0.5] * 4)]
    found = findings_of(paths, settings)
    assert any(f"ige is better than {model}" in text for text in found) == told
    scores, _ = read_voxel_scores(paths)
    assert {(each.model, each.reference) for each in compare(scores, settings)} == {("ige", model)}


def test_the_best_is_one_of_those_that_saw_the_whole_test(voxels, voxel_settings):
    planes = (("plane", "c", 0), ("plane", "d", 0))
    paths = [
        voxels.score("mean-shape", 0, [0.2] * 4),
        voxels.score("deconv", 0, [0.5, 0.5, 0.3, 0.3]),
        voxels.score("ige-1", 0, [0.8, 0.8], keys=SHAPES[:2], category="car"),
        voxels.score("nearest-silhouette", 0, [0.7] * 2, keys=planes),
    ]
    found = findings_of(paths, voxel_settings)
    assert found[0].startswith(
        "At 32 cells per side deconv reconstructs best of the models that learn and were tested on all 4 "
        "views: 40.0 % mean IoU"
    )
    assert found[1] == "Without a net: the mean of the training grids gives 20.0 % (mean-shape)."
    assert found[-1].startswith("What is wrong in deconv")


def test_without_models_that_learn_nothing_is_found(voxels, voxel_settings):
    assert findings_of([voxels.score("mean-shape", 0, [0.5] * 4)], voxel_settings) == []
