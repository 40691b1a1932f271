import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ige.params.shapes import ShapeSplitsSettings
from ige.shapes.splits import held_out, split_models


def settings(order="id", test=0.2, validation=0.1):
    return ShapeSplitsSettings(lists="none", order=order, test_share=test, validation_share=validation)


def ids_of(splits, split):
    return [id for id in splits if splits[id] == split]


def test_the_last_by_id_test_and_the_held_out_are_evenly_spaced():
    ids = [f"{number:02d}" for number in range(50)]
    splits = split_models(reversed(ids), settings())
    assert ids_of(splits, "test") == ids[40:]
    assert ids_of(splits, "validation") == ["05", "15", "25", "35"]
    assert len(ids_of(splits, "train")) == 36


def test_shares_are_cut_as_published():
    # The published split of ShapeNet trains on floor(0.8 n) models: 0.8 * 35 is 28, not 27.999.
    assert len(ids_of(split_models([f"{n:02d}" for n in range(35)], settings(validation=0.0)), "train")) == 28


def test_a_hash_puts_ids_in_another_order():
    ids = [f"maker_{number}" for number in range(20)]
    by_hash = sorted(ids, key=lambda id: hashlib.sha256(id.encode()).hexdigest())
    assert ids_of(split_models(ids, settings("hash")), "test") == by_hash[16:]
    assert by_hash[16:] != sorted(ids)[16:]


@pytest.mark.parametrize(("test", "expected"), [(0.0, {"train"}), (1.0, {"test"})])
def test_shares_of_all_and_nothing(test, expected):
    assert set(split_models("abcd", settings(test=test, validation=0.0)).values()) == expected


@given(
    st.sets(st.text(max_size=4), max_size=60),
    st.floats(0, 1),
    st.floats(0, 1),
    st.sampled_from(["id", "hash"]),
)
def test_each_model_is_in_one_split_and_shares_hold(ids, test, validation, order):
    splits = split_models(ids, settings(order, test, validation))
    assert splits.keys() == ids
    training = len(ids) - len(ids_of(splits, "test"))
    assert abs(training - (1 - test) * len(ids)) < 1 + 1e-6
    assert abs(len(ids_of(splits, "validation")) - validation * training) <= 0.5 + 1e-6


def test_the_number_held_out_is_rounded():
    assert [held_out(training, 0.1) for training in (0, 4, 5, 14, 15, 36)] == [0, 0, 1, 1, 2, 4]
