import pytest

from ige.base.errors import InputError
from ige.workflow.voxels import shards_of_model

SHARDS = [("car", "train", "000"), ("car", "test", "000"), ("lamp", "train", "000"), ("lamp", "train", "001")]


def test_a_model_of_all_categories_sees_all_shards_of_a_split():
    assert shards_of_model(SHARDS, "ige@32", "train") == [SHARDS[0], SHARDS[2], SHARDS[3]]


def test_a_model_of_one_category_sees_its_own():
    assert shards_of_model(SHARDS, "ige@32@lamp", "train") == SHARDS[2:]


def test_a_split_without_models_is_named():
    with pytest.raises(InputError, match=r"no test models for ige@32@lamp"):
        shards_of_model(SHARDS, "ige@32@lamp", "test")
