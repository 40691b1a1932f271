import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from ige.geometry.frustum import object_box, shape_view
from ige.metrics.voxels import (
    ErrorShares,
    SurfaceScore,
    error_shares,
    iou,
    silhouette_iou,
    surface_f_score,
    upsample_nearest,
)

PROPERTY = settings(derandomize=True, deadline=None, max_examples=60, database=None)
SEEDS = st.integers(0, 10**6)
EMPTY = np.zeros((6, 6, 6), dtype=bool)


def grid(seed, side=6):
    rng = np.random.default_rng(seed)
    return rng.random((side, side, side)) < rng.random()


def block(rows, columns, depths, side=6):
    cells = np.zeros((side, side, side), dtype=bool)
    cells[slice(*rows), slice(*columns), slice(*depths)] = True
    return cells


def test_iou_in_closed_form():
    true = block((0, 4), (0, 4), (0, 4))
    predicted = block((0, 4), (0, 4), (2, 6))
    assert iou(predicted, true) == 32 / 96
    # Depths 0 and 1 are true alone, 2 and 3 common, 4 and 5 predicted alone.
    assert iou(predicted, true, np.array([1.0, 1.0, 2.0, 2.0, 4.0, 4.0])) == pytest.approx(4 / 14)
    assert iou(predicted, true, np.array([0.0, 0.0, 2.0, 2.0, 0.0, 0.0])) == 1.0
    assert silhouette_iou(predicted, true) == 1.0
    assert silhouette_iou(block((0, 4), (2, 6), (0, 1)), true) == 8 / 24


def test_two_empty_grids_are_alike_and_one_is_all_wrong():
    some = block((2, 4), (1, 3), (0, 6))
    weights, frustum = np.ones(6), object_box()
    for measure in (iou, silhouette_iou, lambda *grids: iou(*grids, weights)):
        assert measure(EMPTY, EMPTY) == 1.0
        assert measure(EMPTY, some) == measure(some, EMPTY) == 0.0
    assert surface_f_score(EMPTY, EMPTY, frustum) == SurfaceScore(1.0, 1.0, 1.0)
    assert surface_f_score(EMPTY, some, frustum) == SurfaceScore(0.0, 0.0, 0.0)
    assert surface_f_score(some, EMPTY, frustum) == SurfaceScore(0.0, 0.0, 0.0)
    assert error_shares(EMPTY, EMPTY) == ErrorShares(0.0, 0.0, 0.0)
    assert error_shares(EMPTY, some, weights) == ErrorShares(0.0, 0.0, 1.0)
    assert error_shares(some, EMPTY, weights) == ErrorShares(1.0, 0.0, 0.0)


@PROPERTY
@given(SEEDS, SEEDS, st.booleans())
def test_volumes_weigh_as_counting_each_cell_does(first, second, weighted):
    predicted, true = grid(first), grid(second)
    volumes = shape_view(0.3, 0.4).cell_volumes(6) if weighted else None
    of_cells = np.broadcast_to(np.ones(6) if volumes is None else volumes, (6, 6, 6))
    union = of_cells[predicted | true].sum()
    if not union:
        return
    assert iou(predicted, true, volumes) == pytest.approx(of_cells[predicted & true].sum() / union)
    seen = np.broadcast_to(true.any(axis=2)[..., None], true.shape)
    shares = error_shares(predicted, true, volumes)
    assert shares.false_outside == pytest.approx(of_cells[predicted & ~seen].sum() / union)
    assert shares.false_inside == pytest.approx(of_cells[predicted & ~true & seen].sum() / union)
    assert shares.missed == pytest.approx(of_cells[true & ~predicted].sum() / union)


@PROPERTY
@given(SEEDS, SEEDS)
def test_errors_are_what_the_iou_lacks(first, second):
    predicted, true = grid(first), grid(second)
    volumes = shape_view(0.3, 0.4).cell_volumes(6)
    shares = error_shares(predicted, true, volumes)
    assert min(shares.false_outside, shares.false_inside, shares.missed) >= 0.0
    assert shares.false_outside + shares.false_inside + shares.missed == pytest.approx(
        1.0 - iou(predicted, true, volumes)
    )


@PROPERTY
@given(SEEDS, SEEDS)
def test_what_is_alike_scores_one_and_sides_may_be_swapped(first, second):
    one, other, frustum = grid(first), grid(second), shape_view(0.3, 0.4)
    assert iou(one, one) == silhouette_iou(one, one) == surface_f_score(one, one, frustum).f_score == 1.0
    assert iou(one, other) == iou(other, one)
    there, back = surface_f_score(one, other, frustum), surface_f_score(other, one, frustum)
    assert (there.precision, there.recall) == (back.recall, back.precision)


