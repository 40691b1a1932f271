"""The published pose errors on Human3.6M: of IGE-Net's poster, and of Martinez et al. by action.

`published_poses.csv` holds every point of the poster's efficiency figure, measured from its vector graphics:
its cost (multiply-adds, kernel parameters) and its Procrustes error in mm. Source: the poster of Jack et al.,
CVPR 2019; errors there are whole millimetres. `published_actions.csv` holds errors by action in mm, each line
with its source; trained on S1, S5, S6, S7 and S8, tested on S9 and S11, every frame of all four cameras, one
model for all actions.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

from ige.params.poses import Action
from ige.storage.tables import read_csv

# T = 0 of the paper, to which its efficiency claim compares all else.
REFERENCE = "lifter-128-1"
ACTIONS: tuple[str, ...] = get_args(Action)  # of Human3.6M, in the order of published tables
_FILE = Path(__file__).with_name("published_poses.csv")
_ACTIONS_FILE = Path(__file__).with_name("published_actions.csv")


@dataclass(frozen=True, slots=True)
class Published:
    """One published point.

    Attributes:
        model: the name that `params.yaml` gives a model of this form.
        series: "lifter-1" and "lifter-2" (by residual blocks), or "ige".
        width: hidden units of the lifter.
        steps: T; None for a lifter alone.
        multiply_adds: per pose.
        parameters: entries of all kernels, without biases.
        pa_mpjpe_mm: Procrustes error on Human3.6M, S9 and S11.
    """

    model: str
    series: str
    width: int
    steps: int | None
    multiply_adds: int
    parameters: int
    pa_mpjpe_mm: float


def published_poses() -> list[Published]:
    """Return all published points, each series in the order of its cost."""
    return [
        Published(
            model=row["model"],
            series=row["series"],
            width=int(row["width"]),
            steps=int(row["steps"]) if row["steps"] else None,
            multiply_adds=int(row["multiply_adds"]),
            parameters=int(row["parameters"]),
            pa_mpjpe_mm=float(row["pa_mpjpe_mm"]),
        )
        for row in read_csv(_FILE)
    ]


def published_error_mm(
    points: Iterable[Published],
    *,
    model: str,
    steps: int | None,
    multiply_adds: int | None,
    parameters: int | None,
) -> float | None:
    """Find the published error of a model, if there is one.

    Name, steps and both counts must agree, so other steps than the published ones have no published value,
    nor has a model of another size that only bears the name. Nothing else is compared: a variant that keeps
    all four (another dropout, another schedule) should bear another name.
    """
    ours = (model, steps, multiply_adds, parameters)
    for point in points:
        if (point.model, point.steps, point.multiply_adds, point.parameters) == ours:
            return point.pa_mpjpe_mm
    return None


@dataclass(frozen=True, slots=True)
class PublishedActions:
    """One published line of errors by action.

    Attributes:
        model: whose it is.
        observation: the 2D input, in words.
        metric: "mpjpe_mm" (P1) or "pa_mpjpe_mm" (P2).
        errors_mm: by action of `ACTIONS`.
        by_action: their mean, as published.
        joints: how many were scored.
        source: where the numbers stand.
    """

    model: str
    observation: str
    metric: str
    errors_mm: tuple[float, ...]
    by_action: float
    joints: int
    source: str


def published_actions() -> list[PublishedActions]:
    """Return all published lines of errors by action."""
    return [
        PublishedActions(
            model=row["model"],
            observation=row["observation"],
            metric=row["metric"],
            errors_mm=tuple(float(row[action]) for action in ACTIONS),
            by_action=float(row["by_action"]),
            joints=int(row["joints"]),
            source=row["source"],
        )
        for row in read_csv(_ACTIONS_FILE)
    ]
