"""Stage `prepare_shapes`: meshes of a category and split to a shard of grids and images.

| in | out |
| --- | --- |
| names of models, the source (and its folder) | shard: grids and image of each view, with cameras |
| | grids of each model in the world |
| | skipped.csv: what was left out, and why |
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ige.base.errors import IgeError, InputError
from ige.base.progress import progress
from ige.geometry.frustum import Frustum, object_box
from ige.grids.filled import FilledGrid
from ige.grids.surface import Surface, make_surface
from ige.grids.voxelise import voxelise
from ige.params.stages import ShapeSetSettings
from ige.shapes.mesh import Mesh
from ige.shapes.rendering import draw
from ige.shapes.skipped import Skipped, write_skipped
from ige.shapes.sources import ShapeSource, open_source
from ige.shapes.views import view_frusta
from ige.storage.shard_writer import ShardHeader, ShardWriter, write_shard

log = logging.getLogger(__name__)


class _UnfitError(Exception):
    """A mesh of which no grids can be made; its text is the reason."""


def prepare_shapes(
    *,
    category: str,
    split: str,
    models: Sequence[str],
    folder: Path | None,
    out: Path,
    skipped: Path,
    settings: ShapeSetSettings,
) -> None:
    """Write the grids and images of all views of some models, and their grids in the world, to one file.

    A mesh that cannot be made into grids is left out; one that fills nothing in some of its views, or may
    have leaked, is kept, and the file says so of each of its grids.

    Args:
        category: of the models; that of the settings.
        split: "train", "validation" or "test".
        models: ids, in the order in which they will stand in the file.
        folder: where the files of a source with files lie.
        out: the shard.
        skipped: skipped.csv.
        settings: source, views, grids, images.

    Raises:
        InputError: if the source has a fault, a model is named twice, or more was skipped than `max_skipped`
            allows.
        StorageError: if a file cannot be written.
    """
    twice = [id for id, count in Counter(models).items() if count > 1]
    if twice:
        raise InputError("a model is named twice", where=category, found=", ".join(sorted(twice)))
    if category != settings.category:
        raise InputError("settings of another category", expected=category, found=settings.category)
    source = open_source(settings.source, folder)
    with write_shard(out, _header(split, settings)) as writer:
        left_out = _write_models(writer, source, models, settings)
        write_skipped(skipped, left_out)
        _check_skipped(left_out, settings.max_skipped, out)


def _header(split: str, settings: ShapeSetSettings) -> ShardHeader:
    return ShardHeader(
        category=settings.category,
        split=split,
        resolutions=settings.grids.resolutions,
        pixels=settings.images.pixels,
        compression=settings.compression,
        settings=settings.subtree(),
    )


def _write_models(
    writer: ShardWriter, source: ShapeSource, models: Sequence[str], settings: ShapeSetSettings
) -> list[Skipped]:
    category, left_out, tally = settings.category, [], Counter[str]()
    with progress(f"{category}: grids and images", len(models)) as bar:
        for id in models:
            # A model that the source does not have was named by mistake; it is no mesh that failed.
            licence = source.model(category, id).licence
            try:
                mesh, surface = _load(source, id, settings)
                world = _fill_all(surface, object_box(), settings)
                with writer.model(id, licence, world):
                    found = _write_views(writer, id, mesh, surface, settings)
            except _UnfitError as error:
                left_out.append(Skipped(f"{category}/{id}", str(error)))
                log.warning("%s/%s is skipped: %s", category, id, error)
            else:
                found["leaked in the world"] = sum(grid.leak for grid in world.values())
                tally += found
                _tell(f"{category}/{id}", found)
            bar.advance(1, model=id)
    log.info(
        "%d models, %d views, %d grids: %d may have leaked, %d are empty, %d are cut by the frustum; "
        "of the models' own grids, %d may have leaked; %d models skipped",
        *(len(models) - len(left_out), tally["views"], tally["grids"]),
        *(tally["leaked"], tally["empty"], tally["cut"], tally["leaked in the world"], len(left_out)),
    )
    return left_out


def _write_views(
    writer: ShardWriter, id: str, mesh: Mesh, surface: Surface, settings: ShapeSetSettings
) -> Counter[str]:
    """Write all views of a model; return how many grids there are of which kind."""
    tally = Counter[str]()
    for number, frustum in enumerate(view_frusta(settings.views, settings.category, id)):
        grids = _fill_all(surface, frustum, settings)
        writer.add_view(number, frustum, _draw(mesh, frustum, settings), grids)
        tally["views"] += 1
        tally["grids"] += len(grids)
        tally["leaked"] += sum(grid.leak for grid in grids.values())
        tally["empty"] += sum(grid.volume == 0.0 for grid in grids.values())
        tally["cut"] += sum(grid.cut for grid in grids.values())
    if tally["empty"] == tally["grids"]:
        raise _UnfitError("fills no cell in any view: thinner than a cell, or outside the frustum")
    return tally


def _load(source: ShapeSource, id: str, settings: ShapeSetSettings) -> tuple[Mesh, Surface]:
    try:
        mesh = source.load(settings.category, id, materials=settings.images.renderer == "pyrender")
        return mesh, make_surface(mesh.vertices, mesh.faces)
    # An error of reading must not pass for one of writing the shard.
    except (InputError, ValueError, OSError) as error:
        raise _UnfitError(_reason(error)) from error


def _fill_all(surface: Surface, frustum: Frustum, settings: ShapeSetSettings) -> dict[int, FilledGrid]:
    """Return the grids of a frustum by resolution."""
    how = settings.grids
    try:
        return {
            size: voxelise(surface, frustum, size, fill=how.fill, surface_union=how.surface)
            for size in how.resolutions
        }
    except ValueError as error:
        raise _UnfitError(_reason(error)) from error


def _draw(mesh: Mesh, frustum: Frustum, settings: ShapeSetSettings) -> NDArray[np.uint8]:
    try:
        return draw(mesh, frustum, settings.images).rgba
    except InputError as error:
        if isinstance(error.__cause__, ValueError):
            raise _UnfitError(_reason(error)) from error
        raise  # the renderer does not work on this machine, whatever the mesh


def _reason(error: Exception) -> str:
    """Say in one line what is wrong, without the path: the same words on every machine."""
    if isinstance(error, IgeError):
        error = IgeError(error.what, expected=error.expected, found=error.found)
    return " ".join(str(error).split()) or type(error).__name__


def _tell(name: str, found: Counter[str]) -> None:
    for fault, words in (("leaked", "may have leaked"), ("empty", "are empty")):
        if found[fault]:
            log.info("%s: %d of %d grids %s", name, found[fault], found["grids"], words)


def _check_skipped(left_out: Sequence[Skipped], most: int, out: Path) -> None:
    if len(left_out) > most:
        # The workflow removes the outputs of a failed job; the log has given each with its reason.
        raise InputError(
            "too many models were skipped",
            where=out,
            expected=f"at most {most} (shapes.max_skipped)",
            found=str(len(left_out)),
            next_step="The lines above give each with its reason",
        )
