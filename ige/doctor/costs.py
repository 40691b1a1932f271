"""What the parts of a run cost: reference numbers, rough on purpose.

Measured with one thread per job on a machine of two cores without a GPU, but for the seconds of a report job
and of models that do not learn, and the steps of descent in scoring: those are guesses. Other machines differ
by a factor of two or so.

| number | measured on |
| --- | --- |
| a training step | lifters of 43,008 to 4,276,224 weights, T = 1 to 8, batches of 64 and 256: a linear fit |
| a frame, a pair, a pose | the stages as the workflow runs them |
| a mesh, a grid, an image | benchmarks/shape_set_cost.py, 79 real meshes of 1,469 faces on average |
| bytes | the arrays of the files |
"""

from __future__ import annotations

from ige.params.models import IgeSettings, LifterSettings, PoseModelSettings

SECONDS_PER_JOB = 3.0  # Python, torch, reading files
SECONDS_PER_REPORT_JOB = 8.0
SECONDS_WITHOUT_LEARNING = 10.0  # mean-pose, nearest-pose

CLIP_MS_PER_FRAME = {"procedural": 0.04, "mocap": 0.35}
PAIR_MS = 0.02
SCORE_MS_PER_POSE = 0.04
DESCENT_MS_PER_POSE_AND_STEP = 0.01

SECONDS_PER_SHARD = 4.0  # Python, kernels that were compiled before
MESH_MS = 10.0
GRID_MS = 0.8
GRID_MS_PER_CELL = 6.5 / 256**3
VIEW_MS = 5.0  # writing, and what an image costs whatever its size
IMAGE_MS_PER_SAMPLE = 0.7 / 256**2
GRID_BYTES_PER_SQUARE = 0.39  # the surface grows with the square of the resolution
IMAGE_BYTES_PER_PIXEL = 0.135

BYTES_PER_FRAME = 32 * 3 * 4.0
BYTES_PER_PAIR = 16 * 2 * 4 + 16 * 3 * 4 + 20.0
BYTES_PER_WEIGHT = (
    4 * 6.0
)  # the model, and a checkpoint with the optimiser's two moments and the best weights
BYTES_OF_REPORT = 20e6


def weights(lifter: LifterSettings) -> int:
    """Count the dense weights of a lifter: 32 inputs, 48 outputs, two hidden layers per block."""
    return 80 * lifter.width + 2 * lifter.blocks * lifter.width**2


def step_ms(model: IgeSettings | LifterSettings, lifter: LifterSettings, batch_size: int) -> float:
    """Estimate the milliseconds of a training step.

    Args:
        model: what is trained.
        lifter: the lifter inside it, or itself.
        batch_size: examples per step.
    """
    millions = weights(lifter) / 1e6
    lifting = 1.0 + 3.0 * millions + batch_size * (0.003 + 0.07 * millions)
    if isinstance(model, LifterSettings):
        return lifting
    return lifting + 2.0 + model.steps * (1.3 + 0.018 * batch_size)


def scoring_ms(model: PoseModelSettings, other_steps: tuple[int, ...]) -> float:
    """Estimate the milliseconds of scoring one pose, once per number of steps."""
    if not isinstance(model, IgeSettings):
        return SCORE_MS_PER_POSE
    runs = (model.steps, *other_steps)
    return sum(SCORE_MS_PER_POSE + DESCENT_MS_PER_POSE_AND_STEP * steps for steps in runs)
