"""Generated planes, cars, boats, rifles, telephones, monitors, loudspeakers: whole, thick, of many kinds."""

import functools

import numpy as np
import pytest

from ige.geometry.frustum import object_box
from ige.grids.surface import make_surface
from ige.grids.voxelise import voxelise
from ige.shapes.procedural import car, monitor, plane, rifle, speaker, telephone, watercraft
from ige.shapes.procedural.generate import generate
from ige.shapes.procedural.parts import box, lathe, turned

MODULES = (plane, car, watercraft, rifle, telephone, monitor, speaker)
BUILDERS = {module.__name__.rsplit(".", 1)[1]: module.build for module in MODULES}
NUMBERS = range(20)
LEAST = 0.05  # diagonals: 1.5 cells of a grid of 32, which are 1/30 wide where the object is

every_category = pytest.mark.parametrize("category", BUILDERS)


@functools.cache
def build(category, number):
    return BUILDERS[category](np.random.default_rng([number, 7]))


def corners_of(parts):
    return np.vstack([part.vertices for part in parts])


def diagonal(parts):
    return np.linalg.norm(np.ptp(corners_of(parts), axis=0))


def depths_below(part, samples=48):
    """Give how deep (samples,) the solid is below points spread evenly over its surface, along the normal."""
    a, b, c = np.moveaxis(part.vertices[part.faces], 1, 0)
    normals = np.cross(b - a, c - a)
    areas = np.linalg.norm(normals, axis=1)
    normals /= np.maximum(areas, 1e-300)[:, None]
    spread = (np.arange(samples) + 0.5) / samples
    chosen = np.searchsorted(np.cumsum(areas) / areas.sum(), spread)
    root, share = np.sqrt(spread * 755.0 % 1.0)[:, None], (np.arange(samples) * 0.57 % 1.0)[:, None]
    starts = (1 - root) * a[chosen] + root * (1 - share) * b[chosen] + root * share * c[chosen]
    ways = -normals[chosen]
    across = np.cross(ways[:, None], (c - a)[None])
    scale = np.einsum("fi,sfi->sf", b - a, across)
    scale = np.where(np.abs(scale) > 1e-12, scale, np.inf)  # along the ray: not hit
    away = starts[:, None] - a[None]
    first = np.einsum("sfi,sfi->sf", away, across) / scale
    turned = np.cross(away, (b - a)[None])
    second = np.einsum("si,sfi->sf", ways, turned) / scale
    length = np.einsum("fi,sfi->sf", c - a, turned) / scale
    hit = (first > -1e-9) & (second > -1e-9) & (first + second < 1 + 1e-9) & (length > 1e-7)
    return np.where(hit, length, np.inf).min(axis=1)


def occupancies(category):
    grids = []
    for number in NUMBERS:
        mesh = generate(category, number, seed=1, open_share=0.0)
        surface = make_surface(mesh.vertices, mesh.faces)
        grids.append(voxelise(surface, object_box(), 32).occupancy().reshape(-1))
    return np.array(grids, dtype=np.float64)


def test_the_measure_of_depth_finds_thin_solids():
    board = turned(turned(box((1.0, 0.6, 0.02), (0, 0, 0), (1, 2, 3)), "x", 0.4), "z", 0.7)
    assert np.quantile(depths_below(board), 0.25) == pytest.approx(0.02)
    bowl = lathe([(0.2, 0.0), (0.5, 0.5), (0.46, 0.5), (0.16, 0.04)], (1, 2, 3), sections=24)
    assert np.quantile(depths_below(bowl), 0.25) < LEAST


@every_category
def test_parts_are_closed_and_wound_outward(category):
    for number in NUMBERS:
        for part in build(category, number):
            assert np.isfinite(part.vertices).all()
            edges = part.faces[:, [0, 1, 1, 2, 2, 0]].reshape(-1, 2)
            # Each directed edge once, and its opposite once: closed, oriented, a surface everywhere.
            ways = np.unique(edges, axis=0)
            assert len(ways) == len(edges)
            assert np.array_equal(ways, np.unique(edges[:, ::-1], axis=0))
            assert part.signed_volume() > 0.0


