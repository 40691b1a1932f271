"""A user's picture in the frame of the training images."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from PIL import Image

from ige.base.errors import InputError
from ige.shapes.voxels.own_image import load_own_image
from ige.shapes.voxels.view_facts import ViewFacts, box_of

VIEWS = ViewFacts(
    pixels=32, elevation_degrees=28.0, distance=1.2, focal=1.1, near=0.7, far=1.7, box_side=0.75, box_row=0.5
)


def save(tmp_path, pixels):
    path = tmp_path / "picture.png"
    Image.fromarray(pixels).save(path)
    return path


def with_box(height, width, top, left, bottom, right):
    picture = np.zeros((height, width, 4), dtype=np.uint8)
    picture[top:bottom, left:right] = (200, 40, 30, 255)
    return picture


def load(tmp_path, pixels, views=VIEWS, **options):
    options = {"background": "auto", "keep_framing": False, **options}
    return load_own_image(save(tmp_path, pixels), views=views, **options)


@pytest.mark.parametrize(
    ("size", "box"),
    [
        ((200, 300), (20, 30, 116, 78)),
        ((100, 48), (0, 0, 96, 48)),  # nothing beside it, little below
        ((60, 2000), (10, 1800, 58, 1824)),
    ],
)
def test_the_object_is_as_large_and_where_it_is_in_training_images(size, box, tmp_path):
    """24 of 32 pixels high, half as wide, in the middle."""
    own = load(tmp_path, with_box(*size, *box))
    assert own.rgba.shape == (32, 32, 4)
    assert box_of(own.mask) == (4, 10, 28, 22)
    assert (own.rgba[own.mask][:, :3] == (200, 40, 30)).all()
    assert (own.width, own.height, own.object_side) == (*size[::-1], box[2] - box[0])
    assert own.cut == (size == (100, 48))


def test_the_row_of_the_middle_is_that_of_the_training_images(tmp_path):
    own = load(tmp_path, with_box(200, 300, 20, 30, 116, 126), replace(VIEWS, box_row=0.5625))
    assert box_of(own.mask) == (6, 4, 30, 28)


def test_pixels_are_means_over_their_areas(tmp_path):
    picture = with_box(100, 96, 0, 0, 96, 96)
    picture[::2, :, :3] = (0, 100, 30)
    own = load(tmp_path, picture)
    assert_allclose(own.rgba[10, 10], (100, 70, 30, 255), atol=1)


def test_half_covered_pixels_are_half_transparent_and_keep_their_colour(tmp_path):
    picture = with_box(96, 96, 0, 0, 96, 96)
    picture[:, 2::4] = picture[:, 3::4] = 0
    own = load(tmp_path, picture)
    assert_allclose(own.rgba[10, 10], (200, 40, 30, 128), atol=1)


def test_small_pictures_are_enlarged_smoothly(tmp_path):
    own = load(tmp_path, with_box(20, 20, 2, 2, 18, 18))
    assert box_of(own.mask) == (4, 4, 28, 28)


def test_large_pictures_shrink_by_whole_numbers_first(tmp_path):
    own = load(tmp_path, with_box(2000, 1500, 100, 200, 1700, 1000))
    top, left, bottom, right = box_of(own.mask)
    assert (bottom - top, right - left) == (24, 12)
    assert (top + bottom, left + right) == (32, 32)


def test_framing_is_kept_where_asked(tmp_path):
    rendering = np.zeros((32, 32, 4), dtype=np.uint8)
    rendering[5:9, 3:30] = np.random.default_rng(0).integers(0, 256, (4, 27, 4), dtype=np.uint8)
    rendering[5:9, 3:30, 3] = 255
    assert_array_equal(load(tmp_path, rendering, keep_framing=True).rgba, rendering)
    wide = load(tmp_path, with_box(32, 64, 0, 0, 32, 32), keep_framing=True)
    assert box_of(wide.mask) == (8, 0, 24, 16)


def test_renderings_of_a_training_size_come_back_as_they_were(tmp_path):
    """An object that is framed like the training images is not changed by the framing."""
    rendering = with_box(32, 32, 4, 10, 28, 22)
    rendering[10:20, 12:18, :3] = np.random.default_rng(0).integers(0, 256, (10, 6, 3), dtype=np.uint8)
    assert_array_equal(load(tmp_path, rendering).rgba[4:28, 10:22], rendering[4:28, 10:22])


def test_objects_too_small_or_too_thin_are_refused(tmp_path):
    with pytest.raises(InputError, match="too small an object: expected 16 pixels or more, found 15"):
        load(tmp_path, with_box(200, 200, 20, 20, 35, 30))
    with pytest.raises(InputError, match="too thin an object"):
        load(tmp_path, with_box(1000, 1000, 100, 100, 900, 101))


def test_a_picture_without_an_object_is_refused(tmp_path):
    with pytest.raises(InputError, match="nothing but background"):
        load(tmp_path, np.zeros((64, 64, 4), dtype=np.uint8))
