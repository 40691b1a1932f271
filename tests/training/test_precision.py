import math

import pytest
import torch

from ige.training.precision import autocast

CPU = torch.device("cpu")


def test_fp32_enters_nothing():
    with autocast("fp32", CPU)():
        assert (torch.ones(2, 2) @ torch.ones(2, 2)).dtype == torch.float32


def test_bf16_trains_and_keeps_weights_in_fp32(train, regression, tmp_path):
    types = []
    problem = regression()
    problem.model[0].register_forward_hook(lambda module, inputs, output: types.append(output.dtype))
    fit = train(problem, precision="bf16")
    # Three epochs of six steps in bf16, each followed by a validation in fp32.
    assert types == ([torch.bfloat16] * 6 + [torch.float32]) * 3
    assert fit.last["0.weight"].dtype == torch.float32
    assert math.isfinite(fit.history[-1]["error"])
    plain = train(regression(), checkpoint=tmp_path / "plain.pt")
    assert fit.history[-1]["error"] == pytest.approx(plain.history[-1]["error"], rel=0.05)
    assert fit.history[-1]["error"] != plain.history[-1]["error"]
