from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from ige.poses.mocap.motion import euler_matrices, forward_kinematics

ORDERS = ["".join(order) for count in (1, 2, 3) for order in permutations("XYZ", count)]


@pytest.mark.parametrize("order", ORDERS)
def test_every_euler_order_agrees_with_scipy(order: str) -> None:
    angles = np.random.default_rng(0).uniform(-4.0, 4.0, (20, len(order)))
    expected = Rotation.from_euler(order, angles).as_matrix()  # upper case: intrinsic, from left to right
    np.testing.assert_allclose(euler_matrices(angles, order), expected, atol=1e-12)


def test_no_axes_give_the_identity() -> None:
    np.testing.assert_array_equal(euler_matrices(np.empty((3, 0)), ""), np.broadcast_to(np.eye(3), (3, 3, 3)))


def test_leading_shapes_are_kept() -> None:
    assert euler_matrices(np.zeros((2, 5, 3)), "ZXY").shape == (2, 5, 3, 3)


def test_a_bent_chain_stands_where_geometry_says() -> None:
    # A root at (1, 2, 3), turned a quarter about z; a joint 2 along its x, turned back; another 1 along x.
    quarter = euler_matrices(np.deg2rad([[90.0]]), "Z")[0]
    places = np.array([[[1.0, 2.0, 3.0], [2.0, 0.0, 0.0], [1.0, 0.0, 0.0]]])
    turns = np.stack([quarter, quarter.T, np.eye(3)])[None]
    positions, rotations = forward_kinematics([-1, 0, 1], places, turns)
    np.testing.assert_allclose(positions[0], [[1, 2, 3], [1, 4, 3], [2, 4, 3]], atol=1e-12)
    np.testing.assert_allclose(rotations[0, 2], np.eye(3), atol=1e-12)
