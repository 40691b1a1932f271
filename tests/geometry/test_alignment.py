from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from ige.geometry.alignment import optimal_scale, procrustes

PROPERTY = settings(derandomize=True, deadline=None, max_examples=60, database=None)
seeds = st.integers(0, 2**32 - 1)


def rotation(rng: np.random.Generator) -> np.ndarray:
    matrix = np.linalg.qr(rng.normal(size=(3, 3)))[0]
    return matrix * np.sign(np.linalg.det(matrix))


def squared_error(predicted: np.ndarray, true: np.ndarray) -> np.ndarray:
    return np.sum((predicted - true) ** 2, axis=(-2, -1))


def test_optimal_scale_of_known_sets() -> None:
    true = np.array([[[1.0, 0.0, 2.0], [0.0, 1.0, 2.0]]])
    predicted = np.concatenate([true / 2, -true, 0 * true, [[[1.0, 0.0, 0.0], [1.0, 0.0, 0.0]]]])
    found = optimal_scale(predicted, np.repeat(true, 4, axis=0))
    np.testing.assert_allclose(found, [2.0, -1.0, 0.0, 0.5])
    assert found.dtype == np.float64


@PROPERTY
@given(seed=seeds, change=st.floats(-0.5, 0.5))
def test_no_other_scale_is_nearer(seed, change) -> None:
    predicted, true = np.random.default_rng(seed).normal(size=(2, 3, 5, 3))
    scale = optimal_scale(predicted, true)[:, None, None]
    best = squared_error(scale * predicted, true)
    assert (squared_error((scale + change) * predicted, true) >= best - 1e-12).all()


@PROPERTY
@given(seed=seeds, factor=st.floats(0.01, 100.0), shift=arrays(np.float64, 3, elements=st.floats(-10, 10)))
def test_procrustes_undoes_any_similarity(seed, factor, shift) -> None:
    rng = np.random.default_rng(seed)
    true = rng.normal(size=(2, 6, 3))
    moved = procrustes(factor * true @ rotation(rng) + shift, true)
    np.testing.assert_allclose(moved, true, atol=1e-8)


@PROPERTY
@given(seed=seeds, angle=st.floats(-0.3, 0.3), factor=st.floats(0.7, 1.4))
def test_no_other_similarity_is_nearer(seed, angle, factor) -> None:
    rng = np.random.default_rng(seed)
    predicted, true = rng.normal(size=(2, 6, 3))
    best = procrustes(predicted, true)
    turn = rotation(rng)
    wobble = turn.T @ np.array(
        [[np.cos(angle), -np.sin(angle), 0], [np.sin(angle), np.cos(angle), 0], [0, 0, 1]]
    )
    other = factor * (best - best.mean(axis=0)) @ wobble @ turn + best.mean(axis=0) + 0.1 * angle
    assert squared_error(other, true) >= squared_error(best, true) - 1e-9


def test_procrustes_does_not_reflect() -> None:
    true = np.random.default_rng(0).normal(size=(6, 3))
    mirrored = true * [-1.0, 1.0, 1.0]
    assert squared_error(procrustes(mirrored, true), true) > 0.1
    flat = true * [1.0, 1.0, 0.0]  # the mirror image of a flat set is a rotation of it
    np.testing.assert_allclose(procrustes(flat * [-1.0, 1.0, 1.0], flat), flat, atol=1e-12)


@pytest.mark.parametrize("place", [0.0, 3.0])
def test_a_collapsed_prediction_goes_to_the_mean_of_the_truth(place) -> None:
    rng = np.random.default_rng(0)
    true = rng.normal(size=(2, 6, 3))
    collapsed = np.full((6, 3), place) + place * 1e-8 * rng.normal(size=(6, 3))
    moved = procrustes(np.stack([collapsed, true[1]]), true)
    np.testing.assert_allclose(moved[0], np.broadcast_to(true[0].mean(axis=0), (6, 3)), atol=1e-12)
    np.testing.assert_allclose(moved[1], true[1], atol=1e-12)


def test_a_collapsed_truth_takes_the_prediction_to_its_point() -> None:
    predicted = np.random.default_rng(0).normal(size=(6, 3))
    np.testing.assert_allclose(procrustes(predicted, np.ones((6, 3))), np.ones((6, 3)), atol=1e-12)


@pytest.mark.parametrize("function", [optimal_scale, procrustes])
def test_bad_input_is_named(function) -> None:
    good = np.ones((4, 6, 3))
    bad = good.copy()
    bad[2, 1, 0] = np.nan
    with pytest.raises(ValueError, match=r"predicted: 1 of 4 .* first at index \(2,\)"):
        function(bad, good)
    with pytest.raises(ValueError, match=r"true: 1 of 4 .* first at index \(2,\)"):
        function(good, bad)
    with pytest.raises(ValueError, match="equal shapes"):
        function(good, good[:, :5])
