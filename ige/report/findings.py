"""What the table says, in sentences: what descent gains, at what cost, and what controls explain of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ige.report import wording
from ige.report.published import REFERENCE
from ige.report.rows import PoseRow
from ige.report.scores import ALL

_DESCENTS = ("ige-t4", "ige-t8", "ige-t2", "ige-t1")  # the first that was trained is told
_LARGE = "lifter-1024-2"
_BASELINES = {
    "nearest-pose": "the pose of the nearest training observation gives",
    "mean-pose": "the mean training pose",
}
_CONTROLS = {
    f"{REFERENCE}-long": "when trained once more, as within IGE",
    f"{REFERENCE}-nodropout": "when trained without dropout",
}


def findings(rows: Sequence[PoseRow]) -> list[str]:
    """Say the gain of descent, the comparison with the large lifter and the controls, as far as there are.

    All of that for the first observation; of others the gain and the comparison.
    """
    names = list(dict.fromkeys(row.observation for row in rows))
    sentences = []
    for name in names:
        told = _of_observation([row for row in rows if row.observation == name], name == names[0])
        sentences += [f"Observation {name}: {text}" for text in told] if len(names) > 1 else told
    return sentences


def _of_observation(rows: Sequence[PoseRow], in_full: bool) -> list[str]:
    found = {
        row.model: row
        for row in rows
        if row.subject == ALL and row.pa_mpjpe_mm_by_frame is not None and _has_trained_steps(row)
    }
    start = found.get(REFERENCE)
    descent = next((found[name] for name in _DESCENTS if name in found), None)
    if start is None or descent is None:
        return []
    sentences = [_gain(start, descent)]
    if _LARGE in found:
        sentences.append(_cost(descent, found[_LARGE]))
    return sentences + (_controls(found, start, descent) + _baselines(found, descent) if in_full else [])


def _controls(found: Mapping[str, PoseRow], start: PoseRow, descent: PoseRow) -> list[str]:
    """Say what the start reaches by other means than descent."""
    controls = [
        f"{_error(found[name])} {words} (descent leaves {_ratio(descent, found[name])} of that)"
        for name, words in _CONTROLS.items()
        if name in found
    ]
    return [f"Controls: {start.model} alone reaches {wording.listed(controls)}."] if controls else []


def _baselines(found: Mapping[str, PoseRow], descent: PoseRow) -> list[str]:
    """Set the models beside what needs no learning."""
    words = [f"{text} {_error(found[name])}" for name, text in _BASELINES.items() if name in found]
    sentences = [f"Without learning: {wording.listed(words)}."] if words else []
    mean = found.get("mean-pose")
    if mean is not None and (descent.pa_mpjpe_mm_by_frame or 0) > (mean.pa_mpjpe_mm_by_frame or 0):
        sentences.append(
            f"{descent.model} is worse than the mean pose: it has seen too few pairs or epochs, and nothing "
            "else on this page means much."
        )
    return sentences


def _has_trained_steps(row: PoseRow) -> bool:
    """Tell the row of `ige-t4` with 4 steps from those of other numbers of steps."""
    return row.steps is None or row.model == f"ige-t{row.steps}"


def _gain(start: PoseRow, descent: PoseRow) -> str:
    steps = "One step" if descent.steps == 1 else f"{descent.steps} steps"
    takes = "takes" if descent.steps == 1 else "take"
    text = (
        f"{steps} of descent {takes} the Procrustes error of {start.model} from {_error(start)} to "
        f"{_error(descent)}, to {_ratio(descent, start)} of it"
    )
    if start.published_pa_mpjpe_mm and descent.published_pa_mpjpe_mm:
        theirs = wording.ratio(descent.published_pa_mpjpe_mm, start.published_pa_mpjpe_mm)
        text += (
            f" (published: {start.published_pa_mpjpe_mm:g} to {descent.published_pa_mpjpe_mm:g} mm, {theirs})"
        )
    return text + "."


def _cost(descent: PoseRow, large: PoseRow) -> str:
    text = f"{large.model} reaches {_error(large)}"
    if large.published_pa_mpjpe_mm:
        text += f" (published: {large.published_pa_mpjpe_mm:g} mm)"
    if descent.multiply_adds and descent.parameters and large.multiply_adds and large.parameters:
        text += (
            f", with {large.multiply_adds / descent.multiply_adds:.1f} times the multiply-adds and "
            f"{large.parameters / descent.parameters:.0f} times the parameters of {descent.model}"
        )
    return text + "."


def _error(row: PoseRow) -> str:
    return f"{wording.error(row.pa_mpjpe_mm_by_frame, row.pa_mpjpe_mm_by_frame_std)} mm"


def _ratio(row: PoseRow, reference: PoseRow) -> str:
    return wording.ratio(row.pa_mpjpe_mm_by_frame, reference.pa_mpjpe_mm_by_frame)
