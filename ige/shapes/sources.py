"""Shape sources: whatever the source, the same meshes by category and id."""

from __future__ import annotations

from pathlib import Path

from ige.shapes.listing import Model, ProceduralListing, SourceSettings, is_generated, number_of, open_listing
from ige.shapes.mesh import Mesh
from ige.shapes.mixed import MixedListing


class ShapeSource:
    """The meshes of a source. It may be pickled: each worker opens files for itself.

    Args:
        settings: the chosen source.
        folder: where its files lie; None for procedural shapes.

    Raises:
        InputError: if the folder is missing.
    """

    def __init__(self, settings: SourceSettings, folder: Path | None) -> None:
        self._listing = open_listing(settings, folder)

    def model(self, category: str, id: str) -> Model:
        """Tell of one model: its licence, up axis and origin.

        Raises:
            InputError: if there is none of this name.
        """
        return self._listing.model(category, id)

    def load(self, category: str, id: str, *, materials: bool = False) -> Mesh:
        """Load a mesh: z up, its box of unit diagonal and centred at the origin.

        Args:
            category: of the model.
            id: of the model, unique in its category.
            materials: keep a scene with materials and textures, for `Mesh.scene`.

        Raises:
            InputError: if there is no such model, or its file holds no mesh.
        """
        model = self.model(category, id)
        # Meshes are made and loaded by libraries that listing and the command line do without.
        listing = self._listing
        if isinstance(listing, MixedListing) and is_generated(category, id):
            listing = listing.generated
        if isinstance(listing, ProceduralListing):
            from ige.shapes.procedural.generate import generate

            settings = listing.settings
            return generate(category, number_of(category, id), settings.seed, settings.open_share)
        from ige.shapes.loading import load_mesh_in

        store, path = listing.file_of(category, id)
        return load_mesh_in(store, path, up=model.up, materials=materials)

    def files_of(self, category: str, id: str) -> list[Path]:
        """Name all files that decide a model, the one with the mesh first; none for generated shapes.

        Raises:
            InputError: if there is no such model, or its file cannot be read.
        """
        return self._listing.files_of(category, id)


def open_source(settings: SourceSettings, folder: Path | None) -> ShapeSource:
    """Open the chosen source.

    Args:
        settings: the chosen source.
        folder: where its files lie; None for procedural shapes.

    Raises:
        InputError: if the folder is missing.
    """
    return ShapeSource(settings, folder)
