"""Generated shapes: a category, a number and a seed make a mesh, the same bytes everywhere."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import numpy as np

from ige.base.errors import InputError
from ige.shapes.mesh import Mesh, normalised
from ige.shapes.procedural import (
    bench,
    cabinet,
    car,
    chair,
    lamp,
    monitor,
    plane,
    rifle,
    sofa,
    speaker,
    table,
    telephone,
    watercraft,
)
from ige.shapes.procedural.openings import open_up
from ige.shapes.procedural.parts import Part, assemble

Builder = Callable[[np.random.Generator], list[Part]]

BUILDERS: dict[str, Builder] = {
    "plane": plane.build,
    "bench": bench.build,
    "cabinet": cabinet.build,
    "car": car.build,
    "chair": chair.build,
    "monitor": monitor.build,
    "lamp": lamp.build,
    "speaker": speaker.build,
    "rifle": rifle.build,
    "sofa": sofa.build,
    "table": table.build,
    "telephone": telephone.build,
    "watercraft": watercraft.build,
}
CATEGORIES = tuple(BUILDERS)

# Of coordinates: far below a cell at any resolution, far above what libraries of different platforms
# disagree by, and such that 32-bit floats hold the coordinates of a shape of unit diagonal.
_STEP = 2.0**-24


def generate(category: str, number: int, seed: int, open_share: float) -> Mesh:
    """Make a shape: upright, its front along -y, of unit bounding-box diagonal, in several colours.

    Args:
        category: one of `CATEGORIES`.
        number: of the shape; any other shape may have been made before or not.
        seed: of all shapes.
        open_share: share of the shapes that lack faces or have a part without thickness. The others are
            closed: each part is, and parts overlap. A shape that is not opened is the same for every share.

    Raises:
        InputError: if there is no such category.
    """
    if category not in BUILDERS:
        raise InputError(
            "no such category of generated shapes", expected=", ".join(CATEGORIES), found=category
        )
    parts = BUILDERS[category](_generator(seed, category, number, "shape"))
    opening = _generator(seed, category, number, "opening")
    if float(opening.random()) < open_share:
        parts = open_up(parts, opening)
    mesh = normalised(assemble(parts))
    # Adding zero turns the zeros with a minus sign into plain ones.
    vertices = np.round(mesh.vertices / _STEP) * _STEP + 0.0
    return Mesh(vertices, mesh.faces, mesh.face_colours)


def _generator(seed: int, category: str, number: int, what: str) -> np.random.Generator:
    digest = hashlib.sha256(f"{seed}/{category}/{number}/{what}".encode()).digest()
    return np.random.Generator(np.random.PCG64(int.from_bytes(digest[:16], "little")))
