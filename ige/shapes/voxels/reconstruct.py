"""Tool `reconstruct`: a picture of somebody's own to a mesh.

| in | out |
| --- | --- |
| a trained model, a picture of one object | a closed mesh in the world, filled cells, what is known of both |

docs/reconstruct.md is the guide.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from ige.base.errors import InputError
from ige.geometry.frustum import Frustum, object_box
from ige.metrics.voxels import silhouette_iou
from ige.params.shape_models import Coordinates
from ige.shapes.voxels.isosurface import Isosurface, isosurface
from ige.shapes.voxels.models import (
    VoxelModel,
    coordinates_of,
    family_of,
    load_voxel_model,
    predict,
    trained_steps,
)
from ige.shapes.voxels.own_image import OwnImage, load_own_image
from ige.shapes.voxels.own_mask import Background
from ige.shapes.voxels.query import Query
from ige.shapes.voxels.view_facts import ViewFacts
from ige.storage.grid_files import GridFile
from ige.training.devices import choose_device

THRESHOLDS = (0.01, 0.99)

_ASK_THE_TRUTH = ("oracle", "ceiling")


@dataclass(frozen=True, slots=True, eq=False)
class Reconstruction:
    """A mesh and all that is known about it.

    Attributes:
        model: file of the model.
        name: of the model in the run that trained it.
        family: kind of the model.
        categories: that the model was trained on.
        steps: of descent that were taken; None for a model that takes none.
        image: what it was asked.
        coordinates: "frustum": the mesh stands before a camera at azimuth 0 | "world": upright in its own
            frame.
        frustum: of the grid.
        camera: that the picture stands for.
        threshold: a cell is filled above it.
        occupancy: (R, R, R) bool (row, column, depth).
        surface: of the mesh, in the world.
        parts: of the filled cells that do not touch each other by a side.
        silhouette_iou: of the filled cells with the object in the image; None for a model in world
            coordinates, which does not say from where the object is seen.
    """

    model: Path
    name: str
    family: str
    categories: tuple[str, ...]
    steps: int | None
    image: OwnImage
    coordinates: Coordinates
    frustum: Frustum
    camera: Frustum
    threshold: float
    occupancy: NDArray[np.bool_]
    surface: Isosurface
    parts: int
    silhouette_iou: float | None

    @property
    def cells(self) -> int:
        """Count the filled cells."""
        return int(np.count_nonzero(self.occupancy))

    def grid_file(self) -> GridFile:
        """Give what `--grid` holds; the mesh's file is taken as being z up."""
        frustum = self.frustum
        return GridFile(
            occupancy=self.occupancy,
            camera=frustum.extrinsics,
            near=frustum.near,
            far=frustum.far,
            focal=frustum.focal,
            projection=frustum.projection,
            mesh_to_world=np.eye(3, 4),
        )


def reconstruct(
    model: Path,
    image: Path,
    *,
    background: Background,
    keep_framing: bool,
    threshold: float | None,
    steps: int | None,
    device: str,
) -> Reconstruction:
    """Reconstruct the object in a picture.

    Args:
        model: a model.pt that `train_shapes` wrote.
        image: PNG, JPEG, WebP, BMP or TIFF; `image_file` tells which of them.
        background: "auto", "alpha" or "plain": how the object is found, as `own_mask.cut_out` takes it.
        keep_framing: leave the object where and as large as it is in the picture.
        threshold: a cell is filled above it; None: the model's own, chosen when it was trained.
        steps: descent steps; None for as many as the model was trained with.
        device: "auto", "cpu" or "cuda".

    Raises:
        InputError: if an input is missing, damaged or not what it should be, or the model fills no cell.
    """
    _check_arguments(threshold, steps)
    where = choose_device(device)
    asked, attributes = load_voxel_model(model, where)
    _check_answers(asked, model)
    trained = _trained(attributes, model)
    views = trained.views
    own = load_own_image(image, views=views, background=background, keep_framing=keep_framing)
    probability = _ask(asked, own, trained.resolution, steps, model, where)
    level = trained.threshold if threshold is None else threshold
    occupancy = probability > level
    if not occupancy.any():
        raise InputError(
            "the model fills no cell",
            where=image,
            expected=f"probabilities above {level:g}",
            found=f"{probability.max():.3g} at most",
            next_step="Lower --threshold; --picture then shows what the model saw",
        )
    coordinates = coordinates_of(asked)
    camera = views.frustum()
    frustum = camera if coordinates == "frustum" else object_box()
    return Reconstruction(
        model=model,
        name=trained.name,
        family=family_of(asked),
        categories=trained.categories,
        steps=trained_steps(asked) if steps is None else steps,
        image=own,
        coordinates=coordinates,
        frustum=frustum,
        camera=camera,
        threshold=level,
        occupancy=occupancy,
        surface=isosurface(probability, level, frustum),
        parts=_parts(occupancy),
        silhouette_iou=_agreement(occupancy, own) if coordinates == "frustum" else None,
    )


def _check_arguments(threshold: float | None, steps: int | None) -> None:
    low, high = THRESHOLDS
    if threshold is not None and not low <= threshold <= high:
        raise InputError("no such threshold", expected=f"{low} to {high}", found=str(threshold))
    if steps is not None and steps < 0:
        raise InputError("a number of steps that cannot be", expected="0 or more", found=str(steps))


def _check_answers(asked: VoxelModel, path: Path) -> None:
    if family_of(asked) in _ASK_THE_TRUTH:
        raise InputError(
            f"a model of kind {family_of(asked)}, which must be told the truth",
            where=path,
            expected="a model that answers images",
        )


@dataclass(frozen=True, slots=True)
class _Trained:
    """What a model's file says of its training."""

    name: str
    categories: tuple[str, ...]
    resolution: int
    threshold: float
    views: ViewFacts


def _trained(attributes: dict[str, Any], path: Path) -> _Trained:
    try:
        return _Trained(
            name=attributes["name"],
            categories=tuple(attributes["categories"]),
            resolution=int(attributes["resolution"]),
            threshold=float(attributes["threshold"]),
            views=ViewFacts.of(attributes["views"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(
            "a model of another version of ige", where=path, next_step="Delete it and train it again"
        ) from error


def _ask(
    asked: VoxelModel, own: OwnImage, resolution: int, steps: int | None, path: Path, device: torch.device
) -> NDArray[np.float32]:
    """Return the probabilities (R, R, R)."""
    side = resolution
    query = Query(
        rgba=torch.from_numpy(own.rgba.transpose(2, 0, 1).copy())[None].to(device),
        bits=torch.zeros((1, side, side, -(-side // 8)), dtype=torch.uint8, device=device),
        category=torch.zeros(1, dtype=torch.int64, device=device),
    )
    probability: NDArray[np.float32] = predict(asked, query, steps).probability[0].float().cpu().numpy()
    if not np.isfinite(probability).all():
        raise InputError("the model answers numbers without sense", where=path)
    return probability


def _agreement(occupancy: NDArray[np.bool_], own: OwnImage) -> float:
    """Return the IoU of the grid's silhouette with the mask, in the cells of the grid's image."""
    alpha = torch.from_numpy(own.rgba[..., 3].astype(np.float32) / 255.0)
    seen = functional.adaptive_avg_pool2d(alpha[None, None], len(occupancy))[0, 0].numpy() >= 0.5
    return float(silhouette_iou(occupancy, np.broadcast_to(seen[..., None], occupancy.shape)))


def _parts(occupancy: NDArray[np.bool_]) -> int:
    from scipy import ndimage

    return int(ndimage.label(occupancy)[1])
