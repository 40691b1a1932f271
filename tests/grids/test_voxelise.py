import math

import igl
import numpy as np
import pytest

from ige.geometry.frustum import object_box, shape_view
from ige.grids.bits import pack
from ige.grids.buffers import Buffers
from ige.grids.clipping import project
from ige.grids.conservative import touched_cells
from ige.grids.crossings import trace
from ige.grids.flood import flood
from ige.grids.projected import Window
from ige.grids.surface import make_surface
from ige.grids.tolerant import fill_tolerant
from ige.grids.voxelise import voxelise
from ige.grids.words import to_bits

VIEW = shape_view(0.7, 0.5)


def filled(mesh, frustum=VIEW, resolution=32, **options):
    return voxelise(make_surface(*mesh), frustum, resolution, **options).occupancy()


def wound(mesh, frustum, resolution):
    """Where the winding number of a mesh is not 0."""
    centres = frustum.cell_centres_world(resolution).reshape(-1, 3)
    near = ((centres >= mesh[0].min(axis=0)) & (centres <= mesh[0].max(axis=0))).all(axis=1)
    inside = np.zeros(resolution**3, bool)
    numbers = igl.winding_number(mesh[0], mesh[1].astype(np.int64), np.ascontiguousarray(centres[near]))
    inside[near] = np.abs(numbers) > 0.5
    return inside.reshape((resolution,) * 3)


def in_box(low, high, frustum, resolution):
    centres = frustum.cell_centres_world(resolution)
    return ((centres > low) & (centres < high)).all(axis=-1)


def bodies(solids):
    return {
        "box": solids.turned(solids.box([-0.3, -0.2, -0.1], [0.2, 0.25, 0.3]), 1),
        "torus": solids.turned(solids.torus(), 2),
        "octahedron": solids.turned(solids.octahedron(0.4), 3),
        "thin": solids.turned(solids.box([-0.4, -0.3, -0.03], [0.4, 0.2, 0.03]), 4),
    }


@pytest.mark.parametrize("name", ["box", "torus", "octahedron", "thin"])
@pytest.mark.parametrize("resolution", [32, 45])
def test_exact_is_where_the_winding_number_is_not_zero(solids, views, name, resolution):
    mesh = bodies(solids)[name]
    for view in views:
        grid = voxelise(make_surface(*mesh), view, resolution)
        assert (grid.level, grid.closed, grid.leak, grid.retries) == ("exact", True, False, 0)
        expected = wound(mesh, view, resolution)
        assert expected.sum() > 100
        np.testing.assert_array_equal(grid.occupancy(), expected)
        volumes = expected.sum(axis=(0, 1)) * view.cell_volumes(resolution)
        assert grid.volume == pytest.approx(volumes.sum(), rel=1e-12)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["box", "torus", "octahedron", "thin"])
@pytest.mark.parametrize("resolution", [64, 128])
def test_exact_is_where_the_winding_number_is_not_zero_in_large_grids(solids, views, name, resolution):
    mesh = bodies(solids)[name]
    for view in views:
        np.testing.assert_array_equal(filled(mesh, view, resolution), wound(mesh, view, resolution))


def test_parts_that_overlap_are_united_whatever_their_winding(solids, views):
    boxes = [([-0.3, -0.2, -0.3], [0.1, 0.2, 0.1]), ([-0.1, -0.1, -0.2], [0.35, 0.15, 0.3])]
    inner = ([-0.2, -0.1, -0.2], [0.0, 0.1, 0.0])
    meshes = [solids.box(*corners) for corners in [*boxes, inner]]
    meshes[1] = (meshes[1][0], meshes[1][1][:, ::-1])
    vertices, faces = solids.together(*meshes)
    faces = np.vstack([faces, faces[:7], faces[9:20, ::-1]])
    for view in views:
        expected = in_box(*boxes[0], view, 40) | in_box(*boxes[1], view, 40)
        np.testing.assert_array_equal(filled((vertices, faces), view, 40), expected)


