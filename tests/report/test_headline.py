import pytest

from ige.base.errors import InputError
from ige.report.headline import headline
from ige.report.tables import tabulate_poses
from ige.report.voxel_comparisons import write_comparisons
from ige.report.voxel_tables import tabulate_shapes


@pytest.fixture
def lines(tmp_path, pose_settings):
    def call(scores):
        csv = tmp_path / "poses.csv"
        others = {"markdown": tmp_path / "md", "latex": tmp_path / "tex"}
        tabulate_poses(scores=scores, settings=pose_settings, csv=csv, **others)
        return headline([csv]).splitlines()

    return call


def test_rows_are_aligned(lines, two_seeds):
    assert lines(two_seeds) == [
        "Procrustes error in mm on generated motion (procedural), n = 300, mean of 2 seeds.",
        "Published errors are of Human3.6M: compare how they fall, not their values.",
        "",
        "model         T        error  published  difference",
        "mean-pose        130.0 ± 0.0",
        "lifter-128-1      81.0 ± 1.4         75        +6.0",
        "ige-t2        2   51.5 ± 2.1         44        +7.5",
        "ige-t2        1   53.5 ± 2.1",
    ]


def test_one_seed_on_the_published_data(lines, folder, make_row):
    scores = [folder.score("lifter-128-1", 0, [make_row(70.0)], data="h36m")]
    scores.append(folder.score("ige-t2", 0, [make_row(None, steps=2)], data="h36m"))
    assert lines(scores) == [
        "Procrustes error in mm on Human3.6M, n = 300, one seed.",
        "",
        "model         T       error  published  difference",
        "lifter-128-1           70.0         75        -5.0",
        "ige-t2        2  not finite         44",
    ]


def test_observations_have_a_column_where_there_are_several(lines, folder, make_row):
    scores = [folder.score("lifter-128-1", 0, [make_row(70.0)])]
    scores.append(folder.score("lifter-128-1", 0, [make_row(90.0, frames=299)], observation_name="sh"))
    assert lines(scores) == [
        "Procrustes error in mm on generated motion (procedural), n = 300 (projection) and 299 (sh), "
        "one seed.",
        "Published errors are of Human3.6M: compare how they fall, not their values.",
        "",
        "model         observation  T  error  published  difference",
        "lifter-128-1   projection      70.0         75        -5.0",
        "lifter-128-1           sh      90.0",
    ]


@pytest.fixture
def shapes(tmp_path, voxel_settings):
    """Write shapes.csv and shapes-comparisons.csv."""

    def call(scores):
        csv, comparisons = tmp_path / "shapes.csv", tmp_path / "shapes-comparisons.csv"
        others = {"markdown": tmp_path / "md", "latex": tmp_path / "tex"}
        tabulate_shapes(scores=scores, settings=voxel_settings, csv=csv, comparisons=comparisons, **others)
        return csv, comparisons

    return call


def test_reconstructions_and_whether_the_energy_helps(shapes, voxel_scores):
    assert headline(shapes(voxel_scores)).splitlines() == [
        "IoU in % of reconstructions of generated shapes (procedural), n = 4 views, mean of 2 seeds.",
        "",
        "model        cells per side  by volume  of silhouettes",
        "mean-shape               32       25.0            45.0",
        "deconv-long              32       46.0            66.0",
        "head                     32       48.0            68.0",
        "ige                      32       51.0            71.0",
        "ceiling                  32       75.0            95.0",
        "",
        "Does the energy help? On 4 test shapes ige is better than deconv-long: +5.00 (95 %: +5.00 to +5.00) "
        "points of IoU; of silhouettes +5.00 (95 %: +5.00 to +5.00).",
        "Does the energy help? On 4 test shapes ige is better than head: +3.00 (95 %: +3.00 to +3.00) "
        "points of IoU; of silhouettes +3.00 (95 %: +3.00 to +3.00).",
    ]


def test_only_the_finest_resolution_is_compared(shapes, voxels):
    scores = [
        voxels.score(model, 0, [iou] * 4, resolution=size)
        for size, more in ((16, 0.1), (32, -0.1))
        for model, iou in (("head", 0.5), ("ige", 0.5 + more))
    ]
    comparisons = headline(shapes(scores)[1:]).splitlines()
    assert len(comparisons) == 1
    assert "ige is worse than head: -10.00 (95 %: -10.00 to -10.00) points" in comparisons[0]


def test_controls_of_another_start_do_not_judge_the_energy(shapes, voxels):
    scores = [voxels.score("head", 0, [0.4] * 4, initial="deconv-i4"), voxels.score("ige", 0, [0.5] * 4)]
    assert headline(shapes(scores)[1:]) == ""


def test_models_of_some_categories_have_fewer_views(shapes, voxels):
    cars = [("car", "a", 0)]
    scores = [voxels.score("head", 0, [0.5] * 4), voxels.score("ige-1", 0, [0.5], keys=cars, category="car")]
    assert "n = 1 to 4 views, one seed." in headline(shapes(scores)[:1])


def test_tables_stand_below_one_another(shapes, voxel_scores, lines, two_seeds, tmp_path):
    poses = lines(two_seeds)
    csv, comparisons = shapes(voxel_scores)
    write_comparisons(comparisons, [])
    text = headline([tmp_path / "poses.csv", csv, comparisons])
    assert text.startswith("\n".join(poses) + "\n\nIoU in % of")
    assert text.endswith("95.0")


def test_other_tables_are_refused(tmp_path):
    (tmp_path / "a.csv").write_text("model,error\n")
    with pytest.raises(InputError, match=r"a\.csv: no table that has a headline: .* found the columns model"):
        headline([tmp_path / "a.csv"])
    with pytest.raises(InputError, match="no such file"):
        headline([tmp_path / "b.csv"])
