"""The `shapenet` source: ShapeNetCore in either version, extracted or as zip files, read in place."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ige.base.errors import InputError
from ige.params.shapes import ShapeNetSettings, Up
from ige.shapes.listing import UNKNOWN_MODEL, Model
from ige.shapes.shapenet_counts import require_counts, wrong_counts
from ige.shapes.shapenet_tree import MESHES, REPAIRED, SYNSETS, ShapeNetTree
from ige.shapes.skipped import Skipped
from ige.shapes.stores import FolderStore, ZipStore

__all__ = ["SYNSETS", "CategoryIds", "ShapeNetListing"]

LICENCE = "ShapeNet terms of use"
UP: Up = "y"
_NO_MODELS = 0.5  # of the ids of a synset without a mesh: then something else lies there
_MOST_NAMES = 5  # of ids in one line


@dataclass(frozen=True, slots=True)
class CategoryIds:
    """What there is of a category.

    Attributes:
        kept: ids to work with, sorted.
        skipped: (id, reason) of the others, sorted.
        count: models in the folder, those left out by the settings among them.
        other: models that are there in the other version alone.
    """

    kept: tuple[str, ...]
    skipped: tuple[tuple[str, str], ...]
    count: int
    other: int


class ShapeNetListing:
    """The models of ShapeNetCore; only names of files are read."""

    def __init__(self, folder: Path, settings: ShapeNetSettings) -> None:
        self.folder = folder
        self._settings = settings
        self._tree = ShapeNetTree(folder, settings.version)
        self._ids: dict[str, CategoryIds] = {}

    def models(self, categories: Sequence[str]) -> tuple[list[Model], list[Skipped]]:
        """List the models of these categories, and those left out: by the settings, or for want of a mesh.

        Raises:
            InputError: if a category is none of `SYNSETS`, a zip file is damaged, the folder holds the other
                version, or all models are asked for and a category has another number than published.
        """
        models, skipped, counts = [], [], {}
        for category in categories:
            ids = self.ids(category)
            models += [self._model(category, id) for id in ids.kept]
            skipped += [Skipped(f"{category}/{id}", reason) for id, reason in ids.skipped]
            counts[category] = ids.count
        if self._settings.counts == "full" and any(counts.values()):
            require_counts(self._settings.version, counts, self.folder)
        return models, skipped

    def ids(self, category: str) -> CategoryIds:
        """List the ids of a category.

        Raises:
            InputError: as `models`, but whatever their number.
        """
        if category not in self._ids:
            self._ids[category] = self._list(_synset(category))
        return self._ids[category]

    def _list(self, synset: str) -> CategoryIds:
        ids = self._tree.synset(synset)
        found = ids.found | {id for id in self._settings.repairs if self._tree.repaired(synset, id)}
        empty = ids.empty - found
        skip = self._settings.skip_ids
        unknown = empty - skip.keys()
        if ids.other and not found:
            raise self._other_version(synset, len(ids.other))
        if len(unknown) > _NO_MODELS * (len(found) + len(empty)):
            raise self._no_meshes(synset, len(found), len(empty))
        left_out = [(id, f"left out by the settings: {skip[id]}") for id in found | empty if id in skip]
        left_out += [(id, f"no {self._tree.mesh} in its folder") for id in unknown]
        return CategoryIds(
            kept=tuple(sorted(found - skip.keys())),
            skipped=tuple(sorted(left_out)),
            count=len(found) + len(empty) - len(unknown),
            other=len(ids.other - found),
        )

    def notes(self, categories: Sequence[str]) -> list[str]:
        """Say in lines what is good to know of these categories: numbers, repaired and faulty meshes."""
        counts = {category: self.ids(category).count for category in categories}
        wrong = wrong_counts(self._settings.version, counts)
        lines = [f"{name}: {counts[name]} of {wrong[name]} published models" for name in wrong]
        if self._settings.version != 1:
            lines.append("numbers of models are not checked: none are known of this version")
        for category in categories:
            if other := self.ids(category).other:
                lines.append(f"{category}: {other} more models of the other version alone are not taken")
            lines += self._repair_notes(category)
        return lines

    def find(self, name: str) -> Path | None:
        """Find a file that lies beside the synsets."""
        return self._tree.find(name)

    def not_taken(self, categories: Sequence[str]) -> list[str]:
        """Name no folders: synsets are named by numbers, and the other ones are left out on purpose."""
        return []

    def model(self, category: str, id: str) -> Model:
        """Tell of one model.

        Raises:
            InputError: if there is none of this name.
        """
        self.file_of(category, id)
        return self._model(category, id)

    def file_of(self, category: str, id: str) -> tuple[FolderStore | ZipStore, str]:
        """Say where the mesh of a model lies: the repaired one, if there is one and it is asked for.

        Raises:
            InputError: if there is none of this name.
        """
        synset = _synset(category)
        repaired = self._repaired(synset, id)
        if repaired is not None:
            return FolderStore(self.folder), repaired
        found = self._tree.file_of(synset, id)
        if found is None:
            raise InputError(
                f"no model {id} of {category}",
                where=self.folder,
                expected=f"{synset}/{id}/{self._tree.mesh}",
                next_step=UNKNOWN_MODEL,
            )
        return found

    def files_of(self, category: str, id: str) -> list[Path]:
        """Name the mesh file and the materials beside it, or the zip file that holds them.

        Textures are not among them: to know their names, every plan of the workflow would have to read all
        materials of a set that never changes after its release.

        Raises:
            InputError: if there is no such model.
        """
        store, path = self.file_of(category, id)
        if isinstance(store, ZipStore):
            return [store.file]
        materials = path.removesuffix(".obj") + ".mtl"
        return [store.root / name for name in (path, materials) if store.has(name)]

    def _model(self, category: str, id: str) -> Model:
        synset = _synset(category)
        origin = self._repaired(synset, id) or f"{synset}/{id}/{self._tree.mesh}"
        return Model(id, category, LICENCE, UP, origin)

    def _repaired(self, synset: str, id: str) -> str | None:
        return self._tree.repaired(synset, id) if id in self._settings.repairs else None

    def _repair_notes(self, category: str) -> Iterator[str]:
        synset, repairs = _synset(category), self._settings.repairs
        for id in self.ids(category).kept:
            if id in repairs and self._repaired(synset, id):
                yield f"{category}/{id}: the repaired mesh is taken ({repairs[id]})"
            elif id in repairs:
                place = self.folder / REPAIRED / synset / f"{id}.obj"
                yield f"{category}/{id}: known to be faulty ({repairs[id]}), and no repaired mesh at {place}"
        others = sorted(self._tree.all_repaired(synset) - repairs.keys())
        if others:
            more = f" and {len(others) - _MOST_NAMES} more" if len(others) > _MOST_NAMES else ""
            yield (
                f"{category}: repaired meshes that shapes.shapenet.repairs does not name are not taken: "
                f"{', '.join(others[:_MOST_NAMES])}{more}"
            )

    def _other_version(self, synset: str, count: int) -> InputError:
        other = 3 - self._settings.version
        return InputError(
            f"{count} models of synset {synset}, all of the other version",
            where=self.folder,
            expected=f"ShapeNetCore version {self._settings.version} ({self._tree.mesh})",
            found=f"version {other} ({MESHES[other]})",
            next_step=f"Set shapes.shapenet.version to {other}, or bring the other set",
        )

    def _no_meshes(self, synset: str, found: int, empty: int) -> InputError:
        return InputError(
            f"{empty} of {found + empty} models of synset {synset} have no {self._tree.mesh}",
            where=self.folder,
            expected=f"ShapeNetCore version {self._settings.version}, extracted whole",
            next_step="Extract it again, or see docs/meshes.md for what is read",
        )


def _synset(category: str) -> str:
    if category not in SYNSETS:
        raise InputError(
            f"no ShapeNet category {category}", expected=f"one of {', '.join(SYNSETS)} (shapes.categories)"
        )
    return SYNSETS[category]
