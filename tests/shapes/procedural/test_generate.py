"""Shapes by category, number and seed: the same each time, whole or deliberately open."""

import hashlib
import subprocess
import sys

import numpy as np
import pytest

from ige.base.errors import InputError
from ige.grids.surface import make_surface
from ige.shapes.procedural.generate import BUILDERS, CATEGORIES, generate
from ige.shapes.procedural.openings import open_up
from ige.shapes.procedural.parts import box, cylinder, ellipsoid

NAMES = "plane bench cabinet car chair monitor lamp speaker rifle sofa table telephone watercraft"
NUMBERS = range(8)


def digest(mesh):
    data = (mesh.vertices, mesh.faces, mesh.face_colours)
    return hashlib.sha256(b"".join(array.tobytes() for array in data)).hexdigest()


def test_all_categories_are_there():
    assert sorted(CATEGORIES) == sorted(NAMES.split())


def test_an_unknown_category_is_named():
    with pytest.raises(InputError, match="boat"):
        generate("boat", 0, 0, 0.0)


@pytest.mark.parametrize("category", NAMES.split())
def test_shapes_are_normalised_and_of_plain_numbers(category):
    for number in NUMBERS:
        mesh = generate(category, number, 0, 0.3)
        low, high = mesh.vertices.min(axis=0), mesh.vertices.max(axis=0)
        assert np.linalg.norm(high - low) == pytest.approx(1.0, abs=1e-6)
        assert low + high == pytest.approx(np.zeros(3), abs=1e-6)
        # What 32-bit floats hold survives any file and any library.
        assert np.array_equal(mesh.vertices.astype(np.float32), mesh.vertices)
        assert not np.signbit(mesh.vertices[mesh.vertices == 0.0]).any()
        assert (mesh.face_colours[:, 3] == 255).all()


@pytest.mark.parametrize("category", NAMES.split())
def test_the_share_decides_which_are_open(category):
    whole = [generate(category, number, 0, 0.0) for number in NUMBERS]
    opened = [generate(category, number, 0, 1.0) for number in NUMBERS]
    some = [generate(category, number, 0, 0.5) for number in NUMBERS]
    for one, other, either in zip(whole, opened, some, strict=True):
        assert make_surface(one.vertices, one.faces).closed
        surface = make_surface(other.vertices, other.faces)
        assert not surface.closed
        assert len(other.faces) < len(one.faces)
        assert digest(either) in (digest(one), digest(other))
    assert 0 < sum(digest(a) == digest(b) for a, b in zip(whole, some, strict=True)) < len(NUMBERS)


def test_numbers_and_seeds_make_different_shapes():
    made = [digest(generate("car", number, seed, 0.0)) for number in range(8) for seed in range(3)]
    assert len(set(made)) == len(made)


def test_order_and_process_mean_nothing():
    script = (
        "from ige.shapes.procedural.generate import generate\n"
        "for category in ('table', 'plane'):\n"
        "    mesh = generate(category, 5, 9, 0.2)\n"
        "    print(hash((mesh.vertices.tobytes(), mesh.faces.tobytes(), mesh.face_colours.tobytes())))\n"
    )
    first = [generate(category, 5, 9, 0.2) for category in ("table", "plane")]
    generate("plane", 4, 9, 0.2)
    again = [generate(category, 5, 9, 0.2) for category in ("plane", "table")][::-1]
    assert [digest(mesh) for mesh in first] == [digest(mesh) for mesh in again]
    runs = {
        subprocess.run(
            [sys.executable, "-c", script],
            capture_output=True,
            text=True,
            check=True,
            env={"PYTHONHASHSEED": "0", "PYTHONPATH": ":".join(sys.path), "PYTHONDONTWRITEBYTECODE": "1"},
        ).stdout
        for _ in range(2)
    }
    assert len(runs) == 1


def test_importing_the_generator_is_light():
    script = (
        "import sys, ige.shapes.procedural.generate; print({'torch', 'numba', 'trimesh'} & set(sys.modules))"
    )
    environment = {"PYTHONPATH": ":".join(sys.path)}
    out = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, env=environment)
    assert out.stdout.strip() == "set()", out.stderr


@pytest.mark.parametrize(
    "part",
    [
        box((1.0, 1.0, 1.0), (0.0, 0.0, 0.0), (1, 2, 3)),
        box((1.0, 1.0, 0.1), (0.0, 0.0, 0.0), (1, 2, 3)),
        cylinder((0.0, 0.0, 0.0), (1.0, 2.0, 3.0), 0.2, (1, 2, 3)),
        ellipsoid((0.0, 0.0, 0.0), (1.0, 2.0, 0.2), (1, 2, 3)),
    ],
    ids=["cube", "board", "slanting", "lens"],
)
def test_any_solid_can_be_opened(part):
    other = box((0.1, 0.1, 0.1), (5.0, 5.0, 5.0), (4, 5, 6))
    flat = 0
    for seed in range(40):
        opened, kept = open_up([part, other], np.random.default_rng(seed))
        surface = make_surface(opened.vertices, opened.faces)
        if kept is not other:  # the small one is rarely the one
            assert opened is part
            continue
        assert not surface.closed
        assert 0 < len(opened.faces) < len(part.faces)
        flat += np.ptp(opened.vertices, axis=0).min() == 0.0
    extents = np.sort(np.ptp(part.vertices, axis=0))
    assert (flat > 0) == (extents[0] < 0.4 * extents[1])


def test_every_builder_is_asked_once():
    """The generator of a shape goes to its builder alone: what opens it draws from another."""
    assert len(set(BUILDERS.values())) == len(CATEGORIES)
