"""Stage `collect_metrics`: the headline of the tables as one JSON file, for `dvc metrics`.

| in | out |
| --- | --- |
| poses.csv, and shapes.csv where shapes are trained | metrics.json |

Values are those of the tables, with their two decimals: of all test subjects or categories together, at the
number of steps that a model was trained with. Models stand under the names that commands know.
"""

from __future__ import annotations

import json
import logging
from pathlib import Path

from ige.params.naming import shape_trained_name, trained_name
from ige.params.stages import MetricsSettings
from ige.report import rows as pose_rows
from ige.report import voxel_rows
from ige.report.scores import ALL
from ige.storage.atomic import write_text

log = logging.getLogger(__name__)

Metrics = dict[str, dict[str, float | None]]


def collect_metrics(*, poses: Path, shapes: Path | None, out: Path, settings: MetricsSettings) -> None:
    """Write the file of metrics.

    Args:
        poses: poses.csv.
        shapes: shapes.csv, or None where no model of shapes is trained.
        out: file to write: by task, trained model and measure; null where the table has no value.
        settings: with how many steps models were trained.

    Raises:
        InputError: if a table is missing or damaged.
        StorageError: if the file cannot be written.
    """
    metrics = {"poses": _of_poses(poses, settings)}
    if shapes is not None:
        metrics["shapes"] = _of_shapes(shapes)
    write_text(out, json.dumps(metrics, indent=1, ensure_ascii=False) + "\n")
    log.info("%d models", sum(map(len, metrics.values())))


def _of_poses(table: Path, settings: MetricsSettings) -> Metrics:
    return {
        trained_name(row.model, row.observation): {
            "mpjpe_mm": row.mpjpe_mm_by_frame,
            "pa_mpjpe_mm": row.pa_mpjpe_mm_by_frame,
        }
        for row in pose_rows.read_rows(table)
        if row.subject == ALL and row.steps == settings.steps.get(row.model)
    }


def _of_shapes(table: Path) -> Metrics:
    return {
        shape_trained_name(row.model, row.resolution, None): {
            "iou": row.iou_frustum_weighted,
            "silhouette_iou": row.silhouette_iou,
        }
        for row in voxel_rows.read_rows(table)
        # Published values have rows of their own, without test views.
        if row.category == ALL and row.n is not None
    }
