"""Stage `prepare_manifest`: which models there are, in which split, and in which shard each lies.

| in | out |
| --- | --- |
| the chosen source (and its folder) | manifest.csv: id, category, split, licence, up, origin of each model |
| lists of splits, where they are chosen | those lists, where there are none yet |
| | skipped.csv: what was left out, and why |

Nothing of a mesh is read here, so that the 44,000 models of ShapeNet are listed in seconds: the workflow
calls `list_shapes` to know its shards.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path, PurePosixPath

from ige.base.errors import InputError
from ige.params.shapes import MeshFolderSettings, ShapeNetSettings
from ige.params.stages import ShapeManifestSettings
from ige.shapes.listed_splits import ListedSplits, listed_splits
from ige.shapes.listing import SUFFIXES, Listing, Model, is_generated, open_listing
from ige.shapes.shapenet import ShapeNetListing
from ige.shapes.skipped import Skipped, write_skipped
from ige.shapes.split_lists import SplitLists, write_lists
from ige.shapes.splits import SPLITS, Split, split_models
from ige.shapes.stale_shards import remove_stale_shards
from ige.storage.tables import read_csv, write_csv

log = logging.getLogger(__name__)

_MOST_NAMES = 20  # of folders in one line

COLUMNS = ("id", "category", "split", "licence", "up", "origin")


@dataclass(frozen=True, slots=True)
class ShapeEntry:
    """A model: a row of manifest.csv.

    Attributes:
        id: unique in its category: "car-0007", "kenney_police.obj", or a model id of ShapeNet.
        category: one of the parameters' categories.
        split: "train", "validation" or "test".
        licence: under which the mesh may be used.
        up: axis that points up in the source, "y" or "z".
        origin: where the mesh comes from: a path below the source's folder, or "procedural".
    """

    id: str
    category: str
    split: Split
    licence: str
    up: str
    origin: str


@dataclass(frozen=True, slots=True)
class Shard:
    """The models of one category and split that share a file.

    Attributes:
        category: of all its models.
        split: of all its models.
        block: number of the shard among those of its category and split, from 0.
        ids: of its models, in order.
    """

    category: str
    split: Split
    block: int
    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Manifest:
    """All models of a source, by category, split and id, and what was left out.

    Attributes:
        entries: in the order of the parameters' categories, then of splits, then of ids.
        skipped: what was left out before any mesh was read.
        models_per_shard: at most so many models share a file.
        not_taken: folders of the source that are none of the categories; nothing of them is skipped, as
            nobody asked for it.
        notes: lines for the log.
        lists_folder: of the lists of splits, where they decide.
        new_lists: those that are not written yet.
    """

    entries: tuple[ShapeEntry, ...]
    skipped: tuple[Skipped, ...]
    models_per_shard: int
    not_taken: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    lists_folder: Path | None = None
    new_lists: tuple[SplitLists, ...] = ()

    def shards(self) -> list[Shard]:
        """Cut the models of each category and split into blocks, in their order; only the last is short."""
        return list(self._cut())

    def _cut(self) -> Iterator[Shard]:
        size = self.models_per_shard
        for (category, split), group in groupby(
            self.entries, key=lambda entry: (entry.category, entry.split)
        ):
            ids = [entry.id for entry in group]
            for block, start in enumerate(range(0, len(ids), size)):
                yield Shard(category, split, block, tuple(ids[start : start + size]))


def list_shapes(settings: ShapeManifestSettings, folder: Path | None, splits: Path | None = None) -> Manifest:
    """List the models of the chosen source without reading a mesh, and without writing anything.

    Args:
        settings: the source, the categories to take, splits and the size of shards.
        folder: where the files of a source with files lie; None for procedural shapes.
        splits: the folder of all lists of splits, where lists are chosen.

    Raises:
        InputError: if the folder is missing, is not as the source expects it, or holds no model; or lists
            are chosen that cannot be read, overlap or do not belong to the models.
    """
    listing = open_listing(settings.source, folder)
    models, skipped = listing.models(settings.categories)
    not_taken = tuple(listing.not_taken(settings.categories))
    if not models:
        found = f"none, and {len(skipped)} skipped" if skipped else "none"
        raise InputError(
            "no model of any category",
            where=folder,
            expected=f"models of {', '.join(settings.categories)} (shapes.categories)",
            found=f"{found}; folders not taken: {_some(not_taken)}" if not_taken else found,
        )
    listed = _listed(settings, listing, splits)
    entries = _entries(models, listed.splits if listed else _cut(models, settings), settings)
    if not entries:
        raise InputError("no model of the folder is in a list", where=splits, found=f"{len(models)} models")
    notes = (
        [*listing.notes(settings.categories), *_shared(entries)]
        if isinstance(listing, ShapeNetListing)
        else _twins(entries)
    )
    return Manifest(
        entries,
        tuple(sorted([*skipped, *(listed.skipped if listed else ())], key=lambda row: row.id)),
        settings.models_per_shard,
        not_taken,
        (*notes, *(listed.notes if listed else ())),
        listed.folder if listed else None,
        tuple(listed.new) if listed else (),
    )


def _listed(settings: ShapeManifestSettings, listing: Listing, splits: Path | None) -> ListedSplits | None:
    """Split by lists, if those are chosen."""
    if settings.splits.lists == "none":
        return None
    if not isinstance(listing, ShapeNetListing) or not isinstance(settings.source, ShapeNetSettings):
        raise InputError(
            f"shapes.splits.lists is {settings.splits.lists}, whose lists are of ShapeNet",
            expected="none, or shapes.source shapenet",
        )
    if splits is None:
        raise InputError(
            "lists of splits need a folder", where="shapes.splits.lists", next_step="Give it with --splits"
        )
    return listed_splits(listing, settings.source, settings.categories, settings.splits, splits)


def _cut(models: Sequence[Model], settings: ShapeManifestSettings) -> dict[str, dict[str, Split]]:
    """Split the models of each category by their ids alone; those generated beside a folder never test."""
    mixed = isinstance(settings.source, MeshFolderSettings) and settings.source.generated is not None
    training_alone = settings.splits.model_copy(update={"test_share": 0.0})
    splits: dict[str, dict[str, Split]] = {}
    for category in settings.categories:
        ids = [model.id for model in models if model.category == category]
        generated = [id for id in ids if mixed and is_generated(category, id)]
        of_files = [id for id in ids if not (mixed and is_generated(category, id))]
        splits[category] = split_models(of_files, settings.splits) | split_models(generated, training_alone)
    return splits


def _entries(
    models: Sequence[Model], splits: Mapping[str, Mapping[str, Split]], settings: ShapeManifestSettings
) -> tuple[ShapeEntry, ...]:
    """Put the models that have a split into the order of the manifest."""
    entries = [
        ShapeEntry(
            model.id,
            model.category,
            splits[model.category][model.id],
            model.licence,
            model.up,
            model.origin,
        )
        for model in models
        if model.id in splits[model.category]
    ]
    place = {category: number for number, category in enumerate(settings.categories)}
    entries.sort(key=lambda entry: (place[entry.category], SPLITS.index(entry.split), entry.id))
    return tuple(entries)


def _shared(entries: Sequence[ShapeEntry]) -> list[str]:
    """Say in a line how many ids are in several categories and in different splits of them."""
    splits: dict[str, set[Split]] = {}
    for entry in entries:
        splits.setdefault(entry.id, set()).add(entry.split)
    shared = sorted(id for id, its in splits.items() if len(its) > 1)
    if not shared:
        return []
    return [f"{len(shared)} ids are in several categories, in different splits: {_some(shared)}"]


def _twins(entries: Sequence[ShapeEntry]) -> list[str]:
    """Say in a line which files differ in nothing but folder and ending, and are in different splits.

    Exports of one shape to several formats would train and test. Files of one name and ending in several
    folders are usual where each shape has a folder, and are not told.
    """
    groups: dict[tuple[str, str], list[ShapeEntry]] = {}
    for entry in entries:
        name = PurePosixPath(entry.origin)
        if name.suffix.lower() in SUFFIXES:
            groups.setdefault((entry.category, name.stem.casefold()), []).append(entry)
    names = [
        entry.origin
        for group in groups.values()
        if len({entry.split for entry in group}) > 1
        and len({PurePosixPath(entry.origin).suffix.lower() for entry in group}) > 1
        for entry in sorted(group, key=lambda entry: entry.origin)
    ]
    if not names:
        return []
    return [
        f"{len(names)} files of a category have equal names but for their endings and are in different "
        f"splits; if they are the same shape, remove all but one: {_some(names)}"
    ]


def _some(names: Sequence[str]) -> str:
    more = len(names) - _MOST_NAMES
    return ", ".join(names[:_MOST_NAMES]) + (f" and {more} more" if more > 0 else "")


def prepare_manifest(
    *,
    folder: Path | None,
    out: Path,
    skipped: Path,
    settings: ShapeManifestSettings,
    splits: Path | None = None,
    shards: Sequence[Path] = (),
) -> None:
    """Write the list of models and of what was left out, and lists of splits where there are none yet.

    Args:
        folder: where the files of a source with files lie.
        out: manifest.csv.
        skipped: skipped.csv.
        settings: the source, the categories to take, splits and the size of shards.
        splits: the folder of all lists of splits, where lists are chosen.
        shards: all shards of these models; what lies beside them is of an earlier list and is removed.

    Raises:
        InputError: as `list_shapes`.
        StorageError: if a file cannot be written.
    """
    manifest = list_shapes(settings, folder, splits)
    # Lists first: once there is a manifest, they decide.
    for lists in manifest.new_lists:
        assert manifest.lists_folder is not None
        write_lists(manifest.lists_folder, lists)
        log.info("%s: lists of %d models in %s", lists.category, len(lists.splits), manifest.lists_folder)
    write_manifest(manifest, out, skipped)
    remove_stale_shards(shards)
    counts = Counter(entry.category for entry in manifest.entries)
    for category in settings.categories:
        if not counts[category]:
            log.warning("%s: no models", category)
    for note in manifest.notes:
        log.warning("%s", note)
    if manifest.not_taken:
        log.info("folders not taken: %s", _some(manifest.not_taken))
    log.info("%d models, %d rows in %s", len(manifest.entries), len(manifest.skipped), skipped.name)


def write_manifest(manifest: Manifest, out: Path, skipped: Path) -> None:
    """Write manifest.csv and skipped.csv.

    Raises:
        StorageError: if a file cannot be written.
    """
    write_skipped(skipped, manifest.skipped)
    rows = ({name: getattr(entry, name) for name in COLUMNS} for entry in manifest.entries)
    write_csv(out, COLUMNS, rows)


def read_manifest(path: Path) -> list[ShapeEntry]:
    """Read manifest.csv.

    Raises:
        InputError: if the file is missing or no manifest.
    """
    entries = []
    for row in read_csv(path):
        if tuple(row) != COLUMNS or row["split"] not in SPLITS:
            raise InputError(
                "is no manifest of shapes",
                where=path,
                expected=f"columns {', '.join(COLUMNS)}; split one of {', '.join(SPLITS)}",
            )
        entries.append(
            ShapeEntry(row["id"], row["category"], row["split"], row["licence"], row["up"], row["origin"])
        )
    return entries
