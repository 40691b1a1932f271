"""View frusta and their grids: where a cell of an (R, R, R) array lies in the world.

A frustum is a camera with a square image and a near and a far plane. Its grid is an array (row, column,
depth): row 0 at the image's top, depth 0 nearest; cell i of a side covers `i <= x < i + 1`, its centre is at
`i + 0.5`. Depth is planar (along the optical axis) and linear between the planes. Image coordinates run from
0 to 1:

    perspective    u = focal X / Z + 0.5     v = focal Y / Z + 0.5      focal in widths of the image
    orthographic   u = focal X + 0.5         v = focal Y + 0.5          in widths of the image per world unit

with (X, Y, Z) in the camera frame (x right, y down, z forward). Grid coordinates are (v R, u R, w R) with
`w = (Z - near) / (far - near)`.

The views are those of the published renderings of ShapeNet (an object of unit bounding-box diagonal at the
origin, seen from a distance of 1.166 through a lens of 35 mm on a sensor of 32 mm).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from ige.geometry.rotations import is_rotation

Floats = NDArray[np.float64]
Projection = Literal["perspective", "orthographic"]

DISTANCE = math.sqrt(1.36)  # of the published views: sqrt(1 + 0.6^2)
FOCAL = 35.0 / 32.0  # of the published views: lens over sensor
HALF_DEPTH = 0.5  # an object of unit diagonal lies within this of the origin

_ROTATION_TOLERANCE = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class Frustum:
    """A camera with a square image and two planes between which things are seen.

    Attributes:
        extrinsics: (3, 4): `X_cam = extrinsics @ (X_world, 1)`, world units.
        focal: perspective: widths of the image; orthographic: widths of the image per world unit.
        near: planar depth of the near plane, world units; positive for a perspective frustum.
        far: planar depth of the far plane, greater than `near`.
        projection: "perspective" or "orthographic".

    Raises:
        ValueError: if a value is not finite or cannot be.
    """

    extrinsics: Floats
    focal: float
    near: float
    far: float
    projection: Projection = "perspective"

    def __post_init__(self) -> None:
        extrinsics = np.ascontiguousarray(self.extrinsics, dtype=np.float64)
        object.__setattr__(self, "extrinsics", extrinsics)
        if extrinsics.shape != (3, 4) or not np.isfinite(extrinsics).all():
            raise ValueError(f"extrinsics must be (3, 4) finite numbers, found {extrinsics}")
        if not is_rotation(extrinsics[:, :3], _ROTATION_TOLERANCE):
            raise ValueError("the left 3x3 of extrinsics is no rotation matrix")
        if not (math.isfinite(self.focal) and self.focal > 0.0):
            raise ValueError(f"focal must be positive, found {self.focal}")
        if not (math.isfinite(self.near) and math.isfinite(self.far) and self.near < self.far):
            raise ValueError(f"near must be less than far, found {self.near} and {self.far}")
        if self.projection == "perspective" and self.near <= 0.0:
            raise ValueError(f"near must be positive, found {self.near}")

    @property
    def position_world(self) -> Floats:
        """(3,) the camera's position in the world."""
        return -self.extrinsics[:, :3].T @ self.extrinsics[:, 3]

    def to_camera(self, points_world: NDArray[np.floating[Any]]) -> Floats:
        """Take points (..., 3) from the world to the camera frame."""
        return points_world @ self.extrinsics[:, :3].T + self.extrinsics[:, 3]

    def to_grid(self, points_world: NDArray[np.floating[Any]], resolution: int) -> Floats:
        """Give the grid coordinates (..., 3) (row, column, depth) of points, in cells; inside is 0 to R.

        A point at or behind the eye of a perspective frustum has no image: its row and column are NaN.
        """
        x, y, z = np.moveaxis(self.to_camera(points_world), -1, 0)
        scale = np.full_like(z, self.focal)
        if self.projection == "perspective":
            scale = np.where(z > 0.0, self.focal / np.where(z > 0.0, z, 1.0), np.nan)
        w = (z - self.near) / (self.far - self.near)
        return resolution * np.stack([scale * y + 0.5, scale * x + 0.5, w], axis=-1)

    def to_world(self, points_grid: NDArray[np.floating[Any]], resolution: int) -> Floats:
        """Take grid coordinates (..., 3) (row, column, depth), in cells, to the world: inverts `to_grid`."""
        v, u, w = np.moveaxis(np.asarray(points_grid, dtype=np.float64) / resolution, -1, 0)
        z = self.near + w * (self.far - self.near)
        scale = z / self.focal if self.projection == "perspective" else np.full_like(z, 1.0 / self.focal)
        points_cam = np.stack([(u - 0.5) * scale, (v - 0.5) * scale, z], axis=-1)
        return (points_cam - self.extrinsics[:, 3]) @ self.extrinsics[:, :3]

    def cell_centres_world(self, resolution: int) -> Floats:
        """Give the centres (R, R, R, 3) of all cells in the world."""
        side = np.arange(resolution) + 0.5
        return self.to_world(np.stack(np.meshgrid(side, side, side, indexing="ij"), axis=-1), resolution)

    def cell_volumes(self, resolution: int) -> Floats:
        """Give the volume (R,) of a cell at each depth, world units cubed; rows and columns are alike."""
        edges = self.near + np.arange(resolution + 1) / resolution * (self.far - self.near)
        area = 1.0 / (self.focal * resolution) ** 2  # of a cell at unit depth
        if self.projection == "orthographic":
            return area * np.diff(edges)
        return area * np.diff(edges**3) / 3.0


def shape_view(
    azimuth: float, elevation: float, *, distance: float = DISTANCE, focal: float = FOCAL
) -> Frustum:
    """Return the frustum of a view of an object of unit bounding-box diagonal at the origin, upright.

    Args:
        azimuth: radians, from +x towards +y.
        elevation: radians above the horizontal, between -pi/2 and pi/2.
        distance: of the eye from the origin, world units; greater than 0.5.
        focal: widths of the image.

    Raises:
        ValueError: if the view cannot be.
    """
    if not (math.isfinite(azimuth) and math.isfinite(elevation) and abs(elevation) <= math.pi / 2):
        raise ValueError(f"elevation must be within 90 degrees, found {math.degrees(elevation):g}")
    if not (math.isfinite(distance) and distance > HALF_DEPTH):
        raise ValueError(f"distance must be greater than {HALF_DEPTH}, found {distance:g}")
    # Written out, not by cross products: so looking straight down has a well-defined image, too.
    right = [-math.sin(azimuth), math.cos(azimuth), 0.0]
    backward = [
        math.cos(elevation) * math.cos(azimuth),
        math.cos(elevation) * math.sin(azimuth),
        math.sin(elevation),
    ]
    down = [
        math.sin(elevation) * math.cos(azimuth),
        math.sin(elevation) * math.sin(azimuth),
        -math.cos(elevation),
    ]
    rotation = np.array([right, down, [-value for value in backward]])
    extrinsics = np.hstack([rotation, [[0.0], [0.0], [distance]]])
    return Frustum(extrinsics, focal, distance - HALF_DEPTH, distance + HALF_DEPTH)


def object_box() -> Frustum:
    """Return the unit cube about the origin as an orthographic frustum, seen from the front (along +y).

    A grid in it is a world-space grid: rows run down along -z, columns along +x, depth along +y.
    """
    rotation = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, -1.0], [0.0, 1.0, 0.0]])
    extrinsics = np.hstack([rotation, np.zeros((3, 1))])
    return Frustum(extrinsics, 1.0, -HALF_DEPTH, HALF_DEPTH, "orthographic")
