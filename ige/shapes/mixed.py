"""A folder of meshes, and generated shapes beside them for training: few meshes are free to use."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ige.params.shapes import MeshFolderSettings
from ige.shapes.folder import FolderListing
from ige.shapes.listing import Model, ProceduralListing, is_generated
from ige.shapes.skipped import Skipped
from ige.shapes.stores import FolderStore


class MixedListing:
    """The models of a folder, and generated ones of the same categories.

    Args:
        folder: where the meshes lie.
        settings: of the folder, with the generated shapes.
    """

    def __init__(self, folder: Path, settings: MeshFolderSettings) -> None:
        if settings.generated is None:
            raise ValueError("no generated shapes to mix in")
        self._folder = FolderListing(folder, settings)
        self.generated = ProceduralListing(settings.generated)

    def models(self, categories: Sequence[str]) -> tuple[list[Model], list[Skipped]]:
        """List the models of these categories, those of files first, and what is left out.

        Raises:
            InputError: as the folder, or if there is no generator for a category.
        """
        models, skipped = self._folder.models(categories)
        return [*models, *self.generated.models(categories)[0]], skipped

    def not_taken(self, categories: Sequence[str]) -> list[str]:
        """Name the folders with mesh files that are none of these categories."""
        return self._folder.not_taken(categories)

    def model(self, category: str, id: str) -> Model:
        """Tell of one model.

        Raises:
            InputError: if there is none of this name.
        """
        return self._of(category, id).model(category, id)

    def files_of(self, category: str, id: str) -> list[Path]:
        """Name all files that decide a model; none for a generated one.

        Raises:
            InputError: if there is no such model.
        """
        return self._of(category, id).files_of(category, id)

    def file_of(self, category: str, id: str) -> tuple[FolderStore, str]:
        """Say where the mesh of a model that is not generated lies.

        Raises:
            InputError: if there is none of this name.
        """
        return self._folder.file_of(category, id)

    def _of(self, category: str, id: str) -> ProceduralListing | FolderListing:
        return self.generated if is_generated(category, id) else self._folder
