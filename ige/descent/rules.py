"""Step rules: how a gradient moves an iterate. Each is a module whose constants are learned with the energy.

A rule works on one tensor; `descend` applies it to every tensor of a tuple with the same constants, or
`PerTensor` gives each tensor a rule of its own. Rules run in the innermost loop on small tensors, where the
number of operations decides: hence `addcmul` with the constant as a tensor instead of a product and a sum.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection

import torch
from torch import Tensor, nn

Memory = tuple[Tensor, ...]
"""What a rule carries from step to step."""


class StepRule(nn.Module, ABC):
    """Base of all step rules: implement `init` and `forward`, both in differentiable operations.

    `constants` become scalar parameters of that name where `learn` says so (True: all, False: none, or
    names), else buffers: both follow `.to(...)` and stand in the state dict, so either loads into the other.
    """

    def __init__(self, constants: dict[str, float], learn: bool | Collection[str] = True) -> None:
        super().__init__()
        learned = set(constants) if learn is True else set(learn or ())
        if unknown := learned - set(constants):
            raise ValueError(f"learn names {sorted(unknown)}; this rule has {sorted(constants)}")
        for name, value in constants.items():
            constant = torch.tensor(float(value))
            if name in learned:
                self.register_parameter(name, nn.Parameter(constant))
            else:
                self.register_buffer(name, constant)

    @abstractmethod
    def init(self, y: Tensor) -> Memory:
        """Return the memory before the first step, for an iterate of the shape (B, ...) of `y`."""

    @abstractmethod
    def forward(self, y: Tensor, gradient: Tensor, memory: Memory) -> tuple[Tensor, Memory]:
        """Return the next iterate and memory; sample i of both must depend on sample i alone."""


class GradientDescent(StepRule):
    """`y <- y - rate * g`."""

    rate: Tensor

    def __init__(self, rate: float = 1.0, *, learn: bool | Collection[str] = True) -> None:
        super().__init__({"rate": rate}, learn)

    def init(self, y: Tensor) -> Memory:
        """Return nothing: plain descent has no memory."""
        return ()

    def forward(self, y: Tensor, gradient: Tensor, memory: Memory) -> tuple[Tensor, Memory]:
        """Step down the gradient."""
        return torch.addcmul(y, gradient, self.rate, value=-1), ()


class Momentum(StepRule):
    """`v <- |momentum| * v + g; y <- y - rate * v`, from `v = 0`."""

    rate: Tensor
    momentum: Tensor

    def __init__(
        self, rate: float = 1.0, momentum: float = 0.1, *, learn: bool | Collection[str] = True
    ) -> None:
        super().__init__({"rate": rate, "momentum": momentum}, learn)

    def init(self, y: Tensor) -> Memory:
        """Return the velocity, at rest."""
        return (torch.zeros_like(y),)

    def forward(self, y: Tensor, gradient: Tensor, memory: Memory) -> tuple[Tensor, Memory]:
        """Step along the velocity."""
        velocity = torch.addcmul(gradient, memory[0], self.momentum.abs())
        return torch.addcmul(y, velocity, self.rate, value=-1), (velocity,)


class ClippedMomentum(StepRule):
    """`g <- max(min(g, clip), -clip)` elementwise, then as `Momentum`. The rule of IGE-Net.

    All three constants are unconstrained; the gradient reaches `clip` through the entries that it clips.
    """

    rate: Tensor
    momentum: Tensor
    clip: Tensor

    def __init__(
        self,
        rate: float = 1.0,
        momentum: float = 0.1,
        clip: float = 1.0,
        *,
        learn: bool | Collection[str] = True,
    ) -> None:
        super().__init__({"rate": rate, "momentum": momentum, "clip": clip}, learn)

    def init(self, y: Tensor) -> Memory:
        """Return the velocity, at rest."""
        return (torch.zeros_like(y),)

    def forward(self, y: Tensor, gradient: Tensor, memory: Memory) -> tuple[Tensor, Memory]:
        """Step along the velocity of clipped gradients."""
        clipped = torch.maximum(torch.minimum(gradient, self.clip), -self.clip)
        velocity = torch.addcmul(clipped, memory[0], self.momentum.abs())
        return torch.addcmul(y, velocity, self.rate, value=-1), (velocity,)


class Nesterov(StepRule):
    """`v <- |momentum| * v + g; y <- y - rate * (g + |momentum| * v)`, from `v = 0`, as torch.optim.SGD."""

    rate: Tensor
    momentum: Tensor

    def __init__(
        self, rate: float = 1.0, momentum: float = 0.1, *, learn: bool | Collection[str] = True
    ) -> None:
        super().__init__({"rate": rate, "momentum": momentum}, learn)

    def init(self, y: Tensor) -> Memory:
        """Return the velocity, at rest."""
        return (torch.zeros_like(y),)

    def forward(self, y: Tensor, gradient: Tensor, memory: Memory) -> tuple[Tensor, Memory]:
        """Step along the velocity as it will be one step on."""
        decay = self.momentum.abs()
        velocity = torch.addcmul(gradient, memory[0], decay)
        ahead = torch.addcmul(gradient, velocity, decay)
        return torch.addcmul(y, ahead, self.rate, value=-1), (velocity,)


class Adam(StepRule):
    """Adam (Kingma and Ba, 2015) with bias correction, as in torch.optim.Adam.

    The decays `beta1` and `beta2` are unconstrained when learned; by default only the rate is.
    """

    rate: Tensor
    beta1: Tensor
    beta2: Tensor

    # Keeps the root differentiable where a gradient is exactly 0; its root is 1e-15, far below any epsilon.
    _FLOOR = 1e-30

    def __init__(
        self,
        rate: float = 0.1,
        beta1: float = 0.9,
        beta2: float = 0.999,
        *,
        epsilon: float = 1e-8,
        learn: bool | Collection[str] = ("rate",),
    ) -> None:
        super().__init__({"rate": rate, "beta1": beta1, "beta2": beta2}, learn)
        self.epsilon = epsilon

    def init(self, y: Tensor) -> Memory:
        """Return both moments (zero) and both powers of the decays (one)."""
        return (
            torch.zeros_like(y),
            torch.zeros_like(y),
            torch.ones_like(self.beta1),
            torch.ones_like(self.beta2),
        )

    def forward(self, y: Tensor, gradient: Tensor, memory: Memory) -> tuple[Tensor, Memory]:
        """Step along the first moment over the root of the second."""
        first, second, power1, power2 = memory
        first = torch.lerp(gradient, first, self.beta1)
        second = torch.lerp(gradient * gradient, second, self.beta2)
        power1, power2 = power1 * self.beta1, power2 * self.beta2
        spread = (second / (1 - power2) + self._FLOOR).sqrt() + self.epsilon
        step = self.rate / (1 - power1) * first / spread
        return y - step, (first, second, power1, power2)


class PerTensor(nn.Module):
    """One rule for each tensor of a tuple `y`, in order: `PerTensor(Momentum(), GradientDescent(0.1))`."""

    def __init__(self, *rules: StepRule) -> None:
        super().__init__()
        self.rules = nn.ModuleList(rules)


def rules_for(rule: StepRule | PerTensor, count: int) -> tuple[StepRule, ...]:
    """Return the rule of each of `count` tensors; ValueError if `PerTensor` has another number of them."""
    if isinstance(rule, StepRule):
        return (rule,) * count
    rules = tuple(each for each in rule.rules if isinstance(each, StepRule))
    if len(rules) != count:
        raise ValueError(f"PerTensor holds {len(rules)} rules, but y has {count} tensors")
    return rules
