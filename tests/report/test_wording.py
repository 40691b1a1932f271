import pytest

from ige.report import wording


@pytest.mark.parametrize(
    ("number", "text"),
    [(2, "2nd"), (3, "3rd"), (4, "4th"), (11, "11th"), (12, "12th"), (21, "21st"), (111, "111th")],
)
def test_ordinals(number, text):
    assert wording.ordinal(number) == text


def test_things_are_counted_in_the_singular_and_the_plural():
    assert wording.some(1, "model") == "1 model"
    assert wording.some(2_000, "model") == "2,000 models"
    assert wording.some(2, "category", "categories") == "2 categories"
    assert wording.some(1, "category", "categories") == "1 category"
