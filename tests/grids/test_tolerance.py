"""What the tolerant fill is worth: meshes with flaws against the exact fill of the same without."""

import math

import numpy as np
import pytest

from ige.geometry.frustum import shape_view
from ige.grids.surface import make_surface
from ige.grids.voxelise import voxelise

VIEW = shape_view(0.6, math.radians(28.0))
AT_256 = pytest.param(256, marks=pytest.mark.slow)


def subdivided(mesh, count):
    """Cut every face in four until there are about so many."""
    vertices, faces = mesh
    while 2.5 * len(faces) < count:
        edges = np.sort(faces[:, [[1, 2], [2, 0], [0, 1]]], axis=2)
        edges, middles = np.unique(edges.reshape(-1, 2), axis=0, return_inverse=True)
        middles = len(vertices) + middles.reshape(-1, 3)
        vertices = np.concatenate([vertices, vertices[edges].mean(axis=1)])
        corners = [np.stack([faces[:, i], middles[:, i - 1], middles[:, i - 2]], axis=1) for i in range(3)]
        faces = np.concatenate([*corners, middles])
    return vertices, faces


def ball(solids, centre, radii, count=2000):
    """An ellipsoid."""
    vertices, faces = subdivided(solids.octahedron(1.0), count)
    return vertices / np.linalg.norm(vertices, axis=1, keepdims=True) * radii + centre, faces


def capsule(solids, count):
    vertices, faces = ball(solids, 0.0, 0.2, count)
    return vertices + np.where(vertices[:, 2:] >= 0.0, 1.0, -1.0) * [0.0, 0.0, 0.2], faces


