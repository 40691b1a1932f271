"""The precision of the forward pass. Weights, gradients, optimiser and validation are fp32 in any case."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Literal

import torch


def autocast(
    precision: Literal["fp32", "bf16"], device: torch.device
) -> Callable[[], AbstractContextManager[object]]:
    """Return what to enter around each loss: nothing for fp32, Lightning Fabric's autocast for bf16."""
    if precision == "fp32":
        return nullcontext
    # Seconds to import: only who asks for it pays.
    from lightning.fabric import Fabric

    fabric = Fabric(accelerator=device.type, devices=1, precision="bf16-mixed")
    enter: Callable[[], AbstractContextManager[object]] = fabric.autocast
    return enter
