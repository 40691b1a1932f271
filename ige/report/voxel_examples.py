"""Examples of reconstructions, as the evaluation kept them: images, truths and what each model answers.

They stay in their files: what a figure shows is read when it is drawn.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ige.base.errors import InputError
from ige.geometry.frustum import Frustum
from ige.grids.bits import unpack
from ige.report.voxel_scores import Key
from ige.storage.array_rows import ArrayRows, open_array_rows

KIND = "shape-examples"

Cells = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Shown:
    """A test view.

    Attributes:
        image: (P, P, 4) uint8, straight alpha.
        frustum: of the view.
        truth: (R, R, R) bool at the resolution of the model.
        truth_fine: (E, E, E) bool at the resolution of the evaluation.
    """

    image: NDArray[np.uint8]
    frustum: Frustum
    truth: Cells
    truth_fine: Cells


@dataclass(frozen=True, slots=True, eq=False)
class VoxelExamples:
    """The examples of one model at one resolution; parts by category are put together.

    Attributes:
        model: its name.
        family: its kind.
        resolution: of its grids.
        coordinates: "frustum" or "world": of its answers.
        places: of the test views: file and row, in the order of the files.
    """

    model: str
    family: str
    resolution: int
    coordinates: str
    places: Mapping[Key, tuple[ArrayRows, int]]

    def view(self, key: Key) -> Shown:
        """Read a test view.

        Raises:
            InputError: if the file is damaged, or holds grids of another resolution than it says.
        """
        rows, place = self.places[key]
        focal, near, far = (float(rows.row(name, place)) for name in ("focal", "near", "far"))
        return Shown(
            image=rows.row("rgba", place),
            frustum=Frustum(rows.row("camera", place), focal, near, far),
            truth=_cells(rows, "truth", place, self.resolution),
            truth_fine=_cells(rows, "truth_fine", place, int(rows.attributes["evaluation_resolution"])),
        )

    def answer(self, key: Key) -> Cells:
        """Read the last iterate (R, R, R) of a test view, in the coordinates of the model.

        Raises:
            InputError: if the file is damaged, or holds grids of another resolution than it says.
        """
        rows, place = self.places[key]
        return _cells(rows, f"iterates/{rows.attributes['steps']}", place, self.resolution)


def read_examples(paths: Sequence[Path], resolution: int) -> list[VoxelExamples]:
    """Find the examples of the models of a resolution, in the order of the files.

    Raises:
        InputError: if a file is missing, damaged or of another kind.
    """
    found: dict[str, VoxelExamples] = {}
    for path in paths:
        rows = open_array_rows(path, KIND)
        facts = rows.attributes
        if facts["resolution"] != resolution:
            continue
        model = str(facts["model"])
        known = found[model].places if model in found else {}
        keys = zip(facts["category"], facts["id"], facts["view"], strict=True)
        found[model] = VoxelExamples(
            model=model,
            family=str(facts["family"]),
            resolution=resolution,
            coordinates=str(facts["coordinates"]),
            places={
                **known,
                **{
                    (str(category), str(id), int(view)): (rows, n)
                    for n, (category, id, view) in enumerate(keys)
                },
            },
        )
    return list(found.values())


def _cells(rows: ArrayRows, name: str, place: int, resolution: int) -> Cells:
    try:
        return unpack(rows.row(name, place), resolution)
    except ValueError as error:
        raise InputError("examples that do not fit together", where=rows.path, found=str(error)) from error
