import pytest

from ige.report.naming import name_of


@pytest.mark.parametrize(
    ("model", "family", "series", "label", "full", "is_variant"),
    [
        ("lifter-256-1", "lifter", "lifter-1", "256", "MLP 256-1", False),
        ("lifter-1024-2", "lifter", "lifter-2", "1024", "MLP 1024-2", False),
        ("lifter-64-3", "lifter", "lifter", "64-3", "MLP 64-3", False),
        ("lifter-128-1-nodropout", "lifter", "lifter-1", "128, no dropout", "MLP 128-1, no dropout", True),
        ("lifter-128-1-my-idea", "lifter", "lifter-1", "128, my idea", "MLP 128-1, my idea", True),
        ("small", "lifter", "lifter", "small", "small", True),
        ("ige-t16", "ige", "ige", "T=16", "IGE, T=16", False),
        ("ige-t4-ey", "ige", "ige", "T=4, $E_y$ only", "IGE, T=4, $E_y$ only", True),
        ("mine", "ige", "ige", "mine", "mine", True),
        ("nearest-pose", "nearest-pose", "baseline", "nearest pose", "nearest pose", False),
    ],
)
def test_names(model, family, series, label, full, is_variant):
    name = name_of(model, family)
    assert (name.series, name.label, name.full, name.is_variant) == (series, label, full, is_variant)
