"""The tables of reconstructions, in their order, each with what stands above it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ige.params.stages import VoxelTableSettings
from ige.report.table_text import TextTable
from ige.report.voxel_comparisons import Comparison
from ige.report.voxel_notes import comparison_notes, head, model_notes
from ige.report.voxel_poster_table import poster_table
from ige.report.voxel_rows import VoxelRow
from ige.report.voxel_scores import VoxelScores, VoxelSetting
from ige.report.voxel_text import category_table, comparison_table, models_table

POSTER = "Mean IoU (%) by category and resolution, as in the poster"


@dataclass(frozen=True, slots=True)
class TableSection:
    """A table.

    Attributes:
        title: what it shows.
        lines: what stands above it: data, protocol, n, seeds, threshold; then what needs care.
        table: its cells.
        is_main: whether it is shown at once; the others hold details.
    """

    title: str
    lines: tuple[str, ...]
    table: TextTable
    is_main: bool


def table_sections(
    rows: Sequence[VoxelRow],
    differences: Sequence[Comparison],
    scores: Sequence[VoxelScores],
    setting: VoxelSetting,
    settings: VoxelTableSettings,
) -> list[TableSection]:
    """Make all tables: models, the poster's, differences if there are any, then by category.

    Args:
        rows: of shapes.csv.
        differences: of shapes-comparisons.csv.
        scores: of all models.
        setting: what they share.
        settings: of the stage.
    """
    above = head(setting, settings, scores)
    sections = [
        TableSection("All models", (above, *model_notes(scores)), models_table(rows, scores), True),
        TableSection(POSTER, (above,), poster_table(rows, setting, settings), True),
    ]
    if differences:
        lines = (above, *comparison_notes(settings, scores, differences))
        title = "Differences between models on the same test views"
        sections.append(TableSection(title, lines, comparison_table(differences), True))
    by_category = {
        "IoU by volume (%), by category": "iou_frustum_weighted",
        "Silhouette IoU (%), by category": "silhouette_iou",
    }
    return sections + [
        TableSection(title, (above,), category_table(rows, metric), False)
        for title, metric in by_category.items()
    ]
