import math

import pytest
from matplotlib.collections import PathCollection
from matplotlib.colors import to_hex

from ige.report import style
from ige.report.efficiency_figure import efficiency_figure
from ige.report.published import published_poses
from ige.report.rows import pose_rows
from ige.report.scores import read_scores


@pytest.fixture
def draw():
    def call(paths):
        scores, setting = read_scores(paths)
        published = published_poses()
        rows = pose_rows(scores, setting.data, published)
        return efficiency_figure(rows, {score.model: score for score in scores}, published, setting.data)

    return call


def markers(figure, filled):
    """Position and area of all markers, by whether they are filled."""
    found = {}
    for points in figure.axes[0].collections:
        if not isinstance(points, PathCollection) or (len(points.get_facecolors()) > 0) is not filled:
            continue
        sizes = points.get_sizes()
        for number, (x, y) in enumerate(points.get_offsets().tolist()):
            found[round(x), round(y, 2)] = sizes[number % len(sizes)]
    return found


def test_areas_are_proportional_to_parameters(draw, two_seeds):
    figure = draw(two_seeds)
    ours, theirs = markers(figure, True), markers(figure, False)
    assert set(ours) == {(43_008, 81.0), (204_800, 51.5), (123_904, 53.5)}
    assert len(theirs) == 15, "16 points, of which two are one"
    unit = ours[43_008, 81.0] / 43_008
    assert math.isclose(ours[204_800, 51.5], unit * 83_456)
    assert math.isclose(theirs[4_276_224, 36.0], unit * 4_276_224)


def test_ige_is_one_line_from_its_first_guess(draw, two_seeds):
    figure = draw(two_seeds)
    solid = [
        line for line in figure.axes[0].lines if line.get_color() == style.VERMILION and line.get_lw() > 1.2
    ]
    assert [line.get_xydata().tolist() for line in solid] == [[[43_008, 81.0], [204_800, 51.5]]]


def test_other_steps_of_a_model_are_joined_apart(draw, two_seeds):
    lines = [line.get_xydata().tolist() for line in draw(two_seeds).axes[0].lines]
    assert [[123_904, 53.5], [204_800, 51.5]] in lines


def test_a_variant_is_pale_and_on_no_line(draw, folder, make_row):
    scores = [folder.score("lifter-128-1", 0, [make_row(80.0)])]
    scores.append(folder.score("lifter-128-1-nodropout", 0, [make_row(70.0)]))
    figure = draw(scores)
    colours = {
        tuple(points.get_offsets()[0]): to_hex(points.get_facecolors()[0])
        for points in figure.axes[0].collections
        if len(points.get_facecolors())
    }
    assert colours[43_008, 80.0] == style.BLUE
    assert colours[43_008, 70.0] != style.BLUE
    ours = [line for line in figure.axes[0].lines if line.get_lw() > 1.2]
    assert not any(70.0 in line.get_ydata() for line in ours)


def test_seeds_have_error_bars_and_one_seed_has_none(draw, folder, make_row, two_seeds):
    assert len(draw(two_seeds).axes[0].containers) == 3
    assert not draw([folder.score("lifter-128-1", 5, [make_row(80.0)])]).axes[0].containers


def test_a_baseline_far_above_is_told_and_does_not_stretch_the_axis(draw, folder, make_row):
    scores = [folder.score("lifter-128-1", 0, [make_row(80.0)])]
    scores.append(folder.score("mean-pose", 0, [make_row(300.0, multiply_adds=None)]))
    scores.append(folder.score("nearest-pose", 0, [make_row(84.0, multiply_adds=None)]))
    axes = draw(scores).axes[0]
    texts = [text.get_text() for text in axes.texts]
    assert "above the figure: mean pose 300 mm" in texts
    assert "nearest pose 84 mm" in texts
    assert 84.0 < axes.get_ylim()[1] < 100.0


def test_a_score_that_is_not_finite_is_left_out(draw, folder, make_row):
    scores = [folder.score("lifter-128-1", 0, [make_row(80.0)])]
    scores.append(folder.score("ige-t2", 0, [make_row(None, steps=2)]))
    assert set(markers(draw(scores), True)) == {(43_008, 80.0)}


def test_every_point_of_ours_is_named(draw, two_seeds):
    texts = {text.get_text() for text in draw(two_seeds).axes[0].texts}
    assert {"128", "T=2", "T=2 run with T=1"} <= texts
