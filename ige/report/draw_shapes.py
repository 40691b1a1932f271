"""Stage `draw_shape_sets`: a contact sheet of each category, to be looked at.

| in | out |
| --- | --- |
| shards of all categories | shapes-<category>.png for each |
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from ige.base.errors import InputError
from ige.report.contact_sheet import contact_sheet
from ige.report.shard_examples import evenly, examples_of, views_of
from ige.storage.shards import Shard, open_shard

log = logging.getLogger(__name__)

PREFIX = "shapes-"
MODELS = 4  # on each sheet
_DPI = 120  # the page holds one sheet for each category
_SPLITS = ("test", "validation", "train")


def draw_shape_sets(*, shards: Sequence[Path], figures: Sequence[Path]) -> None:
    """Draw one contact sheet for each category, of test models if there are any.

    Args:
        shards: of any categories and splits.
        figures: files to write, one for each category of the shards, named shapes-<category>.png.

    Raises:
        InputError: if a shard is missing or damaged, or a figure names a category without shards.
        StorageError: if a figure cannot be written.
    """
    with ExitStack() as stack:
        # What a sheet shows of grids and images is guarded by checksums; the rest was checked when written.
        opened = [stack.enter_context(open_shard(path, check=False)) for path in shards]
        for figure in figures:
            category = figure.stem.removeprefix(PREFIX)
            _draw(category, [shard for shard in opened if shard.category == category], figure)
            log.info("%s", figure.name)


def _draw(category: str, shards: Sequence[Shard], figure: Path) -> None:
    if not shards:
        raise InputError("no shards of this category", where=figure, expected=f"a shard of {category}")
    filled = [shard for shard in shards if len(shard)]
    if not filled:
        contact_sheet([], f"{category}: no models, all were skipped", figure, dpi=_DPI)
        return
    split = min((shard.split for shard in filled), key=_SPLITS.index)
    candidates = [shard for shard in filled if shard.split == split]
    resolution = max(candidates[0].resolutions)
    places = [(shard, index) for shard in candidates for index in views_of(shard, len(shard.ids), 1)]
    chosen = [places[place] for place in evenly(len(places), MODELS)]
    examples = [example for shard, index in chosen for example in examples_of(shard, [index], resolution)]
    contact_sheet(examples, f"{category}, {split} models", figure, dpi=_DPI)
