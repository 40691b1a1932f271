"""One look for all figures, and files whose bytes depend on nothing but what is drawn.

Colours are those of Okabe and Ito (2008), told apart by colour-blind readers. The reader's own matplotlib
settings do not count, the fonts are those that matplotlib brings, and text in SVG is drawn as paths.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import matplotlib.style
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

from ige.base.errors import InputError
from ige.report import naming
from ige.storage.atomic import atomic_path

INK = "#22262b"
MUTED = "#6b7177"
GRID = "#e3e6e9"
BLUE = "#0072b2"
GREEN = "#009e73"
VERMILION = "#d55e00"
PURPLE = "#cc79a7"
COLOURS = {
    naming.LIFTER_1: BLUE,
    naming.LIFTER_2: GREEN,
    naming.LIFTER: PURPLE,
    naming.IGE: VERMILION,
    naming.BASELINE: MUTED,
}
SERIES = {
    naming.LIFTER_1: "MLP, 1 residual block",
    naming.LIFTER_2: "MLP, 2 residual blocks",
    naming.LIFTER: "MLP of another form",
    naming.IGE: "IGE: MLP 128-1 and T descent steps",
}

_PNG_DPI = 200
_SETTINGS = {
    "svg.hashsalt": "ige",
    "svg.fonttype": "path",
    "font.family": "DejaVu Sans",
    "font.size": 9.0,
    "axes.titlesize": 10.0,
    "axes.labelsize": 9.5,
    "axes.edgecolor": MUTED,
    "axes.labelcolor": INK,
    "axes.linewidth": 0.7,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "text.color": INK,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "grid.color": GRID,
    "grid.linewidth": 0.7,
    "legend.frameon": False,
    "legend.fontsize": 8.5,
    "lines.solid_capstyle": "round",
}


def shade(colour: str, strength: float) -> tuple[float, float, float]:
    """Mix a colour with white below a strength of 1, with black above."""
    target, share = (1.0, 1.0 - strength) if strength <= 1.0 else (0.0, strength - 1.0)
    red, green, blue = (channel + share * (target - channel) for channel in to_rgb(colour))
    return red, green, blue


@contextmanager
def styled() -> Iterator[None]:
    """Draw in the house style, whatever matplotlibrc says."""
    with matplotlib.style.context([_SETTINGS], after_reset=True):
        yield


def save_figure(figure: Figure, path: Path, dpi: int = _PNG_DPI) -> None:
    """Write a figure as PNG (with so many pixels an inch) or SVG; the same figure gives the same bytes.

    Raises:
        InputError: if the name ends in neither .png nor .svg.
        StorageError: if the file cannot be written.
    """
    kind = path.suffix.lower().removeprefix(".")
    if kind not in ("png", "svg"):
        raise InputError("cannot be drawn", where=path, expected="a name that ends in .png or .svg")
    metadata = {"Software": None} if kind == "png" else {"Date": None, "Creator": None}
    with atomic_path(path) as temporary:
        figure.savefig(temporary, format=kind, dpi=dpi, metadata=metadata, facecolor="white")


def empty_figure(text: str) -> Figure:
    """Say why there is nothing to draw."""
    figure = Figure(figsize=(7.2, 1.0))
    figure.text(0.5, 0.5, text, ha="center", va="center")
    return figure


def light_grid(axes: Axes, axis: str = "y") -> None:
    """Put faint lines behind the data, and no tick marks at them."""
    axes.grid(visible=True, axis=axis)  # type: ignore[arg-type]
    axes.tick_params(axis=axis, length=0)  # type: ignore[arg-type]
