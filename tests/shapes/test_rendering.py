from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from ige.base.errors import InputError
from ige.geometry.frustum import shape_view
from ige.grids.raster import render
from ige.params.shapes import ImagesSettings
from ige.shapes.mesh import Mesh
from ige.shapes.rendering import draw

RASTER = ImagesSettings(renderer="raster", pixels=24, supersample=2)
TRIANGLE = np.array([[-0.3, 0, 0], [0.3, 0, 0], [0, 0, 0.4]])


def triangle(vertices: object = TRIANGLE) -> Mesh:
    return Mesh(np.array(vertices), np.array([[0, 1, 2]]), np.array([[10, 200, 30, 255]]))  # type: ignore[arg-type]


def test_raster_draws_as_the_settings_say() -> None:
    view = shape_view(-1.2, 0.4)
    drawn = draw(triangle(), view, RASTER)
    colours = np.array([[10, 200, 30]], np.uint8)
    expected = render(TRIANGLE, np.array([[0, 1, 2]]), colours, view, 24, supersample=2)
    np.testing.assert_array_equal(drawn.rgba, expected.rgba)
    assert drawn.mask.any()


def test_a_mesh_that_cannot_be_drawn_is_an_error_of_the_user() -> None:
    with pytest.raises(InputError, match="cannot be drawn: vertices must be finite"):
        draw(triangle([[np.nan, 0, 0], [1, 0, 0], [0, 0, 1]]), shape_view(0.0, 0.0), RASTER)


def test_raster_needs_no_graphics_library(root: Path) -> None:
    code = (
        "import sys; import ige.shapes.rendering; "
        "sys.exit(any(name in sys.modules for name in ('pyrender', 'OpenGL', 'trimesh', 'torch')))"
    )
    assert subprocess.run((sys.executable, "-c", code), cwd=root, check=False).returncode == 0
