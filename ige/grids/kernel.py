"""The one way in which kernels are compiled.

No fast mathematics and no fused multiply-adds: both triangles at an edge must compute the same crossing, and
every machine the same bytes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba
from numba import config

from ige.grids.kernel_cache import LOCATOR

Function = TypeVar("Function", bound=Callable[..., Any])


def kernel(function: Function) -> Function:
    """Compile a function when it is first called; the machine code is kept (see `kernel_cache`)."""
    settings = vars(config)
    before = settings["CACHE_LOCATOR_CLASSES"]
    settings["CACHE_LOCATOR_CLASSES"] = LOCATOR
    try:
        compiled = numba.njit(cache=True, error_model="numpy", nogil=True)(function)
    finally:
        settings["CACHE_LOCATOR_CLASSES"] = before
    return cast(Function, compiled)
