"""The `folder` source: one folder of mesh files per category.

meshes/
  car/kenney_police.obj         id "kenney_police.obj" of the category car
  car/kenney_police.mtl         a side file: no model of its own
  gun/packs/old/rifle_3.glb     id "packs/old/rifle_3.glb"; an alias makes `gun` the category rifle
"""

from __future__ import annotations

import difflib
import os
import posixpath
import re
from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from functools import cached_property
from pathlib import Path
from typing import TypeVar

from ige.base.errors import InputError
from ige.fetch.finding import DOWNLOADED
from ige.params.section import SkipPattern
from ige.params.shapes import MeshFolderSettings, MeshPattern
from ige.shapes.listing import SUFFIXES, UNKNOWN_MODEL, Model
from ige.shapes.side_files import side_files
from ige.shapes.skipped import Skipped
from ige.shapes.stores import FolderStore

# Files of meshes or scenes that a user will expect to be models, and that are not read.
_OTHER_SUFFIXES = frozenset(
    {
        ".3dm", ".3ds", ".3dxml", ".3mf", ".abc", ".ac", ".b3d", ".blend", ".bvh", ".c4d", ".drc",
        ".fbx", ".iges", ".igs", ".lwo", ".ma", ".max", ".mb", ".ms3d", ".msh", ".skp", ".step",
        ".stp", ".usd", ".usda", ".usdc", ".usdz", ".vrml", ".vtk", ".vtp", ".wrl", ".x", ".x3d",
        ".xaml", ".zae",
    }
)  # fmt: skip

# Snakemake takes braces for wildcards; no list holds line ends, or bytes that are no text.
_UNUSABLE = re.compile(r"[{}\x00-\x1f\x7f\ud800-\udfff]")

_Pattern = TypeVar("_Pattern", MeshPattern, SkipPattern)


