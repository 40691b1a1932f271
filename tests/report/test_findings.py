import pytest

from ige.report.findings import findings
from ige.report.published import published_poses
from ige.report.rows import pose_rows
from ige.report.scores import read_scores


@pytest.fixture
def find(folder, make_row):
    def call(errors):
        scores = []
        for model, error in errors.items():
            steps = int(model.removeprefix("ige-t")) if model.startswith("ige") else None
            over = {"multiply_adds": 4_276_224} if model == "lifter-1024-2" else {}
            scores.append(folder.score(model, 0, [make_row(error, steps=steps, **over)]))
        read, setting = read_scores(scores)
        return findings(pose_rows(read, setting.data, published_poses()))

    return call


def test_gain_cost_and_controls(find):
    errors = {"lifter-128-1": 80.0, "lifter-128-1-nodropout": 70.0, "lifter-128-1-long": 78.0}
    errors |= {"lifter-1024-2": 50.0, "ige-t2": 47.0, "ige-t4": 44.0}
    assert find(errors) == [
        "4 steps of descent take the Procrustes error of lifter-128-1 from 80.0 mm to 44.0 mm, to 0.55 of it "
        "(published: 75 to 39 mm, 0.52).",
        "lifter-1024-2 reaches 50.0 mm (published: 36 mm), with 11.7 times the multiply-adds and 51 times "
        "the parameters of ige-t4.",
        "Controls: lifter-128-1 alone reaches 78.0 mm when trained once more, as within IGE (descent "
        "leaves 0.56 of that) and 70.0 mm when trained without dropout (descent leaves 0.63 of that).",
    ]


def test_what_needs_no_learning_stands_beside(find):
    found = find({"lifter-128-1": 80.0, "ige-t1": 60.0, "nearest-pose": 55.0, "mean-pose": 130.0})
    assert found[1:] == [
        "Without learning: the pose of the nearest training observation gives 55.0 mm and the mean training "
        "pose 130.0 mm."
    ]


def test_models_that_learned_nothing_are_called_so(find):
    found = find({"lifter-128-1": 421.0, "ige-t1": 419.0, "mean-pose": 88.0})
    assert found[-1].startswith("ige-t1 is worse than the mean pose: it has seen too few pairs or epochs")


def test_one_step_alone(find):
    (gain,) = find({"lifter-128-1": 80.0, "ige-t1": 60.0})
    assert gain.startswith("One step of descent takes")


@pytest.mark.parametrize(
    "errors", [{"lifter-128-1": 80.0}, {"ige-t4": 44.0}, {"lifter-128-1": 80.0, "ige-t4": None}]
)
def test_nothing_is_said_without_both(find, errors):
    assert find(errors) == []


def test_a_model_run_with_other_steps_is_not_taken_for_the_trained_one(folder, make_row):
    scores = [folder.score("lifter-128-1", 0, [make_row(80.0)])]
    scores.append(folder.score("ige-t4", 0, [make_row(30.0, steps=8), make_row(44.0, steps=4)]))
    read, setting = read_scores(scores)
    (gain,) = findings(pose_rows(read, setting.data, published_poses()))
    assert "to 44.0 mm" in gain


def test_each_observation_is_told_the_first_in_full(folder, make_row):
    errors = {"lifter-128-1": 80.0, "lifter-128-1-long": 78.0, "ige-t4": 44.0}
    scores = [
        folder.score(
            model, 0, [make_row(more + error, steps=4 if model == "ige-t4" else None)], observation_name=name
        )
        for name, more in (("projection", 0.0), ("sh", 20.0))
        for model, error in errors.items()
    ]
    read, setting = read_scores(scores)
    first, controls, other = findings(pose_rows(read, setting.data, published_poses()))
    assert first.startswith("Observation projection: 4 steps of descent take")
    assert "published: 75 to 39 mm" in first
    assert controls.startswith("Observation projection: Controls")
    assert other.startswith("Observation sh: 4 steps of descent take")
    assert "from 100.0 mm to 64.0 mm" in other
    assert "published" not in other
