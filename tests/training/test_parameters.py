import pytest
import torch
from torch import nn

from ige.training.parameters import FlatParameters, groups_by_rate


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


def test_groups_lie_one_after_another_and_keep_their_strides():
    model = nn.Sequential(nn.Conv2d(3, 4, 3), nn.Linear(5, 1)).to(memory_format=torch.channels_last)
    before = [p.detach().clone() for p in model.parameters()]
    vectors = FlatParameters(model[1].parameters(), model[0].parameters())
    assert [len(group) for group in vectors.groups] == [32, 112 + 16]
    assert model[0].weight.is_contiguous(memory_format=torch.channels_last)
    assert all(torch.equal(p, old) for p, old in zip(model.parameters(), before, strict=True))
    model[0].weight.sum().backward()
    assert vectors.groups[0].grad.abs().sum() == 0
    assert vectors.groups[1].grad.sum() == vectors.gradient.sum() == 4 * 27
    with torch.no_grad():
        vectors.groups[1].fill_(2.0)
    assert bool((model[0].weight == 2).all())
    assert torch.equal(model[1].weight, before[2])


def test_the_innermost_named_module_decides_the_rate():
    model = nn.ModuleDict({"a": net(), "b": net(), "ab": nn.Linear(1, 1)})
    groups = dict(groups_by_rate(model, {"a": 0.1, "a.2": 0.5, "b.0": 0.1}))
    names = {parameter: name for name, parameter in model.named_parameters()}
    assert {factor: [names[p] for p in group] for factor, group in groups.items()} == {
        1.0: ["b.2.weight", "b.2.bias", "ab.weight", "ab.bias"],
        0.1: ["a.0.weight", "a.0.bias", "b.0.weight", "b.0.bias"],
        0.5: ["a.2.weight", "a.2.bias"],
    }
    model["a"].requires_grad_(requires_grad=False)
    assert [factor for factor, _ in groups_by_rate(model, {"a": 0.1})] == [1.0]
    with pytest.raises(ValueError, match="no parameters of c, d in the model"):
        groups_by_rate(model, {"d": 0.1, "c": 0.1, "a": 0.1})
