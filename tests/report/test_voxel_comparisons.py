import pytest

from ige.base.errors import InputError
from ige.report.voxel_comparisons import compare, read_comparisons, write_comparisons
from ige.report.voxel_scores import read_voxel_scores

CARS = (("car", "a", 0), ("car", "b", 0))


def compared(paths, settings):
    return compare(read_voxel_scores(paths)[0], settings)


def test_a_constant_difference_has_an_interval_without_width(voxel_scores, voxel_settings):
    found = {
        (each.model, each.reference): each
        for each in compared(voxel_scores, voxel_settings)
        if each.category == "all" and each.metric == "iou_frustum_weighted"
    }
    ige = found["ige", "deconv-long"]
    assert [ige.difference, ige.low, ige.high] == pytest.approx([5.0] * 3)
    assert [ige.lowest_seed, ige.highest_seed] == pytest.approx([5.0] * 2)
    assert (ige.seeds, ige.n, ige.shapes, ige.resolution) == (2, 4, 4, 32)
    assert found["ige", "head"].difference == pytest.approx(3.0)


def test_each_pair_stands_once_and_no_model_beside_itself(voxel_scores, voxel_settings):
    pairs = {(each.model, each.reference) for each in compared(voxel_scores, voxel_settings)}
    assert ("head", "deconv-long") in pairs
    assert ("deconv-long", "head") not in pairs
    assert not [pair for pair in pairs if pair[0] == pair[1]]
    assert len(pairs) == 4 + 3


def test_the_interval_spans_what_shapes_say(voxels, voxel_settings):
    paths = [voxels.score("deconv-long", 0, [0.5] * 4), voxels.score("ige", 0, [0.4, 0.6, 0.4, 0.6])]
    each = compared(paths, voxel_settings)[0]
    assert each.difference == pytest.approx(0.0)
    assert -10.0 <= each.low < 0.0 < each.high <= 10.0
    assert (each.lowest_seed, each.highest_seed) == (pytest.approx(0.0), pytest.approx(0.0))


def test_a_control_has_seen_the_same_categories(voxels, voxel_settings):
    def by_category(model):
        return [
            voxels.score(model, 0, [0.5] * 2, keys=keys, category=keys[0][0])
            for keys in (CARS, (("plane", "c", 0), ("plane", "d", 0)))
        ]

    settings = voxel_settings.model_copy(update={"references": ("head", "head-1")})
    whole = [voxels.score(model, 0, [0.5] * 4) for model in ("head", "ige")]
    scores = [*whole, *by_category("head-1"), *by_category("ige-1")]
    found = {(each.model, each.reference): each.control for each in compared(scores, settings) if each.n == 4}
    assert {pair for pair, control in found.items() if control} == {("ige", "head"), ("ige-1", "head-1")}
    assert {("ige", "head-1"), ("ige-1", "head")} < set(found)


def test_seeds_are_paired_by_their_numbers(voxels, voxel_settings):
    def score(model, seeds):
        return [voxels.score(model, seed, [0.5 + 0.1 * seed] * 4) for seed in seeds]

    for seeds, lowest in (((0, 1), 0.0), ((1, 2), None), ((0, 1, 2), None)):
        each = compared([*score("deconv-long", seeds), *score("ige", (0, 1))], voxel_settings)[0]
        known = None if lowest is None else pytest.approx(lowest)
        assert (each.lowest_seed, each.highest_seed) == (known, known)


def test_models_on_other_examples_are_compared_where_examples_agree(voxels, voxel_settings):
    whole = voxels.score("deconv-long", 0, [0.4, 0.6, 0.3, 0.5])
    part = voxels.score("ige-1", 0, [0.6, 0.5], keys=tuple(reversed(CARS)), category="car")
    found = compared([whole, part], voxel_settings)
    assert {each.category for each in found} == {"car"}
    # 0.6 of b beside 0.6, 0.5 of a beside 0.4: paired by example, not by place.
    assert found[0].difference == pytest.approx(5.0)
    assert found[0].high == pytest.approx(10.0)


def test_other_resolutions_are_not_compared(voxels, voxel_settings):
    paths = [voxels.score("deconv-long", 0, [0.5] * 4), voxels.score("ige", 0, [0.5] * 4, resolution=64)]
    assert compared(paths, voxel_settings) == []


def test_examples_without_a_value_are_left_out_of_both(voxels, voxel_settings):
    paths = [
        voxels.score("deconv-long", 0, [0.5, None, 0.5, 0.5]),
        voxels.score("ige", 0, [0.6, 0.9, None, 0.6]),
    ]
    each = compared(paths, voxel_settings)[0]
    assert (each.n, each.difference) == (2, pytest.approx(10.0))


def test_what_is_written_is_read(voxel_scores, voxel_settings, tmp_path):
    path = tmp_path / "c.csv"
    found = compared(voxel_scores, voxel_settings)
    write_comparisons(path, found)
    assert (
        "ige,ige,deconv-long,yes,32,all,iou_frustum_weighted,2,5.00,5.00,5.00,5.00,5.00,4,4"
        in path.read_text()
    )
    assert "head,head,deconv-long,no,32,all,iou_frustum_weighted" in path.read_text()
    read = read_comparisons(path)
    assert [(each.model, each.control) for each in read] == [(each.model, each.control) for each in found]
    write_comparisons(path, [])
    assert read_comparisons(path) == []
    path.write_text("model\nige\n")
    with pytest.raises(InputError, match="no table of comparisons"):
        read_comparisons(path)
