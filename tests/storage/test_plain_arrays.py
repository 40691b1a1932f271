import numpy as np
import pytest

from ige.base.errors import InputError
from ige.storage.plain_arrays import check_array


def test_an_array_of_the_right_form_passes():
    array = np.zeros((5, 32, 3), np.float32)
    assert check_array(array, "a.npz/x", (None, 32, 3), "f") is array
    check_array(np.zeros((), np.uint8), "a.npz/x", (), "iu")


@pytest.mark.parametrize(
    ("array", "found"),
    [
        (np.zeros((5, 17, 3)), r"float64 of shape \(5, 17, 3\)"),
        (np.zeros(5), r"float64 of shape \(5,\)"),
        (np.zeros((5, 32, 3), int), r"int64 of shape \(5, 32, 3\)"),
        ({"S1": 1}, "dict"),
        (None, "NoneType"),
    ],
)
def test_another_form_is_named(array, found):
    with pytest.raises(
        InputError, match=rf"a\.npz/x: .*expected floats of shape \(\?, 32, 3\), found {found}$"
    ):
        check_array(array, "a.npz/x", (None, 32, 3), "f")
