"""Arrays of others: made of bytes, and checked for what they should be."""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ige.base.errors import InputError

MOST_DIMENSIONS: Final = 32

_MOST_ELEMENTS = 1 << 40  # that an array may claim along the dimensions that are not empty
_DTYPE = re.compile(r"[<>|=]?[biufc?O][0-9]{0,2}")
_KINDS = {
    "b": "truth values",
    "i": "integers",
    "u": "unsigned integers",
    "f": "floats",
    "c": "complex",
}

Shape = tuple[int | None, ...]


def dtype_of(text: str) -> np.dtype[Any]:
    """Return the dtype that a text like `<f4` names: of numbers, truth values or objects.

    Raises:
        ValueError: if it names any other.
    """
    try:
        if _DTYPE.fullmatch(text):
            return np.dtype(text)
    except TypeError:
        pass
    raise ValueError(f"values of the dtype {text[:40]!r}, which are no numbers")


def array_of(content: bytes, shape: tuple[int, ...], dtype: np.dtype[Any], fortran: bool) -> NDArray[Any]:
    """Return a read-only array that shares the bytes it is made of.

    Raises:
        ValueError: if shape and dtype need other bytes than these.
    """
    if len(shape) > MOST_DIMENSIONS or math.prod(max(size, 1) for size in shape) > _MOST_ELEMENTS:
        raise ValueError(f"an array of the impossible shape {str(shape)[:80]}")
    needed = math.prod(shape) * dtype.itemsize
    if needed != len(content):
        raise ValueError(f"{len(content)} bytes where an array of shape {shape} has {needed}")
    if not content:
        return np.empty(shape, dtype)
    return np.frombuffer(content, dtype).reshape(shape, order="F" if fortran else "C")


def check_array(array: Any, where: Path | str, shape: Shape, kinds: str) -> NDArray[Any]:
    """Return what should be an array of this shape and of one of these kinds of number.

    Args:
        array: what was read.
        where: the file and the name in it, for errors.
        shape: sizes, None where any will do.
        kinds: letters of numpy's for kinds of dtype, such as `f` or `iu`.

    Raises:
        InputError: if it is none, or of another shape or kind.
    """
    if not isinstance(array, np.ndarray):
        raise InputError("no array", where=where, expected=_form(shape, kinds), found=type(array).__name__)
    check_form(array.shape, array.dtype, where, shape, kinds)
    return array


def check_form(
    found_shape: tuple[int, ...], found_dtype: np.dtype[Any], where: Path | str, shape: Shape, kinds: str
) -> None:
    """Check shape and dtype of an array as `check_array` does, before it is read.

    Raises:
        InputError: if it is of another shape or kind.
    """
    fits = len(found_shape) == len(shape) and all(
        size in (None, found) for size, found in zip(shape, found_shape, strict=True)
    )
    if not fits or found_dtype.kind not in kinds:
        raise InputError(
            "not the array that it should be",
            where=where,
            expected=_form(shape, kinds),
            found=f"{found_dtype} of shape {in_words(found_shape)}",
        )


def _form(shape: Shape, kinds: str) -> str:
    return f"{' or '.join(_KINDS[kind] for kind in kinds)} of shape {in_words(shape)}"


def in_words(shape: Shape) -> str:
    """Write a shape as `(?, 32, 3)`."""
    sizes = ["?" if size is None else str(size) for size in shape]
    return f"({sizes[0]},)" if len(sizes) == 1 else f"({', '.join(sizes)})"
