import pytest

from ige.base.errors import InputError
from ige.report.scores import in_words, read_scores


def test_what_all_scores_share_is_read_once(two_seeds):
    scores, setting = read_scores(two_seeds)
    assert [(score.model, score.seed) for score in scores][2:4] == [("lifter-128-1", 0), ("lifter-128-1", 1)]
    assert [score.learns for score in scores] == [False, False, True, True, True, True]
    assert (setting.frames, setting.seeds, setting.subjects) == (300, (0, 1), ("S9", "S11"))
    assert setting.observation == "projection"
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
