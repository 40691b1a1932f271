"""Examples out of shards, for contact sheets: chosen by their place, not by their looks."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ige.geometry.frustum import Frustum
from ige.grids.bits import unpack
from ige.report.contact_sheet import Example
from ige.storage.shards import Shard


def evenly(count: int, most: int) -> list[int]:
    """Choose at most `most` of `count` things, evenly spread, the first and the last among them.

    One alone is the first.
    """
    places = np.linspace(0, count - 1, min(count, most)).round().astype(int)
    return sorted(set(places.tolist())) if count else []


def views_of(shard: Shard, models: int, views: int) -> list[int]:
    """Choose some models of a shard, and some views of each: indices of views of the shard."""
    chosen = []
    for model in evenly(len(shard.ids), models):
        of_model = np.flatnonzero(shard.models == model)
        chosen += [int(of_model[place]) for place in evenly(len(of_model), views)]
    return chosen


def examples_of(shard: Shard, indices: Sequence[int], resolution: int) -> list[Example]:
    """Read views of a shard as examples.

    Raises:
        InputError: if the shard is damaged or holds no grids of this resolution.
    """
    return [_example(shard, index, resolution) for index in indices]


def _example(shard: Shard, index: int, resolution: int) -> Example:
    occupancy = unpack(shard.grid(resolution, index), resolution)
    facts, flagged = _facts(shard, index, resolution, occupancy)
    return Example(
        title=shard.ids[shard.models[index]],
        facts=facts,
        image=shard.image(index),
        occupancy=occupancy,
        frustum=Frustum(
            shard.cameras[index], float(shard.focal[index]), float(shard.near[index]), float(shard.far[index])
        ),
        flagged=flagged,
    )


def _facts(
    shard: Shard, index: int, resolution: int, occupancy: NDArray[np.bool_]
) -> tuple[tuple[str, ...], bool]:
    values = {name: column[index] for name, column in shard.diagnostics[resolution].items()}
    empty = not occupancy.any()
    lines = [
        f"view {shard.view[index]}, {resolution} cells per side",
        f"mesh {'closed' if values['closed'] else 'not closed'}",
        f"fill: {shard.levels[values['level']]}",
        f"{100.0 * occupancy.mean():.2f} % occupied",
    ]
    cautions = {"leak: flagged": values["leak"], "empty": empty, "cut by the frustum": values["cut"]}
    lines += [line for line, holds in cautions.items() if holds]
    return tuple(lines), bool(values["leak"] or empty)
