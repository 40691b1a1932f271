"""Objects before plain and transparent backgrounds, and pictures that have neither."""

from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from ige.base.errors import InputError
from ige.shapes.voxels.own_mask import cut_out

FILE = Path("picture.png")
RED = (200, 40, 30)


def before(colour, height=40, width=50):
    """(40, 50, 4) opaque: a red rectangle of rows 10 to 29 and columns 15 to 39 before a colour."""
    picture = np.full((height, width, 4), 255, dtype=np.uint8)
    picture[..., :3] = colour
    picture[10:30, 15:40, :3] = RED
    return picture


def rectangle():
    mask = np.zeros((40, 50), dtype=bool)
    mask[10:30, 15:40] = True
    return mask


@pytest.mark.parametrize("colour", [(255, 255, 255), (0, 0, 0), (60, 160, 70)])
def test_an_object_before_a_plain_background_is_cut_out(colour):
    cut = cut_out(before(colour), "auto", FILE)
    assert (cut.by, cut.colour, cut.specks) == ("plain", colour, 0)
    assert_array_equal(cut.mask, rectangle())
    assert_array_equal(cut.rgba[..., 3], np.where(rectangle(), 255, 0))
    assert (cut.rgba[rectangle()][:, :3] == RED).all()


def test_transparency_is_taken_where_there_is_any():
    picture = before((60, 160, 70))
    picture[..., 3] = np.where(rectangle(), 128, 127)
    cut = cut_out(picture, "auto", FILE)
    assert (cut.by, cut.colour) == ("alpha", None)
    assert_array_equal(cut.mask, rectangle())
    assert_array_equal(cut.rgba, picture)  # soft edges stay soft


def test_a_little_transparency_is_laid_on_white():
    picture = before((255, 255, 255))
    picture[..., 3] = 200
    cut = cut_out(picture, "auto", FILE)
    assert cut.by == "plain"
    assert_array_equal(cut.mask, rectangle())
    expected = np.rint(np.array(RED) * 200 / 255 + 55)
    np.testing.assert_allclose(cut.rgba[20, 20, :3], expected, atol=1)


def test_plain_may_be_asked_of_a_transparent_picture():
    picture = before((60, 160, 70))
    picture[..., 3] = np.where(rectangle(), 255, 0)
    cut = cut_out(picture, "plain", FILE)
    assert (cut.by, cut.colour) == ("plain", (255, 255, 255))
    assert_array_equal(cut.mask, rectangle())


def test_noise_and_a_slight_shade_are_background():
    rng = np.random.default_rng(0)
    picture = before((228, 230, 226)).astype(int)
    picture[..., :3] += rng.integers(-4, 5, (40, 50, 3))
    picture[..., :3] -= np.arange(50)[None, :, None] // 5  # darker by 9 levels to the right
    cut = cut_out(picture.astype(np.uint8), "auto", FILE)
    assert_array_equal(cut.mask, rectangle())


def test_background_is_what_the_edge_reaches():
    """A white part inside the object is its own; a bay is not, nor what is left of a hole."""
    picture = before((255, 255, 255))
    picture[15:20, 20:25, :3] = 255
    picture[25:30, 30:33, :3] = 255
    expected = rectangle()
    expected[25:30, 30:33] = False
    assert_array_equal(cut_out(picture, "auto", FILE).mask, expected)


def test_specks_are_left_out_and_counted_but_parts_are_kept():
    picture = before((255, 255, 255))
    picture[2:4, 2, :3] = RED  # 2 of 500 pixels
    picture[36, 45, :3] = RED
    picture[2:5, 44:47, :3] = RED  # 9 of 500
    cut = cut_out(picture, "auto", FILE)
    expected = rectangle()
    expected[2:5, 44:47] = True
    assert cut.specks == 2
    assert_array_equal(cut.mask, expected)


def test_an_object_may_reach_the_edge():
    picture = before((255, 255, 255))
    picture[10:, 30:34, :3] = RED
    assert cut_out(picture, "auto", FILE).mask[39, 31]


def refusal(picture, background="auto"):
    with pytest.raises(InputError) as caught:
        cut_out(picture, background, FILE)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_no_plain_background_is_refused_with_advice():
    picture = before((255, 255, 255))
    picture[:, :6, :3] = (90, 120, 200)  # a fifth of the edge and more
    said = refusal(picture)
    assert "no plain background: expected 90 % of the edge" in said
    assert "Remove the background" in said
    photograph = np.random.default_rng(0).integers(0, 256, (40, 50, 4), dtype=np.uint8)
    photograph[..., 3] = 255
    assert "no plain background" in refusal(photograph)


def test_nothing_but_background_is_refused():
    assert "nothing but background: expected an object, found one colour" in refusal(
        np.full((40, 50, 4), 255, dtype=np.uint8)
    )
    assert "found an image that is transparent everywhere" in refusal(np.zeros((40, 50, 4), dtype=np.uint8))


def test_alpha_is_refused_where_nothing_is_transparent():
    said = refusal(before((255, 255, 255)), "alpha")
    assert "no pixel is transparent" in said
    assert "Remove the background" in said
