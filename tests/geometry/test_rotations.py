from __future__ import annotations

import numpy as np

from ige.geometry.rotations import about_vertical, is_rotation


def test_a_quarter_turn_takes_x_to_y_and_keeps_z() -> None:
    turn = about_vertical(np.pi / 2)
    np.testing.assert_allclose(turn @ [1.0, 2.0, 3.0], [-2.0, 1.0, 3.0], atol=1e-15)


def test_batches_and_adds_up() -> None:
    turns = about_vertical([0.3, 0.5, 0.8])
    assert turns.shape == (3, 3, 3)
    np.testing.assert_allclose(turns[0] @ turns[1], turns[2], atol=1e-15)


def test_is_rotation() -> None:
    turn = about_vertical(0.3)
    assert is_rotation(turn, 1e-12)
    assert is_rotation(turn + 1e-6, 1e-5)
    assert not is_rotation(turn + 1e-6, 1e-7)
    assert not is_rotation(np.diag([1.0, 1.0, -1.0]), 1e-6)
    assert not is_rotation(np.full((3, 3), np.nan), 1e-6)
    assert not is_rotation(np.eye(4), 1e-6)
