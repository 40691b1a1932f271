"""Generated furniture: closed, thick enough for a grid of 32, coloured, no two alike."""

import numpy as np
import pytest

from ige.grids.surface import make_surface
from ige.shapes.procedural import bench, cabinet, chair, lamp, sofa, table
from ige.shapes.procedural.generate import generate

BUILDERS = {
    module.__name__.rsplit(".", 1)[1]: module.build for module in (bench, cabinet, chair, lamp, sofa, table)
}
NUMBERS = range(20)
LEAST = 0.05  # of a part: 1.5 cells of a grid of 32, which are 1/30 wide where the object is


def build(category, number):
    return BUILDERS[category](np.random.default_rng([number, 5]))


def corners_of(parts):
    return np.vstack([part.vertices for part in parts])


def diagonal(parts):
    return np.linalg.norm(np.ptp(corners_of(parts), axis=0))


def wall_thickness(part, samples, rng):
    """Shoot rays inwards, across the surface, from points spread evenly over it, and give how far they get.

    Only rays that leave through a side that faces the one they come from count: next to a sharp edge any
    solid is thin.
    """
    a, b, c = np.moveaxis(part.vertices[part.faces], 1, 0)
    crosses = np.cross(b - a, c - a)
    areas = np.linalg.norm(crosses, axis=1)
    chosen = rng.choice(len(areas), samples, p=areas / areas.sum())
    u, v = rng.random((2, samples, 1))
    u, v = np.where(u + v > 1, 1 - u, u), np.where(u + v > 1, 1 - v, v)
    starts = a[chosen] + u * (b - a)[chosen] + v * (c - a)[chosen]
    normals = crosses / np.maximum(areas, 1e-300)[:, None]
    ways = -normals[chosen]
    # Ray against triangle by determinants, all pairs.
    across = np.cross(ways[:, None], (c - a)[None])
    scale = np.einsum("fi,sfi->sf", b - a, across)
    scale = np.where(np.abs(scale) > 1e-12 * areas, scale, np.inf)  # along the ray: not hit
    away = starts[:, None] - a[None]
    first = np.einsum("sfi,sfi->sf", away, across) / scale
    turned = np.cross(away, (b - a)[None])
    second = np.einsum("si,sfi->sf", ways, turned) / scale
    length = np.einsum("fi,sfi->sf", c - a, turned) / scale
    size = np.ptp(part.vertices, axis=0).max()
    # A little wider than the triangle: a ray through an edge leaves, too.
    hit = (first >= -1e-9) & (second >= -1e-9) & (first + second <= 1 + 1e-9) & (length > 1e-6 * size)
    length = np.where(hit, length, np.inf)
    leaves = length.argmin(axis=1)
    length = length.min(axis=1)
    assert np.isfinite(length).all(), "a ray does not leave: not closed"
    return length[np.einsum("si,si->s", normals[leaves], ways) > 0.7]


def least_extent(part, directions):
    return np.ptp(part.vertices @ directions.T, axis=0).min()


def directions_all_around(count=400):
    """Unit vectors, evenly on the half sphere, the axes among them."""
    index = np.arange(count) + 0.5
    height, angle = index / count, index * np.pi * (3 - np.sqrt(5))
    radius = np.sqrt(1 - height**2)
    points = np.column_stack([radius * np.cos(angle), radius * np.sin(angle), height])
    return np.vstack([np.eye(3), points])


@pytest.mark.parametrize("category", BUILDERS)
def test_parts_are_closed_and_wound_outward(category):
    for number in NUMBERS:
        for part in build(category, number):
            assert np.isfinite(part.vertices).all()
            edges = part.faces[:, [0, 1, 1, 2, 2, 0]].reshape(-1, 2)
            # Each directed edge once, and its opposite once: closed, oriented, a surface everywhere.
            assert len(np.unique(edges, axis=0)) == len(edges)
            assert np.array_equal(np.unique(edges, axis=0), np.unique(edges[:, ::-1], axis=0))
            assert part.signed_volume() > 0.0


