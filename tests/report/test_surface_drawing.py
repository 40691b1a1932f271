import numpy as np
import pytest

from ige.geometry.frustum import shape_view
from ige.report.surface_drawing import RIGHT, WRONG, _colours, _surface, draw_surface
from ige.report.voxel_drawing import draw_grid

VIEW = shape_view(0.5, 0.45)


def inside(corners, faces, points):
    """Whether points (P, 3) lie inside a closed surface: by its winding number."""
    triangles = corners[faces][None] - points[:, None, None, :]
    lengths = np.linalg.norm(triangles, axis=-1)
    a, b, c = np.moveaxis(triangles, 2, 0)
    volume = np.einsum("pfi,pfi->pf", a, np.cross(b, c))
    below = lengths.prod(axis=-1)
    for one, other, third in ((0, 1, 2), (1, 2, 0), (2, 0, 1)):
        below += np.einsum("pfi,pfi->pf", triangles[:, :, one], triangles[:, :, other]) * lengths[:, :, third]
    turns = np.arctan2(volume, below).sum(axis=1) / (2 * np.pi)
    return np.abs(turns) > 0.5


@pytest.mark.parametrize("kind", ["noise", "rod", "one cell", "at the border"])
def test_the_surface_parts_filled_cells_from_empty_ones(kind):
    cells = np.zeros((6, 6, 6), dtype=bool)
    if kind == "noise":
        cells = np.random.default_rng(0).random((6, 6, 6)) < 0.3
    elif kind == "rod":
        cells[1:5, 2, 3] = True
    elif kind == "one cell":
        cells[2, 3, 4] = True
    else:
        cells[:, 0, :] = True
    corners, faces = _surface(cells)
    centres = np.argwhere(np.ones_like(cells)) + 0.5
    np.testing.assert_array_equal(inside(corners, faces, centres), cells.ravel())


def test_from_its_own_camera_it_covers_what_the_grid_covers(make_ball):
    cells = make_ball(24, 0.3)
    smooth = (draw_surface(cells, VIEW, VIEW, 96) < 250).any(axis=2)
    blocks = (draw_grid(cells, VIEW, VIEW, 96) < 250).any(axis=2)
    assert np.count_nonzero(smooth & blocks) / np.count_nonzero(smooth | blocks) > 0.9


def test_what_is_wrong_is_orange(make_ball):
    truth = make_ball(16, 0.25)
    wrong = truth.copy()
    wrong[7:9, 7:9, 8:16] = True  # a rod away from the camera
    near = np.array([[8.5, 8.5, 4.5], [8.5, 8.5, 14.5]])
    colours = _colours(near, truth)
    assert (tuple(colours[0]) == WRONG, tuple(colours[1]) == WRONG) == (False, True)
    aside = shape_view(2.5, 0.45)

    def orange(picture):
        return int(np.count_nonzero(picture[..., 0] > picture[..., 2] + 60.0))

    assert orange(draw_surface(wrong, VIEW, aside, 96, truth)) > 20
    assert orange(draw_surface(truth, VIEW, aside, 96, truth)) == 0
    assert orange(draw_surface(wrong, VIEW, aside, 96)) == 0, "without a truth nothing is wrong"


def test_the_reach_of_the_truth_is_a_32nd_of_the_side():
    for resolution, reach in ((16, 1), (32, 1), (96, 3)):
        truth = np.zeros((resolution,) * 3, dtype=bool)
        truth[5, 5, 5] = True
        middles = np.array([[5.5, 5.5, 5.5 + reach], [5.5, 5.5, 6.5 + reach]])
        right, wrong = _colours(middles, truth)
        assert (tuple(right), tuple(wrong)) == (RIGHT, WRONG)


def test_nothing_is_white():
    nothing = np.zeros((8, 8, 8), dtype=bool)
    assert (draw_surface(nothing, VIEW, VIEW, 12) == 255).all()
    everything = draw_surface(~nothing, VIEW, VIEW, 12, nothing)
    assert (everything[6, 6] < 250).any()
