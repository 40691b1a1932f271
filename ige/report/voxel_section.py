"""The section of the page on reconstructions: findings, tables, what they mean, figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ige.base.errors import InputError
from ige.params.stages import VoxelTableSettings
from ige.report.page_parts import PageFigure, PageTable, data_uri, page_table
from ige.report.voxel_captions import voxel_captions
from ige.report.voxel_comparisons import read_comparisons
from ige.report.voxel_findings import voxel_findings
from ige.report.voxel_naming import series_of
from ige.report.voxel_notes import voxel_notes
from ige.report.voxel_rows import is_comparable, read_rows
from ige.report.voxel_scores import KIND, VoxelScores, read_voxel_scores
from ige.report.voxel_table_sections import table_sections
from ige.storage.records import read_record


@dataclass(frozen=True, slots=True)
class TitledTable:
    """A table, what stands above it, and whether it is unfolded."""

    title: str
    lines: tuple[str, ...]
    table: PageTable
    is_open: bool


@dataclass(frozen=True, slots=True)
class VoxelSection:
    """What the template shows of the reconstructions of a run.

    Attributes:
        findings: sentences that say the most important.
        caution: why published values do not compare; None if they do.
        tables: in the order of the page.
        notes: what their columns mean.
        figures: as `draw_shapes` drew them.
    """

    findings: tuple[str, ...]
    caution: str | None
    tables: tuple[TitledTable, ...]
    notes: tuple[str, ...]
    figures: tuple[PageFigure, ...]


_CAUTION = (
    "Published values are of ShapeNet at 256 cells per side; this run is measured otherwise. They show what "
    "the paper reports, and nothing is to be concluded from how far ours are from them."
)


@dataclass(frozen=True, slots=True)
class VoxelFiles:
    """What the section is made from.

    Attributes:
        csv: shapes.csv.
        comparisons: shapes-comparisons.csv.
        scores: of all models and seeds.
        figures: as `draw_shapes` got them.
    """

    csv: Path
    comparisons: Path
    scores: tuple[Path, ...]
    figures: tuple[Path, ...]

    def named_scores(self) -> list[tuple[str, Path]]:
        """Name the model and the seed of each score.

        Raises:
            InputError: if one is missing or damaged.
        """
        records = [(read_record(path, KIND), path) for path in self.scores]
        return [(f"{record['trained']}, seed {record['seed']}", path) for record, path in records]


def voxel_section(files: VoxelFiles, settings: VoxelTableSettings) -> VoxelSection:
    """Read what the page shows of reconstructions.

    Args:
        files: what it is made from.
        settings: as `tabulate_shapes` got them.

    Raises:
        InputError: if a file is missing, damaged or does not belong to the others.
    """
    read, setting = read_voxel_scores(files.scores)
    rows, differences = read_rows(files.csv), read_comparisons(files.comparisons)
    known = {(row.model, row.resolution) for row in rows}
    if not all((score.model, score.resolution) in known for score in read):
        raise InputError("a table of other models than the scores", where=files.csv)
    series = {score.model: series_of(score.family) for score in read}
    return VoxelSection(
        findings=tuple(voxel_findings(rows, differences, read)),
        caution=None if is_comparable(setting, settings) else _CAUTION,
        tables=tuple(
            TitledTable(each.title, each.lines, page_table(each.table, series), each.is_main)
            for each in table_sections(rows, differences, read, setting, settings)
        ),
        notes=tuple(voxel_notes(setting, settings, read)),
        figures=tuple(_figures(files.figures, read)),
    )


def _figures(paths: Sequence[Path], scores: Sequence[VoxelScores]) -> list[PageFigure]:
    texts = voxel_captions(scores)
    if len(paths) != 2 * len(texts):
        raise InputError(
            "not the figures that draw-shapes makes",
            expected=f"{2 * len(texts)} files",
            found=", ".join(path.name for path in paths) or "none",
        )
    # Reconstructions are pictures: as SVG they would only be larger.
    shown = [paths[0], *paths[3::2]]
    return [
        PageFigure(data_uri(path), text.alt, text.text, text.title)
        for path, text in zip(shown, texts, strict=True)
    ]
