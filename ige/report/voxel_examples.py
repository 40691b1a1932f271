"""Examples of reconstructions, as the evaluation kept them: images, truths and what each model answers."""

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
from ige.storage.arrays import Arrays, read_arrays

KIND = "shape-examples"


@dataclass(frozen=True, slots=True, eq=False)
class Shown:
    """A test view, and what one model answers.

    Attributes:
        image: (P, P, 4) uint8, straight alpha.
        frustum: of the view.
        truth: (R, R, R) bool at the resolution of the model.
        truth_fine: (E, E, E) bool at the resolution of the evaluation.
        iterates: (T + 1, R, R, R) bool, the first guess first; the last is the answer.
    """

    image: NDArray[np.uint8]
    frustum: Frustum
    truth: NDArray[np.bool_]
    truth_fine: NDArray[np.bool_]
    iterates: NDArray[np.bool_]

    @property
    def answer(self) -> NDArray[np.bool_]:
        """(R, R, R) the last iterate."""
        return np.asarray(self.iterates[-1])

    def ious(self) -> list[float]:
        """Return the IoU of each iterate, at the resolution of the model, cells alike; of nothing 1."""
        return [_iou(each, self.truth) for each in self.iterates]


@dataclass(frozen=True, slots=True, eq=False)
class VoxelExamples:
    """The examples of one model at one resolution; parts by category are put together.

    Attributes:
        model: its name.
        family: its kind.
        resolution: of its grids.
        coordinates: "frustum" or "world": of its iterates.
        shown: by test view, in the order of the files.
    """

    model: str
    family: str
    resolution: int
    coordinates: str
    shown: Mapping[Key, Shown]


def read_examples(paths: Sequence[Path], resolution: int) -> list[VoxelExamples]:
    """Read the examples of the models of a resolution, in the order of the files.

    Raises:
        InputError: if a file is missing, damaged or of another kind, or holds grids of another resolution
            than it says.
    """
    found: dict[str, VoxelExamples] = {}
    for path in paths:
        content = read_arrays(path, KIND)
        facts = content.attributes
        if facts["resolution"] != resolution:
            continue
        model = str(facts["model"])
        known = found[model].shown if model in found else {}
        found[model] = VoxelExamples(
            model=model,
            family=str(facts["family"]),
            resolution=resolution,
            coordinates=str(facts["coordinates"]),
            shown={**known, **_shown(path, content)},
        )
    return list(found.values())


def _shown(path: Path, content: Arrays) -> dict[Key, Shown]:
    arrays, facts = content.arrays, content.attributes
    fine, level = int(facts["evaluation_resolution"]), 255.0 * float(facts["threshold"])
    keys = zip(facts["category"], facts["id"], facts["view"], strict=True)
    try:
        return {
            (str(category), str(id), int(view)): Shown(
                image=arrays["rgba"][place],
                frustum=Frustum(
                    arrays["camera"][place],
                    focal=float(arrays["focal"][place]),
                    near=float(arrays["near"][place]),
                    far=float(arrays["far"][place]),
                ),
                truth=unpack(arrays["truth"][place], int(facts["resolution"])),
                truth_fine=unpack(arrays["truth_fine"][place], fine),
                iterates=arrays["probability"][place] > level,
            )
            for place, (category, id, view) in enumerate(keys)
        }
    except (KeyError, ValueError, IndexError) as error:
        raise InputError("examples that do not fit together", where=path, found=str(error)) from error


def _iou(one: NDArray[np.bool_], other: NDArray[np.bool_]) -> float:
    union = np.count_nonzero(one | other)
    return float(np.count_nonzero(one & other) / union) if union else 1.0
