"""`shapes:` of params.yaml: where meshes come from, their views, and how they become shape sets."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from ige.params.section import Count, Name, Names, Natural, Positive, Section, Share, SkipPattern, unique

Up = Literal["y", "z"]
Resolution = Annotated[int, Field(ge=8, le=512)]
Elevation = Annotated[float, Field(ge=-90, le=90)]
# An object of unit diagonal reaches 0.5 towards the eye.
Distance = Annotated[float, Field(gt=0.5)]


class ProceduralShapesSettings(Section):
    """Generated shapes of the 13 categories: the embedded default, no download."""

    seed: Natural = Field(description="Seed of all shapes.")
    models_per_category: Count = Field(description="Number of models in each category.")
    open_share: Share = Field(description="Share of models that lack a face or are not closed otherwise.")


class MeshPattern(Section):
    """Facts about mesh files that override the folder's."""

    pattern: str = Field(description="Shell pattern on the path below the folder, e.g. 'car/*.stl'.")
    up: Up | None = Field(default=None, description="Axis that points up in the file.")
    licence: str | None = Field(default=None, description="Licence of these files.")


class MeshFolderSettings(Section):
    """Folders of meshes, one per category: obj, ply, stl, off, gltf, glb, dae."""

    up: Up = Field(description="Axis that points up, where no pattern says otherwise.")
    licence: str = Field(description="Licence, where no pattern says otherwise.")
    aliases: dict[str, Name] = Field(
        description="Folder names that mean another category, e.g. {gun: rifle}."
    )
    files: tuple[MeshPattern, ...] = Field(strict=False, description="Overrides; the first match counts.")
    skip: tuple[SkipPattern, ...] = Field(strict=False, description="Files to leave out, with the reason.")
    fetch: tuple[str, ...] = Field(
        strict=False,
        description="Groups of workflow/sources.csv that are downloaded where there is no folder.",
    )
    generated: ProceduralShapesSettings | None = Field(
        description="Generated shapes that train and validate beside the meshes, and never test; null: none."
    )


class ShapeNetSettings(Section):
    """ShapeNetCore, extracted or as zip files, as its users get it."""

    version: Literal[1, 2] = Field(
        description="Layout: 1: <id>/model.obj, 2: <id>/models/model_normalized.obj."
    )
    counts: Literal["full", "part"] = Field(
        description="full: fail unless a category has as many models as published | part: take what is there."
    )
    skip_ids: dict[str, str] = Field(description="Model ids to leave out, with the reason.")
    repairs: dict[str, str] = Field(
        description="Model ids with a faulty mesh, with the reason: repaired/<synset>/<id>.obj is taken "
        "instead, where there is one."
    )


class ShapeSplitsSettings(Section):
    """Which models train and which test, per category."""

    lists: Literal["none", "r2n2", "shrec16"] = Field(
        description="none: cut by the shares below | r2n2: so, but once made the lists in workflow/splits "
        "decide | shrec16: the lists of all.csv."
    )
    order: Literal["id", "hash"] = Field(
        description="Models are cut in this order: of their ids, or of a hash of them."
    )
    test_share: Share = Field(description="Share at the end that tests.")
    validation_share: Share = Field(description="Share of the training models that is held out.")


class RandomDirections(Section):
    """Directions drawn per model and number of the view."""

    seed: Natural = Field(description="Seed of all views.")
    count: Count = Field(description="Views of each model.")
    elevation_degrees: Annotated[tuple[Elevation, Elevation], Field(strict=False)] = Field(
        description="Lowest and highest elevation; azimuths are drawn from the full circle."
    )

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        low, high = self.elevation_degrees
        if low > high:
            raise ValueError(f"elevation_degrees: the lowest comes first, found {low:g} and {high:g}")
        return self


class TurntableDirections(Section):
    """Directions at equal steps of azimuth."""

    count: Count = Field(description="Views of each model.")
    elevation_degrees: Elevation = Field(description="Elevation of all views.")


