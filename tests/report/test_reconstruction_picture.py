"""Pictures of reconstructions: what they show, for grids of a camera and of the object's box."""

import math
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from ige.base.errors import InputError
from ige.geometry.frustum import object_box, shape_view
from ige.report import reconstruction_picture as module
from ige.report.reconstruction_picture import Pictured, reconstruction_picture

VIEW = shape_view(0.0, math.radians(28.0))


@pytest.fixture
def pictured():
    """A tetrahedron before the camera, seen by a model as a blue square."""
    image = np.zeros((32, 32, 4), dtype=np.uint8)
    image[8:24, 8:24] = (20, 40, 220, 255)
    occupancy = np.zeros((16, 16, 16), dtype=bool)
    occupancy[4:12, 4:12, 6:10] = True
    vertices = np.array([[0.2, 0.2, -0.2], [-0.3, 0.1, -0.2], [0.1, -0.3, -0.2], [0.0, 0.0, 0.3]])
    return Pictured(
        title="a $picture$.png",
        facts=("one", "two", "three"),
        cutout=image[:, 4:28],
        image=image,
        occupancy=occupancy,
        frustum=VIEW,
        vertices_world=vertices,
        faces=np.array([[0, 1, 2], [0, 1, 3], [1, 2, 3], [0, 2, 3]]),
        colours=np.tile(np.array([[250, 20, 20, 255]], dtype=np.uint8), (4, 1)),
    )


def is_red(pixels):
    colour = pixels.reshape(-1, 3).astype(int)
    return bool(((colour[:, 0] > 2 * colour[:, 1]) & (colour[:, 0] > 60)).any())


def test_panels_show_the_picture_the_grid_over_it_and_the_mesh(pictured):
    panels = dict(module._panels(pictured))
    titles = [
        "picture, cut out",
        "what the model saw",
        "grid over it",
        "mesh, same camera",
        "mesh, from the side",
    ]
    assert list(panels) == titles
    assert panels["picture, cut out"].shape == (32, 32, 3)
    assert tuple(panels["picture, cut out"][16, 16]) == (20, 40, 220)
    assert tuple(panels["picture, cut out"][0, 0]) == (255, 255, 255)
    assert [is_red(panels[title]) for title in titles] == [False, False, False, True, True]
    assert (panels["mesh, same camera"] != panels["mesh, from the side"]).any()


def test_a_grid_of_the_box_is_not_laid_over_the_picture(pictured):
    panels = dict(module._panels(replace(pictured, frustum=object_box())))
    assert list(panels) == [
        "picture, cut out",
        "what the model saw",
        "mesh, from one side",
        "mesh, from another",
    ]
    assert is_red(panels["mesh, from another"])


@pytest.mark.parametrize("suffix", [".png", ".svg"])
def test_the_same_reconstruction_gives_the_same_bytes(pictured, suffix, tmp_path):
    paths = [tmp_path / f"{name}{suffix}" for name in "ab"]
    for path in paths:
        reconstruction_picture(pictured, path)
    assert paths[0].read_bytes() == paths[1].read_bytes()
    if suffix == ".png":
        with Image.open(paths[0]) as image:
            assert (np.array(image.convert("L")) < 128).any()


def test_other_names_are_refused(pictured, tmp_path):
    with pytest.raises(InputError, match="cannot be drawn"):
        reconstruction_picture(pictured, tmp_path / "a.jpg")
