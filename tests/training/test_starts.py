from pathlib import Path

import pytest

from ige.base.errors import InputError
from ige.training.starts import one_per_seed

MODELS = [Path("a.pt"), Path("b.pt")]


def test_each_seed_has_its_model():
    assert one_per_seed(MODELS, "first", (0, 7)) == MODELS


def test_from_scratch_there_is_none():
    assert one_per_seed([], None, (0, 7)) == [None, None]


@pytest.mark.parametrize(
    ("initials", "name", "words"),
    [(MODELS, None, "expected none, found 2"), (MODELS[:1], "first", "2, one first")],
)
def test_another_number_is_told(initials, name, words):
    with pytest.raises(InputError, match=words):
        one_per_seed(initials, name, (0, 7))
