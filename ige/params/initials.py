"""Which models are trained for the selected ones to start from."""

from __future__ import annotations

from collections.abc import Callable, Iterable


def with_initials(selected: Iterable[str], initial_of: Callable[[str], str | None]) -> list[str]:
    """Name the selected models, and after each all that it starts from."""
    names: dict[str, None] = {}
    for first in selected:
        name: str | None = first
        while name is not None:
            names[name] = None
            name = initial_of(name)
    return list(names)
