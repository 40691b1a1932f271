"""Where torch computes and with how many threads: the one module that asks which devices there are."""

from __future__ import annotations

from typing import Literal

import torch

from ige.base.errors import InputError

DeviceName = Literal["auto", "cpu", "cuda"]


def choose_device(name: DeviceName | str) -> torch.device:
    """Return the device of this name; `auto` is the GPU where there is one.

    Raises:
        InputError: if the name is unknown, or there is no GPU that torch can use.
    """
    if name not in ("auto", "cpu", "cuda"):
        raise InputError("unknown device", expected="auto, cpu or cuda", found=name)
    available = name != "cpu" and torch.cuda.is_available()  # noqa: TID251 (this is the module that may)
    if name == "cuda" and not available:
        raise InputError(
            "no GPU that torch can use",
            expected="a CUDA device",
            found=f"torch {torch.__version__}",
            next_step="Compute with --device cpu, or install the CUDA build of torch and check nvidia-smi",
        )
    return torch.device("cuda" if available else "cpu")


def set_threads(number: int) -> None:
    """Let torch compute with this many threads, a constant of a task: it changes the last bits of results.

    Raises:
        InputError: if it is not positive.
    """
    if number < 1:
        raise InputError("a number of threads that cannot be", expected="1 or more", found=str(number))
    torch.set_num_threads(number)
