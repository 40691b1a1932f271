"""The precision of the forward pass. Weights, gradients, optimiser and validation are fp32 in any case."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from typing import Literal

import torch


def autocast(
    precision: Literal["fp32", "bf16"], device: torch.device
) -> Callable[[], AbstractContextManager[object]]:
    """Return what to enter around each loss: nothing for fp32, torch's autocast for bf16."""
    if precision == "fp32":
        return nullcontext
    return partial(torch.autocast, device.type, dtype=torch.bfloat16)
