"""What all layouts check of names and numbers, with the place in what they say."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ige.base.errors import InputError
from ige.poses.h36m.names import parse_name, require_subject
from ige.storage.plain_arrays import Shape, check_array


def sequence_at(name: str, where: str) -> tuple[str, str]:
    """Split the name of a sequence into action and take.

    Raises:
        InputError: naming the place, if it is no name of a sequence.
    """
    try:
        return parse_name(name)
    except InputError as error:
        raise _placed(error, where) from error


def subject_at(name: str, where: str) -> str:
    """Return a subject that has 3D poses.

    Raises:
        InputError: naming the place, if it is none.
    """
    try:
        return require_subject(name)
    except InputError as error:
        raise _placed(error, where) from error


def numbers_at(value: Any, shape: Shape, where: str, kinds: str) -> NDArray[Any]:
    """Return what should be an array of this shape, of finite numbers, at least one.

    Args:
        value: what was read.
        shape: expected sizes, None where any will do.
        where: it was read.
        kinds: of numbers, as numpy abbreviates them.

    Raises:
        InputError: naming the place, if it is no such array.
    """
    return finite_at(check_array(value, where, shape, kinds), where)


def finite_at(array: NDArray[Any], where: str) -> NDArray[Any]:
    """Return an array that has numbers, all of them finite.

    Raises:
        InputError: naming the place, if it has not.
    """
    if array.size == 0:
        raise InputError("an empty array", where=where, found=f"shape {array.shape}")
    if not np.isfinite(array).all():
        first = tuple(np.argwhere(~np.isfinite(array))[0].tolist())
        raise InputError(
            "numbers that are not finite", where=where, found=f"{array[first]}, the first at index {first}"
        )
    return array


def _placed(error: InputError, where: str) -> InputError:
    return InputError(error.what, where=where, expected=error.expected, next_step=error.next_step)
