"""What there is of ShapeNetCore, category by category; only names of files are read."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal, NamedTuple

from ige.base.errors import InputError
from ige.params.shapes import ShapeNetSettings
from ige.shapes.shapenet import SYNSETS, ShapeNetListing
from ige.shapes.shapenet_counts import published_counts

State = Literal["present", "incomplete", "missing"]


class CategoryState(NamedTuple):
    """What there is of a category.

    Attributes:
        category: its name.
        state: "present", "incomplete" or "missing".
        detail: numbers of models, or what is wrong, for people.
        models: how many there are.
    """

    category: str
    state: State
    detail: str
    models: int = 0


def check_shapenet(
    folder: Path, settings: ShapeNetSettings, categories: Sequence[str]
) -> list[CategoryState]:
    """Say what there is of each category.

    Where a part of the set is asked for (`counts: part`), a category with any models is present. Categories
    that ShapeNet does not have are missing. A missing folder is no error.
    """
    if not folder.is_dir():
        return [CategoryState(category, "missing", _absent(settings, category)) for category in categories]
    listing = ShapeNetListing(folder, settings)
    return [_state(listing, settings, category) for category in categories]


def _state(listing: ShapeNetListing, settings: ShapeNetSettings, category: str) -> CategoryState:
    try:
        count = listing.ids(category).count
    except InputError as error:
        known = category in SYNSETS
        return CategoryState(category, "incomplete" if known else "missing", str(error))
    if not count:
        return CategoryState(category, "missing", _absent(settings, category))
    published = published_counts(settings.version).get(category)
    if published is None:
        return CategoryState(category, "present", f"{count} models, published number unknown", count)
    whole = count == published or settings.counts == "part"
    return CategoryState(
        category, "present" if whole else "incomplete", f"{count} of {published} published models", count
    )


def _absent(settings: ShapeNetSettings, category: str) -> str:
    published = published_counts(settings.version).get(category)
    synset = SYNSETS.get(category)
    if synset is None:
        return f"no category of ShapeNet that is read: {', '.join(SYNSETS)}"
    return f"no {synset}.zip and no folder {synset}" + (f" of {published} models" if published else "")
