"""Parameters of a run that takes seconds: what is tested with it is what runs, not what it learns."""

from __future__ import annotations

from typing import Any

POSES: dict[str, Any] = {
    "procedural": {
        "subjects": ["S1", "S9"],
        "actions": ["Walking", "Sitting"],
        "takes": 2,
        "seconds": 1.0,
        "fps": 25.0,
    },
    "lifting": {"splits": {"train": ["S1"], "test": ["S9"]}, "validation_every": 4, "frame_step": 1},
}


def shapes(resolutions: list[int]) -> dict[str, Any]:
    """Three cars in two views, as grids of these resolutions."""
    return {
        "categories": ["car"],
        "procedural": {"models_per_category": 3},
        "splits": {"validation_share": 0.5},
        "views": {"random": {"count": 2}},
        "grids": {"resolutions": resolutions},
        "images": {"pixels": 32},
    }


def deconvs(epochs: int) -> dict[str, Any]:
    """Models that have to keep one form, all small."""
    small = {"estimate": {"channels": 8, "side": 16}, "epochs": epochs}
    return dict.fromkeys(("deconv", "deconv-long", "deconv-world"), small)
