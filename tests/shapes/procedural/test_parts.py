"""Solids: closed, wound outward, of the size that was asked for."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ige.shapes.procedural.parts import (
    assemble,
    box,
    capsule,
    cylinder,
    ellipsoid,
    extrude,
    lathe,
    loft,
    mirrored,
    moved,
    scaled,
    sheet,
    solid,
    tapered,
    torus,
    tube,
    turned,
)
from ige.shapes.procedural.profiles import band, ngon, rounded, signed_area, triangulate

RED = (200, 10, 20)
COMB = [(0, 0), (5, 0), (5, 3), (4, 3), (4, 1), (3, 1), (3, 3), (2, 3), (2, 1), (1, 1), (1, 3), (0, 3)]
SQUARE = np.array([[0.0, 0.0, 0.0], [1.0, 0.0, 0.0], [1.0, 1.0, 0.0], [0.0, 1.0, 0.0]])

# Of each solid its exact volume where there is one, and its extents where no corner is cut by sections.
SOLIDS = {
    "box": (box((1, 2, 3), (4, 5, 6), RED), 6.0, (1, 2, 3)),
    "tapered": (tapered((2, 4), (1, 2), 3, (0, 0, 0), RED, shift=(0.3, -0.2)), 14.0, (2, 4, 3)),
    "cylinder": (cylinder((0, 0, 0), (1, 2, 2), 0.5, RED, sections=64), 3 * np.pi / 4, None),
    "cone": (cylinder((0, 0, 0), (0, 0, 3), 0.5, RED, end_radius=0.0, sections=64), np.pi / 4, None),
    "upside down": (cylinder((0, 0, 3), (0, 0, 0), 0.5, RED, end_radius=0.2), None, None),
    "capsule": (capsule((0, 0, 0), (0, 3, 0), 0.5, RED, sections=64), np.pi * (1 / 6 + 2 / 4), None),
    "ellipsoid": (ellipsoid((1, 1, 1), (1, 2, 3), RED, sections=64, rings=32), 8 * np.pi, None),
    "lathe": (lathe([(0, 0), (1, 0), (0.5, 1), (0, 1)], RED, sections=64), 7 * np.pi / 12, None),
    "vase": (lathe([(0.3, 0), (0.5, 1), (0.4, 1), (0.2, 0.1)], RED), None, None),
    "torus": (torus((1, 0, 0), (1, 1, 0), 1, 0.2, RED, sections=64, rings=48), 0.08 * np.pi**2, None),
    "tube": (tube([(0, 0, 0), (0, 0, 1), (1, 0, 1), (1, 1, 1)], 0.1, RED, sections=64), 0.03 * np.pi, None),
    "frame": (tube(SQUARE, 0.1, RED, closed=True), None, None),
    "along x": (extrude(COMB, -1, 1, "x", RED), 22.0, (2, 5, 3)),
    "along y": (extrude(COMB, 0, 1, "y", RED), 11.0, (5, 1, 3)),
    "along z": (extrude(COMB[::-1], 0, 1, "z", RED), 11.0, (5, 3, 1)),
    "high before low": (extrude(COMB, 1, 0, "z", RED), 11.0, (5, 3, 1)),
    "strip": (extrude(band([(0, 0), (1, 0), (1, 1)], 0.1), 0, 1, "y", RED), 0.2, None),
    "loft": (loft([SQUARE, SQUARE + np.array([0, 0, 1]), [(0.5, 0.5, 4.0)]], RED), 2.0, (1, 1, 4)),
}


def edges_of(part):
    return part.faces[:, [0, 1, 1, 2, 2, 0]].reshape(-1, 2)


def is_closed_and_oriented(part):
    edges = np.unique(edges_of(part), axis=0)
    both_ways = np.array_equal(edges, np.unique(edges[:, ::-1], axis=0))
    return len(edges) == 3 * len(part.faces) and both_ways


@pytest.mark.parametrize("name", SOLIDS)
def test_solids_are_closed_and_wound_outward(name):
    part, volume, extents = SOLIDS[name]
    assert is_closed_and_oriented(part)
    assert part.signed_volume() > 0.0
    if volume is not None:
        assert part.signed_volume() == pytest.approx(volume, rel=0.01)
    if extents is not None:
        np.testing.assert_allclose(np.ptp(part.vertices, axis=0), extents, atol=1e-12)


@pytest.mark.parametrize("name", SOLIDS)
def test_moves_keep_volume_and_winding(name):
    part, *_ = SOLIDS[name]
    for changed, factor in (
        (moved(part, (1, -2, 3)), 1),
        (turned(part, "y", 0.7, about=(1, 2, 3)), 1),
        (mirrored(part, "x", at=3.0), 1),
        (scaled(part, (2, 0.5, 3), about=(9, 9, 9)), 3),
    ):
        assert changed.signed_volume() == pytest.approx(factor * part.signed_volume())
        assert changed.colour == part.colour


def test_moves_go_where_they_say():
    part = box((2, 2, 2), (1, 0, 0), RED)  # from 0 to 2 along x
    assert moved(part, (1, 2, 3)).vertices.min(axis=0) == pytest.approx((1, 1, 2))
    assert turned(part, "z", np.pi / 2).vertices[:, 1].max() == pytest.approx(2)
    assert turned(part, "x", np.pi / 2, about=(0, 0, 5)).vertices[:, 1].max() == pytest.approx(6)
    assert mirrored(part, "x").vertices[:, 0].min() == pytest.approx(-2)
    assert scaled(part, 2.0, about=(2, 0, 0)).vertices[:, 0].min() == pytest.approx(-2)


def test_a_solid_is_turned_inside_in_or_out():
    part, *_ = SOLIDS["box"]
    assert solid(part.vertices, part.faces[:, ::-1], RED).signed_volume() == pytest.approx(6.0)


def test_a_sheet_is_open():
    part = sheet(SQUARE, RED)
    assert len(part.faces) == 2
    assert len(np.unique(np.sort(edges_of(part), axis=1), axis=0)) == 5


def test_a_tube_is_as_thick_along_its_way():
    part = tube([(0, 0, 0), (0, 0, 1), (1, 0, 1)], 0.1, RED, sections=32)
    middle = part.vertices[32:64]  # the mitred ring
    across = np.linalg.norm(middle[:, :2], axis=1)
    assert across == pytest.approx(np.full(32, 0.1))


def test_assembled_parts_keep_their_colours():
    mesh = assemble([box((1, 1, 1), (0, 0, 0), RED), box((1, 1, 1), (3, 0, 0), (1, 2, 3))])
    assert mesh.vertices.shape == (16, 3)
    assert mesh.faces.max() == 15
    assert mesh.face_colours[:12].tolist() == [[*RED, 255]] * 12
    assert mesh.face_colours[12:].tolist() == [[1, 2, 3, 255]] * 12


@settings(deadline=None, max_examples=60)
@given(st.lists(st.floats(0.2, 1.0), min_size=3, max_size=24), st.booleans())
def test_any_star_is_triangulated(radii, backwards):
    angles = np.arange(len(radii)) * 2 * np.pi / len(radii)
    star = np.array(radii)[:, None] * np.column_stack([np.cos(angles), np.sin(angles)])
    star = star[::-1] if backwards else star
    faces = triangulate(star)
    areas = np.array([signed_area(star[face]) for face in faces])
    assert len(faces) == len(star) - 2
    assert np.all(areas * signed_area(star) > 0)
    assert areas.sum() == pytest.approx(signed_area(star))


def test_a_polygon_that_crosses_itself_is_refused():
    with pytest.raises(ValueError, match="crosses itself"):
        triangulate([(0, 0), (1, 1), (1, 0), (0, 1)])


def test_outlines_have_their_sizes():
    assert np.ptp(rounded(2, 1, 0.2), axis=0) == pytest.approx((2, 1))
    assert rounded(2, 1, 0.2, steps=1).shape == (4, 2)
    assert signed_area(rounded(2, 1, 0.2, steps=30)) == pytest.approx(2 - (4 - np.pi) * 0.04, rel=1e-3)
    assert signed_area(ngon(1.0, 4)) == pytest.approx(2.0)
    assert ngon(1.0, 6)[:, 1].min() == pytest.approx(-np.cos(np.pi / 6))
