"""Tool `inspect`: a contact sheet of a shard of a shape set.

| in | out |
| --- | --- |
| a shard | a picture: image, mask, slices and grids of some of its views |
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ige.base.errors import InputError
from ige.report.contact_sheet import contact_sheet
from ige.report.shard_examples import examples_of, views_of
from ige.storage.pictures import check_picture
from ige.storage.shards import Shard, open_shard

_MOST_ROWS = 100


def inspect_shard(shard: Path, out: Path, *, models: int, views: int, resolution: int | None) -> str:
    """Draw a contact sheet of a shard.

    Args:
        shard: of a shape set.
        out: picture to write, .png.
        models: how many, evenly spread.
        views: how many of each model, evenly spread.
        resolution: of the grids; None for the finest.

    Returns:
        What the shard holds, in a few lines.

    Raises:
        InputError: if the shard is missing or damaged, or an argument cannot be.
        StorageError: if the picture cannot be written.
    """
    check_picture(out)
    if models < 1 or views < 1 or models * views > _MOST_ROWS:
        raise InputError(
            "no such number of models and views",
            expected=f"1 or more of each, at most {_MOST_ROWS} in all",
            found=f"{models} and {views}",
        )
    with open_shard(shard) as read:
        chosen = views_of(read, models, views)
        if not chosen:
            raise InputError("no models in this shard", where=shard, expected="at least one")
        size = max(read.resolutions) if resolution is None else resolution
        heading = f"{read.category}, {read.split}: {shard.name}, grids of {size} cells per side"
        contact_sheet(examples_of(read, chosen, size), heading, out)
        return _in_words(read)


def _in_words(shard: Shard) -> str:
    sizes = ", ".join(str(size) for size in shard.resolutions)
    licences = ", ".join(sorted(set(shard.licences)))
    lines = [
        f"{shard.category}, {shard.split}: {len(shard.ids)} models, {len(shard)} views, images of "
        f"{shard.pixels} pixels, grids of {sizes} cells per side, licences: {licences}"
    ]
    for size in shard.resolutions:
        values = shard.diagnostics[size]
        counts = np.bincount(values["level"], minlength=len(shard.levels))
        levels = ", ".join(
            f"{count} {level}" for level, count in zip(shard.levels, counts, strict=True) if count
        )
        lines.append(
            f"{size:>4}: {levels}; {int(values['leak'].sum())} leaks flagged, "
            f"{int((values['filled'] == 0).sum())} empty, {int(values['cut'].sum())} cut by the frustum, "
            f"{100.0 * float(values['filled'].mean()) / size**3:.2f} % occupied"
        )
    return "\n".join(lines)
