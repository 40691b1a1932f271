"""What a source offers, told without reading a mesh: used by the manifest and by the workflow's rules."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from ige.base.errors import InputError
from ige.params.shapes import MeshFolderSettings, ProceduralShapesSettings, ShapeNetSettings, Up
from ige.shapes.skipped import Skipped
from ige.shapes.stores import Store

SourceSettings = ProceduralShapesSettings | MeshFolderSettings | ShapeNetSettings

PROCEDURAL_LICENCE = "MIT"
UNKNOWN_MODEL = "Take ids of manifest.csv; if files came or went since, make it anew (ige prepare-manifest)"
SUFFIXES = (".obj", ".ply", ".stl", ".off", ".gltf", ".glb", ".dae")  # of meshes that are read


@dataclass(frozen=True, slots=True)
class Model:
    """A model that a source offers: what the manifest says of it, but for its split."""

    id: str
    category: str
    licence: str
    up: Up
    origin: str


class Listing(Protocol):
    """What a source offers."""

    def models(self, categories: Sequence[str]) -> tuple[list[Model], list[Skipped]]:
        """List the models of these categories, and what is left out."""

    def not_taken(self, categories: Sequence[str]) -> list[str]:
        """Name the folders of the source that these categories leave aside."""

    def model(self, category: str, id: str) -> Model:
        """Tell of one model; InputError if there is none of this name."""

    def files_of(self, category: str, id: str) -> list[Path]:
        """Name all files that decide a model, the one with the mesh first."""


class FileListing(Listing, Protocol):
    """What a source of files offers."""

    def file_of(self, category: str, id: str) -> tuple[Store, str]:
        """Say where the mesh of a model lies; InputError if there is none of this name."""


class ProceduralListing:
    """Generated shapes: `models_per_category` of each category."""

    def __init__(self, settings: ProceduralShapesSettings) -> None:
        self.settings = settings

    def models(self, categories: Sequence[str]) -> tuple[list[Model], list[Skipped]]:
        """List the models of these categories; nothing is left out.

        Raises:
            InputError: if there is no generator for a category.
        """
        for category in categories:
            _require_generator(category)
        count = range(self.settings.models_per_category)
        return [_procedural(category, number) for category in categories for number in count], []

    def not_taken(self, categories: Sequence[str]) -> list[str]:
        """Name no folders: generated shapes lie in none."""
        return []

    def model(self, category: str, id: str) -> Model:
        """Tell of one model.

        Raises:
            InputError: if there is none of this name.
        """
        _require_generator(category)
        number = number_of(category, id)
        if number >= self.settings.models_per_category:
            raise InputError(
                f"no model {id}",
                expected=f"a number below {self.settings.models_per_category} (shapes.procedural)",
                next_step=UNKNOWN_MODEL,
            )
        return _procedural(category, number)

    def files_of(self, category: str, id: str) -> list[Path]:
        """Name no files: generated shapes need none."""
        return []


def number_of(category: str, id: str) -> int:
    """Return the number in the id of a generated shape, e.g. 7 of "car-0007".

    Raises:
        InputError: if it is no id of this category.
    """
    if not is_generated(category, id):
        raise InputError(f"no model {id}", expected=f"an id like {category}-0007", next_step=UNKNOWN_MODEL)
    return int(id.removeprefix(f"{category}-"))


def is_generated(category: str, id: str) -> bool:
    """Tell whether this is an id of a generated shape; ids of files end in their suffix."""
    return re.fullmatch(rf"{re.escape(category)}-[0-9]{{4,}}", id) is not None


def open_listing(settings: SourceSettings, folder: Path | None) -> ProceduralListing | FileListing:
    """Open the chosen source for listing.

    Args:
        settings: the chosen source.
        folder: where its files lie; None for procedural shapes.

    Raises:
        InputError: if the folder is missing.
    """
    from ige.shapes.folder import FolderListing
    from ige.shapes.mixed import MixedListing
    from ige.shapes.shapenet import ShapeNetListing

    if isinstance(settings, ProceduralShapesSettings):
        return ProceduralListing(settings)
    if folder is None:
        raise InputError("this source needs a folder", next_step="Give it with --folder")
    if not folder.is_dir():
        raise InputError(
            "no such folder", where=folder, expected="a folder of meshes", next_step="See docs/meshes.md"
        )
    if isinstance(settings, MeshFolderSettings):
        mixed = settings.generated is not None
        return MixedListing(folder, settings) if mixed else FolderListing(folder, settings)
    return ShapeNetListing(folder, settings)


def _procedural(category: str, number: int) -> Model:
    return Model(f"{category}-{number:04d}", category, PROCEDURAL_LICENCE, "z", "procedural")


def _require_generator(category: str) -> None:
    # Generators are no light import, and the other sources need none of them.
    from ige.shapes.procedural.generate import CATEGORIES

    if category not in CATEGORIES:
        raise InputError(
            f"no generator for the category {category}",
            expected=f"one of {', '.join(CATEGORIES)} (shapes.categories)",
        )
