from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from ige.base.errors import InputError
from ige.report.pose_figure import KIND, chosen_examples, pose_figure, read_descent
from ige.report.style import styled
from ige.storage.arrays import read_arrays, write_arrays


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


@pytest.mark.parametrize("steps", [1, 2, 4])
@pytest.mark.parametrize("count", [1, 2])
def test_titles_and_legend_fit_whatever_the_number_of_columns(folder, steps, count):
    descent = read_descent([folder.examples(f"ige-t{steps}", steps, count=count)], "projection")
    long = replace(descent.examples[0], text="S11, SittingDown, camera 54138969, frame 12345")
    with styled():
        figure = pose_figure(replace(descent, examples=(long,) * count))
        figure.draw_without_rendering()
    titles = [text.get_window_extent() for text in figure.texts]
    assert len(titles) == count
    for left, right in pairwise(titles):
        assert left.x1 < right.x0
    panels = [axes.title.get_window_extent() for axes in figure.axes if axes.get_title()]
    (legend,) = figure.legends
    errors = min(axes.xaxis.label.get_window_extent().y0 for axes in figure.axes if axes.get_xlabel())
    assert legend.get_window_extent().y1 < errors
    assert max(panel.y1 for panel in panels) < min(title.y0 for title in titles)
    for box in (*titles, legend.get_window_extent()):
        assert figure.bbox.x0 <= box.x0
        assert box.x1 <= figure.bbox.x1
        assert box.y1 <= figure.bbox.y1


def test_a_recorded_camera_is_named_without_its_subject(folder):
    path = folder.examples("ige-t2", 2, count=1)
    content = read_arrays(path, KIND)
    facts = content.attributes | {"subject": ["S11"], "camera": ["S11/54138969"]}
    write_arrays(path, KIND, content.arrays, facts)
    (example,) = read_descent([path], "projection").examples
    assert example.text == "S11, action0, camera 54138969, frame 0"


def test_titles_break_before_the_camera(folder):
    descent = read_descent([folder.examples("ige-t1", 1, count=1)], "projection")
    for camera in ("north-west", "54138969"):
        (example,) = descent.examples
        example = replace(example, text=f"S9, Walking, camera {camera}, frame 44")
        (title,) = pose_figure(replace(descent, examples=(example,))).texts
        assert title.get_text() == f"S9, Walking,\ncamera {camera}, frame 44"
