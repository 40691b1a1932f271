"""Stage `evaluate_poses`: models to scores on the test subjects, and a few poses to look at.

| in | out |
| --- | --- |
| lifting set of the test subjects, one model per seed | scores and provenance per seed, examples |

A score has one row per number of steps and subject, and one for all subjects, with the errors of
`metrics.poses`: mean by frame and by action, and for each action the mean of its frames. An error that has no
meaning for the model (P1 of poses that are free in scale, the optimal scale of poses that are not placed
before the camera), or a mean over poses that are not finite, is null. Poses are lifted and measured in parts,
so that memory is bounded by the pairs and one number per pose and error.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from ige.base.progress import progress
from ige.geometry.skeletons import with_hip_midpoint
from ige.metrics.poses import (
    mean_by_action,
    mean_by_frame,
    mpjpe_mm,
    n_mpjpe_mm,
    negative_scales,
    opt_scale_error_mm,
    pa_mpjpe_mm,
    pa_mpjpe_of_metric_mm,
)
from ige.params.naming import split_trained
from ige.params.stages import PoseScoringSettings
from ige.poses.lifting_set import LiftingSet, read_lifting_set
from ige.poses.models import (
    PoseModel,
    family_of,
    is_root_relative,
    lift_in_batches,
    load_pose_model,
    multiply_adds,
    parameters,
    scale_of,
    trained_steps,
)
from ige.poses.problem import Pairs, pairs_of
from ige.poses.train import THREADS
from ige.storage.arrays import write_arrays
from ige.storage.provenance import write_provenance
from ige.storage.records import write_record
from ige.training.devices import choose_device, set_threads

SCORES_KIND = "pose-scores"
EXAMPLES_KIND = "pose-examples"
_GOLDEN_RATIO = (5**0.5 - 1) / 2
ALL_SUBJECTS = "all"

_PROTOCOL = (
    "17 joints (the 16 of the model and the midpoint of the hips), camera frame, last iterate, mm; P1 "
    "(MPJPE): midpoints of the hips at the origin, no scale and no rotation, for metric predictions alone; "
    "N-MPJPE: the same after the optimal scale; optimal scale: after the optimal scale about the camera; P2 "
    "(PA-MPJPE): after Procrustes without reflection, for predictions that are free in scale after the "
    "optimal scale; by frame: mean over all poses and cameras, by action: mean of the actions' means"
)
_METRICS = ("pa_mpjpe_mm", "opt_scale_mm", "n_mpjpe_mm", "mpjpe_mm")
_NEGATIVE = "negative_scale_share"
# Metrics work in double precision and keep several copies of what they are given.
_POSES_AT_ONCE = 16_384

Floats = NDArray[np.float64]
Poses = NDArray[Any]
Metric = Callable[[Poses, Poses], Floats]


def evaluate_poses(
    *,
    name: str,
    test: Path,
    models: Sequence[Path],
    scores: Sequence[Path],
    records: Sequence[Path],
    predictions: Path,
    settings: PoseScoringSettings,
    code: str,
    device: str,
) -> None:
    """Score a model, once per seed.

    Args:
        name: of the trained model (`params.naming`).
        test: lifting set of the test subjects.
        models: model.pt, one per seed.
        scores: JSON records to write, one per seed.
        records: provenance to write, one per seed.
        predictions: HDF5 to write: example poses of the first seed with all their iterates.
        settings: other numbers of steps to try, how many examples, poses at once.
        code: version of the stage's code.
        device: auto, cpu or cuda.

    Raises:
        InputError: if an input is missing, damaged, empty or of another kind.
        StorageError: if an output cannot be written.
    """
    set_threads(THREADS)
    where = choose_device(device)
    content = read_lifting_set(test)
    pairs = pairs_of(content, test, where)
    for index, (path, score, record) in enumerate(zip(models, scores, records, strict=True)):
        model, attributes = load_pose_model(path, where)
        outputs = [score]
        rows = _rows(model, content, pairs, settings, f"{name}, seed {attributes['seed']}")
        write_record(score, SCORES_KIND, {**_head(name, model, attributes, content), "rows": rows})
        if index == 0:
            _write_examples(predictions, name, model, content, pairs, settings)
            outputs.append(predictions)
        write_provenance(
            record,
            stage="evaluate_poses",
            settings=settings.subtree(),
            asked={"model": name, "seed": attributes["seed"]},
            code=code,
            inputs=[test, path],
            outputs=outputs,
            device=where.type,
        )


def _head(name: str, model: PoseModel, attributes: dict[str, Any], content: LiftingSet) -> dict[str, Any]:
    model_name, observation_name = split_trained(name)
    return {
        "model": model_name,
        "family": family_of(model),
        "scale": scale_of(model),
        "seed": attributes["seed"],
        "data": content.source,
        "observation_name": observation_name,
        "observation": content.observation,
        "protocol": _PROTOCOL,
        "joints": 17,
        "parameters": parameters(model),
        "trained_steps": trained_steps(model),
        "subjects": _subjects(content),
    }


def _rows(
    model: PoseModel, content: LiftingSet, pairs: Pairs, settings: PoseScoringSettings, title: str
) -> list[dict[str, Any]]:
    trained = trained_steps(model)
    counts = [None] if trained is None else sorted({trained, *settings.other_steps})
    # Whole batches: so the batches, and the last bits of answers, do not depend on the parts.
    size = settings.batch_size * max(1, _POSES_AT_ONCE // settings.batch_size)
    total = len(content.observed)
    parts = [slice(start, min(start + size, total)) for start in range(0, total, size)]
    rows = []
    with progress(title, len(counts) * len(parts)) as display:
        for steps in counts:
            measured = []
            for part in parts:
                measured.append(_measure(model, content, pairs, part, steps, settings.batch_size))
                display.advance()
            values = {name: np.concatenate([each[name] for each in measured]) for name in measured[0]}
            facts = {"steps": steps, "multiply_adds": multiply_adds(model, steps)}
            rows += [{**facts, **row} for row in _rows_of(values, content)]
    return rows


def _measure(
    model: PoseModel, content: LiftingSet, pairs: Pairs, part: slice, steps: int | None, batch_size: int
) -> dict[str, Floats]:
    """Return the errors of a part of the poses, each (B,), NaN where the answer is not finite."""
    observed, distortion = pairs.observed[part], pairs.distortion[part]
    answers = lift_in_batches(model, observed, distortion, steps=steps, batch_size=batch_size).numpy()
    finite = np.isfinite(answers).all(axis=(1, 2))
    predicted = with_hip_midpoint(np.where(finite[:, None, None], answers, 0.0))
    true = with_hip_midpoint(content.poses_cam[part])
    return {
        name: np.where(finite, metric(predicted, true), np.nan) for name, metric in _metrics(model).items()
    }


def _metrics(model: PoseModel) -> dict[str, Metric]:
    """Choose the errors that mean something for a model."""
    if is_root_relative(model):
        return {"pa_mpjpe_mm": pa_mpjpe_of_metric_mm, "n_mpjpe_mm": n_mpjpe_mm, "mpjpe_mm": mpjpe_mm}
    metrics: dict[str, Metric] = {
        "pa_mpjpe_mm": pa_mpjpe_mm,
        "opt_scale_mm": opt_scale_error_mm,
        "n_mpjpe_mm": n_mpjpe_mm,
        _NEGATIVE: negative_scales,
    }
    return metrics if scale_of(model) == "free" else {**metrics, "mpjpe_mm": mpjpe_mm}


def _rows_of(values: Mapping[str, Floats], content: LiftingSet) -> list[dict[str, Any]]:
    """Average errors (N,), for all subjects together and for each."""
    groups = {ALL_SUBJECTS: np.arange(len(content.observed))}
    for index in np.unique(content.subject):
        groups[content.subjects[index]] = np.flatnonzero(content.subject == index)
    rows = []
    for subject, chosen in groups.items():
        of_subject = {name: errors[chosen] for name, errors in values.items()}
        actions = content.action[chosen]
        row: dict[str, Any] = {"subject": subject, "frames": len(chosen)}
        for name in _METRICS:
            row[f"{name}_by_frame"] = _mean(of_subject.get(name))
            by_action = partial(mean_by_action, actions=actions)
            row[f"{name}_by_action"] = _mean(of_subject.get(name), by_action)
        row[_NEGATIVE] = _mean(of_subject.get(_NEGATIVE))
        row["actions"] = {
            content.actions[action]: _row_of_action(of_subject, actions == action)
            for action in np.unique(actions)
        }
        rows.append(row)
    return rows


def _row_of_action(values: Mapping[str, Floats], chosen: NDArray[np.bool_]) -> dict[str, Any]:
    errors = {name: values[name][chosen] if name in values else None for name in _METRICS}
    return {"frames": int(chosen.sum()), **{name: _mean(each) for name, each in errors.items()}}


def _mean(errors: Floats | None, mean: Callable[[Floats], float] = mean_by_frame) -> float | None:
    """Average errors; None if there are none for this model, or one is not finite."""
    return None if errors is None or not np.isfinite(errors).all() else mean(errors)


def _subjects(content: LiftingSet) -> list[str]:
    """Return the subjects that occur, in the order of the set's list."""
    return [content.subjects[index] for index in np.unique(content.subject)]


