"""The fully connected lifter: from 16 observed joints to a pose, in one pass.

After Martinez et al., ICCV 2017, as the released code of IGE-Net builds it (ige.md 2.4): flatten, dense,
then residual blocks of two hidden layers each, then a dense layer with bias. A hidden layer is a dense
layer without bias, batch normalisation, ReLU and dropout.
"""

from __future__ import annotations

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

    Poses are free in scale: the loss and all metrics rescale them. The last layer starts with
    `depth_bias_m` as the depth of every joint, since a pose in front of the camera has a positive optimal
    scale; from zero, training may settle on poses behind the camera for a part of the observations, which
    the loss cannot tell.
    """

    def __init__(
        self, width: int, blocks: int, dropout: float, *, depth_bias_m: float, generator: torch.Generator
    ) -> None:
        super().__init__()
        self.first = Hidden(OBSERVED * 2, width, dropout, generator)
        self.blocks = nn.Sequential(*(Block(width, dropout, generator) for _ in range(blocks)))
        self.last = nn.Linear(width, JOINTS * 3)
        _he_normal(self.last.weight, generator)
        with torch.no_grad():
            self.last.bias.zero_()
            self.last.bias.view(JOINTS, 3)[:, _DEPTH] = depth_bias_m

    def forward(self, observed: Tensor, distortion: Tensor, steps: int | None = None) -> Answer:
        """Lift observed joints (B, 16, 2); the distortion (B, 5) does not matter to it.

        Raises:
            InputError: if it is asked to take steps.
        """
        refuse_steps(steps)
        return Answer(self.guess(observed))

    def guess(self, observed: Tensor) -> Tensor:
        """Lift observed joints (B, 16, 2) to poses (B, 16, 3)."""
        hidden = self.blocks(self.first(observed.flatten(1)))
        poses: Tensor = self.last(hidden).view(-1, JOINTS, 3)
        return poses.to(observed.dtype)  # from lower precision under autocast


class Block(nn.Module):
    """Two hidden layers beside a connection that skips them."""

    def __init__(self, width: int, dropout: float, generator: torch.Generator) -> None:
        super().__init__()
        self.first = Hidden(width, width, dropout, generator)
        self.second = Hidden(width, width, dropout, generator)

    def forward(self, hidden: Tensor) -> Tensor:
        """Return (B, width) for (B, width)."""
        added: Tensor = hidden + self.second(self.first(hidden))
        return added


class Hidden(nn.Module):
    """Dense without bias (the normalisation has one), batch normalisation, ReLU, dropout."""

    def __init__(self, inputs: int, width: int, dropout: float, generator: torch.Generator) -> None:
        super().__init__()
        self.dense = nn.Linear(inputs, width, bias=False)
        _he_normal(self.dense.weight, generator)
        self.norm = nn.BatchNorm1d(width, eps=_NORM_EPSILON, momentum=_NORM_MOMENTUM)
        self.dropout = Dropout(dropout)

    def forward(self, inputs: Tensor) -> Tensor:
        """Return (B, width) for (B, inputs)."""
        hidden: Tensor = self.dropout(torch.relu(self.norm(self.dense(inputs))))
        return hidden


class Dropout(nn.Module):
    """Dropout; for a share of exactly one half with one random bit per unit.

    Same distribution as torch's, whose CPU version draws a random number per unit and takes longer for that
    than a whole layer of 128 units does.
    """

    bits_of_byte: Tensor

    def __init__(self, share: float) -> None:
        super().__init__()
        self.share = share
        bits = (torch.arange(256)[:, None] >> torch.arange(8)) & 1
        self.register_buffer("bits_of_byte", 2.0 * bits.float(), persistent=False)

    def forward(self, inputs: Tensor) -> Tensor:
        """Drop units of (B, width) in training: zero them, and scale the others so that the mean stays."""
        if not self.training or self.share == 0.0:
            return inputs
        if self.share != 0.5:
            return functional.dropout(inputs, self.share)
        return inputs * self._mask(inputs)

    def _mask(self, like: Tensor) -> Tensor:
        words = torch.empty(-(-like.numel() // 64), dtype=torch.int64, device=like.device)
        words.random_(-(2**63), None)  # all 64 bits; the default range leaves the sign bit out
        mask = self.bits_of_byte.index_select(0, words.view(torch.uint8).int())
        return mask.flatten()[: like.numel()].view(like.shape).to(like.dtype)


def _he_normal(kernel: Tensor, generator: torch.Generator) -> None:
    nn.init.kaiming_normal_(kernel, nonlinearity="relu", generator=generator)
