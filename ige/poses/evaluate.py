"""Stage `evaluate_poses`: models to scores on the test subjects, and a few poses to look at.

| in | out |
| --- | --- |
| lifting set of the test subjects, one model per seed | scores and provenance per seed, examples |

A score has one row per number of steps and subject, and one for all subjects. Errors are those of
`metrics.poses`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
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
    n_mpjpe_mm,
    negative_scale_share,
    opt_scale_error_mm,
    pa_mpjpe_mm,
)
from ige.params.stages import PoseScoringSettings
from ige.poses.lifting_set import LiftingSet, read_lifting_set
from ige.poses.models import (
    PoseModel,
    family_of,
    lift_in_batches,
    load_pose_model,
    multiply_adds,
    parameters,
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
    "17 joints (the 16 of the model and the midpoint of the hips), camera frame, last iterate, mm; each "
    "error after the optimal scale, PA-MPJPE then after Procrustes without reflection, N-MPJPE with the "
    "midpoints of the hips at the origin; by frame: mean over all poses and cameras, by action: mean of the "
    "actions' means."
)
_METRICS = {
    "pa_mpjpe_mm": pa_mpjpe_mm,
    "opt_scale_mm": opt_scale_error_mm,
    "n_mpjpe_mm": n_mpjpe_mm,
}
# Metrics work in double precision and keep several copies of what they are given.
_POSES_AT_ONCE = 16_384

Floats = NDArray[np.float64]
Poses = NDArray[Any]


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
        name: of the model in params.yaml.
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
            code=code,
            inputs=[test, path],
            outputs=outputs,
            device=where.type,
        )


def _head(name: str, model: PoseModel, attributes: dict[str, Any], content: LiftingSet) -> dict[str, Any]:
    return {
        "model": name,
        "family": family_of(model),
        "seed": attributes["seed"],
        "data": content.source,
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
    rows = []
    with progress(title, len(counts)) as display:
        for steps in counts:
            answers = lift_in_batches(
                model, pairs.observed, pairs.distortion, steps=steps, batch_size=settings.batch_size
            ).numpy()
            facts = {"steps": steps, "multiply_adds": multiply_adds(model, steps)}
            rows += [{**facts, **row} for row in _rows_of(answers, content)]
            display.advance()
    return rows


def _rows_of(answers: Poses, content: LiftingSet) -> list[dict[str, Any]]:
    """Score answers (N, 16, 3), for all subjects together and for each."""
    finite = np.isfinite(answers).all(axis=(1, 2), keepdims=True)
    # Where one answer is not finite, nor is any mean that it belongs to: such rows get no errors.
    predicted = with_hip_midpoint(np.where(finite, answers, 0.0))
    true = with_hip_midpoint(content.poses_cam)
    errors = {name: _in_parts(metric, predicted, true) for name, metric in _METRICS.items()}
    groups = {ALL_SUBJECTS: np.arange(len(true))}
    for index in np.unique(content.subject):
        groups[content.subjects[index]] = np.flatnonzero(content.subject == index)
    rows = []
    for subject, chosen in groups.items():
        row: dict[str, Any] = {"subject": subject, "frames": len(chosen)}
        sound = bool(np.take(finite, chosen, axis=0).all())
        for name, values in errors.items():
            of_subject, actions = values[chosen], content.action[chosen]
            row[f"{name}_by_frame"] = mean_by_frame(of_subject) if sound else None
            row[f"{name}_by_action"] = mean_by_action(of_subject, actions) if sound else None
        share = negative_scale_share(predicted[chosen], true[chosen])
        row["negative_scale_share"] = share if sound else None
        rows.append(row)
    return rows


def _in_parts(metric: Callable[[Poses, Poses], Floats], predicted: Poses, true: Poses) -> Floats:
    """Measure poses (N, 17, 3) a part at a time, to bound memory."""
    starts = range(0, len(true), _POSES_AT_ONCE)
    parts = [slice(start, start + _POSES_AT_ONCE) for start in starts]
    return np.concatenate([metric(predicted[part], true[part]) for part in parts])


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
    facts = {
        "model": name,
        "family": family_of(model),
        "steps": trained_steps(model),
        "subject": [content.subjects[content.subject[i]] for i in chosen],
        "action": [content.actions[content.action[i]] for i in chosen],
        "frame": [int(content.frame[i]) for i in chosen],
        "camera": [content.cameras[content.camera[i]].name for i in chosen],
    }
    write_arrays(path, EXAMPLES_KIND, arrays, facts)
