"""What the figures call a model: the series it belongs to, and a short label within it.

The names of params.yaml say what a model is: `lifter-<width>-<blocks>[-<variant>]` and
`ige-t<steps>[-<variant>]`. A model of another name is shown under its full name.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_LIFTER = re.compile(r"lifter-(?P<width>\d+)-(?P<blocks>\d+)(?:-(?P<variant>.+))?")
_IGE = re.compile(r"ige-t(?P<steps>\d+)(?:-(?P<variant>.+))?")
_VARIANTS = {
    "nodropout": "no dropout",
    "long": "twice as long",
    "ex": "$E_x$ only",
    "ey": "$E_y$ only",
    "relu": "ReLU",
}

LIFTER_1 = "lifter-1"
LIFTER_2 = "lifter-2"
LIFTER = "lifter"
IGE = "ige"
BASELINE = "baseline"


@dataclass(frozen=True, slots=True)
class Name:
    """How a model is called in figures.

    Attributes:
        series: LIFTER_1, LIFTER_2 (by residual blocks), LIFTER (of another form), IGE or BASELINE.
        label: within its series, e.g. "1024" or "T=4".
        full: by itself, e.g. "MLP 1024-2" or "IGE, T=4".
        is_variant: whether it differs from the published form, so that it stands beside its series.
    """

    series: str
    label: str
    full: str
    is_variant: bool


def name_of(model: str, family: str) -> Name:
    """Name a model of one of the families of the scores."""
    if family == "lifter":
        return _lifter(model)
    if family == "ige":
        return _ige(model)
    plain = family.replace("-", " ")
    return Name(BASELINE, plain, plain, False)


def _lifter(model: str) -> Name:
    match = _LIFTER.fullmatch(model)
    if match is None:
        return Name(LIFTER, model, model, True)
    width, blocks, variant = match["width"], match["blocks"], _words(match["variant"])
    series = {"1": LIFTER_1, "2": LIFTER_2}.get(blocks, LIFTER)
    label = width if series != LIFTER else f"{width}-{blocks}"
    full = f"MLP {width}-{blocks}"
    if variant:
        return Name(series, f"{label}, {variant}", f"{full}, {variant}", True)
    return Name(series, label, full, False)


def _ige(model: str) -> Name:
    match = _IGE.fullmatch(model)
    if match is None:
        return Name(IGE, model, model, True)
    label, variant = f"T={match['steps']}", _words(match["variant"])
    if variant:
        return Name(IGE, f"{label}, {variant}", f"IGE, {label}, {variant}", True)
    return Name(IGE, label, f"IGE, {label}", False)


def _words(variant: str | None) -> str:
    return _VARIANTS.get(variant, variant.replace("-", " ")) if variant else ""
