import pytest

from ige.report.headline import headline
from ige.report.tables import tabulate_poses


@pytest.fixture
def lines(tmp_path, pose_settings):
    def call(scores):
        csv = tmp_path / "poses.csv"
        others = {"markdown": tmp_path / "md", "latex": tmp_path / "tex"}
        tabulate_poses(scores=scores, settings=pose_settings, csv=csv, **others)
        return headline(csv).splitlines()

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
