"""Text of motion files: plain or gzip, with a clear error where a file is none."""

from __future__ import annotations

import gzip
import math
import zlib
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ige.base.errors import InputError

_SHOWN_CHARACTERS = 40


def read_text(path: Path) -> str:
    """Read a text file; a name that ends in `.gz` says that it is compressed.

    Raises:
        InputError: if the file is missing, cannot be read, is damaged gzip, or is not text.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(f"cannot be read ({error.strerror})", where=path) from error
    if path.suffix.lower() == ".gz":
        try:
            data = gzip.decompress(data)
        except (OSError, EOFError, zlib.error) as error:
            raise InputError(
                "damaged or truncated gzip file", where=path, found=str(error), next_step="Fetch it again."
            ) from error
    if b"\0" in data:
        raise InputError("not a text file", where=path, expected="text", found="binary data")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        # Joint names in an old code page: the formats themselves are ASCII, so any one-byte code will do.
        return data.decode("latin-1")


def at_line(path: Path, number: int) -> str:
    """Name a place in a file, lines counted from 1."""
    return f"{path}, line {number}"


def shown(text: str) -> str:
    """Quote what was found, shortened and on one line."""
    cut = text if len(text) <= _SHOWN_CHARACTERS else text[:_SHOWN_CHARACTERS] + "..."
    return ascii(cut) if cut else "nothing"


def finite_numbers(words: Sequence[str], count: int, where: str, what: str) -> list[float]:
    """Read exactly `count` finite numbers.

    Raises:
        InputError: if there are more or fewer, or one is not a finite number.
    """
    if len(words) != count:
        raise InputError(
            f"{what} has the wrong length", where=where, expected=f"{count} numbers", found=str(len(words))
        )
    return [_finite(word, where, what) for word in words]


def finite_table(rows: Sequence[Sequence[str]]) -> NDArray[np.float64] | None:
    """Read rows of equal length as numbers, (rows, columns); None if one of them is not a finite number."""
    try:
        table = np.array(rows, dtype=np.float64)
    except ValueError:
        return None
    return table if np.isfinite(table).all() else None


def not_finite(lines: Iterable[tuple[str, Sequence[str]]]) -> InputError:
    """Build the error for the first of these lines (place, values) that holds no finite number."""
    for where, words in lines:
        try:
            finite_numbers(words, len(words), where, "a frame")
        except InputError as error:
            return error
    raise ValueError("all values are finite numbers")


def _finite(word: str, where: str, what: str) -> float:
    try:
        value = float(word)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise InputError(
            f"{what} holds a value that is not a finite number", where=where, found=shown(word)
        ) from None
    return value
