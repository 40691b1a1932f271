import pytest

from ige.base.errors import InputError
from ige.report.reconstruction_figure import reconstruction_figure, shown_models
from ige.report.voxel_examples import read_examples
from ige.storage.arrays import read_arrays, write_arrays

SEVEN = [(category, f"{category}-{n}", 0) for n in (0, 1) for category in ("car", "sofa", "rifle", "plane")]


def texts(figure):
    titles = [axes.get_title() for axes in figure.axes if axes.get_title()]
    below = [axes.get_xlabel() for axes in figure.axes if axes.get_xlabel()]
    return titles, below, [text.get_text() for text in figure.texts]


def test_one_model_of_each_kind_is_shown(voxels):
    paths = [
        voxels.examples(name)
        for name in ("mean-shape", "nearest-silhouette", "deconv", "deconv-long", "head", "ige", "ige-max")
    ]
    paths.append(voxels.examples("deconv-world", coordinates="world"))
    paths.append(voxels.examples("ige-fine", resolution=32))
    shown = shown_models(read_examples(paths, 16))
    assert [each.model for each in shown] == ["nearest-silhouette", "deconv-long", "head", "ige"]


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
        "No models of this run answered the same test views in the frustum."
    ]
    assert texts(reconstruction_figure([], {}))[0] == []


def test_parts_by_category_are_put_together(voxels):
    paths = [
        voxels.examples("ige-1", keys=[(category, "x", 0)], category=category)
        for category in ("car", "plane")
    ]
    (model,) = read_examples(paths, 16)
    assert list(model.shown) == [("car", "x", 0), ("plane", "x", 0)]


def test_iterates_are_cut_at_the_threshold_and_measured(voxels):
    (model,) = read_examples([voxels.examples("ige", radii=(0.2, 0.25))], 16)
    first = next(iter(model.shown.values()))
    assert first.iterates.shape == (2, 16, 16, 16)
    before, after = first.ious()
    assert after == 1.0
    assert before == first.iterates[0].sum() / first.truth.sum()


def test_examples_that_do_not_fit_are_refused(voxels):
    path = voxels.examples("ige")
    content = read_arrays(path, "shape-examples")
    del content.arrays["truth_fine"]
    write_arrays(path, "shape-examples", content.arrays, content.attributes)
    with pytest.raises(InputError, match=r"do not fit together: found 'truth_fine'"):
        read_examples([path], 16)
