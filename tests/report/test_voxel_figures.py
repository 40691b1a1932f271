import numpy as np
import pytest

from ige.base.errors import InputError
from ige.report.depth_shadow_figure import depth_shadow_figure
from ige.report.voxel_learning_figure import read_voxel_curves, voxel_learning_figure
from ige.report.voxel_naming import colour_of, series_of, shades_of
from ige.report.voxel_scores import read_voxel_scores
from ige.report.voxel_steps_figure import read_refined, voxel_steps_figure


def written(figure):
    return [text.get_text() for axes in figure.axes for text in axes.texts]


def test_bars_of_a_model_make_the_whole(voxel_scores):
    scores, _ = read_voxel_scores(voxel_scores)
    bars, points = depth_shadow_figure(scores).axes
    ends = [patch.get_x() + patch.get_width() for patch in bars.patches]
    assert ends[-len(scores) :] == pytest.approx([100.0] * len(scores))
    assert [text.get_text() for text in bars.get_yticklabels()] == [score.model for score in scores]
    assert {text.get_text() for text in points.texts} == {score.model for score in scores}
    ige = next(
        line
        for line in points.get_lines()
        if line.get_color() != "#e3e6e9" and line.get_markerfacecolor() == colour_of("ige")
    )
    assert (ige.get_xdata()[0], ige.get_ydata()[0]) == pytest.approx((51.0, 71.0))


def test_steps_start_at_the_first_guess(voxel_scores):
    (refined,) = read_refined(read_voxel_scores(voxel_scores)[0])
    assert refined.ious == pytest.approx([50.0, 52.0, 53.0])
    np.testing.assert_allclose(refined.energies, [3.0, 2.5, np.nan])
    figure = voxel_steps_figure([refined])
    assert "ige: 50.0 to 53.0 %" in written(figure)
    left, right = figure.axes
    bold = max(left.get_lines(), key=lambda line: line.get_linewidth())
    assert bold.get_ydata() == pytest.approx([0.0, 2.0, 3.0])
    bold = max(right.get_lines(), key=lambda line: line.get_linewidth())
    assert bold.get_ydata()[:2] == pytest.approx([0.0, -0.5])


def test_thin_lines_are_means_over_all_views_of_a_category(voxels):
    steps = {
        "car": [(0.4, 1.0), (0.4, 0.5), (0.5, None)],
        "plane": [(0.6, 5.0), (0.7, 3.0), (0.8, None)],
    }
    paths = [
        voxels.score(
            "ige",
            seed,
            [0.5] * 4,
            steps=[(0.5, 3.0), (0.55, 2.0), (0.65, None)],
            steps_of={
                name: [(iou + 0.1 * seed, energy) for iou, energy in rows] for name, rows in steps.items()
            },
        )
        for seed in (0, 1)
    ]
    (refined,) = read_refined(read_voxel_scores(paths)[0])
    assert list(refined.ious_of) == list(refined.energies_of) == ["car", "plane"]
    assert refined.ious_of["car"] == pytest.approx([45.0, 45.0, 55.0])
    assert refined.ious_of["plane"] == pytest.approx([65.0, 75.0, 85.0])
    np.testing.assert_allclose(refined.energies_of["plane"], [5.0, 3.0, np.nan])
    left, right = (
        [line.get_ydata() for line in axes.get_lines() if line.get_alpha() == 0.4]
        for axes in voxel_steps_figure([refined]).axes
    )
    np.testing.assert_allclose(left, [[0.0, 0.0, 10.0], [0.0, 10.0, 20.0]], atol=1e-9)
    np.testing.assert_allclose(right, [[0.0, -0.5, np.nan], [0.0, -2.0, np.nan]], atol=1e-9)


def test_energies_of_one_step_alone_are_not_drawn(voxels):
    steps = [(0.4, 1.0), (0.6, None)]
    path = voxels.score("ige-1", 0, [0.5] * 4, steps=steps, steps_of={"car": steps, "plane": steps})
    figure = voxel_steps_figure(read_refined(read_voxel_scores([path])[0]))
    left, right = figure.axes
    assert len(left.get_lines()) > 1
    assert len(right.get_lines()) == 1, "that of 0 alone"
    assert written(figure) == ["ige-1: 40.0 to 60.0 %", "No energy is known after a step."]


