"""Stage `collect_curves`: how each model learnt, as tables that `dvc plots` draws.

| in | out |
| --- | --- |
| history.csv of all models that learn, all seeds | a CSV file for each of these models |

Columns are named as in the histories: the epoch, the loss that was descended, and the validation error that
the figures show; mean over seeds, an empty cell where that is not finite.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Sequence
from pathlib import Path
from statistics import fmean

from ige.base.errors import InputError
from ige.storage.tables import read_csv, write_csv

log = logging.getLogger(__name__)

EPOCH, LOSS = "epoch", "train_loss"
POSE_ERROR, SHAPE_ERROR = "pa_mm", "one_minus_iou"


def collect_curves(
    *,
    pose_histories: Sequence[Path],
    pose_curves: Sequence[Path],
    shape_histories: Sequence[Path],
    shape_curves: Sequence[Path],
) -> None:
    """Write the curves.

    Args:
        pose_histories: of the models of poses that learn: all seeds of the first, then of the next.
        pose_curves: files to write, one for each of these models, in the same order.
        shape_histories: the same of the models of shapes.
        shape_curves: the same of the models of shapes.

    Raises:
        InputError: if their numbers do not fit, or a history is missing, damaged or of another length than
            those of the other seeds.
        StorageError: if a file cannot be written.
    """
    for histories, curves, error in (
        (pose_histories, pose_curves, POSE_ERROR),
        (shape_histories, shape_curves, SHAPE_ERROR),
    ):
        seeds = _seeds(histories, curves)
        for place, curve in enumerate(curves):
            _collect(histories[place * seeds : (place + 1) * seeds], curve, error)
    log.info("%d curves", len(pose_curves) + len(shape_curves))


def _seeds(histories: Sequence[Path], curves: Sequence[Path]) -> int:
    seeds, rest = divmod(len(histories), max(len(curves), 1))
    if rest or bool(histories) != bool(curves):
        raise InputError(
            "histories that do not belong to the curves",
            expected=f"as many for each of {len(curves)} curves",
            found=str(len(histories)),
        )
    return seeds


def _collect(histories: Sequence[Path], curve: Path, error: str) -> None:
    columns = (EPOCH, LOSS, error)
    seeds = [_read(path, columns) for path in histories]
    for path, seed in zip(histories, seeds, strict=True):
        if [row[0] for row in seed] != [row[0] for row in seeds[0]]:
            raise InputError(
                f"other epochs than those of {histories[0]}",
                where=path,
                expected=str(len(seeds[0])),
                found=str(len(seed)),
            )
    rows = [[fmean(values) for values in zip(*each, strict=True)] for each in zip(*seeds, strict=True)]
    write_csv(curve, columns, (dict(zip(columns, map(_cell, row), strict=True)) for row in rows))


def _read(path: Path, columns: Sequence[str]) -> list[list[float]]:
    rows = read_csv(path)
    if not rows or not set(columns) <= rows[0].keys():
        raise InputError(
            "no history of a training", where=path, expected=f"rows with columns {', '.join(columns)}"
        )
    try:
        return [[float(row[name]) for name in columns] for row in rows]
    except ValueError as error:
        raise InputError("holds a cell that is no number", where=path, found=str(error)) from error


def _cell(value: float) -> str:
    return f"{value:.6g}" if math.isfinite(value) else ""
