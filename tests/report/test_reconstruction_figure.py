import numpy as np
import pytest

from ige.base.errors import InputError
from ige.report import reconstruction_figure as module
from ige.report.reconstruction_figure import reconstruction_figure, shown_models
from ige.report.surface_drawing import draw_surface
from ige.report.voxel_examples import read_examples
from ige.storage.array_rows import ArrayRows, open_array_rows, write_array_rows

SEVEN = [(category, f"{category}-{n}", 0) for n in (0, 1) for category in ("car", "sofa", "rifle", "plane")]


def texts(figure):
    titles = [axes.get_title() for axes in figure.axes if axes.get_title()]
    below = [axes.get_xlabel() for axes in figure.axes if axes.get_xlabel()]
    return titles, below, [text.get_text() for text in figure.texts]


def test_one_model_of_each_kind_and_two_energies_are_shown(voxels):
    paths = [
        voxels.examples(name)
        for name in ("mean-shape", "nearest-silhouette", "deconv", "deconv-long", "head", "ige", "ige-max")
    ]
    paths.append(voxels.examples("deconv-world", coordinates="world"))
    paths.append(voxels.examples("ige-fine", resolution=32))
    shown = [each.model for each in shown_models(read_examples(paths, 16))]
    assert shown == ["nearest-silhouette", "deconv-long", "deconv-world", "head", "ige", "ige-max"]


def test_examples_of_several_categories_stand_in_rows_of_two(voxels):
    models = read_examples([voxels.examples(name, keys=SEVEN) for name in ("deconv", "ige")], 16)
    ious = {("deconv", SEVEN[2]): 0.4321}
    titles, below, names = texts(reconstruction_figure(models, ious))
    assert titles == ["image", "truth", "deconv", "ige"]
    assert names[::2] == ["rifle", "rifle", "plane", "plane", "car", "sofa"]
    assert names[1] == "rifle-0\nview 0"
    assert below == ["IoU 43.2 %"]


def test_only_what_all_models_answered_is_shown(voxels):
    models = read_examples(
        [voxels.examples("deconv", keys=SEVEN), voxels.examples("ige", keys=SEVEN[3:5])], 16
    )
    assert texts(reconstruction_figure(models, {}))[2][::2] == ["plane", "car"]
    other = read_examples([voxels.examples("head")], 16)
    assert texts(reconstruction_figure([*models, *other], {}))[2] == [
        "No models of this run answered the same test views."
    ]
    assert texts(reconstruction_figure([], {}))[0] == []


def test_parts_by_category_are_put_together(voxels):
    paths = [
        voxels.examples("ige-1", keys=[(category, "x", 0)], category=category)
        for category in ("car", "plane")
    ]
    (model,) = read_examples(paths, 16)
    assert list(model.places) == [("car", "x", 0), ("plane", "x", 0)]


def test_the_last_iterate_is_the_answer(voxels, make_ball):
    (model,) = read_examples([voxels.examples("ige", radii=(0.2, 0.3))], 16)
    key = next(iter(model.places))
    np.testing.assert_array_equal(model.answer(key), make_ball(16, 0.3))
    shown = model.view(key)
    np.testing.assert_array_equal(shown.truth, make_ball(16, 0.25))
    np.testing.assert_array_equal(shown.truth_fine, make_ball(32, 0.25))


def test_only_what_is_shown_is_read(voxels, monkeypatch):
    models = read_examples(
        [voxels.examples(name, keys=SEVEN, radii=(0.2, 0.3)) for name in ("ige", "head")], 16
    )
    read = []
    row = ArrayRows.row
    monkeypatch.setattr(
        ArrayRows,
        "row",
        lambda rows, name, place: read.append((rows.attributes["model"], name)) or row(rows, name, place),
    )
    reconstruction_figure(models, {})
    of_truth = ("rgba", "truth", "truth_fine", "camera", "focal", "near", "far")
    expected = [("ige", name) for name in of_truth] + [(name, "iterates/1") for name in ("ige", "head")]
    assert sorted(read) == sorted(6 * expected)


def test_answers_in_the_world_are_drawn_where_they_lie(voxels, monkeypatch):
    drawn = []
    monkeypatch.setattr(module, "draw_surface", lambda *given: drawn.append(given) or draw_surface(*given))
    key = [("car", "a", 0)]
    paths = [
        voxels.examples("deconv", keys=key),
        voxels.examples("deconv-world", keys=key, coordinates="world"),
    ]
    reconstruction_figure(read_examples(paths, 16), {})
    (_, _, seen, _, world, _) = drawn
    assert [frustum.projection for _, frustum, *_ in (seen, world)] == ["perspective", "orthographic"]
    assert seen[2] is world[2], "the same camera looks at both"
    answer, truth = world[0], world[4]
    assert truth.shape == answer.shape
    # The ball stands in the middle of frustum and box, and hardly differs between them.
    assert 0.5 < (truth & answer).sum() / (truth | answer).sum() < 1.0


def test_examples_that_do_not_fit_are_refused(voxels):
    path = voxels.examples("ige", keys=[("car", "a", 0)])
    rows = open_array_rows(path, "shape-examples")
    with write_array_rows(path, "shape-examples", 1) as written:
        written.put(0, {name: rows.row(name, 0) for name in rows.digests})
        written.attributes = {**rows.attributes, "resolution": 32}
    (model,) = read_examples([path], 32)
    with pytest.raises(InputError, match=r"do not fit together: found bits must be \(32, 32, 4\)"):
        model.answer(("car", "a", 0))
