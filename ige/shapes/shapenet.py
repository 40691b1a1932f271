"""The `shapenet` source: ShapeNetCore in either layout, extracted or as zip files, read in place.

| version | file of a model |
| --- | --- |
| 1 | `<synset>/<id>/model.obj` |
| 2 | `<synset>/<id>/models/model_normalized.obj` |

In the folder lie synset folders, zip files of one synset each (`02958343.zip`), or zip files of many, below
any folders of their own. What is extracted is taken first.
"""

from __future__ import annotations

import os
import posixpath
import re
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path

from ige.base.errors import InputError
from ige.params.shapes import ShapeNetSettings, Up
from ige.shapes.listing import UNKNOWN_MODEL, Model
from ige.shapes.skipped import Skipped
from ige.shapes.stores import FolderStore, Store, ZipStore

LICENCE = "ShapeNet terms of use"
UP: Up = "y"
SYNSETS = {
    "plane": "02691156",
    "bench": "02828884",
    "cabinet": "02933112",
    "car": "02958343",
    "chair": "03001627",
    "monitor": "03211117",
    "lamp": "03636649",
    "speaker": "03691459",
    "rifle": "04090263",
    "sofa": "04256520",
    "table": "04379243",
    "telephone": "04401088",
    "watercraft": "04530566",
}
_MESHES = {1: "model.obj", 2: "models/model_normalized.obj"}
_SYNSET = re.compile("[0-9]{8}")
_NO_MODELS = 0.5  # of the ids of a synset without a mesh: then the layout is another


class ShapeNetListing:
    """The models of ShapeNetCore; only names of files are read."""

    def __init__(self, folder: Path, settings: ShapeNetSettings) -> None:
        self._folder = folder
        self._settings = settings
        self._mesh = _MESHES[settings.version]
        self._listed: dict[str, dict[str, dict[str, str]]] = {}

    def models(self, categories: Sequence[str]) -> tuple[list[Model], list[Skipped]]:
        """List the models of these categories, and those left out: by the settings, or for want of a mesh.

        Raises:
            InputError: if a category is none of `SYNSETS`, a zip file is damaged, or the folder holds the
                other version's layout.
        """
        models, skipped = [], []
        for category in categories:
            synset = _synset(category)
            found, empty = self._ids(synset)
            if len(empty) > _NO_MODELS * (len(found) + len(empty)):
                raise self._other_layout(synset, len(found), len(empty))
            for id, reason in self._left_out(found, empty):
                skipped.append(Skipped(f"{category}/{id}", reason))
            kept = sorted(found - self._settings.skip_ids.keys())
            models += [self._model(category, id) for id in kept]
        return models, skipped

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

    def file_of(self, category: str, id: str) -> tuple[Store, str]:
        """Say where the mesh of a model lies.

        Raises:
            InputError: if there is none of this name.
        """
        synset = _synset(category)
        path = f"{synset}/{id}/{self._mesh}"
        folder = FolderStore(self._folder)
        if posixpath.normpath(path) == path and folder.has(path):
            return folder, path
        for store, members in self._members(synset):
            if id in members:
                return store, members[id]
        raise InputError(
            f"no model {id} of {category}", where=self._folder, expected=path, next_step=UNKNOWN_MODEL
        )

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
        return [self._folder / name for name in (path, materials) if store.has(name)]

    def _model(self, category: str, id: str) -> Model:
        return Model(id, category, LICENCE, UP, f"{_synset(category)}/{id}/{self._mesh}")

    def _left_out(self, found: set[str], empty: set[str]) -> Iterator[tuple[str, str]]:
        for id in sorted(found | empty):
            if id in self._settings.skip_ids:
                yield id, f"left out by the settings: {self._settings.skip_ids[id]}"
            elif id not in found:
                yield id, f"no {self._mesh} in its folder"

    def _ids(self, synset: str) -> tuple[set[str], set[str]]:
        """Ids of a synset with a mesh, and without one."""
        found: set[str] = set()
        empty: set[str] = set()
        if (self._folder / synset).is_dir():
            with os.scandir(self._folder / synset) as entries:
                for entry in entries:
                    if entry.is_dir() and not entry.name.startswith("."):
                        has_mesh = os.path.isfile(f"{entry.path}/{self._mesh}")
                        (found if has_mesh else empty).add(entry.name)
        for _, members in self._members(synset):
            found.update(members)
        return found, empty - found

    def _members(self, synset: str) -> Iterator[tuple[ZipStore, dict[str, str]]]:
        """Each zip file that may hold models of a synset: the paths of their meshes by id."""
        for store in self._zips:
            stem = store.file.stem
            # The lists of large zip files take seconds: that of another synset is not read.
            if stem == synset or stem not in SYNSETS.values():
                members = self._inside(store)
                # A zip file of one synset may leave out the folder of its name.
                named = members.get("", {}) if stem == synset else {}
                yield store, {**named, **members.get(synset, {})}

    @cached_property
    def _zips(self) -> list[ZipStore]:
        return [ZipStore(file) for file in sorted(self._folder.glob("*.[zZ][iI][pP]"))]

    def _inside(self, store: ZipStore) -> dict[str, dict[str, str]]:
        if store.file.name not in self._listed:
            self._listed[store.file.name] = _meshes_inside(store, self._mesh)
        return self._listed[store.file.name]

    def _other_layout(self, synset: str, found: int, empty: int) -> InputError:
        other = 3 - self._settings.version
        return InputError(
            f"{empty} of {found + empty} models have no {self._mesh}",
            where=self._folder / synset,
            expected=f"ShapeNetCore of version {self._settings.version}",
            next_step=f"Version {other} has {_MESHES[other]}: if that is what lies there, set"
            f" shapes.shapenet.version to {other}",
        )


def _meshes_inside(store: ZipStore, mesh: str) -> dict[str, dict[str, str]]:
    """Paths of meshes in a zip file, by synset ("" if no folder is named so) and id."""
    members: dict[str, dict[str, str]] = {}
    end = f"/{mesh}"
    for name in store.names:
        if name.endswith(end):
            *_, synset, id = ("", *name[: -len(end)].split("/"))
            members.setdefault(synset if _SYNSET.fullmatch(synset) else "", {})[id] = name
    nested = 0 if members else sum(name.lower().endswith(".zip") for name in store.names)
    if nested:
        raise InputError(
            "zip files inside a zip file",
            where=store.file,
            expected="a zip file with models",
            found=f"{nested} zip files in it",
            next_step="Extract it once: the zip files that come out are read as they are",
        )
    return members


def _synset(category: str) -> str:
    if category not in SYNSETS:
        raise InputError(
            f"no ShapeNet category {category}", expected=f"one of {', '.join(SYNSETS)} (shapes.categories)"
        )
    return SYNSETS[category]
