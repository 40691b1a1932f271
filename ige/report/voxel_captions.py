"""What stands under the figures of reconstructions, and the same for who cannot see."""

from __future__ import annotations

from collections.abc import Sequence

from ige.report import wording
from ige.report.captions import Caption
from ige.report.rows import mean
from ige.report.voxel_rows import percent
from ige.report.voxel_scores import VoxelScores


def voxel_captions(scores: Sequence[VoxelScores]) -> tuple[Caption, Caption, Caption, Caption]:
    """Write the captions of the four figures, in the order of `draw_shapes`."""
    finest = max(score.resolution for score in scores)
    shown = [score for score in scores if score.resolution == finest]
    seeds = max(len(score.seeds) for score in scores)
    return _reconstructions(shown), _steps(shown), _errors(shown), _learning(seeds)


def _reconstructions(scores: Sequence[VoxelScores]) -> Caption:
    worlds = any(score.coordinates == "world" for score in scores)
    kinds = "one model of each kind" + ", and one that answers in the world" * worlds
    text = (
        "Test views, one or more of each category, chosen by their place in the test set and not by their "
        "looks. Upper row: from the camera; lower row: from the side and behind, where the image shows "
        f"nothing. Truth: at the resolution of the test. Answers: of the first seed, {kinds}, at "
        f"{scores[0].resolution} cells per side; the surface parts exactly the filled cells from the empty "
        "ones. Orange: filled more than a 32nd of the grid's side away from any true cell. Below: IoU by "
        "volume of that view."
    )
    alt = (
        "For each of several test shapes its image, the true shape and the shapes that models infer, as "
        "smooth surfaces seen from the camera and from another side; wrong parts are orange."
    )
    return Caption("Reconstructions", text, alt)


def _steps(scores: Sequence[VoxelScores]) -> Caption:
    text = (
        "What steps of refinement do: change since the model's own first guess, mean over test views and "
        "seeds; thin lines: over those of single categories. A head corrects once. Left: IoU at the "
        "resolution of the model, cells alike. Right: the energy that the model descends on; it is evaluated "
        "before each step, so the last is unknown."
    )
    changes = [
        f"{score.model} from {100.0 * first:.1f} to {100.0 * last:.1f} %"
        for score in scores
        for steps in [score.parts[0].steps]
        if steps and (first := steps[0].iou) is not None and (last := steps[-1].iou) is not None
    ]
    alt = f"Line charts of IoU and energy by step. IoU: {wording.listed(changes) or 'no model takes steps'}."
    return Caption("IoU and energy over the steps", text, alt)


def _errors(scores: Sequence[VoxelScores]) -> Caption:
    text = (
        "Left: where the union of answer and truth is right, missed, false but hidden in front of or behind "
        "the object (the depth shadow), or false beside its silhouette, where the image shows it. Right: IoU "
        "of silhouettes against IoU in 3D; on the line both are equal. Grey: models that do not learn."
    )
    means = [
        f"{score.model} {wording.error(percent(mean(score.means('iou_frustum_weighted'))))} % and "
        f"{wording.error(percent(mean(score.means('silhouette_iou'))))} %"
        for score in scores
    ]
    alt = f"Bars of kinds of errors, and a scatter plot. IoU in 3D and of silhouettes: {'; '.join(means)}."
    return Caption("Kinds of errors", text, alt)


def _learning(seeds: int) -> Caption:
    text = (
        "IoU on validation shapes after each epoch, at the resolution of the model. The test shapes play no "
        "part. Models that start from a trained one do not begin untrained."
    )
    if seeds > 1:
        text += " Faint lines: single seeds; bold: their mean."
    alt = "Line charts of validation IoU by epoch for all models of shapes that learn."
    return Caption("Learning curves of models of shapes", text, alt)
