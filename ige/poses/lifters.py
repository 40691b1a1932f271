"""The fully connected lifter: from 16 observed joints to a pose, in one pass.

After Martinez et al., ICCV 2017, as the released code of IGE-Net builds it: flatten, dense,
then residual blocks of two hidden layers each, then a dense layer with bias. A hidden layer is a dense
layer without bias, batch normalisation, ReLU and dropout.

A metric lifter is the same network with what the published code of Martinez et al. does around it:
observations and poses are standardised, coordinate by coordinate, by mean and standard deviation over the
training set. Both are kept with the weights. Poses are those of the root-relative training target, so the
standardisation of poses gives all coordinates the same weight in the loss; that of observations matters less,
as batch normalisation follows, and is there for parity. Left out of the published recipe: the bound on the
norm of kernels (max-norm).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from ige.base.errors import InputError
from ige.geometry.skeletons import H36M_16, MPII_16

OBSERVED, JOINTS = len(MPII_16.names), len(H36M_16.names)

# Keras counts what is kept of the running statistics (.99), torch what is replaced.
_NORM_MOMENTUM = 0.01
_NORM_EPSILON = 1e-3

_DEPTH = 2  # third coordinate of a joint


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """What a model without descent answers, in the form of a trajectory that consists of its first guess.

    All models of poses are called as `model(observed, distortion, steps)` and return an
    `ige.descent.Trajectory` or this.
    """

    last: Tensor

    @property
    def stacked(self) -> Tensor:
        """Return the answer (1, B, 16, 3), as the only iterate."""
        return self.last[None]


def refuse_steps(steps: int | None) -> None:
    """Raise InputError if a model without descent is asked to take steps."""
    if steps:
        raise InputError("this model takes no steps", expected="no number of steps, or 0", found=str(steps))


class Lifter(nn.Module):
    """Observed joints (B, 16, 2), normalised and distorted, to a pose (B, 16, 3) in the camera frame.

    Poses are free in scale: the loss and all metrics rescale them. The last layer starts with `depth_bias_m`
    as the depth of every joint, since a pose in front of the camera has a positive optimal scale; from zero,
    training may settle on poses behind the camera for a part of the observations, which the loss cannot tell.

    With `units`, poses are metric: in metres about the midpoint of the hips. Then the depth bias has no use.
    """

    def __init__(
        self,
        width: int,
        blocks: int,
        dropout: float,
        *,
        depth_bias_m: float,
        generator: torch.Generator,
        units: Units | None = None,
    ) -> None:
        super().__init__()
        self.first = Hidden(OBSERVED * 2, width, generator)
        self.blocks = nn.ModuleList(Block(width, generator) for _ in range(blocks))
        self.last = nn.Linear(width, JOINTS * 3)
        self.masks = DropoutMasks(dropout, 1 + 2 * blocks, width)
        self.units = units
        _he_normal(self.last.weight, generator)
        with torch.no_grad():
            self.last.bias.zero_()
            self.last.bias.view(JOINTS, 3)[:, _DEPTH] = depth_bias_m if units is None else 0.0

    def forward(self, observed: Tensor, distortion: Tensor, steps: int | None = None) -> Answer:
        """Lift observed joints (B, 16, 2); the distortion (B, 5) does not matter to it.

        Raises:
            InputError: if it is asked to take steps.
        """
        refuse_steps(steps)
        return Answer(self.guess(observed))

    def guess(self, observed: Tensor) -> Tensor:
        """Lift observed joints (B, 16, 2) to poses (B, 16, 3)."""
        masks = self.masks(observed)
        seen = observed if self.units is None else self.units.standardised(observed)
        hidden = self.first(seen.flatten(1), masks[0])
        for number, block in enumerate(self.blocks):
            hidden = block(hidden, masks[2 * number + 1], masks[2 * number + 2])
        poses: Tensor = self.last(hidden).view(-1, JOINTS, 3)
        poses = poses.to(observed.dtype)  # from lower precision under autocast
        return poses if self.units is None else self.units.in_metres(poses)


class Units(nn.Module):
    """Mean and standard deviation, over the training set, of each coordinate of observations and poses.

    A coordinate that does not vary keeps its unit.
    """

    observed_mean: Tensor
    observed_spread: Tensor
    pose_mean: Tensor
    pose_spread: Tensor

    def __init__(self) -> None:
        super().__init__()
        for name, shape in (("observed", (OBSERVED, 2)), ("pose", (JOINTS, 3))):
            self.register_buffer(f"{name}_mean", torch.zeros(shape))
            self.register_buffer(f"{name}_spread", torch.ones(shape))

    def fill(self, observed: Tensor, poses: Tensor) -> None:
        """Set them from training pairs: (N, 16, 2) and (N, 16, 3), metres about the midpoint of the hips."""
        for name, values in (("observed", observed), ("pose", poses)):
            spread, mean = torch.std_mean(values, dim=0, correction=0)
            getattr(self, f"{name}_mean").copy_(mean)
            getattr(self, f"{name}_spread").copy_(torch.where(spread > 0, spread, 1.0))

    def standardised(self, observed: Tensor) -> Tensor:
        """Return observations (B, 16, 2) in units of their spread about their mean."""
        return (observed - self.observed_mean) / self.observed_spread

    def in_metres(self, poses: Tensor) -> Tensor:
        """Return poses (B, 16, 3) in metres, of poses in units of their spread about their mean."""
        return torch.addcmul(self.pose_mean, poses, self.pose_spread)


class Block(nn.Module):
    """Two hidden layers beside a connection that skips them."""

    def __init__(self, width: int, generator: torch.Generator) -> None:
        super().__init__()
        self.first = Hidden(width, width, generator)
        self.second = Hidden(width, width, generator)

    def forward(self, hidden: Tensor, first_mask: Tensor | None, second_mask: Tensor | None) -> Tensor:
        """Return (B, width) for (B, width)."""
        added: Tensor = hidden + self.second(self.first(hidden, first_mask), second_mask)
        return added


class Hidden(nn.Module):
    """Dense without bias (the normalisation has one), batch normalisation, ReLU, dropout.

    The modules hold the weights; their operations are called directly, since at a width of 128 the
    bookkeeping of modules takes half as long as the arithmetic.
    """

    def __init__(self, inputs: int, width: int, generator: torch.Generator) -> None:
        super().__init__()
        self.dense = nn.Linear(inputs, width, bias=False)
        _he_normal(self.dense.weight, generator)
        self.norm = nn.BatchNorm1d(width, eps=_NORM_EPSILON, momentum=_NORM_MOMENTUM)

    def forward(self, inputs: Tensor, mask: Tensor | None) -> Tensor:
        """Return (B, width) for (B, inputs), multiplied by the mask of dropout."""
        norm = self.norm
        units = torch.batch_norm(
            functional.linear(inputs, self.dense.weight),
            *(norm.weight, norm.bias, norm.running_mean, norm.running_var),
            *(self.training, _NORM_MOMENTUM, _NORM_EPSILON, torch.backends.cudnn.enabled),
        )
        units = torch.relu_(units)
        return units if mask is None else units * mask


class DropoutMasks(nn.Module):
    """The factors of dropout for all layers at once: 0 for units that are dropped, else what keeps the mean.

    For a share of one half, one random bit per unit decides. That is the distribution of torch's dropout,
    whose CPU version draws a random number per unit and takes longer than a layer does.
    """

    bits_of_byte: Tensor

    def __init__(self, share: float, layers: int, width: int) -> None:
        super().__init__()
        self.share = share
        self.layers = layers
        self.width = width
        bits = (torch.arange(256)[:, None] >> torch.arange(8)) & 1
        self.register_buffer("bits_of_byte", 2.0 * bits.float(), persistent=False)

    def forward(self, like: Tensor) -> tuple[Tensor | None, ...]:
        """Draw a mask (B, width) for each layer, for a batch (B, ...); in evaluation there are none."""
        if not self.training or self.share == 0.0:
            return (None,) * self.layers
        shape = self.layers, len(like), self.width
        if self.share != 0.5:
            return functional.dropout(like.new_ones(shape), self.share).unbind()
        units = math.prod(shape)
        words = torch.empty(-(-units // 64), dtype=torch.int64, device=like.device)
        words.random_(-(2**63), None)  # all 64 bits; by default the sign would be left out
        mask = self.bits_of_byte.index_select(0, words.view(torch.uint8).int()).flatten()
        return mask[:units].view(shape).unbind()


def _he_normal(kernel: Tensor, generator: torch.Generator) -> None:
    """Fill a kernel (outputs, inputs) with normal numbers of variance 2 / inputs (He et al., ICCV 2015)."""
    nn.init.kaiming_normal_(kernel, nonlinearity="relu", generator=generator)
