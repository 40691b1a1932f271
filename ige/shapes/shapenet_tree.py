"""What lies in a folder of ShapeNetCore: models of either version, by synset and id.

| version | file of a model |
| --- | --- |
| 1 | `<synset>/<id>/model.obj` |
| 2 | `<synset>/<id>/models/model_normalized.obj` |

Synset folders (`02958343`), zip files of one synset each (`02958343.zip`), of many, and of such zip files
lie in the folder or up to three folders deeper, such as `ShapeNetCore.v1/ShapeNetCore.v1/02958343`. What is
extracted is taken first, what lies less deep before what lies deeper. No mesh is read.
"""

from __future__ import annotations

import os
import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from ige.base.errors import InputError
from ige.shapes.stores import FolderStore, ZipStore
from ige.storage.members import is_litter

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
MESHES = {1: "model.obj", 2: "models/model_normalized.obj"}
REPAIRED = "repaired"

_SYNSET = re.compile("[0-9]{8}")
_DEEPEST = 3  # folders that people put around an extracted archive
_MOST_ENTRIES = 500  # a folder with more holds data, no other folders of synsets


@dataclass(slots=True)
class Synset:
    """Ids of one synset.

    Attributes:
        found: with a mesh of the version that was asked for.
        other: with a mesh of the other version.
        empty: with neither.
    """

    found: set[str] = field(default_factory=set)
    other: set[str] = field(default_factory=set)
    empty: set[str] = field(default_factory=set)


@dataclass(slots=True)
class _Packed:
    """Paths of meshes in a zip file, by synset ("" if no folder is named so) and id.

    `zips`: zip files in it, if it holds no mesh itself.
    """

    paths: dict[str, dict[str, str]] = field(default_factory=dict)
    other: dict[str, set[str]] = field(default_factory=dict)
    zips: tuple[ZipStore, ...] = ()


class ShapeNetTree:
    """The models of one version below a folder."""

    def __init__(self, folder: Path, version: int) -> None:
        self.folder = folder
        self.mesh = MESHES[version]
        self._other = MESHES[3 - version]
        self._packed: dict[str, _Packed] = {}
        self._in_zips: dict[str, dict[str, tuple[ZipStore, str]]] = {}

    def synset(self, synset: str) -> Synset:
        """List the ids of a synset.

        Raises:
            InputError: if a zip file that may hold it is damaged.
        """
        ids = Synset()
        for root in self._roots:
            self._scan(root / synset, ids)
        ids.found.update(self._zipped(synset))
        ids.other.update(self._zipped_other(synset))
        ids.other -= ids.found
        ids.empty -= ids.found | ids.other
        return ids

    def file_of(self, synset: str, id: str) -> tuple[FolderStore | ZipStore, str] | None:
        """Say where the mesh of a model lies; None if there is none.

        Raises:
            InputError: if a zip file that may hold it is damaged.
        """
        path = f"{synset}/{id}/{self.mesh}"
        if posixpath.normpath(path) != path:
            return None
        for root in self._roots:
            folder = FolderStore(root)
            if folder.has(path):
                return folder, path
        return self._zipped(synset).get(id)

    def repaired(self, synset: str, id: str) -> str | None:
        """Find the mesh that its user put in place of a faulty one: a path below the folder."""
        store = FolderStore(self.folder)
        for path in (f"{REPAIRED}/{synset}/{id}.obj", f"{REPAIRED}/{synset}/{id}/model.obj"):
            if posixpath.normpath(path) == path and store.has(path):
                return path
        return None

    def all_repaired(self, synset: str) -> set[str]:
        """List the ids of a synset for which there is a repaired mesh."""
        folder = self.folder / REPAIRED / synset
        if not folder.is_dir():
            return set()
        names = {path.name.removesuffix(".obj") for path in folder.iterdir()}
        return {name for name in names if self.repaired(synset, name) is not None}

    def find(self, name: str) -> Path | None:
        """Find a file beside the synsets, such as all.csv; what lies less deep is taken."""
        return next((root / name for root in self._roots if (root / name).is_file()), None)

    def _scan(self, folder: Path, ids: Synset) -> None:
        if not folder.is_dir():
            return
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.name.startswith(".") or not entry.is_dir():
                    continue
                if os.path.isfile(f"{entry.path}/{self.mesh}"):
                    ids.found.add(entry.name)
                elif os.path.isfile(f"{entry.path}/{self._other}"):
                    ids.other.add(entry.name)
                else:
                    ids.empty.add(entry.name)

    def _zipped(self, synset: str) -> dict[str, tuple[ZipStore, str]]:
        """Where the models of a synset lie in zip files, by id; of several files the first counts."""
        if synset not in self._in_zips:
            found: dict[str, tuple[ZipStore, str]] = {}
            for store in self._zips_of(synset):
                for name in _names_inside(store, synset):
                    for id, path in self._inside(store).paths.get(name, {}).items():
                        found.setdefault(id, (store, path))
            self._in_zips[synset] = found
        return self._in_zips[synset]

    def _zipped_other(self, synset: str) -> Iterator[str]:
        """Ids of a synset of which a zip file holds the other version."""
        for store in self._zips_of(synset):
            for name in _names_inside(store, synset):
                yield from self._inside(store).other.get(name, ())

    def _zips_of(self, synset: str) -> Iterator[ZipStore]:
        """Zip files that may hold a synset, or the zip files in them that may."""
        for store in self._zips:
            if not _may_hold(store, synset):
                continue
            nested = self._inside(store).zips
            for inner in nested:
                if _may_hold(inner, synset):
                    if not store.is_stored(str(inner.inside)) or self._inside(inner).zips:
                        raise _cannot_be_read_in_place(inner, len(nested))
                    yield inner
            if not nested:
                yield store

    def _inside(self, store: ZipStore) -> _Packed:
        if str(store) not in self._packed:
            self._packed[str(store)] = _meshes_inside(store, self.mesh, self._other)
        return self._packed[str(store)]

    @cached_property
    def _zips(self) -> list[ZipStore]:
        return [ZipStore(file) for root in self._roots for file in sorted(root.glob("*.[zZ][iI][pP]"))]

    @cached_property
    def _roots(self) -> list[Path]:
        """Folders in which synsets or zip files may lie, the least deep first."""
        roots, level = [self.folder], [self.folder]
        for _ in range(_DEEPEST):
            level = [below for folder in level for below in _folders(folder)]
            roots += level
        return roots


