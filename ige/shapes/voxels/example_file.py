"""Examples of what a model reconstructs, in a file for the figures.

`ige.storage.array_rows.open_array_rows(path, KIND)` opens it:

| array | shape, type | holds |
| --- | --- | --- |
| rgba | (N, P, P, 4) u1 | image, straight alpha |
| truth | (N, R, R, ceil(R / 8)) u1 | truth at the training resolution R, in the frustum, packed along depth |
| truth_fine | (N, E, E, ceil(E / 8)) u1 | truth at the evaluation resolution E, in the frustum, packed |
| iterates/0 to iterates/<T> | (N, R, R, ceil(R / 8)) u1 | filled cells of each iterate, first guess first |
| camera | (N, 3, 4) f8 | X_cam = camera @ (X_world, 1) |
| focal, near, far | (N,) f8 | widths of the image; planar depths of the planes |

| attribute | holds |
| --- | --- |
| name, model, family | of the trained model, of its definition, its kind |
| seed, data | of the training; source of the shapes |
| coordinates | frustum: iterates lie in the view's frustum; world: in `object_box()` |
| threshold | cells of a greater probability are filled |
| resolution, evaluation_resolution | R, E |
| steps | T; 0 for a model that does not refine |
| category, id, view | lists of N: of the example |
| iou_frustum | list of N: of the last iterate at E, unweighted |

Grids are (row, column, depth) as everywhere; the last iterate is what was scored. Examples go to the file as
the evaluation comes by them: one is in memory at a time.

The examples are those of the first seed: of each category so many, evenly spread over its test views, in the
order of the categories and of the views. So all models of the same resolution and categories show the same
views.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ige.shapes.voxels.scored_views import Truth
from ige.storage.array_rows import RowWriter, write_array_rows

KIND = "shape-examples"

Bytes = NDArray[np.uint8]


def choose_examples(categories: Sequence[int], count: int) -> list[int]:
    """Choose so many views of each category, evenly spread; all of them where there are fewer.

    Args:
        categories: (V,) number of the category of each view.
        count: views of each category.

    Returns:
        places in `categories`, by category and then as they stand there.
    """
    places = np.asarray(categories)
    chosen: list[int] = []
    for category in np.unique(places):
        of_category = np.flatnonzero(places == category)
        taken = min(count, len(of_category))
        # From the middle of each of so many equal parts.
        parts = (2 * np.arange(taken) + 1) * len(of_category) // (2 * taken)
        chosen += of_category[parts].tolist()
    return chosen


@contextmanager
def write_examples(path: Path, chosen: Sequence[int]) -> Iterator[ExampleBook]:
    """Yield a book of examples; when the block ends without an error, the file appears whole.

    Args:
        path: of the file.
        chosen: numbers of the views, in the order of the file.

    Raises:
        StorageError: if the file cannot be written.
    """
    with write_array_rows(path, KIND, len(chosen)) as rows:
        yield ExampleBook(chosen, rows)


class ExampleBook:
    """Takes examples as an evaluation comes by them; made by `write_examples`."""

    def __init__(self, chosen: Sequence[int], rows: RowWriter) -> None:
        self._slots = {number: slot for slot, number in enumerate(chosen)}
        self._rows = rows
        self._facts: list[dict[str, Any]] = [{} for _ in chosen]
        self._steps = 0

    def wants(self, number: int) -> bool:
        """Say whether a view is an example."""
        return number in self._slots

    def add(
        self,
        number: int,
        *,
        image: Bytes,
        bits: Bytes,
        iterates: Sequence[Bytes],
        truth: Truth,
        iou_frustum: float,
    ) -> None:
        """Write a view.

        Args:
            number: of the view.
            image: (4, P, P) RGBA.
            bits: (R, R, ceil(R / 8)) truth at the training resolution.
            iterates: T + 1 of (R, R, ceil(R / 8)), filled cells of each.
            truth: at the evaluation resolution.
            iou_frustum: of the last iterate there.
        """
        slot, frustum = self._slots[number], truth.frustum
        row: dict[str, NDArray[Any] | np.generic] = {
            "rgba": image.transpose(1, 2, 0),
            "truth": bits,
            "truth_fine": truth.bits,
            **{f"iterates/{step}": each for step, each in enumerate(iterates)},
            "camera": frustum.extrinsics,
            **{name: np.float64(getattr(frustum, name)) for name in ("focal", "near", "far")},
        }
        self._rows.put(slot, row)
        self._steps = len(iterates) - 1
        self._facts[slot] = {
            "category": truth.category,
            "id": truth.id,
            "view": truth.view,
            "iou_frustum": iou_frustum,
        }

    def finish(self, attributes: Mapping[str, Any]) -> None:
        """Say what the examples are of, once all were added."""
        lists = {name: [facts[name] for facts in self._facts] for name in self._facts[0]}
        self._rows.attributes = {**attributes, "steps": self._steps, **lists}
