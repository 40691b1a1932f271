"""First weights that come from a generator alone, whatever draws them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch


@contextmanager
def drawn_from(generator: torch.Generator) -> Iterator[None]:
    """Let what is built inside draw its weights from a seed of the generator.

    Modules of torch and of timm draw from the global generator of the CPU; afterwards that one stands where
    it stood before.
    """
    seed = int(torch.randint(2**62, (), generator=generator))
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(seed)
        yield