@pytest.mark.parametrize("fill", ["exact", "tolerant"])
def test_the_order_of_faces_and_corners_winding_and_duplicates_change_no_bit(solids, fill):
    random = np.random.default_rng(5)
    vertices, faces = solids.together(
        solids.turned(solids.torus(), 7), solids.box([-0.3, -0.3, -0.1], [0.2, 0.2, 0.25])
    )
    faces = faces[:-1] if fill == "tolerant" else faces
    expected = voxelise(make_surface(vertices, faces), VIEW, 33, fill=fill)
    order = random.permutation(len(vertices))
    other = np.argsort(order)[random.permuted(random.permutation(faces), axis=1)]
    other = np.vstack([other, other[random.integers(len(other), size=30)]])
    found = voxelise(make_surface(vertices[order], other), VIEW, 33, fill=fill)
    np.testing.assert_array_equal(found.bits, expected.bits)
    assert found.volume == expected.volume


@pytest.mark.parametrize("shift", [0.0, 0.5])
def test_faces_on_the_centres_of_cells_do_not_leak(solids, shift):
    # Corners on centres or on borders; sides along the axes of the grid or across all of them.
    box = solids.box((np.array([4.0, 5, 6]) + shift) / 16 - 0.5, (np.array([11.0, 12, 9]) + shift) / 16 - 0.5)
    octahedron = solids.octahedron(5 / 16)
    octahedron = (octahedron[0] + shift / 16, octahedron[1])
    for mesh in (box, octahedron, solids.together(box, octahedron)):
        centres = object_box().cell_centres_world(16)
        inside = np.zeros((16,) * 3, bool)
        border = np.zeros((16,) * 3, bool)
        if mesh is not octahedron:
            distance = np.maximum(box[0].min(axis=0) - centres, centres - box[0].max(axis=0)).max(axis=-1)
            inside, border = inside | (distance < -1e-9), border | (np.abs(distance) < 1e-9)
        if mesh is not box:
            distance = np.abs(centres - shift / 16).sum(axis=-1) - 5 / 16
            inside, border = inside | (distance < -1e-9), border | (np.abs(distance) < 1e-9)
        for fill in ("exact", "tolerant"):
            found = filled(mesh, object_box(), 16, fill=fill)
            assert found[inside].all()
            assert not found[~inside & ~border].any()


def test_a_window_is_as_good_as_the_grid(solids, views):
    mesh = solids.turned(solids.torus(0.2, 0.06), 9)
    for view in views:
        projected = project(make_surface(*mesh), view, 70, Buffers())
        assert projected.window().rows < 70
        outside = flood(trace(projected, Window(0, 0, 0, 70, 70, 70), Buffers()), Buffers())
        whole = np.unpackbits(outside.view(np.uint8), axis=-1, bitorder="little")[..., :70] == 0
        np.testing.assert_array_equal(filled(mesh, view, 70), whole)


@pytest.mark.parametrize("radius", [1, 2, 4])
def test_a_window_is_as_good_as_the_grid_for_all_tolerances(solids, views, radius):
    vertices, faces = solids.turned(solids.torus(0.2, 0.06), 9)
    soup = vertices[faces] + np.random.default_rng(0).normal(scale=1e-4, size=(len(faces), 3, 3))
    surface = make_surface(soup.reshape(-1, 3), np.arange(3 * len(faces)).reshape(-1, 3))
    for view in views:
        projected = project(surface, view, 70, Buffers())
        found = []
        for window in (projected.window(radius), Window(0, 0, 0, 70, 70, 70)):
            buffers = Buffers()
            planes = trace(projected, window, buffers)
            touched = touched_cells(projected, window, buffers)
            cells = fill_tolerant(planes, touched, buffers, radius=radius)
            found.append(np.unpackbits(to_bits(cells, window, 70)))
        np.testing.assert_array_equal(*found)
        assert found[0].sum() > 100


def test_a_part_of_a_large_mesh_is_that_part(solids):
    vertices, faces = solids.turned(solids.torus(0.5, 0.2), 3)
    grid = voxelise(make_surface(vertices, faces), VIEW, 40)
    assert grid.cut
    np.testing.assert_array_equal(grid.occupancy(), wound((vertices, faces), VIEW, 40))


