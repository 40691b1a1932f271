import numpy as np

from ige.report.overlay import GRID_COLOUR, IMAGE_COLOUR, agreement, at_pixels, on_white, overlay


def image(covered):
    pixels = np.zeros((*covered.shape, 4), dtype=np.uint8)
    pixels[covered] = (200, 100, 50, 255)
    return pixels


def test_cells_are_sampled_at_the_centres_of_pixels():
    cells = np.arange(16).reshape(4, 4)
    np.testing.assert_array_equal(at_pixels(cells, 4), cells)
    np.testing.assert_array_equal(at_pixels(cells, 8), cells.repeat(2, axis=0).repeat(2, axis=1))
    np.testing.assert_array_equal(at_pixels(cells, 2), cells[1::2, 1::2])


def test_transparent_is_white():
    pixels = np.array([[[0, 0, 0, 0], [10, 20, 30, 255], [0, 100, 200, 51]]], dtype=np.uint8)
    np.testing.assert_array_equal(on_white(pixels)[0], [[255, 255, 255], [10, 20, 30], [204, 224, 244]])


def test_agreement_has_a_colour_for_each_case():
    covered = np.zeros((4, 4), dtype=bool)
    covered[1:3, 1:3] = True
    picture = agreement(image(covered), np.roll(covered, 1, axis=1))
    assert tuple(picture[1, 1]) == IMAGE_COLOUR
    assert tuple(picture[1, 3]) == GRID_COLOUR
    assert tuple(picture[0, 0]) == (255, 255, 255)
    assert len({tuple(picture[row, column]) for row in (1, 2) for column in (2,)}) == 1
    assert tuple(picture[1, 2]) not in (IMAGE_COLOUR, GRID_COLOUR, (255, 255, 255))


def test_the_outline_runs_along_the_silhouette():
    covered = np.zeros((8, 8), dtype=bool)
    covered[2:6, 3:7] = True
    picture = overlay(image(np.zeros((8, 8), dtype=bool)), covered)
    zoom = len(picture) // 8
    outlined = (picture == GRID_COLOUR).all(axis=-1)
    rows, columns = np.nonzero(outlined)
    assert (rows.min(), rows.max() + 1) == (2 * zoom, 6 * zoom)
    assert (columns.min(), columns.max() + 1) == (3 * zoom, 7 * zoom)
    middle = picture[4 * zoom, 5 * zoom]
    assert tuple(middle) != GRID_COLOUR
    assert (middle < 255).any()
    assert (picture[0, 0] == 255).all()
