from __future__ import annotations

import torch
from torch import nn

from ige.shapes.voxels.weights import drawn_from


def drawn(generator: torch.Generator) -> torch.Tensor:
    with drawn_from(generator):
        return nn.Linear(5, 7).weight.detach()


def test_weights_follow_the_generator_alone() -> None:
    torch.manual_seed(1)
    first = drawn(torch.Generator().manual_seed(3))
    torch.manual_seed(2)
    assert torch.equal(drawn(torch.Generator().manual_seed(3)), first)
    assert not torch.equal(drawn(torch.Generator().manual_seed(4)), first)


def test_each_use_draws_other_weights() -> None:
    generator = torch.Generator().manual_seed(3)
    assert not torch.equal(drawn(generator), drawn(generator))


def test_the_global_generator_stays_where_it_was() -> None:
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    drawn(torch.Generator().manual_seed(3))
    assert torch.equal(torch.rand(3), expected)
