import statistics

import pytest

from ige.base.errors import InputError
from ige.report.published import published_poses
from ige.report.rows import COLUMNS, mean, pose_rows, read_rows, spread, write_rows
from ige.report.scores import read_scores


@pytest.fixture
def rows(two_seeds):
    scores, setting = read_scores(two_seeds)
    return pose_rows(scores, setting.data, published_poses())


def test_the_columns_are_the_contract():
    assert ", ".join(COLUMNS) == (
        "model, observation, steps, subject, seeds, parameters, multiply_adds, pa_mpjpe_mm_by_frame, "
        "pa_mpjpe_mm_by_frame_std, opt_scale_mm_by_frame, n_mpjpe_mm_by_frame, mpjpe_mm_by_frame, "
        "pa_mpjpe_mm_by_action, published_pa_mpjpe_mm, frames, data"
    )


def test_seeds_become_mean_and_sample_deviation(rows):
    row = next(row for row in rows if row.model == "lifter-128-1" and row.subject == "all")
    assert row.seeds == 2
    assert row.pa_mpjpe_mm_by_frame == 81.0
    assert row.pa_mpjpe_mm_by_frame_std == pytest.approx(statistics.stdev([80.0, 82.0]))
    assert row.opt_scale_mm_by_frame == 91.0
    assert row.n_mpjpe_mm_by_frame == 86.0
    assert row.pa_mpjpe_mm_by_action == 82.0
    assert row.mpjpe_mm_by_frame is None
    assert next(row for row in rows if row.model == "mean-pose").mpjpe_mm_by_frame == 150.0


def test_published_errors_stand_beside_the_trained_steps_of_all_subjects_alone(rows):
    known = {(row.model, row.steps, row.subject): row.published_pa_mpjpe_mm for row in rows}
    assert {key: value for key, value in known.items() if value is not None} == {
        ("lifter-128-1", None, "all"): 75.0,
        ("ige-t2", 2, "all"): 44.0,
    }


@pytest.mark.parametrize(
    ("observation", "settings"),
    [("sh", {"kind": "detections", "detector": "sh"}), ("projection", {"kind": "noisy"})],
)
def test_published_errors_stand_beside_exact_projections_alone(folder, make_row, observation, settings):
    over = {"observation_name": observation, "observation": settings}
    scores, _ = read_scores([folder.score("lifter-128-1", 0, [make_row(75.0)], **over)])
    (row,) = pose_rows(scores, "h36m", published_poses())
    assert row.observation == observation
    assert row.published_pa_mpjpe_mm is None


def test_each_observation_has_its_own_mean(folder, make_row):
    paths = [folder.score("lifter-128-1", seed, [make_row(70.0 + seed)]) for seed in (0, 1)]
    paths += [
        folder.score("lifter-128-1", seed, [make_row(90.0 + seed, frames=290)], observation_name="sh")
        for seed in (0, 1)
    ]
    scores, _ = read_scores(paths)
    rows = pose_rows(scores, "procedural", [])
    assert [(row.observation, row.seeds, row.frames, row.pa_mpjpe_mm_by_frame) for row in rows] == [
        ("projection", 2, 300, 70.5),
        ("sh", 2, 290, 90.5),
    ]


def test_order_is_that_of_the_scores(rows):
    keys = [(row.model, row.steps, row.subject) for row in rows]
    assert keys[:2] == [("mean-pose", None, "all"), ("lifter-128-1", None, "all")]
    assert keys[-1] == ("ige-t2", 1, "all")


def test_one_seed_has_no_deviation(folder, make_row):
    scores, _ = read_scores([folder.score("lifter-128-1", 0, [make_row(75.0)])])
    (row,) = pose_rows(scores, "procedural", [])
    assert row.pa_mpjpe_mm_by_frame_std is None


def test_an_error_that_is_not_finite_in_one_seed_is_missing_in_the_mean(folder, make_row):
    paths = [folder.score("ige-t2", 0, [make_row(50.0, steps=2)])]
    paths.append(folder.score("ige-t2", 1, [make_row(None, steps=2)]))
    scores, _ = read_scores(paths)
    (row,) = pose_rows(scores, "procedural", [])
    assert row.pa_mpjpe_mm_by_frame is row.pa_mpjpe_mm_by_frame_std is row.opt_scale_mm_by_frame is None


def test_seeds_with_different_rows_are_refused(folder, make_row):
    paths = [folder.score("ige-t2", 0, [make_row(50.0, steps=2)])]
    paths.append(folder.score("ige-t2", 1, [make_row(50.0, steps=2), make_row(50.0, steps=1)]))
    scores, _ = read_scores(paths)
    with pytest.raises(InputError, match="ige-t2: the scores of seeds 0 and 1 differ"):
        pose_rows(scores, "procedural", [])


def test_mean_and_spread_of_nothing():
    assert mean([]) is None
    assert spread([1.0]) is None


def test_the_file_gives_back_the_rows_to_its_two_decimals(rows, tmp_path):
    path = tmp_path / "poses.csv"
    write_rows(path, rows)
    back = read_rows(path)
    assert [row.pa_mpjpe_mm_by_frame_std for row in back if row.model == "lifter-128-1"] == [1.41, 1.41, 1.41]
    again = tmp_path / "again.csv"
    write_rows(again, back)
    assert again.read_bytes() == path.read_bytes()


def test_a_table_of_other_columns_is_refused(tmp_path):
    path = tmp_path / "other.csv"
    path.write_text("model,error\nlifter,1\n")
    with pytest.raises(InputError, match="is no table of poses"):
        read_rows(path)


def test_a_cell_that_is_no_number_is_refused(rows, tmp_path):
    path = tmp_path / "poses.csv"
    write_rows(path, rows)
    path.write_text(path.read_text().replace("81.00", "good"))
    with pytest.raises(InputError, match=r"no number.*good"):
        read_rows(path)
