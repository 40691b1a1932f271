"""The rows of shapes.csv: one per model, resolution and category, averaged over examples, then over seeds.

The CSV file is the one source of the values that other tables and the page print. Its columns are a
contract: `VoxelRow`'s fields, in this order. All IoUs and the F-score are in percent, as published.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ige.params.stages import VoxelTableSettings
from ige.report.published_shapes import EVALUATED_AT, PUBLISHED_SOURCE, PublishedShape, published_iou
from ige.report.row_file import RowFile
from ige.report.rows import mean
from ige.report.voxel_scores import ALL, METRICS, VoxelScores, VoxelSetting

PUBLISHED_LISTS = ("r2n2", "shrec16")  # of splits, which the code published with the poster prepares


@dataclass(frozen=True, slots=True)
class VoxelRow:
    """A row of the table; None is an empty cell, all values are in percent.

    Attributes:
        model: its name in params.yaml, or what the poster calls it where the value alone is known.
        category: "all", or one category. All: the mean over the examples of all categories.
        resolution: cells per side of training.
        seeds: how many were averaged; None for a published value.
        iou_frustum_weighted: in the camera's frustum, cells weighted by their volume.
        iou_frustum: the same, every cell weighted alike.
        iou_world: after resampling to the object's box.
        silhouette_iou: of what camera and image see of answer and truth.
        f_score: of surfaces, at 1 % of the object's diagonal.
        published_iou: of the poster, at 256 cells per side on ShapeNet.
        n: test views; None for a published value.
        data: where the test shapes come from; for a published value, how it was measured.
    """

    model: str
    category: str
    resolution: int
    seeds: int | None
    iou_frustum_weighted: float | None
    iou_frustum: float | None
    iou_world: float | None
    silhouette_iou: float | None
    f_score: float | None
    published_iou: float | None
    n: int | None
    data: str


_FILE = RowFile(
    VoxelRow, "reconstructions", texts=("model", "category", "data"), counts=("resolution", "seeds", "n")
)
COLUMNS = _FILE.columns


def is_comparable(setting: VoxelSetting, settings: VoxelTableSettings) -> bool:
    """Whether published values stand beside ours: of the same data set, at the same cells per side.

    All of ShapeNetCore version 1, split by one of `PUBLISHED_LISTS`, the first view of each test shape. The
    published split, views and threshold are not known: notes say so.
    """
    shapenet = settings.shapenet
    return (
        setting.data == PUBLISHED_SOURCE
        and setting.resolution == EVALUATED_AT
        and setting.views == "first"
        and shapenet is not None
        and (shapenet.version, shapenet.counts) == (1, "full")
        and settings.splits.lists in PUBLISHED_LISTS
    )


def voxel_rows(
    scores: Iterable[VoxelScores],
    setting: VoxelSetting,
    settings: VoxelTableSettings,
    published: Sequence[PublishedShape],
) -> list[VoxelRow]:
    """Average the scores, and add the published values that belong to no row of ours.

    A published value stands in the row of ours that it compares with (`is_comparable`, the same name,
    category and resolution); the others have rows of their own, under the poster's names.
    """
    rows, taken = [], set()
    for score in scores:
        for category in (ALL, *score.categories):
            known = None
            if is_comparable(setting, settings):
                known = published_iou(published, score.model, category, score.resolution)
                taken.add((score.model, category, score.resolution))
            rows.append(_row(score, category, setting, known))
    left = [each for each in published if (each.model, each.category, each.resolution) not in taken]
    return rows + [_published_row(each) for each in left]


def _row(score: VoxelScores, category: str, setting: VoxelSetting, known: float | None) -> VoxelRow:
    return VoxelRow(
        model=score.model,
        category=category,
        resolution=score.resolution,
        seeds=len(score.seeds),
        **{name: percent(mean(score.means(name, category))) for name in METRICS},
        published_iou=known,
        n=len(score.of(category)),
        data=setting.data,
    )


def _published_row(value: PublishedShape) -> VoxelRow:
    return VoxelRow(
        model=value.label,
        category=value.category,
        resolution=value.resolution,
        seeds=None,
        **dict.fromkeys(METRICS),
        published_iou=value.iou,
        n=None,
        data=value.protocol,
    )


def percent(share: float | None) -> float | None:
    """Return a share in percent."""
    return None if share is None else 100.0 * share


def write_rows(path: Path, rows: Iterable[VoxelRow]) -> None:
    """Write shapes.csv; values with two decimals, published ones as they were published.

    Raises:
        StorageError: if the file cannot be written.
    """
    _FILE.write(path, rows)


def read_rows(path: Path) -> list[VoxelRow]:
    """Read shapes.csv.

    Raises:
        InputError: if it is missing, empty, has other columns, or holds something that is no number.
    """
    return _FILE.read(path)
