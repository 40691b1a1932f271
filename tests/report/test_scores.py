import pytest

from ige.base.errors import InputError
from ige.report.scores import Observation, in_words, read_scores


def test_what_all_scores_share_is_read_once(two_seeds):
    scores, setting = read_scores(two_seeds)
    assert [(score.model, score.seed) for score in scores][2:4] == [("lifter-128-1", 0), ("lifter-128-1", 1)]
    assert [score.learns for score in scores] == [False, False, True, True, True, True]
    assert (setting.seeds, setting.subjects) == ((0, 1), ("S9", "S11"))
    assert setting.observations == (Observation("projection", "projection", 300),)
    assert scores[0].rows[0].actions["Eating"].mpjpe_mm == pytest.approx(150.1)
    assert not setting.is_published_data


def test_only_human36m_is_the_published_data(folder, make_row):
    _, setting = read_scores([folder.score("lifter-128-1", 0, [make_row(75.0)], data="h36m")])
    assert setting.is_published_data


def test_settings_in_words():
    assert in_words("hourglass") == "hourglass"
    assert in_words({"kind": "noisy", "sigma_pixels": 5.0}) == "noisy (sigma pixels 5.0)"


def test_no_scores():
    with pytest.raises(InputError, match="no scores"):
        read_scores([])


def test_a_missing_score_is_named(tmp_path):
    with pytest.raises(InputError, match=r"gone\.json"):
        read_scores([tmp_path / "gone.json"])


def test_an_edited_score_is_refused(folder, make_row):
    path = folder.score("lifter-128-1", 0, [make_row(75.0)])
    path.write_text(path.read_text().replace("75.0", "35.0"))
    with pytest.raises(InputError, match="corrupt or edited"):
        read_scores([path])


def test_a_model_and_seed_twice_is_refused(folder, make_row):
    paths = [folder.score("lifter-128-1", 0, [make_row(75.0)], name=name) for name in ("a.json", "b.json")]
    with pytest.raises(InputError, match=r"b\.json: model and seed of .*a\.json once more"):
        read_scores(paths)


@pytest.mark.parametrize(
    "over", [{"data": "mocap"}, {"protocol": "another"}, {"joints": 14}, {"subjects": ["S9"]}]
)
def test_scores_of_different_tests_are_refused(folder, make_row, over):
    one = folder.score("lifter-128-1", 0, [make_row(75.0)])
    other = folder.score("lifter-256-1", 0, [make_row(60.0)], **over)
    with pytest.raises(InputError, match=f"another test.*expected {next(iter(over))}"):
        read_scores([one, other])


def test_scores_of_another_number_of_poses_are_refused(folder, make_row):
    one = folder.score("lifter-128-1", 0, [make_row(75.0)])
    other = folder.score("lifter-256-1", 0, [make_row(60.0, frames=299)])
    with pytest.raises(InputError, match="expected frames 300, found 299"):
        read_scores([one, other])


def test_observations_may_differ_in_their_views_but_not_in_the_rest(folder, make_row):
    detections = {"observation_name": "sh", "observation": {"kind": "detections", "detector": "sh"}}
    one = folder.score("lifter-128-1", 0, [make_row(75.0)])
    others = [
        folder.score(model, 0, [make_row(90.0, frames=299)], **detections) for model in ("ige-t2", "ige-t4")
    ]
    scores, setting = read_scores([one, *others])
    assert [score.trained for score in scores] == ["lifter-128-1", "ige-t2@sh", "ige-t4@sh"]
    assert [(seen.text, seen.frames, seen.is_published) for seen in setting.observations] == [
        ("projection", 300, True),
        ("sh: detections (detector sh)", 299, False),
    ]
    folder.score("ige-t4", 0, [make_row(90.0, frames=298)], **detections)
    with pytest.raises(InputError, match=r"ige-t4@sh-0\.json: .*expected frames 299, found 298"):
        read_scores([one, *others])
    folder.score("ige-t4", 0, [make_row(90.0, frames=299)], **detections, data="mocap")
    with pytest.raises(InputError, match=r"another test than .*expected data procedural, found mocap"):
        read_scores([one, *others])


def test_which_errors_mean_something(folder, make_row):
    models = {
        "ige-t2": "free",
        "lifter-128-1": "free",
        "lifter-128-1-metric": "metric",
        "mean-pose": "metric",
    }
    scores, _ = read_scores(
        [folder.score(name, 0, [make_row(9.0)], scale=scale) for name, scale in models.items()]
    )
    assert [score.has("mpjpe_mm") for score in scores] == [False, False, True, True]
    assert [score.has("opt_scale_mm") for score in scores] == [True, True, False, True]
    assert all(score.has("pa_mpjpe_mm") and score.has("n_mpjpe_mm") for score in scores)
