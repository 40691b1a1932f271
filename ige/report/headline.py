"""The rows of a table that matter most, as plain text for a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ige.report import wording
from ige.report.rows import PoseRow, read_rows
from ige.report.scores import ALL, PUBLISHED_DATA

_TITLES = ("model", "T", "error", "published", "difference")


def headline(csv: Path) -> str:
    """Return model, steps, Procrustes error, published error and difference, aligned.

    Observations have a column where there are several.

    Args:
        csv: poses.csv.

    Raises:
        InputError: if it is missing or no table of poses.
    """
    rows = [row for row in read_rows(csv) if row.subject == ALL]
    several = len({row.observation for row in rows}) > 1
    titles = (*_TITLES[:1], "observation", *_TITLES[1:]) if several else _TITLES
    cells = [titles, *(_cells(row, several) for row in rows)]
    widths = [max(len(line[column]) for line in cells) for column in range(len(titles))]
    lines = [_aligned(line, widths) for line in cells]
    return "\n".join([_title(rows), "", lines[0], *lines[1:]])


def _title(rows: Sequence[PoseRow]) -> str:
    row = rows[0]
    seeds = "one seed" if row.seeds == 1 else f"mean of {row.seeds} seeds"
    frames = {each.observation: each.frames for each in rows}
    counts = [
        f"n = {count:,}" if len(frames) == 1 else f"{count:,} ({name})" for name, count in frames.items()
    ]
    n = counts[0] if len(counts) == 1 else f"n = {wording.listed(counts)}"
    title = f"Procrustes error in mm on {wording.data_in_words(row.data)}, {n}, {seeds}."
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


def _aligned(line: tuple[str, ...], widths: list[int]) -> str:
    first, *others = (cell.rjust(width) for cell, width in zip(line, widths, strict=True))
    return "  ".join([first.strip().ljust(widths[0]), *others]).rstrip()
