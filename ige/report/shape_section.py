"""The section of the page on shape sets: what they hold, how they look, what was left out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ige.base.errors import InputError
from ige.report import wording
from ige.report.captions import contact_sheet_caption
from ige.report.draw_shapes import PREFIX
from ige.report.page_parts import PageFigure, PageTable, data_uri, page_table
from ige.report.shape_rows import ShapeRow, read_rows
from ige.report.shape_tables import category_table, notes
from ige.storage.tables import read_csv

_MOST_REASONS = 8  # the rarer ones are counted together


@dataclass(frozen=True, slots=True)
class SkippedModels:
    """How many models were skipped for one reason, and one of them."""

    reason: str
    models: int
    example: str


@dataclass(frozen=True, slots=True)
class ShapeSection:
    """What the template shows of the shapes of a run.

    Attributes:
        findings: sentences that say the most important.
        table: by category and resolution.
        notes: what its columns mean.
        figures: a contact sheet of each category.
        skipped: by reason, those with most models first.
    """

    findings: tuple[str, ...]
    table: PageTable
    notes: tuple[str, ...]
    figures: tuple[PageFigure, ...]
    skipped: tuple[SkippedModels, ...]


def shape_section(csv: Path, figures: Sequence[Path], skipped: Sequence[Path]) -> ShapeSection:
    """Read what the page shows of shapes.

    Args:
        csv: shape-sets.csv.
        figures: shapes-<category>.png, in the order of the page.
        skipped: skipped.csv of the manifest and of each shard.

    Raises:
        InputError: if a file is missing, damaged or not what it should be.
    """
    rows = read_rows(csv)
    return ShapeSection(
        findings=tuple(_findings(rows)),
        table=page_table(category_table(rows), {}),
        notes=tuple(notes(rows)),
        figures=tuple(_figure(path) for path in figures),
        skipped=tuple(_skipped(skipped)),
    )


def _findings(rows: Sequence[ShapeRow]) -> list[str]:
    """Say how many shapes there are, and how many of their grids need care."""
    coarsest = min((row.resolution for row in rows), default=None)
    if coarsest is None:
        return ["There are no shapes."]
    counted = [row for row in rows if row.resolution == coarsest]
    models = wording.some(sum(row.models for row in counted), "model")
    views = wording.some(sum(row.views for row in counted), "view")
    categories = wording.some(len({row.category for row in rows}), "category", "categories")
    sizes = ", ".join(str(size) for size in sorted({row.resolution for row in rows}))
    grids = sum(row.views for row in rows)
    megabytes = sum(row.bytes for row in counted) / 1e6
    text = (
        f"{models} of {categories} in {views}: an image each, and filled grids of {sizes} cells per side; "
        f"{megabytes:,.0f} MB."
    )
    leaks = sum(row.views * (row.leaks or 0.0) for row in rows)
    empty = sum(row.views * (row.empty or 0.0) for row in rows)
    care = (
        f"{leaks:,.0f} of {grids:,} grids are flagged as leaking, {empty:,.0f} are empty. A flag says that a "
        "mesh may be open in a way that lets the outside in: look at these before you train on them."
    )
    return [text, care]


def _figure(path: Path) -> PageFigure:
    caption = contact_sheet_caption(path.stem.removeprefix(PREFIX))
    return PageFigure(data_uri(path), caption.alt, caption.text, caption.title)


def _skipped(paths: Sequence[Path]) -> list[SkippedModels]:
    counts, examples = Counter[str](), dict[str, str]()
    for path in paths:
        for row in read_csv(path):
            try:
                counts[row["reason"]] += 1
                examples.setdefault(row["reason"], row["id"])
            except KeyError as error:
                raise InputError(
                    "is no list of what was skipped", where=path, expected="columns id, reason"
                ) from error
    reasons = sorted(counts, key=lambda reason: (-counts[reason], reason))
    shown, rest = reasons[:_MOST_REASONS], reasons[_MOST_REASONS:]
    groups = [SkippedModels(reason, counts[reason], examples[reason]) for reason in shown]
    if rest:
        total = sum(counts[reason] for reason in rest)
        groups.append(SkippedModels(f"{len(rest)} more reasons", total, examples[rest[0]]))
    return groups