def test_a_solid_around_the_frustum_or_the_eye_fills_it(solids):
    far = 3.0 * VIEW.position_world
    for mesh in (
        solids.box([-5, -5, -5], [5, 5, 5]),
        solids.box([-1e6] * 3, [1e6] * 3),
        *(solids.turned(solids.box([-3e6] * 3, [3e6] * 3), seed) for seed in range(8)),
        solids.together(solids.box(far - 1.0, far + 1.0), solids.box([-5, -5, -5], [5, 5, 5])),
    ):
        for fill in ("exact", "tolerant"):
            grid = voxelise(make_surface(*mesh), VIEW, 16, fill=fill)
            assert grid.occupancy().all()
            assert grid.cut
            assert not grid.leak


def test_too_large_for_the_arithmetic_is_told(solids):
    # From 1e9 on, one in a hundred such solids would leak.
    for size in (1e8, 1e300):
        surface = make_surface(*solids.box([-size] * 3, [size] * 3))
        for view in (VIEW, object_box()):
            with pytest.raises(
                ValueError, match=r"^the mesh reaches .* from the camera, at most [^\n]* can be$"
            ):
                voxelise(surface, view, 16)


def test_a_near_plane_close_to_the_eye_refuses_no_object(solids):
    mesh = solids.turned(solids.octahedron(0.3), 1)
    for beyond in (1e-3, 1e-9):
        view = shape_view(0.7, 0.5, distance=0.5 + beyond)
        np.testing.assert_array_equal(filled(mesh, view), wound(mesh, view, 32))


def test_a_solid_from_behind_the_eye_into_the_frustum(solids):
    eye = VIEW.position_world
    box = np.minimum(1.3 * eye, 0.2 * eye) - 0.1, np.maximum(1.3 * eye, 0.2 * eye) + 0.1
    expected = in_box(*box, VIEW, 32)
    assert 0.02 < expected.mean() < 0.98
    np.testing.assert_array_equal(filled(solids.box(*box)), expected)


def test_what_lies_elsewhere_leaves_the_grid_empty(solids):
    eye = VIEW.position_world
    for centre in (3.0 * eye, -3.0 * eye, np.array([0.0, 0.0, 50.0]), np.array([30.0, -40.0, 0.0])):
        mesh = solids.box(centre - 0.5, centre + 0.5)
        for closed, faces in ((True, mesh[1]), (False, mesh[1][1:])):
            grid = voxelise(make_surface(mesh[0], faces), VIEW, 32)
            assert (grid.closed, grid.cut, grid.leak) == (closed, True, False)
            assert grid.volume == 0.0
            assert not grid.bits.any()


def test_a_shell_open_on_one_side_leaks_and_says_so(solids):
    vertices, faces = solids.box([-0.2, -0.2, -0.2], [0.2, 0.2, 0.2])
    grid = voxelise(make_surface(vertices, faces[2:]), VIEW, 32)
    assert (grid.closed, grid.leak, grid.retries) == (False, True, 2)
    assert grid.stabbed_ratio < 0.7
    assert math.isnan(grid.coarse_ratio)
    exact = voxelise(make_surface(vertices, faces[2:]), VIEW, 32, fill="exact")
    assert (exact.level, exact.leak, exact.retries, exact.volume) == ("exact", True, 0, 0.0)
    assert exact.stabbed_ratio == 0.0


def holed_torus(solids):
    """A torus whose hole is too wide for 128 cells; and the whole one."""
    vertices, faces = solids.torus(0.28, 0.11, sections=(150, 60))
    place = VIEW.position_world / np.linalg.norm(VIEW.position_world) * [0.39, 0.39, 0.0]
    distances = np.linalg.norm(vertices[faces].mean(axis=1) - place, axis=1)
    return (vertices, faces[distances > np.sort(distances)[12]]), (vertices, faces)


def test_a_hole_is_closed_by_a_wider_tolerance_when_the_first_leaks(solids):
    holed, torus = holed_torus(solids)
    whole = filled(torus, VIEW, 128)
    grid = voxelise(make_surface(*holed), VIEW, 128)
    assert grid.retries >= 1
    assert grid.level == f"tolerant-r{2**grid.retries}"
    assert not grid.leak
    assert 0.7 < grid.coarse_ratio < 1.1
    both = (grid.occupancy() & whole).sum() / (grid.occupancy() | whole).sum()
    assert both > 0.97
    first = voxelise(make_surface(torus[0], torus[1][1:]), VIEW, 128)
    assert (first.level, first.retries, first.leak) == ("tolerant", 0, False)


