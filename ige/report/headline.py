"""The rows of tables that matter most, as plain text for a terminal."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

from ige.base.errors import InputError
from ige.report import rows as pose_rows
from ige.report import voxel_comparisons, voxel_rows, wording
from ige.report.rows import PoseRow
from ige.report.scores import ALL, PUBLISHED_DATA
from ige.report.voxel_findings import energy_gains
from ige.report.voxel_notes import data_in_words
from ige.report.voxel_rows import VoxelRow
from ige.storage.tables import read_csv

_TITLES = ("model", "T", "error", "published", "difference")
_VOXEL_TITLES = ("model", "cells per side", "by volume", "of silhouettes")


def headline(paths: Sequence[Path]) -> str:
    """Return what matters most in tables, one below the other.

    Args:
        paths: poses.csv: models and their Procrustes errors; shapes.csv: models and their IoU;
            shapes-comparisons.csv: whether the energy helps. Their columns tell which is which.

    Raises:
        InputError: if one is missing or none of these tables.
    """
    makers = {
        pose_rows.COLUMNS: _poses,
        voxel_rows.COLUMNS: _shapes,
        voxel_comparisons.COLUMNS: _comparisons,
    }
    blocks = []
    for path in paths:
        columns = _columns(path)
        if columns not in makers:
            raise InputError(
                "no table that has a headline",
                where=path,
                expected="poses.csv, shapes.csv or shapes-comparisons.csv as a run wrote it",
                found=f"the columns {', '.join(columns)}",
            )
        blocks.append(makers[columns](path))
    return "\n\n".join(filter(None, blocks))


def _columns(path: Path) -> tuple[str, ...]:
    read_csv(path)  # tells what is wrong with it
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return tuple(next(csv.reader(stream)))


def _poses(path: Path) -> str:
    """Write model, steps, Procrustes error, published error and difference; also observations, if several."""
    rows = [row for row in pose_rows.read_rows(path) if row.subject == ALL]
    several = len({row.observation for row in rows}) > 1
    titles = (*_TITLES[:1], "observation", *_TITLES[1:]) if several else _TITLES
    return "\n".join([_title(rows), "", *_aligned([titles, *(_cells(row, several) for row in rows)])])


def _shapes(path: Path) -> str:
    """Write model, resolution and both IoUs."""
    rows = [row for row in voxel_rows.read_rows(path) if row.category == ALL and row.n is not None]
    return "\n".join([_voxel_title(rows), "", *_aligned([_VOXEL_TITLES, *map(_voxel_cells, rows)])])


def _voxel_title(rows: Sequence[VoxelRow]) -> str:
    counts = sorted({row.n or 0 for row in rows})
    n = " to ".join(f"{count:,}" for count in sorted({counts[0], counts[-1]}))
    return (
        f"IoU in % of reconstructions of {data_in_words(rows[0].data)}, n = {n} views, "
        f"{_seeds(rows[0].seeds or 1)}."
    )


def _voxel_cells(row: VoxelRow) -> tuple[str, ...]:
    return (
        row.model,
        str(row.resolution),
        wording.error(row.iou_frustum_weighted),
        wording.error(row.silhouette_iou),
    )


def _comparisons(path: Path) -> str:
    sentences = energy_gains(voxel_comparisons.read_comparisons(path))
    return "\n".join(sentences).replace(wording.MINUS, "-")


def _title(rows: Sequence[PoseRow]) -> str:
    row = rows[0]
    frames = {each.observation: each.frames for each in rows}
    counts = [
        f"n = {count:,}" if len(frames) == 1 else f"{count:,} ({name})" for name, count in frames.items()
    ]
    n = counts[0] if len(counts) == 1 else f"n = {wording.listed(counts)}"
    title = f"Procrustes error in mm on {wording.data_in_words(row.data)}, {n}, {_seeds(row.seeds)}."
    if row.data != PUBLISHED_DATA:
        title += "\nPublished errors are of Human3.6M: compare how they fall, not their values."
    return title


def _cells(row: PoseRow, several: bool) -> tuple[str, ...]:
    return (
        *((row.model, row.observation) if several else (row.model,)),
        wording.count(row.steps),
        wording.error(row.pa_mpjpe_mm_by_frame, row.pa_mpjpe_mm_by_frame_std) or "not finite",
        wording.published(row.published_pa_mpjpe_mm),
        # A terminal may know no typographic minus.
        wording.difference(row.pa_mpjpe_mm_by_frame, row.published_pa_mpjpe_mm).replace(wording.MINUS, "-"),
    )


def _seeds(count: int) -> str:
    return "one seed" if count == 1 else f"mean of {count} seeds"


def _aligned(lines: Sequence[tuple[str, ...]]) -> list[str]:
    """Set the first column to the left, all others to the right."""
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    texts = []
    for line in lines:
        first, *others = (cell.rjust(width) for cell, width in zip(line, widths, strict=True))
        texts.append("  ".join([first.strip().ljust(widths[0]), *others]).rstrip())
    return texts
