"""Numbers and facts as the tables, the page and the headline write them."""

from __future__ import annotations

from collections.abc import Sequence

MINUS = "−"
_DATA = {
    "procedural": "generated motion (procedural)",
    "mocap": "motion-capture files (mocap)",
    "h36m": "Human3.6M",
}


def data_in_words(data: str) -> str:
    """Say where poses come from: "procedural" becomes "generated motion (procedural)"."""
    return _DATA.get(data, data)


def count(value: int | None) -> str:
    """Write 43008 as 43,008, and nothing for nothing."""
    return "" if value is None else f"{value:,}"


def ordinal(number: int) -> str:
    """Write 2 as 2nd and 12 as 12th."""
    teen = number // 10 % 10 == 1
    return f"{number}{'th' if teen else {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th')}"


def some(number: int, thing: str, things: str | None = None) -> str:
    """Count things: 1 model, 2,000 models."""
    return f"{number:,} {thing if number == 1 else things or f'{thing}s'}"


def error(value: float | None, spread: float | None = None) -> str:
    """Write an error in mm with one decimal, with its standard deviation if there is one."""
    if value is None:
        return ""
    return f"{value:.1f}" if spread is None else f"{value:.1f} ± {spread:.1f}"


def published(value: float | None) -> str:
    """Write a published error as it was published."""
    return "" if value is None else f"{value:g}"


def difference(ours: float | None, theirs: float | None) -> str:
    """Write ours - theirs with its sign."""
    if ours is None or theirs is None:
        return ""
    text = f"{ours - theirs:+.1f}"
    return "0.0" if text in ("+0.0", "-0.0") else text.replace("-", MINUS)


def ratio(value: float | None, reference: float | None) -> str:
    """Write value / reference with two decimals."""
    return "" if value is None or not reference else f"{value / reference:.2f}"


def listed(words: Sequence[str]) -> str:
    """Join words: a; a and b; a, b and c."""
    return " and ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))
