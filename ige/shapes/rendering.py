"""Images of meshes, by the renderer that the settings name."""

from __future__ import annotations

from typing import Literal, Protocol

from ige.base.errors import InputError
from ige.geometry.frustum import Frustum
from ige.grids.raster import Rendering, render
from ige.shapes.mesh import Mesh


class RenderingSettings(Protocol):
    """What of `ImagesSettings` decides an image."""

    @property
    def renderer(self) -> Literal["raster", "pyrender"]:
        """Which renderer."""

    @property
    def pixels(self) -> int:
        """Pixels per side."""

    @property
    def supersample(self) -> int:
        """Samples per side of a pixel."""


def draw(mesh: Mesh, frustum: Frustum, settings: RenderingSettings) -> Rendering:
    """Draw a mesh on a transparent background.

    Args:
        mesh: in the world; its scene is for pyrender alone.
        frustum: the camera.
        settings: `images:` of params.yaml, or the like.

    Raises:
        InputError: if the mesh cannot be drawn, or pyrender is wanted and does not work here.
    """
    try:
        if settings.renderer == "pyrender":
            # Not before it is wanted: most machines lack a graphics library or need none.
            from ige.shapes.gl_renderer import render_gl

            return render_gl(mesh, frustum, settings.pixels, supersample=settings.supersample)
        return render(
            mesh.vertices,
            mesh.faces,
            mesh.face_colours,
            frustum,
            settings.pixels,
            supersample=settings.supersample,
        )
    except ValueError as error:
        raise InputError(f"the mesh cannot be drawn: {error}") from error
