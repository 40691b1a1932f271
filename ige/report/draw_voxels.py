"""Stage `draw_shapes`: the figures of reconstructions, all but the learning curves of the finest resolution.

| in | out, each as PNG and SVG |
| --- | --- |
| examples of all models | reconstructions: image, truth and inferences from two sides |
| scores of models that refine | IoU and energy after each step |
| scores of all models and seeds | kinds of errors, and IoU against silhouette IoU |
| histories of all models that learn | learning curves |
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path

from matplotlib.figure import Figure

from ige.report.depth_shadow_figure import depth_shadow_figure
from ige.report.reconstruction_figure import reconstruction_figure, shown_models
from ige.report.style import save_figure, styled
from ige.report.voxel_examples import read_examples
from ige.report.voxel_learning_figure import read_voxel_curves, voxel_learning_figure
from ige.report.voxel_scores import Key, VoxelScores, read_voxel_scores
from ige.report.voxel_steps_figure import read_refined, voxel_steps_figure

log = logging.getLogger(__name__)


def draw_shapes(
    *,
    scores: Sequence[Path],
    predictions: Sequence[Path],
    histories: Sequence[Path],
    figures: Sequence[Path],
) -> None:
    """Draw the four figures.

    Args:
        scores: of all models and seeds.
        predictions: example views of all models.
        histories: one for each of the scores of a model that learns, in the same order.
        figures: the eight files to write: reconstructions, steps, kinds of errors (depth shadow), learning
            curves; each as .png and .svg.

    Raises:
        InputError: if an input is missing, damaged or does not belong to the others.
        StorageError: if a figure cannot be written.
        ValueError: if there are not eight figures to write.
    """
    reconstructions, steps, shadow, learning = (figures[at : at + 2] for at in range(0, len(figures), 2))
    read, _ = read_voxel_scores(scores)
    finest = max(score.resolution for score in read)
    shown = [score for score in read if score.resolution == finest]
    examples, curves = read_examples(predictions, finest), read_voxel_curves(read, histories)
    with styled():
        _save(reconstruction_figure(shown_models(examples), _ious(shown)), reconstructions)
        _save(voxel_steps_figure(read_refined(shown)), steps)
        _save(depth_shadow_figure(shown), shadow)
        _save(voxel_learning_figure(curves), learning)


def _ious(scores: Sequence[VoxelScores]) -> Mapping[tuple[str, Key], float]:
    """Return the IoU by volume of each view, of the seed whose answers the examples are: the first file's."""
    found = {}
    for score in scores:
        first = score.seeds.index(min(score.parts, key=lambda part: part.place).seed)
        for key, value in zip(score.keys, score.values["iou_frustum_weighted"][first], strict=True):
            found[score.model, key] = float(value)
    return found


def _save(figure: Figure, paths: Sequence[Path]) -> None:
    for path in paths:
        save_figure(figure, path)
        log.info("%s", path.name)
