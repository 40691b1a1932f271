import csv

import pytest

from ige.base.errors import InputError
from ige.shapes import shapenet_counts
from ige.shapes.shapenet import SYNSETS
from ige.shapes.shapenet_counts import published_counts, require_counts, wrong_counts

R2N2_MODELS = 43_783
FAULTY = 2  # a rifle and a car, which R2N2 does not have


def test_the_numbers_add_up_to_those_of_r2n2_and_each_has_a_source(root):
    assert sum(published_counts(1).values()) == R2N2_MODELS + FAULTY
    with (root / "ige/shapes/shapenet_counts.csv").open() as stream:
        rows = list(csv.DictReader(stream))
    assert {row["category"]: row["synset"] for row in rows} == SYNSETS
    assert all(row["source"].startswith("https://") for row in rows)


def test_other_numbers_are_named_in_one_line(tmp_path):
    found = {"car": 7497, "plane": 3, "rifle": 0}
    assert wrong_counts(1, found) == {"plane": 4045, "rifle": 2373}
    with pytest.raises(InputError) as caught:
        require_counts(1, found, tmp_path)
    assert "expected plane 4045, rifle 2373, found plane 3, rifle 0" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_numbers_of_version_2_are_unknown(tmp_path):
    assert shapenet_counts.published_counts(2) == {}
    require_counts(2, {"car": 1}, tmp_path)


def test_a_category_without_any_model_is_not_the_whole_of_version_2(tmp_path):
    with pytest.raises(
        InputError, match=r"not all models of ShapeNetCore version 2.*expected chair 1 or more, found chair 0"
    ):
        require_counts(2, {"car": 1, "chair": 0}, tmp_path)
