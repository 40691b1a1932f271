"""Which parameters decide how much memory a stage takes, for who runs out of it."""

from __future__ import annotations

_ADVICE = {
    "prepare_clips": "Lower poses.procedural.takes or extend poses.mocap.skip",
    "prepare_lifting_set": "Raise poses.lifting.frame_step",
    "prepare_shapes": "Lower shapes.grids.resolutions, shapes.images.pixels or shapes.images.supersample",
    "train_poses": "Lower training.poses.batch_size or raise poses.lifting.frame_step",
    "evaluate_poses": "Lower evaluation.poses.batch_size",
    "train_shapes": "Lower training.shapes.micro_batch (null: the whole batch) or training.shapes.batch_size",
    "evaluate_shapes": "Lower evaluation.shapes.batch_size or evaluation.shapes.resolution",
    "tabulate_shapes": "Lower evaluation.shapes.bootstrap.samples",
    "draw_poses": "Lower evaluation.poses.examples",
    "draw_shapes": "Lower evaluation.shapes.examples",
}


def memory_advice(stage: str) -> str:
    """Say what to do if a stage, e.g. `train_poses`, runs out of memory."""
    lower = _ADVICE.get(stage)
    if lower is None:
        return "Run fewer jobs at once (--cores 1), or give the job more memory"
    return f"{lower} in params.yaml, or give the job more memory"
