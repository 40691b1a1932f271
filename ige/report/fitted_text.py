"""Lines of text that fit into a width, by the measures of the font.

File names have no spaces: lines also break behind the letters that join their words.
"""

from __future__ import annotations

import re
from functools import cache

from matplotlib.font_manager import FontProperties
from matplotlib.textpath import TextToPath

_PIECE = re.compile(r"[^ _\-./]*[ _\-./]+|[^ _\-./]+")
_BISECTIONS = 8
_ELLIPSIS = "…"


@cache
def width_of(text: str, size: float, weight: str = "normal") -> float:
    """Measure a line of text, in points; `size` is that of the font, in points."""
    font = FontProperties(size=size, weight=weight)
    return float(TextToPath().get_text_width_height_descent(text, font, ismath=False)[0])


def wrapped(text: str, width: float, size: float, weight: str = "normal") -> list[str]:
    """Break a text into lines no wider than `width`, in points: behind spaces, `_`, `-`, `.` and `/`.

    What is too long without any of them is broken where it must be.
    """
    lines, line = [], ""
    for piece in _PIECE.findall(text):
        if line and width_of((line + piece).rstrip(), size, weight) > width:
            lines.append(line.rstrip())
            line = ""
        line += piece
        while len(line) > 1 and width_of(line.rstrip(), size, weight) > width:
            fits = _letters_that_fit(line, width, size, weight)
            lines.append(line[:fits])
            line = line[fits:]
    return [*lines, line.rstrip()] if line.strip() else lines


def _letters_that_fit(text: str, width: float, size: float, weight: str) -> int:
    counts = range(len(text), 1, -1)
    return next((count for count in counts if width_of(text[:count], size, weight) <= width), 1)


def balanced(text: str, width: float, size: float) -> list[str]:
    """Break a text into as few lines as `wrapped` does, and as even ones as can be."""
    lines = wrapped(text, width, size)
    low, high = width / 2.0, width
    for _ in range(_BISECTIONS):
        middle = 0.5 * (low + high)
        narrower = wrapped(text, middle, size)
        if len(narrower) > len(lines):
            low = middle
        else:
            lines, high = narrower, middle
    return lines


def shrunk(
    text: str, width: float, sizes: tuple[float, ...], most_lines: int, weight: str = "normal"
) -> tuple[list[str], float]:
    """Break a text into at most so many lines, in the first size of font in which it fits.

    Returns:
        Its lines and the size; in the last size what does not fit is cut, which an ellipsis says.
    """
    for size in sizes:
        lines = wrapped(text, width, size, weight)
        if len(lines) <= most_lines:
            return lines, size
    last = lines[most_lines - 1]
    while last and width_of(last + _ELLIPSIS, size, weight) > width:
        last = last[:-1]
    return [*lines[: most_lines - 1], last + _ELLIPSIS], size
