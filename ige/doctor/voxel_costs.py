"""What training and asking a model of shapes costs: rates, rough on purpose, as those of `costs`.

| number | where it is from |
| --- | --- |
| an example, forward and back | one thread: deconvolutions of 32 to 128 channels, energies of widths 64 and |
| | 256 with T = 1 to 4, at 32 to 128 cells a side; images of 128 pixels, batches of 2 to 8 |
| memory | the peaks of the same trainings |
| the same at 256 cells a side | extrapolated |
| encoders | small and mobilenetv2_100 are measured, any other is a guess |
| checkpointed steps | a guess: a third more time, and the memory of one step |
| measures of an answer | `ige.metrics.voxels`, at 256 cells a side |
| a model without learning | a guess |
| a step on a GPU | a guess: launches, and 100 times the speed of a core |
"""

from __future__ import annotations

from ige.params.shape_models import (
    BackboneSettings,
    DeconvSettings,
    HeadSettings,
    IgeShapeSettings,
    LearnedShapeSettings,
    ShapeModelSettings,
)

FORWARD_SHARE = 0.35  # of an example's training; what a frozen part costs
BACKBONE_MS = {"small": 1.5, "mobilenetv2_100": 15.0}
BACKBONE_MS_OF_OTHERS = 60.0
ESTIMATE_MS_PER_CHANNEL = 0.05  # at 32 cells a side, less with their square
MS_PER_MILLION_CELLS = 12.0  # first guess and loss
REFINING_MS_PER_MILLION_CELLS = 6.0
PYRAMID_MS = 0.4
PYRAMID_MS_PER_CHANNEL = 0.013  # at 32 cells a side, more in proportion
STEP_MS = 0.8
STEP_MS_PER_MILLION_CELLS = 25.0
STEP_MS_PER_MILLION_MULTIPLY_ADDS = 0.033
CHECKPOINTED = 1.33
BASELINE_MS = 1.0
MEASURES_MS = 3.0
MEASURES_MS_PER_MILLION_CELLS = 20.0

GPU_MS_PER_BATCH = 25.0
GPU_MS_PER_BATCH_AND_STEP = 10.0
GPU_SPEED = 100.0

MEMORY_OF_LEARNING = 0.45e9
MEMORY_PER_CELL = 40.0  # of each example in the batch
MEMORY_PER_CELL_AND_STEP = 35.0
MEMORY_PER_WEIGHT = 16.0  # the weight, its gradient, the optimiser's two moments
MEMORY_OF_VIEWS = 1.0e9  # smaller sets are kept
MEMORY_OF_MEASURES_PER_CELL = 25.0

BACKBONE_WEIGHTS = {"small": 200_000, "mobilenetv2_100": 1_900_000}
BACKBONE_WEIGHTS_OF_OTHERS = 35_000_000
_COARSEST = 4
_NARROWEST = 4


def energy_multiply_adds(width: int, pyramid: int, resolution: int) -> int:
    """Count the multiply-adds of one evaluation of an energy for one image; pooling by averages or maxima.

    Args:
        width: hidden channels of the coarsest scale.
        pyramid: image channels of the coarsest scale.
        resolution: cells per side.
    """
    total = 0
    for scale in range((resolution // _COARSEST).bit_length()):
        side, depth = _COARSEST << scale, resolution >> scale
        hidden, features = (max(channels >> scale, _NARROWEST) for channels in (width, pyramid))
        total += side**2 * 9 * hidden * (depth + features + hidden // 2)
    return total


def training_ms(model: LearnedShapeSettings, deconv: DeconvSettings, resolution: int) -> float:
    """Estimate the milliseconds of one example in training, on one core.

    Args:
        model: what is trained.
        deconv: the first guess inside it, or itself.
        resolution: cells per side.
    """
    if isinstance(model, DeconvSettings):
        return _deconv_ms(model, resolution)
    share = FORWARD_SHARE if model.start == "frozen" else 1.0
    return share * _deconv_ms(deconv, resolution) + _refining_ms(model, resolution)


def asking_ms(model: ShapeModelSettings, deconv: DeconvSettings | None, resolution: int) -> float:
    """Estimate the milliseconds of one answer, on one core; `deconv` as in `training_ms`."""
    if deconv is None or not isinstance(model, LearnedShapeSettings):
        return BASELINE_MS
    return FORWARD_SHARE * training_ms(model, deconv, resolution)


def measuring_ms(resolution: int) -> float:
    """Estimate the milliseconds of all measures of one answer, at the resolution of the evaluation."""
    return MEASURES_MS + MEASURES_MS_PER_MILLION_CELLS * _millions(resolution)


def gpu_batch_ms(model: LearnedShapeSettings, deconv: DeconvSettings, resolution: int, batch: int) -> float:
    """Guess the milliseconds of a batch in training on a GPU."""
    steps = model.steps if isinstance(model, IgeShapeSettings) else 0
    launches = GPU_MS_PER_BATCH + steps * GPU_MS_PER_BATCH_AND_STEP
    return launches + batch * training_ms(model, deconv, resolution) / GPU_SPEED


def weights(model: LearnedShapeSettings, deconv: DeconvSettings) -> int:
    """Estimate the number of weights; encoders by name, layers by their widths."""
    channels = deconv.estimate.channels
    count = _of(deconv.backbone, BACKBONE_WEIGHTS, BACKBONE_WEIGHTS_OF_OTHERS)
    count += 320 * channels + round(44.0 * channels**2)
    if isinstance(model, HeadSettings):
        count += round(30.0 * model.energy_width**2)
    elif isinstance(model, IgeShapeSettings):
        count += round(30.0 * model.energy.width**2)
    return int(count)


def learning_memory(
    model: LearnedShapeSettings, deconv: DeconvSettings, resolution: int, batch: int
) -> float:
    """Estimate the peak memory of a training beside its data, bytes."""
    steps = 0 if isinstance(model, DeconvSettings) else 1
    if isinstance(model, IgeShapeSettings) and model.backward == "unrolled":
        steps = model.steps
    per_cell = MEMORY_PER_CELL + steps * MEMORY_PER_CELL_AND_STEP
    of_weights = MEMORY_PER_WEIGHT * weights(model, deconv)
    return MEMORY_OF_LEARNING + of_weights + batch * resolution**3 * per_cell


def _deconv_ms(deconv: DeconvSettings, resolution: int) -> float:
    backbone = _of(deconv.backbone, BACKBONE_MS, BACKBONE_MS_OF_OTHERS)
    estimate = deconv.estimate.channels * ESTIMATE_MS_PER_CHANNEL * (deconv.estimate.side / 32) ** 2
    return backbone + estimate + MS_PER_MILLION_CELLS * _millions(resolution)


def _refining_ms(model: HeadSettings | IgeShapeSettings, resolution: int) -> float:
    pyramid = PYRAMID_MS + PYRAMID_MS_PER_CHANNEL * model.pyramid * resolution / 32
    once = pyramid + REFINING_MS_PER_MILLION_CELLS * _millions(resolution)
    if isinstance(model, HeadSettings):
        return once
    products = energy_multiply_adds(model.energy.width, model.pyramid, resolution) / 1e6
    step = STEP_MS + STEP_MS_PER_MILLION_CELLS * _millions(resolution)
    step += STEP_MS_PER_MILLION_MULTIPLY_ADDS * products
    return once + model.steps * step * (CHECKPOINTED if model.backward == "checkpointed" else 1.0)


def _of(backbone: BackboneSettings, known: dict[str, float] | dict[str, int], others: float) -> float:
    return known.get(backbone.name, others)


def _millions(resolution: int) -> float:
    return resolution**3 / 1e6
