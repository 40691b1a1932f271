import numpy as np
import pytest

from ige.base.errors import InputError
from ige.report.pose_figure import chosen_examples, pose_figure, read_descent


def test_the_model_nearest_to_four_steps_is_shown(folder):
    paths = [folder.examples("lifter-128-1", None), *(folder.examples(f"ige-t{t}", t) for t in (1, 8, 3))]
    assert read_descent(paths, "projection").model == "ige-t3"
    assert read_descent(paths[:3], "projection").model == "ige-t1"


def test_a_model_of_another_observation_is_not_shown(folder):
    paths = [folder.examples("ige-t2", 2), folder.examples("ige-t4", 4, observation="sh")]
    assert read_descent(paths, "projection").model == "ige-t2"
    assert read_descent(paths, "sh").model == "ige-t4"
    assert read_descent(paths, "cpn") is None


def test_iterates_are_scaled_optimally_and_scored(folder):
    descent = read_descent([folder.examples("ige-t4", 4)], "projection")
    assert len(descent.examples) == 3
    for example in descent.examples:
        assert example.iterates.shape == (5, 16, 3)
        assert np.all(np.diff(example.errors_mm) < 0)
        np.testing.assert_allclose(example.iterates[-1], example.truth, atol=0.1)
    assert descent.examples[1].text == "subject1, action1, camera camera1, frame 1"


def test_examples_are_chosen_by_place(folder):
    examples = read_descent([folder.examples("ige-t2", 2, count=6)], "projection").examples
    assert [example.text.split(",")[0] for example in chosen_examples(examples)] == ["subject2", "subject4"]
    assert len(chosen_examples(examples[:1])) == 1
    assert chosen_examples([]) == []


def test_examples_that_are_not_finite_are_left_out(folder):
    assert len(read_descent([folder.examples("ige-t2", 2, spoilt=[0])], "projection").examples) == 2


@pytest.mark.parametrize(("steps", "columns"), [(1, [0, 1]), (4, [0, 1, 2, 4]), (6, [0, 1, 2, 4, 6])])
def test_columns_are_steps_up_to_the_last(folder, steps, columns):
    figure = pose_figure(read_descent([folder.examples(f"ige-t{steps}", steps)], "projection"))
    titles = [axes.get_title() for axes in figure.axes if axes.get_title()]
    assert titles == 2 * [f"T = {step}" for step in columns]
    assert sum(axes.get_xlabel().endswith(" mm") for axes in figure.axes) == 2 * len(columns)


def test_all_panels_have_one_scale_and_hold_their_bodies(folder):
    figure = pose_figure(read_descent([folder.examples("ige-t2", 2)], "projection"))
    width, height = figure.get_size_inches()
    for axes in figure.axes:
        box = axes.get_position()
        inches_per_metre = [
            width * box.width / np.ptp(axes.get_xlim()),
            height * box.height / np.ptp(axes.get_ylim()),
        ]
        np.testing.assert_allclose(inches_per_metre, inches_per_metre[0])
        np.testing.assert_allclose(inches_per_metre[0], 0.95 / np.ptp(figure.axes[0].get_xlim()))
        points = np.concatenate([line.get_xydata() for line in axes.lines])
        assert axes.get_xlim()[0] <= points[:, 0].min()
        assert points[:, 0].max() <= axes.get_xlim()[1]
        assert axes.get_ylim()[0] <= points[:, 1].min()
        assert points[:, 1].max() <= axes.get_ylim()[1]


def test_without_descent_the_figure_says_so(folder):
    assert read_descent([folder.examples("lifter-128-1", None)], "projection") is None
    (text,) = pose_figure(None).texts
    assert text.get_text() == "No model of this run takes steps of descent."


def test_a_file_of_another_kind_is_refused(folder, make_row):
    with pytest.raises(InputError, match="lifter-128-1-0"):
        read_descent([folder.score("lifter-128-1", 0, [make_row(75.0)])], "projection")
