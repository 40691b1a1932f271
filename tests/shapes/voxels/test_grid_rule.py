from __future__ import annotations

import pytest
import torch
from torch import Tensor

from ige.descent import Checkpointed, ClippedMomentum, Unrolled, descend
from ige.shapes.voxels import grid_rule
from ige.shapes.voxels.grid_rule import GridClippedMomentum


class Bowl(torch.nn.Module):
    """A sample's energy: a few waves around a target."""

    def forward(self, y: Tensor, target: Tensor) -> Tensor:
        values: Tensor = (y - target).square().flatten(1).sum(1) + y.sin().flatten(1).sum(1)
        return values


def derivatives(rule: ClippedMomentum, steps: int, backward: object = None) -> list[Tensor]:
    generator = torch.Generator().manual_seed(0)
    y, target = (torch.randn(2, 4, 4, 4, generator=generator, dtype=torch.float64) for _ in range(2))
    inputs = [y.requires_grad_(), target.requires_grad_(), *rule.parameters()]
    path = descend(Bowl(), y, target, steps=steps, rule=rule, backward=backward or Unrolled())
    loss = sum(each.cos().sum() for each in path.iterates)
    found = torch.autograd.grad(loss, inputs, allow_unused=True, materialize_grads=True)
    return [path.last, path.step_energies, *found]


@pytest.mark.parametrize("steps", [1, 3])
@pytest.mark.parametrize(
    "constants", [(0.1, 0.3, 0.8), (0.1, -0.3, 0.8), (0.1, 0.3, 100.0), (0.1, 0.3, -1.0)]
)
@pytest.mark.parametrize("block", [1 << 18, 37])
def test_same_iterates_and_derivatives_in_fewer_passes(
    monkeypatch: pytest.MonkeyPatch, steps: int, constants: tuple[float, float, float], block: int
) -> None:
    monkeypatch.setattr(grid_rule, "_BLOCK", block)
    expected = derivatives(ClippedMomentum(*constants).double(), steps)
    for backward in (Unrolled(), Checkpointed()):
        found = derivatives(GridClippedMomentum(*constants).double(), steps, backward)
        for one, other in zip(found, expected, strict=True):
            torch.testing.assert_close(one, other, rtol=1e-12, atol=1e-13)


def test_weights_are_those_of_the_plain_rule() -> None:
    rule = GridClippedMomentum()
    rule.load_state_dict(ClippedMomentum(0.5, 0.2, 3.0).state_dict())
    assert [float(p.detach()) for p in rule.parameters()] == pytest.approx([0.5, 0.2, 3.0])


def test_what_is_not_a_number_stays_visible() -> None:
    y = torch.zeros(1, 4)
    gradient = torch.tensor([[float("nan"), 2.0, -2.0, 0.5]])
    with torch.no_grad():
        following, _ = GridClippedMomentum(1.0, 0.0, 1.0)(y, gradient, ())
    torch.testing.assert_close(following, torch.tensor([[float("nan"), -1.0, 1.0, -0.5]]), equal_nan=True)