def surface_slowly(cells, frustum):
    side, padded, found = len(cells), np.pad(cells, 1), []
    for r, c, d in np.argwhere(cells) + 1:
        around = [(r - 1, c, d), (r + 1, c, d), (r, c - 1, d), (r, c + 1, d), (r, c, d - 1), (r, c, d + 1)]
        if not all(padded[place] for place in around):
            found.append([r - 0.5, c - 0.5, d - 0.5])
    return frustum.to_world(np.array(found).reshape(-1, 3), side)


@PROPERTY
@given(SEEDS, SEEDS, st.floats(0.02, 0.4), st.booleans())
def test_f_score_is_that_of_all_distances(first, second, distance, perspective):
    frustum = shape_view(0.3, 0.4) if perspective else object_box()
    cells = [block((0, 5), (1, 6), (0, 6)) & ~grid(first), grid(second)]
    points = [surface_slowly(each, frustum) for each in cells]
    if not all(map(len, points)):
        return
    between = np.linalg.norm(points[0][:, None] - points[1][None], axis=-1)
    if np.abs(between - distance).min() < 1e-9:
        return
    precision, recall = (np.mean(between.min(axis=axis) < distance) for axis in (1, 0))
    found = surface_f_score(*cells, frustum, distance=distance)
    assert (found.precision, found.recall) == (precision, recall)
    both = precision + recall
    assert found.f_score == pytest.approx(2 * precision * recall / both if both else 0.0)


def test_f_score_of_balls_in_closed_form():
    frustum, side = object_box(), 96
    away = np.linalg.norm(frustum.cell_centres_world(side), axis=-1)
    ball, larger, largest = (away < radius for radius in (0.3, 0.315, 0.4))
    assert surface_f_score(ball, larger, frustum, distance=0.03).f_score == 1.0
    assert surface_f_score(ball, largest, frustum, distance=0.03).f_score == 0.0
    # Half of each surface is that of the other.
    half = ball.copy()
    half[: side // 2] = False
    score = surface_f_score(half, ball, frustum)
    assert score.recall == pytest.approx(0.5, abs=0.02)
    # Its cut lies within the ball: a disc beside half a sphere.
    assert score.precision == pytest.approx(2 / 3, abs=0.05)


def test_points_of_large_surfaces_are_drawn_by_the_seed():
    frustum, side = object_box(), 40
    away = np.linalg.norm(frustum.cell_centres_world(side), axis=-1)
    one, other = away < 0.4, (away < 0.42) & (away > 0.1)
    other[side // 2 :] = False
    exact = surface_f_score(one, other, frustum, distance=0.03)
    drawn = surface_f_score(one, other, frustum, distance=0.03, points=400)
    assert drawn != exact
    assert (drawn.precision, drawn.recall) == pytest.approx((exact.precision, exact.recall), abs=0.08)
    assert surface_f_score(one, other, frustum, distance=0.03, points=400) == drawn
    assert surface_f_score(one, other, frustum, distance=0.03, points=400, seed=1) != drawn
    assert surface_f_score(one, one, frustum, points=400).f_score == 1.0


@PROPERTY
@given(SEEDS, st.integers(1, 7), st.integers(0, 20))
def test_finer_cells_take_the_value_of_where_their_centres_lie(seed, side, more):
    cells, resolution = grid(seed, side), side + more
    fine = upsample_nearest(cells, resolution)
    index = [math.floor((i + 0.5) * side / resolution) for i in range(resolution)]
    assert_array_equal(fine, cells[np.ix_(index, index, index)])
    assert fine.dtype == np.bool_


def test_finer_by_a_whole_number_every_cell_becomes_as_many():
    cells = grid(3, 4)
    fine = upsample_nearest(cells, 12)
    assert fine.sum() == 27 * cells.sum()
    assert iou(fine, upsample_nearest(cells, 12)) == 1.0
    assert_array_equal(fine[1::3, 1::3, 1::3], cells)
    assert_array_equal(upsample_nearest(cells, 4), cells)


def test_what_cannot_be_is_refused():
    other, flat = np.zeros((5, 5, 5), dtype=bool), np.zeros((6, 6, 5), dtype=bool)
    for measure in (iou, silhouette_iou, error_shares, lambda *grids: surface_f_score(*grids, object_box())):
        for wrong in (other, flat, EMPTY.astype(float)):
            with pytest.raises(ValueError, match="expected two cubes of truth values"):
                measure(EMPTY, wrong)
    with pytest.raises(ValueError, match=r"expected weights \(6,\), found \(5,\)"):
        iou(EMPTY, EMPTY, np.ones(5))
    for grid_and_side in ((other, 4), (flat, 12)):
        with pytest.raises(ValueError, match="cannot become one of"):
            upsample_nearest(*grid_and_side)
