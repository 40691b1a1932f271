import numpy as np
import pytest

from ige.base.errors import InputError
from ige.report.voxel_scores import read_voxel_scores

CARS, PLANES = (("car", "a", 0), ("car", "b", 0)), (("plane", "c", 0),)


def test_seeds_of_a_model_are_put_together(voxel_scores):
    scores, setting = read_voxel_scores(voxel_scores)
    assert [score.model for score in scores] == ["mean-shape", "deconv-long", "head", "ige", "ceiling"]
    assert (setting.data, setting.resolution, setting.views, setting.seeds) == (
        "procedural",
        64,
        "first",
        (0, 1),
    )
    ige = scores[3]
    assert ige.means("iou_frustum_weighted") == pytest.approx([0.5, 0.52])
    assert ige.means("iou_frustum_weighted", "plane") == pytest.approx([0.45, 0.47])
    assert ige.means("f_score", "car") == pytest.approx([0.45, 0.47])
    assert (ige.learns, scores[0].learns) == (True, False)


def test_parts_by_category_are_put_together_whatever_their_order(voxels):
    paths = [
        voxels.score("ige-1", 1, [0.8], keys=PLANES, category="plane"),
        voxels.score("ige-1", 0, [0.2, 0.4], keys=CARS, category="car"),
        voxels.score("ige-1", 0, [0.6], keys=PLANES, category="plane"),
        voxels.score("ige-1", 1, [0.4, 0.6], keys=CARS, category="car"),
    ]
    (score,), _ = read_voxel_scores(paths)
    assert score.categories == ("plane", "car")
    assert score.means("iou_frustum_weighted") == pytest.approx([0.4, 0.6])
    assert score.means("iou_frustum_weighted", "plane") == pytest.approx([0.6, 0.8])
    assert [part.place for part in score.parts] == [0, 1, 2, 3]


def test_resolutions_stay_apart(voxels):
    scores, _ = read_voxel_scores([voxels.score("ige", 0, [0.5] * 4, resolution=size) for size in (32, 64)])
    assert [(score.model, score.resolution) for score in scores] == [("ige", 32), ("ige", 64)]


def test_an_example_without_a_value_leaves_the_mean_and_is_counted(voxels):
    (score,), _ = read_voxel_scores([voxels.score("head", 0, [0.2, None, 0.4, None], empty_truths=2)])
    assert score.means("iou_world") == pytest.approx([0.32])
    assert score.lacking("iou_world") == 2
    assert score.empty_truths == 2
    (score,), _ = read_voxel_scores([voxels.score("head", 0, [None] * 4)])
    assert score.means("iou_world") == [None]
    assert np.isnan(score.values["iou_world"]).all()


def test_scores_that_do_not_belong_together_are_refused(voxels):
    first = voxels.score("head", 0, [0.5] * 4)
    for other, words in (
        (
            voxels.score("ige", 0, [0.5] * 4, evaluation_resolution=128),
            "of another test than .*expected evalu",
        ),
        (voxels.score("head", 0, [0.5] * 4, name="twice.json"), "once more"),
        (voxels.score("head", 1, [0.5] * 4, parameters=1), "of another model than .*expected parameters"),
        (voxels.score("head", 2, [0.5] * 2, keys=CARS), "other examples than"),
        (voxels.score("head", 0, [0.5] * 2, keys=CARS, category="car"), "all categories beside"),
    ):
        with pytest.raises(InputError, match=words):
            read_voxel_scores([first, other])
    with pytest.raises(InputError, match="no scores to report"):
        read_voxel_scores([])


def test_parts_with_other_seeds_or_categories_are_refused(voxels):
    cars = voxels.score("ige-1", 0, [0.2, 0.4], keys=CARS, category="car")
    planes = voxels.score("ige-1", 1, [0.2], keys=PLANES, category="plane")
    with pytest.raises(InputError, match="other seeds than those of other categories: expected 0, found 1"):
        read_voxel_scores([cars, planes])
    wrong = voxels.score("ige-1", 0, [0.2, 0.4], keys=CARS, category="plane")
    with pytest.raises(InputError, match="one of another category"):
        read_voxel_scores([wrong])
    short = voxels.score(
        "head",
        0,
        [0.5] * 4,
        examples={"category": []}
        | {
            name: [0.5]
            for name in (
                "id",
                "view",
                "iou_frustum_weighted",
                "iou_frustum",
                "iou_world",
                "silhouette_iou",
                "f_score",
                "missed",
                "false_inside",
                "false_outside",
            )
        },
    )
    with pytest.raises(InputError, match="not equally long"):
        read_voxel_scores([short])
