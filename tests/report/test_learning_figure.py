import itertools
import math

import numpy as np
import pytest

from ige.base.errors import InputError
from ige.report.labels import moved_apart
from ige.report.learning_figure import learning_figure, read_curves
from ige.report.scores import read_scores


@pytest.fixture
def curves(folder, two_seeds):
    scores, _ = read_scores(two_seeds)
    errors = {("lifter-128-1", 0): [90.0, 82.0], ("lifter-128-1", 1): [92.0, 84.0]}
    errors |= {("ige-t2", 0): [60.0, 50.0], ("ige-t2", 1): [61.0, math.nan]}
    histories = [folder.history(model, seed, values) for (model, seed), values in errors.items()]
    return read_curves(scores, histories, "projection")


def test_histories_belong_to_the_scores_of_models_that_learn(curves):
    assert [curve.name.full for curve in curves] == ["MLP 128-1", "IGE, T=2"]
    np.testing.assert_array_equal(curves[0].errors_mm, [[90.0, 82.0], [92.0, 84.0]])


def test_histories_of_other_observations_are_passed_over(folder, make_row):
    scores, _ = read_scores(
        [
            folder.score("lifter-128-1", 0, [make_row(80.0)], observation_name=name)
            for name in ("projection", "sh")
        ]
    )
    histories = [folder.history(name, 0, [error]) for name, error in (("one", 80.0), ("other", 90.0))]
    (curve,) = read_curves(scores, histories, "sh")
    np.testing.assert_array_equal(curve.errors_mm, [[90.0]])


def test_lifters_and_descent_stand_apart_with_their_last_errors(curves):
    figure = learning_figure(curves)
    assert [axes.get_title(loc="left") for axes in figure.axes] == [
        "MLP, width-blocks",
        "IGE, T descent steps",
    ]
    assert [text.get_text() for text in figure.axes[0].texts] == ["128-1: 83 mm"]
    assert not figure.axes[1].texts, "a mean with a seed that is not finite has no last error"


def test_one_side_alone_and_nothing_at_all(curves):
    assert len(learning_figure(curves[:1]).axes) == 1
    assert "No model" in learning_figure([]).texts[0].get_text()


def test_first_epochs_far_off_do_not_flatten_the_rest(folder, make_row):
    scores, _ = read_scores([folder.score("lifter-128-1", 0, [make_row(80.0)])])
    figure = learning_figure(
        read_curves(scores, [folder.history("lifter-128-1", 0, [900.0, 90.0, 80.0])], "projection")
    )
    assert figure.axes[0].get_ylim()[1] < 200.0


@pytest.mark.parametrize("values", [[9.0, 5.0, 1.0], [5.0, 5.0, 5.0, 5.0], [9.0, 5.2, 5.0, 4.9, 1.0], []])
def test_spread_labels_keep_order_and_distance(values):
    places = moved_apart(values, 1.0)
    assert all(upper - lower >= 1.0 - 1e-9 for upper, lower in itertools.pairwise(places))
    assert math.isclose(sum(places), sum(values))


def test_labels_with_room_stay_where_they_are():
    assert moved_apart([9.0, 5.0, 1.0], 1.0) == [9.0, 5.0, 1.0]


def test_another_number_of_histories_is_refused(folder, two_seeds):
    scores, _ = read_scores(two_seeds)
    with pytest.raises(InputError, match=r"expected 4, one for each score.*found 1"):
        read_curves(scores, [folder.history("lifter-128-1", 0, [1.0])], "projection")


@pytest.mark.parametrize(
    ("values", "column", "words"), [([1.0], "loss", "pa_mm"), (["x"], "pa_mm", "no number")]
)
def test_a_history_without_errors_is_refused(folder, make_row, values, column, words):
    scores, _ = read_scores([folder.score("lifter-128-1", 0, [make_row(80.0)])])
    with pytest.raises(InputError, match=words):
        read_curves(scores, [folder.history("lifter-128-1", 0, values, column)], "projection")


@pytest.mark.parametrize(
    ("epochs", "ticks"), [(1, [1]), (2, [1, 2]), (5, [1, 2, 3, 4, 5]), (200, list(range(25, 201, 25)))]
)
def test_ticks_are_whole_epochs(folder, make_row, epochs, ticks):
    scores, _ = read_scores([folder.score("lifter-128-1", 0, [make_row(80.0)])])
    history = folder.history("lifter-128-1", 0, [80.0] * epochs)
    figure = learning_figure(read_curves(scores, [history], "projection"))
    figure.draw_without_rendering()
    assert [float(tick) for tick in figure.axes[0].get_xticks()] == ticks
    assert [label.get_text() for label in figure.axes[0].get_xticklabels()] == [str(tick) for tick in ticks]