@pytest.mark.parametrize("category", BUILDERS)
def test_parts_are_thick_enough(category):
    rng, directions = np.random.default_rng(0), directions_all_around()
    for number in NUMBERS:
        parts = build(category, number)
        least = LEAST * diagonal(parts)
        for part in parts:
            assert least_extent(part, directions) >= least, (number, part.colour)
            walls = wall_thickness(part, 40, rng)
            assert len(walls) == 0 or np.quantile(walls, 0.1) >= least, (number, part.colour)


@pytest.mark.parametrize("category", BUILDERS)
def test_sizes_are_moderate_and_colours_several(category):
    several = 0
    for number in NUMBERS:
        parts = build(category, number)
        assert 2 <= len(parts) <= 40
        assert 30 <= sum(len(part.faces) for part in parts) <= 3000
        several += len({part.colour for part in parts}) > 1
    assert several >= 0.6 * len(NUMBERS)


@pytest.mark.parametrize("category", BUILDERS)
def test_no_two_are_alike(category):
    """Not in the proportions, and in few counts of parts and faces."""
    shapes = [build(category, number) for number in NUMBERS]
    extents = np.array([np.ptp(corners_of(parts), axis=0) / diagonal(parts) for parts in shapes])
    apart = np.linalg.norm(extents[:, None] - extents, axis=-1)[np.triu_indices(len(shapes), 1)]
    assert apart.min() > 1e-4
    counts = {(len(parts), sum(len(part.faces) for part in parts)) for parts in shapes}
    assert len(counts) >= 0.6 * len(NUMBERS)


@pytest.mark.parametrize("category", BUILDERS)
def test_the_same_draw_makes_the_same_shape(category):
    for first, second in zip(build(category, 3), build(category, 3), strict=True):
        assert first.colour == second.colour
        assert first.vertices.tobytes() == second.vertices.tobytes()
        assert first.faces.tobytes() == second.faces.tobytes()


@pytest.mark.parametrize("category", BUILDERS)
def test_parts_hang_together(category):
    """From any part one gets to any other through boxes about parts that meet."""
    for number in NUMBERS:
        parts = build(category, number)
        low = np.array([part.vertices.min(axis=0) for part in parts])
        high = np.array([part.vertices.max(axis=0) for part in parts])
        meet = ((low[:, None] <= high) & (low <= high[:, None])).all(axis=-1)
        reached = np.linalg.matrix_power(meet.astype(float), len(parts))[0] > 0
        assert reached.all(), number


@pytest.mark.parametrize("category", ["chair", "sofa"])
def test_backs_are_behind(category):
    """The front is towards -y: what is highest, the back, is on the other side of most."""
    behind = 0
    for number in NUMBERS:
        points = corners_of(build(category, number))
        y = points[:, 1] - (points[:, 1].min() + points[:, 1].max()) / 2
        behind += y[points[:, 2] > 0.9 * points[:, 2].max()].mean() > 0.0
    assert behind >= 0.75 * len(NUMBERS)


@pytest.mark.parametrize("category", BUILDERS)
def test_they_stand_on_the_floor(category):
    """All start at height zero, but for rounding and what hangs or swings."""
    lowest = [corners_of(build(category, number))[:, 2].min() for number in NUMBERS]
    assert np.mean(np.abs(lowest) < 0.02) >= 0.8


@pytest.mark.parametrize("category", BUILDERS)
def test_meshes_are_closed_and_of_unit_size(category):
    for number in NUMBERS:
        mesh = generate(category, number, seed=0, open_share=0.0)
        surface = make_surface(mesh.vertices, mesh.faces)
        # Parts that shared a face would count it once, and have a hole each.
        assert surface.closed
        assert len(surface.faces) == len(mesh.faces)
        assert np.linalg.norm(np.ptp(mesh.vertices, axis=0)) == pytest.approx(1.0, abs=1e-6)
