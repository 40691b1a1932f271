"""What the parts of a run cost: reference numbers, rough on purpose.

Measured with one thread per job on a machine of two cores (AMD EPYC) without a GPU; other machines differ by
a factor of two or so. What is a guess is called one.

| number | where it is from |
| --- | --- |
| a training step | lifters of 43,008 to 4,276,224 weights, T = 1 to 8, batches of 64 and 256: a linear fit |
| a frame of generated poses, of motion files | the stages as the workflow runs them |
| a frame of Human3.6M, a detected frame | a subject's files, 60,000 frames, in all three layouts |
| a pair | benchmarks/prepare_pairs.py, 1.56 million of them |
| a scored pose, a descent step in scoring | 240,000 poses, T = 1 to 16 |
| the start of a shard | `ige prepare-shapes` with one and with three generated models |
| a mesh, a grid, an image, a face | benchmarks/shape_set_cost.py: 79 real meshes, some cut finer |
| faces of a mesh of ShapeNet | a guess; 1,000 to 100,000 would make 4.6 to 24 core-hours of 6.3 |
| bytes | the arrays of the files |
| memory of frames and pairs | peaks of single jobs with 0.24 to 1.56 million pairs |
| memory of reports, of downloads, of shards beyond small meshes | guesses |
| seconds of a report job, of a model that does not learn | guesses |
| a step on a GPU | the lifter: what its authors tell of a GTX 1080; a descent step: a guess |
"""

from __future__ import annotations

from ige.params.models import IgeSettings, LifterSettings, PoseModelSettings

SECONDS_PER_JOB = 3.0  # Python, torch, reading files
SECONDS_PER_REPORT_JOB = 8.0
SECONDS_WITHOUT_LEARNING = 10.0  # mean-pose, nearest-pose

CLIP_MS_PER_FRAME = {"procedural": 0.04, "mocap": 0.35, "h36m": 0.015}
DETECTION_MS_PER_FRAME = 0.003
PAIR_MS = 0.004
SCORE_MS_PER_POSE = 0.015
DESCENT_MS_PER_POSE_AND_STEP = 0.004

# https://github.com/una-dinosauria/3d-pose-baseline: less than 8 ms forward and backward for batches of 64.
GPU_MS_PER_LIFTER_STEP = 8.0
GPU_MS_PER_DESCENT_STEP = 8.0

SECONDS_PER_SHARD = 2.0  # Python, and kernels that were compiled before: that takes 15 s, once
MESH_MS = 10.0
MESH_MS_PER_1000_FACES = 3.0
GRID_MS = 0.8
GRID_MS_PER_CELL = 6.5 / 256**3
GRID_MS_PER_1000_FACES = 0.03  # and so much more at 256 cells a side, in proportion:
GRID_MS_PER_1000_FACES_AT_256 = 0.15
VIEW_MS = 5.0  # writing, and what an image costs whatever its size
IMAGE_MS_PER_SAMPLE = 0.7 / 256**2
FACES = {"procedural": 1_000, "folder": 1_500, "shapenet": 10_000}
GRID_BYTES_PER_SQUARE = 0.39  # the surface grows with the square of the resolution
IMAGE_BYTES_PER_PIXEL = 0.135

BYTES_PER_FRAME = 32 * 3 * 4.0
BYTES_PER_DETECTED_FRAME = 16 * 2 * 4.0
BYTES_PER_PAIR = 16 * 2 * 4 + 16 * 3 * 4 + 20.0
BYTES_PER_WEIGHT = (
    4 * 6.0
)  # the model, and a checkpoint with the optimiser's two moments and the best weights
BYTES_OF_REPORT = 20e6

MEMORY_OF_JOB = 0.3e9  # Python and torch
MEMORY_OF_DATA_JOB = 0.1e9  # Python alone
MEMORY_OF_REPORT_JOB = 0.5e9
MEMORY_PER_FRAME = 1000.0
MEMORY_PER_DETECTED_FRAME = 400.0
MEMORY_PER_PAIR = {"prepare_lifting_set": 410.0, "train_poses": 670.0, "evaluate_poses": 900.0}
MEMORY_PER_VALIDATION_PAIR = 4800.0  # of models that do not learn
MEMORY_OF_SHARD = 0.5e9  # 0.2 GB for small meshes; an object of 100 MB takes more


def weights(lifter: LifterSettings) -> int:
    """Count the dense weights of a lifter: 32 inputs, 48 outputs, two hidden layers per block."""
    return 80 * lifter.width + 2 * lifter.blocks * lifter.width**2


def step_ms(model: IgeSettings | LifterSettings, lifter: LifterSettings, batch_size: int) -> float:
    """Estimate the milliseconds of a training step on one core.

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


def gpu_step_ms(model: IgeSettings | LifterSettings) -> float:
    """Extrapolate the milliseconds of a training step on a GPU: nets so small wait for its launches.

    Args:
        model: what is trained.
    """
    steps = 0 if isinstance(model, LifterSettings) else model.steps
    return GPU_MS_PER_LIFTER_STEP + steps * GPU_MS_PER_DESCENT_STEP


def scoring_ms(model: PoseModelSettings, other_steps: tuple[int, ...]) -> float:
    """Estimate the milliseconds of scoring one pose, once per number of steps."""
    if not isinstance(model, IgeSettings):
        return SCORE_MS_PER_POSE
    runs = (model.steps, *other_steps)
    return sum(SCORE_MS_PER_POSE + DESCENT_MS_PER_POSE_AND_STEP * steps for steps in runs)
