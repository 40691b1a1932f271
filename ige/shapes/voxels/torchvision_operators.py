"""Lets torchvision be imported, and timm through it, beside a torch that it was not built for."""

from __future__ import annotations

import importlib.util
from functools import cache
from pathlib import Path

import torch

_SCHEMAS = (
    "nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    "qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
)


@cache
def make_importable() -> torch.library.Library | None:
    """Define the operators that torchvision's import asks for, if its own do not load.

    A torchvision built for a GPU, beside a torch without, cannot load its compiled operators. It bears that
    but for two of detection, whose names its import looks up; nothing here calls them. Once per process; to
    be called before timm is imported.

    Returns:
        the library that holds the definitions, kept alive; None where torchvision's own are there.
    """
    if _real_operators_load():
        return None
    library = torch.library.Library("torchvision", "DEF")  # type: ignore[no-untyped-call]
    for schema in _SCHEMAS:
        library.define(schema)  # type: ignore[no-untyped-call]
    return library


def _real_operators_load() -> bool:
    found = importlib.util.find_spec("torchvision")
    if found is None or found.origin is None:
        return True  # nothing to mend: an import will say what is missing
    compiled = sorted(Path(found.origin).parent.glob("_C*"))
    for path in compiled:
        try:
            torch.ops.load_library(str(path))  # type: ignore[no-untyped-call]
        except (OSError, ImportError):
            continue
        return True
    return False