def _folders(folder: Path) -> list[Path]:
    """Folders that may be folders of synsets, in the order of their names."""
    with os.scandir(folder) as entries:
        names = [entry.name for entry in entries if entry.is_dir()]
    if len(names) > _MOST_ENTRIES:
        return []
    return [
        folder / name
        for name in sorted(names)
        if name != REPAIRED and not name.startswith(".") and not _SYNSET.fullmatch(name)
    ]


def _may_hold(store: ZipStore, synset: str) -> bool:
    # The lists of large zip files take seconds: that of another synset is not read.
    return store.stem == synset or not _SYNSET.fullmatch(store.stem)


def _names_inside(store: ZipStore, synset: str) -> tuple[str, ...]:
    """Names that a synset may have in a zip file; in one of its own, it may lie without a folder."""
    return (synset, "") if store.stem == synset else (synset,)


def _meshes_inside(store: ZipStore, mesh: str, other: str) -> _Packed:
    packed = _Packed()
    for name in store.names:
        if name.endswith(f"/{mesh}"):
            synset, id = _synset_and_id(name, mesh)
            packed.paths.setdefault(synset, {})[id] = name
        elif name.endswith(f"/{other}"):
            synset, id = _synset_and_id(name, other)
            packed.other.setdefault(synset, set()).add(id)
    if not packed.paths and not packed.other:
        zips = (name for name in store.names if name.lower().endswith(".zip") and not is_litter(name))
        packed.zips = tuple(ZipStore(store.file, name) for name in zips)
    return packed


def _cannot_be_read_in_place(inner: ZipStore, count: int) -> InputError:
    return InputError(
        "zip files inside a zip file",
        where=inner.file,
        expected="models, or zip files with models that are stored in it uncompressed",
        found=f"{count} zip files in it, {inner.inside} compressed or with more zip files inside",
        next_step="Extract it once: the zip files that come out are read as they are",
    )


def _synset_and_id(name: str, mesh: str) -> tuple[str, str]:
    *_, synset, id = ("", *name[: -len(mesh) - 1].split("/"))
    return (synset if _SYNSET.fullmatch(synset) else ""), id