@every_category
def test_parts_are_thick_enough(category):
    """Three quarters of a part's surface have this much below them; next to sharp edges any solid is thin."""
    for number in NUMBERS:
        parts = build(category, number)
        least = LEAST * diagonal(parts)
        for part in parts:
            assert np.quantile(depths_below(part), 0.25) >= least, (number, part.vertices.mean(axis=0))


@every_category
def test_meshes_are_closed_and_of_moderate_size(category):
    for number in NUMBERS:
        mesh = generate(category, number, seed=0, open_share=0.0)
        surface = make_surface(mesh.vertices, mesh.faces)
        # Parts that shared a face would count it once, and have a hole each.
        assert surface.closed
        assert len(surface.faces) == len(mesh.faces)
        assert 190 <= len(mesh.faces) <= 20_000
        assert len(np.unique(mesh.face_colours, axis=0)) >= 2


@every_category
def test_no_two_are_alike(category):
    grids = occupancies(category)
    common = grids @ grids.T
    sizes = grids.sum(axis=1)
    overlap = (common / (sizes[:, None] + sizes - common))[np.triu_indices(len(grids), 1)]
    assert overlap.max() < 0.985
    # Cars are boxes on wheels: other categories vary much more.
    assert np.median(overlap) < (0.75 if category == "car" else 0.55)


@every_category
def test_shapes_are_in_one_piece(category):
    """All parts meet another one, through boxes about them, but for what lies beside a computer."""
    loose = 0
    for number in NUMBERS:
        parts = build(category, number)
        low = np.array([part.vertices.min(axis=0) for part in parts])
        high = np.array([part.vertices.max(axis=0) for part in parts])
        meet = ((low[:, None] <= high) & (low <= high[:, None])).all(axis=-1)
        reached = np.linalg.matrix_power(meet.astype(float), len(parts))[0] > 0
        loose += not reached.all()
    assert loose <= (5 if category in ("monitor", "speaker") else 0)


@pytest.mark.parametrize("category", sorted(set(BUILDERS) - {"telephone"}))  # its handset lies at one side
def test_shapes_are_mirrored_or_nearly(category):
    """Left and right are alike in most of what is symmetric in the world."""
    sides = [corners_of(build(category, number))[:, 0] for number in NUMBERS]
    lean = [abs(side.min() + side.max()) / np.ptp(side) for side in sides]
    assert np.mean(np.array(lean) < 0.02) >= 0.6


def highest_share(category, share):
    """Give where (-0.5 front to 0.5 back) the top of each shape is."""
    places = []
    for number in NUMBERS:
        points = corners_of(build(category, number))
        low, high = points.min(axis=0), points.max(axis=0)
        top = points[points[:, 2] > high[2] - share * (high[2] - low[2])]
        places.append((top[:, 1].mean() - low[1]) / (high[1] - low[1]) - 0.5)
    return np.array(places)


def test_fronts_look_along_minus_y():
    """Fins of planes are behind."""
    assert (highest_share("plane", 0.15) > 0.2).mean() > 0.6
    # Muzzles of rifles are thin, their stocks high: the front fifth has the smaller extent in height.
    for number in NUMBERS:
        points = corners_of(build("rifle", number))
        low, high = points[:, 1].min(), points[:, 1].max()
        front = points[points[:, 1] < low + 0.06 * (high - low)]
        back = points[points[:, 1] > high - 0.06 * (high - low)]
        assert np.ptp(front[:, 2]) < np.ptp(back[:, 2]) + 0.03


@every_category
def test_the_same_draw_makes_the_same_shape(category):
    again = BUILDERS[category](np.random.default_rng([3, 7]))
    for first, second in zip(build(category, 3), again, strict=True):
        assert first.colour == second.colour
        assert first.vertices.tobytes() == second.vertices.tobytes()
        assert first.faces.tobytes() == second.faces.tobytes()
