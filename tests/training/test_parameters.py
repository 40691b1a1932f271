import pytest
import torch
from torch import nn

from ige.training.parameters import FlatParameters


def net() -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(3, 5), nn.Tanh(), nn.Linear(5, 1))


def test_values_and_gradients_are_those_of_an_ordinary_model():
    ordinary, flat = net(), net()
    vectors = FlatParameters(flat.parameters())
    inputs = torch.randn(7, 3)
    for model in (ordinary, flat):
        model(inputs).square().sum().backward()
    norm = torch.cat([p.grad.flatten() for p in ordinary.parameters()]).norm()
    torch.testing.assert_close(vectors.gradient.norm(), norm)
    with torch.no_grad():
        vectors.groups[0].sub_(0.1 * vectors.gradient)
        for parameter in ordinary.parameters():
            parameter.sub_(0.1 * parameter.grad)
    for one, other in zip(ordinary.parameters(), flat.parameters(), strict=True):
        torch.testing.assert_close(one, other)
        assert other.data_ptr() % 64 == 0


def test_released_parameters_have_memory_of_their_own():
    model = net()
    vectors = FlatParameters(model.parameters())
    vectors.values.fill_(2.0)
    vectors.release()
    vectors.values.fill_(3.0)
    assert all(bool((p == 2).all()) and p.grad is None for p in model.parameters())
    assert model[0].weight.untyped_storage().nbytes() == 15 * 4


def test_frozen_parameters_stay_out():
    model = net()
    model[0].requires_grad_(requires_grad=False)
    pointer = model[0].weight.data_ptr()
    assert FlatParameters(model.parameters()).values.numel() == 32
    assert model[0].weight.data_ptr() == pointer


def test_parameters_of_several_types_and_none_are_refused():
    with pytest.raises(ValueError, match=r"torch\.float32.*torch\.float64"):
        FlatParameters([*net().parameters(), *net().double().parameters()])
    with pytest.raises(ValueError, match="one type on one device"):
        FlatParameters([])
