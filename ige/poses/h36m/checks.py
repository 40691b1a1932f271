"""What all layouts check of names and numbers, with the place in what they say."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ige.base.errors import InputError
from ige.poses.h36m.names import parse_name, require_subject


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


def numbers_at(
    value: Any, shape: Sequence[int | None], where: str, kinds: str = "f"
) -> NDArray[np.floating[Any]]:
    """Return an array of numbers that are all finite.

    Args:
        value: what was read.
        shape: expected; None stands for any length but 0.
        where: it was read.
        kinds: of numbers, as numpy abbreviates them: "f" floating-point, "i" and "u" integers.

    Raises:
        InputError: naming the place, if it is no array, of another type or shape, or not finite.
    """
    expected = f"({', '.join('F' if size is None else str(size) for size in shape)}) numbers"
    if not isinstance(value, np.ndarray):
        raise InputError("no array", where=where, expected=expected, found=type(value).__name__)
    if value.dtype.kind not in kinds or value.dtype.itemsize > 8:
        raise InputError("wrong type of numbers", where=where, expected=expected, found=str(value.dtype))
    fits = value.ndim == len(shape) and all(
        found == size if size is not None else found > 0
        for found, size in zip(value.shape, shape, strict=True)
    )
    if not fits:
        raise InputError("wrong shape", where=where, expected=expected, found=str(value.shape))
    if not np.isfinite(value).all():
        first = tuple(np.argwhere(~np.isfinite(value))[0].tolist())
        raise InputError(
            "numbers that are not finite",
            where=where,
            expected=expected,
            found=f"{value[first]} at index {first}",
        )
    return value


def _placed(error: InputError, where: str) -> InputError:
    return InputError(error.what, where=where, expected=error.expected, next_step=error.next_step)
