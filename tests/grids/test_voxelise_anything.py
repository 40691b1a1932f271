"""Whatever arrays come, a grid or one line comes of them."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as stn

from ige.geometry.frustum import Frustum, object_box, shape_view
from ige.grids.bits import pack
from ige.grids.surface import make_surface
from ige.grids.voxelise import voxelise

VIEW = shape_view(0.7, 0.5)


def filled(mesh, frustum=VIEW, resolution=32, **options):
    return voxelise(make_surface(*mesh), frustum, resolution, **options).occupancy()


numbers = st.one_of(
    st.floats(-0.6, 0.6),
    st.sampled_from([0.0, -0.0, 0.25, 1e-12, -1e-12, 1e4, -1e4, 1e12, 1e-300, math.nan, math.inf]),
)
frusta = st.sampled_from(
    [
        VIEW,
        object_box(),
        Frustum(VIEW.extrinsics, 3.0, 0.3, 1e3),
        shape_view(0.0, math.pi / 2, distance=0.51),
    ]
)


def made_or_told(vertices, faces):
    in_range = len(faces) and faces.min() >= 0 and faces.max() < len(vertices)
    corners = [len({*map(tuple, vertices[face])}) for face in faces] if in_range else [0]
    if np.isfinite(vertices).all() and max(corners) == 3:
        return make_surface(vertices, faces)
    with pytest.raises(ValueError, match=r"^[^\n]+$"):
        make_surface(vertices, faces)
    return None


@settings(deadline=None, max_examples=60)
@given(
    stn.arrays(np.float64, st.tuples(st.integers(0, 9), st.just(3)), elements=numbers),
    stn.arrays(np.int64, st.tuples(st.integers(0, 12), st.just(3)), elements=st.integers(-1, 9)),
    frusta,
    st.sampled_from(["auto", "exact", "tolerant"]),
    st.sampled_from(["none", "thin", "auto"]),
    st.integers(1, 20),
)
def test_any_arrays_give_a_grid_or_one_line(vertices, faces, frustum, fill, union, resolution):
    surface = made_or_told(vertices, faces)
    if surface is None:
        return
    if np.abs(surface.vertices).max() > 1e4:
        with pytest.raises(ValueError, match=r"^the mesh reaches [^\n]+ can be$"):
            voxelise(surface, frustum, resolution, fill=fill, surface_union=union)
        return
    grid = voxelise(surface, frustum, resolution, fill=fill, surface_union=union)
    assert grid.bits.shape == (resolution, resolution, -(-resolution // 8))
    assert math.isfinite(grid.volume)
    np.testing.assert_array_equal(pack(grid.occupancy()), grid.bits)
    if union == "none" and fill != "tolerant" and not np.isnan(vertices).any():
        order = np.random.default_rng(0).permutation(len(faces))
        again = voxelise(make_surface(vertices, faces[order][:, [1, 0, 2]]), frustum, resolution, fill=fill)
        np.testing.assert_array_equal(again.bits, grid.bits)


@settings(deadline=None, max_examples=40)
@given(
    st.lists(
        st.tuples(st.tuples(*[st.integers(0, 12)] * 3), st.tuples(*[st.integers(1, 9)] * 3)),
        min_size=1,
        max_size=5,
    ),
    st.sampled_from([1.0, 0.5, 0.37]),
)
def test_boxes_on_the_axes_of_the_grid_are_united_exactly(solids, corners, unit):
    boxes = [
        (np.array(low) * unit / 16 - 0.45, (np.array(low) + np.array(size)) * unit / 16 - 0.45)
        for low, size in corners
    ]
    mesh = solids.together(*(solids.box(low, high) for low, high in boxes))
    # The grid's centres lie on faces of boxes, exactly so for the first two units.
    shifted = Frustum(
        object_box().extrinsics + np.array([[0.0] * 3 + [0.05 - 1 / 32]] * 3), 1.0, -0.5, 0.5, "orthographic"
    )
    found = filled(mesh, shifted, 16, fill="exact")
    centres = shifted.cell_centres_world(16)
    inside = np.zeros((16,) * 3, bool)
    beyond = np.ones((16,) * 3, bool)
    for low, high in boxes:
        inside |= ((centres > low + 1e-6) & (centres < high - 1e-6)).all(axis=-1)
        beyond &= ((centres < low - 1e-6) | (centres > high + 1e-6)).any(axis=-1)
    assert found[inside].all()
    pockets = found & beyond
    assert not pockets.any() or len(boxes) > 1


@pytest.mark.slow
def test_a_million_faces(solids):
    vertices, faces = solids.torus(0.28, 0.11, sections=(1000, 500))
    assert len(faces) == 10**6
    grid = voxelise(make_surface(vertices, faces), VIEW, 64)
    assert grid.volume == pytest.approx(2 * math.pi**2 * 0.28 * 0.11**2, rel=0.01)
    open_grid = voxelise(make_surface(vertices, faces[1:]), VIEW, 64)
    assert not open_grid.leak
    assert open_grid.volume == pytest.approx(grid.volume, rel=0.01)