def car(solids, count):
    """Closed bodies through one another."""
    wheels = []
    for x in (-1.3, 1.3):
        for y in (-0.85, 0.85):
            vertices, faces = solids.torus(0.25, 0.13)
            wheels.append((vertices[:, [0, 2, 1]] + [x, y, 0.38], faces))
    parts = [
        solids.box([-2.0, -0.9, 0.3], [2.0, 0.9, 1.0]),
        solids.box([-1.2, -0.8, 0.9], [0.9, 0.8, 1.6]),
        solids.box([1.85, -0.95, 0.35], [2.15, 0.95, 0.65]),
        ball(solids, [2.0, 0.5, 0.75], 0.15, 200),
        ball(solids, [1.2, 0.0, 0.65], 0.3, 200),
        *wheels,
    ]
    return normalised(solids.together(*(subdivided(part, count // len(parts)) for part in parts)))


def chair(solids, count):
    """Slats and legs of a cell or two at 64 cells a side."""
    parts = [solids.box([-0.5, -0.5, 0.96], [0.5, 0.5, 1.04])]
    parts += [
        solids.box([x - 0.04, y - 0.04, 0.0], [x + 0.04, y + 0.04, 1.0])
        for x in (-0.4, 0.4)
        for y in (-0.4, 0.4)
    ]
    parts += [solids.box([x - 0.05, 0.42, 1.0], [x + 0.05, 0.5, 2.0]) for x in (-0.4, -0.13, 0.13, 0.4)]
    parts.append(solids.box([-0.5, 0.43, 1.85], [0.5, 0.49, 1.97]))
    return normalised(solids.together(*(subdivided(part, count // len(parts)) for part in parts)))


def normalised(mesh):
    vertices, faces = mesh
    low, high = vertices.min(axis=0), vertices.max(axis=0)
    return (vertices - (low + high) / 2) / np.linalg.norm(high - low), faces


def exploded(mesh, jitter):
    """Give every face corners of its own and move each by at most `jitter` on each axis."""
    vertices, faces = mesh
    corners = vertices[faces].reshape(-1, 3)
    corners = corners + np.random.default_rng(0).uniform(-jitter, jitter, corners.shape)
    return corners, np.arange(len(corners)).reshape(-1, 3)


def without_some(mesh, share):
    vertices, faces = mesh
    return vertices, faces[np.random.default_rng(1).random(len(faces)) >= share]


def overlap(first, second):
    return (first & second).sum() / (first | second).sum()


def exact(mesh, resolution, view=VIEW):
    grid = voxelise(make_surface(*mesh), view, resolution, fill="exact")
    assert grid.closed
    assert grid.occupancy().any()
    return grid.occupancy()


SHAPES = {
    "torus": lambda solids, count: subdivided(solids.torus(), count),
    "capsule": capsule,
    "car": car,
    "chair": chair,
}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("resolution", [64, 100, AT_256])
def test_closed_meshes_lose_and_gain_nothing(solids, shape, resolution):
    mesh = SHAPES[shape](solids, 4000)
    found = voxelise(make_surface(*mesh), VIEW, resolution, fill="tolerant")
    assert not found.leak
    np.testing.assert_array_equal(found.occupancy(), exact(mesh, resolution))


def test_closed_parts_are_exact_beside_open_ones(solids):
    """Cracks of one part cost another nothing, not even in a gap of less than a cell between the two."""
    whole = solids.box([-0.3, -0.1, -0.1], [-0.01, 0.1, 0.1]), solids.box([0.01, -0.1, -0.1], [0.3, 0.1, 0.1])
    cracked = exploded(subdivided(solids.box([-0.1, -0.1, 0.2], [0.1, 0.1, 0.4]), 2000), 1e-4)
    found = voxelise(make_surface(*solids.together(*whole, cracked)), VIEW, 64)
    assert (found.level, found.leak) == ("tolerant", False)
    expected = exact(solids.together(*whole), 64)
    region = VIEW.cell_centres_world(64)[..., 2] < 0.15
    np.testing.assert_array_equal(found.occupancy()[region], expected[region])


@pytest.mark.parametrize(
    ("jitter", "resolution", "needed"),
    [
        (1e-4, 64, 0.98),
        (1e-3, 64, 0.92),
        pytest.param(1e-4, 256, 0.98, marks=pytest.mark.slow),
        pytest.param(1e-3, 256, 0.97, marks=pytest.mark.slow),
    ],
)
@pytest.mark.parametrize("shape", ["torus", "capsule", "car"])
def test_cracks_between_all_faces_are_closed(solids, shape, jitter, resolution, needed):
    mesh = SHAPES[shape](solids, 20_000)
    found = voxelise(make_surface(*exploded(mesh, jitter)), VIEW, resolution)
    assert (found.level, found.closed, found.leak, found.retries) == ("tolerant", False, False, 0)
    assert overlap(found.occupancy(), exact(mesh, resolution)) >= needed


@pytest.mark.slow
@pytest.mark.parametrize("shape", ["torus", "car"])
def test_a_wider_tolerance_costs_little(solids, shape):
    """Faces moved by a Gaussian: some gaps are wider than a cell of 256, and the fill is tried again."""
    mesh = SHAPES[shape](solids, 20_000)
    vertices, faces = exploded(mesh, 0.0)
    moved = vertices + np.repeat(np.random.default_rng(0).normal(size=(len(faces), 3)), 3, axis=0) * 1e-3
    found = voxelise(make_surface(moved, faces), VIEW, 256)
    assert (found.level, found.leak) == ("tolerant-r2", False)
    assert overlap(found.occupancy(), exact(mesh, 256)) >= 0.96


@pytest.mark.parametrize("resolution", [64, AT_256])
@pytest.mark.parametrize("count", [5_000, 20_000, pytest.param(200_000, marks=pytest.mark.slow)])
def test_missing_faces_are_closed_or_told(solids, count, resolution):
    mesh = car(solids, count)
    found = voxelise(make_surface(*without_some(mesh, 0.01)), VIEW, resolution)
    assert not found.closed
    assert found.leak or overlap(found.occupancy(), exact(mesh, resolution)) >= 0.97


def test_a_cracked_solid_that_reaches_out_of_the_frustum_keeps_its_inside(solids):
    """Some lines from its inside to infinity run through cracks beyond the border."""
    mesh = subdivided(solids.turned(solids.box([-0.9, -0.2, -0.2], [0.9, 0.2, 0.2]), 4), 20_000)
    found = voxelise(make_surface(*exploded(mesh, 1e-3)), VIEW, 64)
    assert found.cut
    assert not found.leak
    assert overlap(found.occupancy(), exact(mesh, 64)) >= 0.92