class FolderListing:
    """Mesh files below a folder, by category; nothing of them is read."""

    def __init__(self, folder: Path, settings: MeshFolderSettings) -> None:
        self._folder = folder
        self._store = FolderStore(folder)
        self._settings = settings
        self._aliases = {name.casefold(): category for name, category in settings.aliases.items()}

    def models(self, categories: Sequence[str]) -> tuple[list[Model], list[Skipped]]:
        """List the models of these categories, and the mesh files that are none, each with the reason.

        Folders of other categories are not taken: see `not_taken`.

        Raises:
            InputError: if two files claim the same id, or a pattern of the settings matches no mesh file.
        """
        files = {name: list(self._files(name)) for name in self._folders}
        self._require_patterns([file for names in files.values() for file in names])
        models: dict[tuple[str, str], Model] = {}
        skipped = []
        for name, paths in files.items():
            category = self._category(name, categories)
            for path in paths if category is not None else ():
                reason = self._reason_to_skip(path)
                if reason is not None:
                    skipped.append(Skipped(_printable(path), reason))
                    continue
                model = self._model(str(category), path)
                if (other := models.setdefault((model.category, model.id), model)) is not model:
                    raise InputError(
                        f"two files claim the model {model.id} of {category}",
                        where=self._folder,
                        found=f"{other.origin} and {path}",
                        next_step="Rename one of them.",
                    )
        return sorted(models.values(), key=lambda model: (model.category, model.id)), skipped

    def not_taken(self, categories: Sequence[str]) -> list[str]:
        """Name the folders with mesh files that are none of these categories, each with what may be meant."""
        known = [*(category.casefold() for category in categories), *self._aliases]
        names = []
        for name in self._folders:
            if self._category(name, categories) is None and any(self._files(name)):
                near = (
                    [] if name.casefold() in known else difflib.get_close_matches(name.casefold(), known, 1)
                )
                names.append(_printable(name) + (f" (did you mean {near[0]}?)" if near else ""))
        return names

    def model(self, category: str, id: str) -> Model:
        """Tell of one model.

        Raises:
            InputError: if there is none of this name.
        """
        return self._model(category, self.file_of(category, id)[1])

    def file_of(self, category: str, id: str) -> tuple[FolderStore, str]:
        """Say where the mesh of a model lies.

        Raises:
            InputError: if there is none of this name.
        """
        for name in self._folders:
            path = f"{name}/{id}"
            of_category = self._category(name, (category,)) is not None
            if of_category and posixpath.normpath(path) == path and self._store.has(path):
                return self._store, path
        raise InputError(
            f"no mesh {id} of the category {category}", where=self._folder, next_step=UNKNOWN_MODEL
        )

    def files_of(self, category: str, id: str) -> list[Path]:
        """Name the mesh file and those that it refers to.

        Raises:
            InputError: if there is no such model.
        """
        store, path = self.file_of(category, id)
        try:
            beside = side_files(store, path)
        except InputError:
            beside = []  # loading it will tell, and make it a row of skipped.csv
        return [self._folder / name for name in (path, *beside)]

    @cached_property
    def _folders(self) -> list[str]:
        with os.scandir(self._folder) as entries:
            names = sorted(entry.name for entry in entries if entry.is_dir())
        return [name for name in names if name != DOWNLOADED and not name.startswith(".")]

    def _category(self, folder: str, categories: Sequence[str]) -> str | None:
        """Name the wanted category whose models a folder holds, if any."""
        by_name = {category.casefold(): category for category in categories}
        name = folder.casefold()
        alias = self._aliases.get(name)
        return by_name.get(name) or (alias if alias in categories else None)

    def _files(self, folder: str) -> Iterator[str]:
        """Paths of all mesh files below a category's folder, in an order that no file system decides."""
        for place, folders, names in os.walk(self._folder / folder):
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            below = Path(place).relative_to(self._folder).as_posix()
            for name in sorted(names):
                # Names that begin with a dot are not the user's: macOS puts `._model.obj` beside a model.
                if not name.startswith(".") and _suffix(name) in _OTHER_SUFFIXES.union(SUFFIXES):
                    yield f"{below}/{name}"

    def _reason_to_skip(self, path: str) -> str | None:
        pattern = _first_match(self._settings.skip, path)
        if pattern is not None:
            return f"left out by the settings: {pattern.reason}"
        if _suffix(path) in _OTHER_SUFFIXES:
            return f"{_suffix(path)} is not read; convert it to one of {', '.join(SUFFIXES)}"
        if path.partition("/")[2].startswith("-") or _UNUSABLE.search(path):
            return "its name begins with '-', holds { or }, or is no text; rename it"
        return None

    def _model(self, category: str, path: str) -> Model:
        facts = _first_match(self._settings.files, path)
        licence = facts.licence if facts is not None else None
        up = facts.up if facts is not None else None
        return Model(
            id=path.partition("/")[2],
            category=category,
            licence=self._settings.licence if licence is None else licence,
            up=self._settings.up if up is None else up,
            origin=path,
        )

    def _require_patterns(self, files: list[str]) -> None:
        if self._settings.fetch and self._folder.name == DOWNLOADED:
            return  # what can be downloaded is a part of the set that the patterns are written for
        for name, patterns in (("files", self._settings.files), ("skip", self._settings.skip)):
            for entry in patterns:
                if not any(fnmatchcase(file, entry.pattern) for file in files):
                    raise InputError(
                        f"no mesh file matches the pattern {entry.pattern!r} of shapes.folder.{name}",
                        where=self._folder,
                        expected="a pattern on the path below this folder, e.g. 'car/*.stl'",
                        next_step="Mend the pattern or remove it.",
                    )


def _printable(path: str) -> str:
    return path.encode("utf-8", "backslashreplace").decode().replace("\n", "\\n").replace("\r", "\\r")


def _suffix(name: str) -> str:
    return os.path.splitext(name)[1].lower()


def _first_match(patterns: Sequence[_Pattern], path: str) -> _Pattern | None:
    return next((entry for entry in patterns if fnmatchcase(path, entry.pattern)), None)
