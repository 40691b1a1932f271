"""Stage `draw_poses`: the figures, of the first observation of a run alone.

| in | out, each as PNG and SVG |
| --- | --- |
| scores of all models and seeds | error against cost, beside the published points |
| example poses of all models | poses over the steps of descent |
| histories of all models that learn | learning curves |
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path

from matplotlib.figure import Figure

from ige.report.efficiency_figure import efficiency_figure
from ige.report.learning_figure import learning_figure, read_curves
from ige.report.pose_figure import pose_figure, read_descent
from ige.report.published import published_poses
from ige.report.rows import pose_rows
from ige.report.scores import read_scores
from ige.report.style import save_figure, styled

log = logging.getLogger(__name__)


def draw_poses(
    *,
    scores: Sequence[Path],
    predictions: Sequence[Path],
    histories: Sequence[Path],
    figures: Sequence[Path],
) -> None:
    """Draw the three figures.

    Args:
        scores: of all models and seeds; the figures show those of the first one's observation.
        predictions: example poses of all models.
        histories: one for each of the scores of a model that learns, in the same order.
        figures: the six files to write: error against cost, poses over steps, learning curves; each as .png
            and .svg.

    Raises:
        InputError: if an input is missing, damaged or does not belong to the others.
        StorageError: if a figure cannot be written.
        ValueError: if there are not six figures to write.
    """
    efficiency, steps, learning = (figures[at : at + 2] for at in range(0, len(figures), 2))
    read, setting = read_scores(scores)
    observation = setting.observations[0].name
    shown = [score for score in read if score.observation == observation]
    published = published_poses() if shown[0].is_published_input else []
    models = {score.model: score for score in reversed(shown)}
    data = setting.data if len(setting.observations) == 1 else f"{setting.data}, {observation}"
    with styled():
        rows = pose_rows(shown, setting.data, published)
        _save(efficiency_figure(rows, models, published, data), efficiency)
        _save(pose_figure(read_descent(predictions, observation)), steps)
        _save(learning_figure(read_curves(read, histories, observation)), learning)


def _save(figure: Figure, paths: Sequence[Path]) -> None:
    for path in paths:
        save_figure(figure, path)
        log.info("%s", path.name)
