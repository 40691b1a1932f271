"""How loops are compiled: to the same arithmetic everywhere, once, and kept on disk.

No fast-math and no contraction to fused multiply-adds: the fills rely on two triangles that share an edge
computing it bit for bit alike. A cached kernel does not notice changes in other files: kernels that call each
other stand in the same file.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

from numba import njit

_Function = TypeVar("_Function", bound=Callable[..., Any])


def kernel(function: _Function) -> _Function:
    """Compile a function at its first call; it then runs without the interpreter's lock."""
    return cast(_Function, njit(cache=True, error_model="numpy", nogil=True)(function))
