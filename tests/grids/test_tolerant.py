import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from ige.grids.buffers import Buffers
from ige.grids.projected import Window
from ige.grids.tolerant import fill_tolerant


def random_scene(generator, shape, share, touched_share):
    blocks = [generator.random(np.add(shape, np.eye(3, dtype=int)[axis])) < share for axis in range(3)]
    # Unblocked lines to infinity are the rule.
    for axis in range(3):
        ends = np.moveaxis(blocks[axis], axis, 0)
        ends[0] &= generator.random(ends[0].shape) < 0.3
        ends[-1] &= generator.random(ends[0].shape) < 0.3
    return blocks, generator.random(shape) < touched_share


def plain_fill(blocks, touched, begin, radius):
    """The definition, cell by cell."""
    shape, barred = touched.shape, touched
    if radius > 1:
        index = np.meshgrid(
            *[(np.arange(n) + first) // radius for n, first in zip(shape, begin, strict=True)], indexing="ij"
        )
        keys = np.ravel_multi_index(index, [axis.max() + 1 for axis in index])
        barred = np.isin(keys, keys[touched])
    entries = np.zeros(shape, dtype=bool)
    for axis in range(3):
        for end in (0, -1):
            blocked = np.take(blocks[axis], end, axis=axis)
            near = ndimage.binary_dilation(blocked, np.ones((2 * radius + 1,) * 2))
            np.moveaxis(entries, axis, 0)[end] |= ~(near if touched.any() else blocked)
    outside, before = entries & ~barred, None
    while before is None or (outside != before).any():
        before = outside
        outside = one_step(outside, blocks) & ~barred
    for wanted, steps in ((barred & ~touched, 3 * (radius - 1)), (touched, 2)):
        for step in range(steps):
            grown = one_step(outside, blocks) | (entries if step == 0 else False)
            outside = np.where(wanted, grown, outside)
    return ~outside


def one_step(outside, blocks):
    """Grow cells over all steps that are not blocked."""
    grown = outside.copy()
    for axis in range(3):
        inner = np.moveaxis(blocks[axis], axis, 0)[1:-1]
        here, there = np.moveaxis(grown, axis, 0), np.moveaxis(outside, axis, 0)
        here[1:] |= there[:-1] & ~inner
        here[:-1] |= there[1:] & ~inner
    return grown


@settings(deadline=None, max_examples=60)
@given(
    seed=st.integers(0, 2**32 - 1),
    depths=st.sampled_from([5, 63, 64, 65, 130]),
    blocked_share=st.sampled_from([0.05, 0.4]),
    touched_share=st.sampled_from([0.0, 0.05, 0.35, 0.45]),
    radius=st.sampled_from([1, 2, 4]),
)
def test_the_fill_is_its_definition(bits, seed, depths, blocked_share, touched_share, radius):
    generator = np.random.default_rng(seed)
    shape = (*generator.integers(1, 10, 2).tolist(), depths)
    begin = generator.integers(0, 9, 3).tolist()
    blocks, touched = random_scene(generator, shape, blocked_share, touched_share)
    planes = bits.planes_of(blocks, Window(*begin, *shape))
    words = bits.to_words(touched)
    filled = fill_tolerant(planes, words, Buffers(), radius=radius)
    np.testing.assert_array_equal(bits.to_cells(filled, depths), plain_fill(blocks, touched, begin, radius))
    np.testing.assert_array_equal(bits.to_cells(words, depths), touched)


def sealed(shape):
    """Every line to infinity blocked, no step."""
    blocks = [np.zeros(np.add(shape, np.eye(3, dtype=int)[axis]), dtype=bool) for axis in range(3)]
    for axis in range(3):
        np.moveaxis(blocks[axis], axis, 0)[[0, -1]] = True
    return blocks


@pytest.mark.parametrize("axes", [(0, 1, 2), (2, 0, 1), (1, 2, 0)])
def test_mazes_are_searched_to_their_end(bits, axes):
    """One corridor there and back through a layer of cells; a wall across it keeps the rest inside."""
    touched = np.zeros((1, 21, 67), dtype=bool)
    for lane in range(1, 21, 2):
        touched[0, lane] = True
        touched[0, lane, 0 if lane % 4 == 3 else -1] = False
    entrance = np.zeros_like(touched)
    entrance[0, 0, 0] = True
    for end in (None, 12):
        if end is not None:
            touched[0, end, 33] = True
        turned, start = touched.transpose(axes), np.argwhere(entrance.transpose(axes))[0]
        # The lines to infinity of the entrance alone, all around it: no blocked line is near.
        blocks = sealed(turned.shape)
        for axis in range(3):
            first = np.moveaxis(blocks[axis], axis, 0)[0]
            others = np.delete(start, axis)
            first[: others[0] + 2, : others[1] + 2] = False
            np.moveaxis(blocks[axis], axis, 0)[0] = first
        planes = bits.planes_of(blocks, Window(0, 0, 0, *turned.shape))
        filled = bits.to_cells(fill_tolerant(planes, bits.to_words(turned), Buffers()), turned.shape[2])
        labels, _ = ndimage.label(~turned)
        np.testing.assert_array_equal(filled & ~turned, (labels != labels[tuple(start)]) & ~turned)
