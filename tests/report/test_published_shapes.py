import pytest

from ige.report.published_shapes import CATEGORIES, RESOLUTIONS, published_iou, published_shapes

VALUES = published_shapes()


def line(label, category):
    found = {each.resolution: each.iou for each in VALUES if (each.label, each.category) == (label, category)}
    return [found[size] for size in RESOLUTIONS]


def minus(one, other):
    return [round(a - b, 1) for a, b in zip(one, other, strict=True)]


def test_the_table_is_complete():
    labels = dict.fromkeys(each.label for each in VALUES)
    assert list(labels) == ["OGN_1", "MAT_1", "IGE-MN_13", "IGE-I4_13", "IGE-MN_1", "IGE-I4_1"]
    assert len(VALUES) == 4 + 5 * len(CATEGORIES) * len(RESOLUTIONS)
    assert line("OGN_1", "car") == [64.1, 77.1, 78.2, 76.6]


def test_differences_between_its_rows_are_those_of_the_poster():
    best, other, all13 = "IGE-I4_1", "MAT_1", "IGE-I4_13"
    assert minus(line(best, "car"), line(other, "car")) == [-9.9, -7.2, -2.9, -3.1]
    assert minus(line(best, "plane"), line(other, "plane")) == [-6.6, 0.4, 2.5, 2.4]
    assert minus(line(best, "table"), line(other, "table")) == [-3.6, 4.1, 8.7, 10.8]
    assert minus(line(best, "car"), line(all13, "car")) == [0.5, 0.3, 2.5, 1.3]
    assert minus(line(best, "plane"), line(all13, "plane")) == [-0.4, 1.4, 3.0, 4.7]
    assert minus(line(best, "table"), line(all13, "table")) == [0.2, -0.1, -0.5, 1.6]
    assert line("IGE-MN_13", "table") == [33.6, 44.0, 47.8, 48.2]
    assert line("IGE-MN_1", "car") == [57.0, 70.3, 76.2, 75.2]


def test_only_rows_of_the_paper_have_models_of_ours():
    for each in VALUES:
        assert (each.model is None) == (each.label in ("OGN_1", "MAT_1"))
        assert each.protocol.startswith("published, other protocol: world" if each.model is None else "publ")


@pytest.mark.parametrize(
    ("model", "category", "resolution", "expected"),
    [
        ("ige-mn-1", "car", 128, 76.2),
        ("ige-i4-13", "table", 256, 50.5),
        ("ige-i4-13", "all", 256, None),
        ("ige-i4-13", "table", 16, None),
        ("ige", "table", 256, None),
    ],
)
def test_a_value_belongs_to_name_category_and_resolution(model, category, resolution, expected):
    assert published_iou(VALUES, model, category, resolution) == expected
