import numpy as np
import pytest

from ige.grids.buffers import Buffers
from ige.grids.crossings import Planes
from ige.grids.flood import flood
from ige.grids.projected import Window


def words(bits):
    """(..., depths) truth values as (..., W) words."""
    depths = bits.shape[-1]
    padded = np.zeros((*bits.shape[:-1], -(-depths // 64) * 64), bool)
    padded[..., :depths] = bits
    return np.packbits(padded, axis=-1, bitorder="little").view(np.uint64)


def planes_of(depth, column, row):
    rows, columns, steps = depth.shape
    return Planes(
        window=Window(0, 0, 0, rows, columns, steps - 1),
        depth_blocks=words(depth[:, :, :-1]),
        depth_end=depth[:, :, -1].astype(np.uint8),
        column_blocks=words(column),
        row_blocks=words(row),
        thin=None,
    )


def reachable(depth, column, row):
    """One cell after another: what infinity reaches over steps that are not blocked."""
    shape = row.shape[0] - 1, column.shape[1] - 1, depth.shape[2] - 1
    blocks = (row, column, depth)
    outside = np.zeros(shape, bool)
    waiting = []
    for cell in np.ndindex(shape):
        for axis in range(3):
            last = list(cell)
            last[axis] += 1
            if (cell[axis] == 0 and not blocks[axis][cell]) or (
                cell[axis] == shape[axis] - 1 and not blocks[axis][tuple(last)]
            ):
                waiting.append(cell)
    while waiting:
        cell = waiting.pop()
        if outside[cell]:
            continue
        outside[cell] = True
        for axis in range(3):
            for step in (-1, 1):
                other = list(cell)
                other[axis] += step
                if 0 <= other[axis] < shape[axis] and not blocks[axis][max(cell, tuple(other))]:
                    waiting.append(tuple(other))
    return outside


@pytest.mark.parametrize("shape", [(6, 7, 20), (3, 4, 64), (4, 3, 65), (3, 3, 150), (1, 1, 1), (1, 5, 70)])
@pytest.mark.parametrize("share", [0.3, 0.6, 0.75, 0.9])
def test_as_one_cell_after_another(shape, share):
    random = np.random.default_rng(hash((shape, share)) % 2**32)
    blocks = [random.random(np.array(shape) + extra) < share for extra in np.eye(3, dtype=int)[::-1]]
    expected = reachable(*blocks)
    found = flood(planes_of(*blocks), Buffers())
    np.testing.assert_array_equal(found, words(expected))


def test_a_long_way_round():
    # A corridor that goes there and back through all rows, columns and depths, open at one end alone.
    rows, columns, depths = 8, 8, 70
    depth = np.zeros((rows, columns, depths + 1), bool)
    column = np.ones((rows, columns + 1, depths), bool)
    row = np.ones((rows + 1, columns, depths), bool)
    depth[:, :, [0, -1]] = True
    for r in range(rows):
        for c in range(1, columns):
            column[r, c, 0 if c % 2 else -1] = False
        if r:
            row[r, 0 if r % 2 == 0 else -1, -1] = False
    row[0, 0, 5] = False
    expected = reachable(depth, column, row)
    assert expected.all()
    np.testing.assert_array_equal(flood(planes_of(depth, column, row), Buffers()), words(expected))
    row[0, 0, 5] = True
    assert not flood(planes_of(depth, column, row), Buffers()).any()


def test_an_empty_window_has_no_cells():
    none = np.zeros((0, 0, 0), np.uint64)
    planes = Planes(Window(0, 0, 0, 0, 0, 0), none, np.zeros((0, 0), np.uint8), none, none, None)
    assert flood(planes, Buffers()).size == 0
