"""The published pose errors: the efficiency figure of IGE-Net's poster, measured from its vector graphics.

`published_poses.csv` holds every point: its cost (multiply-adds, kernel parameters) and its Procrustes
error on Human3.6M in mm. Source: the poster of Jack et al., CVPR 2019; errors there are whole millimetres.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from ige.storage.tables import read_csv

# T = 0 of the paper, to which its efficiency claim compares all else.
REFERENCE = "lifter-128-1"
_FILE = Path(__file__).with_name("published_poses.csv")


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