def test_parts_count_by_their_examples(voxels):
    cars, planes = [("car", str(n), 0) for n in range(3)], [("plane", "0", 0)]
    of_cars, of_planes = [(0.4, 1.0), (0.6, None)], [(0.8, 5.0), (0.2, None)]
    paths = [
        voxels.score(
            "ige", 0, [0.5] * 3, keys=cars, category="car", steps=of_cars, steps_of={"car": of_cars}
        ),
        voxels.score(
            "ige", 0, [0.5], keys=planes, category="plane", steps=of_planes, steps_of={"plane": of_planes}
        ),
    ]
    (refined,) = read_refined(read_voxel_scores(paths)[0])
    assert refined.ious_of["plane"] == pytest.approx([80.0, 20.0])
    assert refined.ious == pytest.approx([50.0, 50.0])
    assert refined.energies[0] == pytest.approx(2.0)


def test_without_steps_or_learning_the_figures_say_so(voxels):
    scores, _ = read_voxel_scores([voxels.score("mean-shape", 0, [0.5] * 4)])
    for figure, words in (
        (voxel_steps_figure(read_refined(scores)), "No model of shapes of this run takes steps."),
        (voxel_learning_figure(read_voxel_curves(scores, [])), "No model of shapes of this run learns."),
    ):
        assert [text.get_text() for text in figure.texts] == [words]


def test_histories_go_to_their_scores_by_their_order(voxels):
    cars, planes = [("car", "a", 0)], [("plane", "c", 0)]
    paths = [
        voxels.score("mean-shape", 0, [0.5] * 4),
        voxels.score("ige-1", 0, [0.5], keys=cars, category="car"),
        voxels.score("deconv", 0, [0.5] * 4),
        voxels.score("ige-1", 0, [0.5], keys=planes, category="plane"),
        voxels.score("deconv", 1, [0.5] * 4),
    ]
    histories = [
        voxels.history("a", 0, [0.6, 0.4]),
        voxels.history("b", 0, [0.5, 0.3, 0.2]),
        voxels.history("c", 0, [0.8, 0.6]),
        voxels.history("d", 0, [0.7]),
    ]
    one, other = read_voxel_curves(read_voxel_scores(paths)[0], histories)
    assert (one.model, other.model) == ("ige-1", "deconv")
    np.testing.assert_allclose(one.ious, [[30.0, 50.0]])
    np.testing.assert_allclose(other.ious, [[50.0, 70.0, 80.0], [30.0, np.nan, np.nan]])
    # A mean over all seeds ends with the shortest.
    assert "deconv: 40.0" in written(voxel_learning_figure([other]))


def test_each_resolution_has_its_panel(voxels):
    sizes = (16, 32, 64)
    scores = [voxels.score("ige", 0, [0.5] * 4, resolution=size) for size in sizes]
    histories = [voxels.history(str(size), 0, [0.6, 0.4]) for size in sizes]
    figure = voxel_learning_figure(read_voxel_curves(read_voxel_scores(scores)[0], histories))
    titles = [axes.get_title(loc="left") for axes in figure.axes]
    assert titles == [*(f"{size} cells per side" for size in sizes), ""]


def test_histories_without_validation_are_refused(voxels):
    scores, _ = read_voxel_scores([voxels.score("ige", 0, [0.5] * 4)])
    with pytest.raises(InputError, match="expected rows with a column one_minus_iou"):
        read_voxel_curves(scores, [voxels.history("ige", 0, [0.5], column="loss")])


def test_families_have_their_colours():
    assert series_of("oracle") == "baseline"
    assert series_of("head") == "head"
    assert len({colour_of(family) for family in ("deconv", "head", "ige", "oracle")}) == 4
    shades = shades_of(["ige", "deconv", "ige"])
    assert len(set(shades)) == 3
    assert sum(shades[0]) > sum(shades[2]), "from light to dark"
