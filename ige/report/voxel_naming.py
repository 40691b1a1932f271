"""What figures and page call the models of shapes, and their colours: one for each family."""

from __future__ import annotations

from collections.abc import Sequence

from ige.report import style
from ige.report.voxel_scores import LEARNED

BASELINE = "baseline"
_COLOURS = {"deconv": style.BLUE, "head": style.GREEN, "ige": style.VERMILION}
_LIGHTEST, _DARKEST = 0.65, 1.35


def series_of(family: str) -> str:
    """Name the series of a family, by which figures and page colour it."""
    return family if family in LEARNED else BASELINE


def colour_of(family: str) -> str:
    """Return the colour of a family."""
    return _COLOURS.get(family, style.MUTED)


def shades_of(families: Sequence[str]) -> list[tuple[float, float, float]]:
    """Give each of some models a colour: those of one family shades of its own, from light to dark."""
    shades = []
    for place, family in enumerate(families):
        members = families.count(family)
        before = families[:place].count(family)
        strength = 1.0 if members == 1 else _LIGHTEST + (_DARKEST - _LIGHTEST) * before / (members - 1)
        shades.append(style.shade(colour_of(family), strength))
    return shades