class Direction(Section):
    """One direction."""

    azimuth_degrees: float = Field(description="From +x towards +y.")
    elevation_degrees: Elevation = Field(description="Above the horizontal.")


class Lens(Section):
    """What all views share."""

    distance: Distance = Field(description="From the eye to the origin, in diagonals of the object.")
    focal: Positive = Field(description="Focal length in widths of the image.")


class RandomViews(RandomDirections, Lens):
    """Views from random directions."""

    kind: Literal["random"]


class TurntableViews(TurntableDirections, Lens):
    """Views from a circle of directions."""

    kind: Literal["turntable"]


class ExplicitViews(Lens):
    """The same given views of every model."""

    kind: Literal["explicit"]
    directions: tuple[Direction, ...]

    @property
    def count(self) -> int:
        """Views of each model."""
        return len(self.directions)


ViewsSettings = Annotated[RandomViews | TurntableViews | ExplicitViews, Field(discriminator="kind")]


class ShapeViewsSettings(Lens):
    """From where shapes are seen: `kind` chooses one of the sections below it."""

    kind: Literal["random", "turntable", "explicit"] = Field(description="Which directions are taken.")
    random: RandomDirections
    turntable: TurntableDirections
    explicit: tuple[Direction, ...] = Field(strict=False, description="Directions, the same for each model.")

    @model_validator(mode="after")
    def _some_direction(self) -> Self:
        if self.kind == "explicit" and not self.explicit:
            raise ValueError("explicit: expected at least one direction, found none")
        return self

    def chosen(self) -> RandomViews | TurntableViews | ExplicitViews:
        """Return the views that were chosen, without what the others are set to."""
        lens: dict[str, Any] = {"distance": self.distance, "focal": self.focal}
        if self.kind == "random":
            return RandomViews(kind="random", **dict(self.random), **lens)
        if self.kind == "turntable":
            return TurntableViews(kind="turntable", **dict(self.turntable), **lens)
        return ExplicitViews(kind="explicit", directions=self.explicit, **lens)


Fill = Literal["auto", "exact", "tolerant", "reference"]
SurfaceUnion = Literal["none", "thin", "auto"]


class GridsSettings(Section):
    """How meshes become grids."""

    resolutions: Annotated[
        tuple[Resolution, ...], Field(strict=False, min_length=1), AfterValidator(unique)
    ] = Field(description="Cells per side; a grid is made from the mesh for each.")
    fill: Fill = Field(
        description="auto: exact for closed meshes, tolerant for others | exact | tolerant | "
        "reference: the published method."
    )
    surface: SurfaceUnion = Field(
        description="thin: cells that the surface crosses are filled, too | none | auto: thin for the parts "
        "of a mesh that enclose nothing."
    )


class ImagesSettings(Section):
    """How meshes become images."""

    renderer: Literal["raster", "pyrender"] = Field(
        description="raster: the same bytes everywhere | pyrender: materials and textures, needs EGL or "
        "OSMesa."
    )
    pixels: Annotated[int, Field(ge=16, le=1024)] = Field(description="Pixels per side.")
    supersample: Annotated[int, Field(ge=1, le=4)] = Field(description="Samples per side of a pixel.")


class ShapesSettings(Section):
    """Shapes: source, splits, views, grids, images, shape sets."""

    source: Literal["procedural", "folder", "shapenet"] = Field(description="Where meshes come from.")
    categories: Names = Field(description="Categories to take of the source.")
    max_skipped: Natural = Field(description="More skipped models than this fail a shard.")
    models_per_shard: Count = Field(description="Models of one category and split in one file.")
    compression: Literal["zstd", "gzip"] = Field(
        description="zstd: smaller and faster, needs hdf5plugin to read | gzip: read by every HDF5."
    )
    procedural: ProceduralShapesSettings
    folder: MeshFolderSettings
    shapenet: ShapeNetSettings
    splits: ShapeSplitsSettings
    views: ShapeViewsSettings
    grids: GridsSettings
    images: ImagesSettings
