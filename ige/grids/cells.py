"""Cells along a line: one rule for what is projected and for what is crossed, or surfaces would leak."""

from __future__ import annotations

from ige.grids.kernel import kernel


@kernel
def first_centre(x: float, resolution: int) -> int:
    """Return the first cell whose centre is at or beyond x; 0 for what is no number."""
    beyond = x - 0.5
    if not beyond > 0.0:
        return 0
    if beyond >= resolution:
        return resolution
    i = int(beyond)
    return i + 1 if i < beyond else i