def _write_examples(
    path: Path, name: str, model: PoseModel, content: LiftingSet, pairs: Pairs, settings: PoseScoringSettings
) -> None:
    """Write test poses from all parts of the set, with all iterates."""
    total = len(content.observed)
    count = min(settings.examples, total)
    # One from each of `count` equal shares, at places that differ: even strides would meet the same frame
    # of the same camera in every clip.
    places = (np.arange(1, count + 1) * _GOLDEN_RATIO) % 1
    chosen = np.floor((np.arange(count) + places) / count * total).astype(np.int64)
    index = torch.from_numpy(chosen).to(pairs.observed.device)
    with torch.inference_mode():
        iterates = model(pairs.observed[index], pairs.distortion[index], None).stacked
    arrays = {
        "observed": content.observed[chosen],
        "truth": content.poses_cam[chosen],
        "iterates": iterates.cpu().numpy(),
    }
    model_name, observation_name = split_trained(name)
    facts = {
        "model": model_name,
        "observation_name": observation_name,
        "family": family_of(model),
        "steps": trained_steps(model),
        "subject": [content.subjects[content.subject[i]] for i in chosen],
        "action": [content.actions[content.action[i]] for i in chosen],
        "frame": [int(content.frame[i]) for i in chosen],
        "camera": [content.cameras[content.camera[i]].name for i in chosen],
    }
    write_arrays(path, EXAMPLES_KIND, arrays, facts)