def test_where_all_leak_the_most_credible_is_kept(solids):
    holed, _ = holed_torus(solids)
    vertices, faces = solids.box([-0.25, -0.25, 0.15], [0.25, 0.25, 0.4])
    both = solids.together(holed, (vertices, faces[2:]))
    grid = voxelise(make_surface(*both), VIEW, 128)
    assert (grid.leak, grid.retries) == (True, 2)
    alone = voxelise(make_surface(*holed), VIEW, 128)
    assert "tolerant" not in (grid.level, alone.level)
    assert grid.volume == pytest.approx(alone.volume, rel=0.05)


def test_a_sheet_is_empty_and_flagged_and_its_thin_surface_is_not_empty():
    sheet = np.array([[-0.3, -0.3, 0.02], [0.3, -0.2, 0.0], [0.0, 0.3, 0.07]]), np.array([[0, 1, 2]])
    grid = voxelise(make_surface(*sheet), VIEW, 32)
    assert grid.volume == 0.0
    assert grid.leak
    assert voxelise(make_surface(*sheet), VIEW, 32, fill="exact").leak
    thin = voxelise(make_surface(*sheet), VIEW, 32, surface_union="thin")
    assert thin.volume > 0.0
    assert thin.leak
    corners, centres = VIEW.to_grid(sheet[0], 32), np.argwhere(thin.occupancy()) + 0.5
    assert (centres > corners.min(axis=0) - 1).all()
    assert (centres < corners.max(axis=0) + 1).all()


def test_thin_cells_are_united_with_the_parts_that_enclose_nothing(solids):
    sheet = np.array([[-0.3, -0.3, 0.3], [0.3, -0.2, 0.3], [0.0, 0.3, 0.35]]), np.array([[0, 1, 2]])
    box = solids.box([-0.2, -0.2, -0.3], [0.2, 0.2, 0.1])
    alone = filled(sheet, surface_union="thin")
    both = solids.together(sheet, box)
    found = filled(both, surface_union="auto")
    np.testing.assert_array_equal(found, filled(both) | alone)
    np.testing.assert_array_equal(filled(box, surface_union="auto"), filled(box))
    thin = filled(box, surface_union="thin")
    assert thin.sum() > filled(box).sum()
    np.testing.assert_array_equal(thin | filled(box), thin)


def test_buffers_can_be_used_again_for_anything(solids, views):
    buffers = Buffers()
    meshes = [*bodies(solids).values()]
    meshes += [(vertices, faces[3:]) for vertices, faces in meshes]
    for resolution in (20, 70, 32):
        for mesh, view in zip(meshes, views * 2, strict=True):
            surface = make_surface(*mesh)
            expected = voxelise(surface, view, resolution, surface_union="auto", buffers=Buffers())
            found = voxelise(surface, view, resolution, surface_union="auto", buffers=buffers)
            np.testing.assert_array_equal(found.bits, expected.bits)


def test_the_memory_of_a_worker_is_bounded(solids):
    buffers = Buffers()
    vertices, faces = solids.torus(0.5, 0.45)  # fills the frustum
    for mesh in ((vertices, faces), (vertices, faces[2:])):
        voxelise(make_surface(*mesh), VIEW, 256, surface_union="thin", buffers=buffers)
    assert 2**23 < buffers.size <= 2**26


def test_resolutions_that_are_no_multiple_of_eight(solids):
    mesh = bodies(solids)["torus"]
    for resolution in (1, 2, 7, 13, 66):
        grid = voxelise(make_surface(*mesh), VIEW, resolution)
        np.testing.assert_array_equal(grid.bits, pack(grid.occupancy()))
        np.testing.assert_array_equal(grid.occupancy(), wound(mesh, VIEW, resolution))


def test_options_that_cannot_be_are_told(solids):
    surface = make_surface(*solids.octahedron(0.3))
    with pytest.raises(ValueError, match="fill must be auto, exact, tolerant or reference, found full"):
        voxelise(surface, VIEW, 32, fill="full")
    with pytest.raises(ValueError, match="surface_union must be none, thin or auto, found some"):
        voxelise(surface, VIEW, 32, surface_union="some")
    with pytest.raises(ValueError, match="resolution must be positive, found 0"):
        voxelise(surface, VIEW, 0)
