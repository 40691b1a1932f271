"""Sofas that are no box with cushions: chesterfields, futons, curved and camelback ones, daybeds."""

from __future__ import annotations

import math

import numpy as np

from ige.shapes.procedural import legs, sofa_parts
from ige.shapes.procedural.colours import pick, shaded
from ige.shapes.procedural.draws import between, chance, count, one_of
from ige.shapes.procedural.furniture_parts import arch, cushion, least, spread
from ige.shapes.procedural.legs import Stand
from ige.shapes.procedural.parts import Part, box, cylinder, extrude, mirrored, turned


def chesterfield(rng: np.random.Generator) -> list[Part]:
    """Make a sofa whose back and arms are one roll of the same height."""
    body = sofa_parts.draw_body(rng, (1.4, 2.0))
    top, radius = body.seat + between(rng, 0.22, 0.3), between(rng, 0.1, 0.13)
    x, y = body.width / 2 - radius, body.depth / 2 - radius
    parts = sofa_parts.feet(rng, body)
    parts.append(
        box(
            (2 * x, body.depth * 0.96, body.seat - 0.1 - body.low),
            (0, 0, (body.seat - 0.1 + body.low) / 2),
            body.fabric,
        )
    )
    wall = max(1.05 * body.thick, 1.3 * radius)
    parts.append(box((2 * x, wall, top - body.low), (0, y, (top + body.low) / 2), body.fabric))
    parts.append(cylinder((-x - radius, y, top), (x + radius, y, top), radius, body.fabric, sections=18))
    for side in (-1, 1):
        parts.append(
            box((wall, body.depth * 0.97, top - body.low), (side * x, 0, (top + body.low) / 2), body.fabric)
        )
        parts.append(
            cylinder(
                (side * x, -body.depth / 2, top),
                (side * x, y + radius, top),
                radius,
                shaded(body.fabric, 0.95),
                sections=18,
            )
        )
    seats = count(rng, 1, 3)
    size = (2 * x - wall) / seats
    for at in spread(seats, -(2 * x - wall - size) / 2, (2 * x - wall - size) / 2):
        depth = body.depth - wall - radius
        parts.append(
            cushion(
                (0.985 * size, depth, 0.17), (at, -body.depth / 2 + depth / 2, body.seat - 0.08), body.accent
            )
        )
    return parts


def futon(rng: np.random.Generator) -> list[Part]:
    """Make a mattress folded over a frame of wood."""
    body = sofa_parts.draw_body(rng, (1.4, 1.9))
    wood = pick(rng, "wood", "dark", "metal")
    fat = max(0.16, 1.1 * body.thick)
    stand = Stand(body.width, body.depth, body.seat - fat - body.thick, body.thick, wood)
    parts = one_of(rng, (legs.panels, legs.straight_legs, legs.runners))(rng, stand)
    parts.append(
        box((0.97 * body.width, 0.92 * body.depth, body.thick), (0, 0, stand.height + body.thick / 2), wood)
    )
    inner = body.width * one_of(rng, (0.94, 0.8))
    parts.append(
        cushion((inner, 0.9 * body.depth, fat), (0, -0.04, body.seat - fat / 2), body.fabric, softness=0.5)
    )
    back = cushion(
        (inner, fat, body.height - body.seat + fat),
        (0, body.depth / 2 - fat, (body.height + body.seat - fat) / 2),
        body.accent,
        softness=0.5,
    )
    parts.append(
        turned(back, "x", -between(rng, 0.15, 0.4), about=(0, body.depth / 2 - fat, body.seat - fat))
    )
    if inner < 0.9 * body.width:
        for side in (-1, 1):
            x, level = side * (body.width - body.thick) / 2, body.seat + 0.18
            parts.append(box((body.thick, 0.9 * body.depth, body.thick), (x, 0, level), wood))
            for y in (-0.38, 0.38):
                parts.append(
                    box(
                        (body.thick, body.thick, level - stand.height),
                        (x, y * body.depth, (level + stand.height) / 2),
                        wood,
                    )
                )
    return parts


def curved(rng: np.random.Generator) -> list[Part]:
    """Make a sofa along an arc."""
    radius, half = between(rng, 1.0, 1.3), between(rng, 0.75, 1.05)
    width = 2 * radius * math.sin(half)
    height, depth, seat = between(rng, 0.68, 0.82), between(rng, 0.68, 0.78), between(rng, 0.38, 0.44)
    thick, fabric = least(width, depth, height), pick(rng, "fabric", "leather", "pale")
    low = between(rng, 0.05, 0.14)
    ends = (math.pi / 2 - half, math.pi / 2 + half)
    inner = radius - depth
    parts = [extrude(arch(inner, radius - 0.01, *ends, steps=14), low, seat, "z", fabric)]
    parts.append(
        extrude(
            arch(radius - max(0.19, 1.1 * thick), radius, *ends, steps=14),
            low,
            height,
            "z",
            shaded(fabric, 0.9),
        )
    )
    seats = count(rng, 2, 3)
    step = 2 * half / seats
    for index in range(seats):
        start = ends[0] + index * step
        piece = arch(inner - 0.02, radius - 0.15, start + 0.015, start + step - 0.015, steps=6)
        parts.append(extrude(piece, seat - 0.04, seat + thick, "z", shaded(fabric, 1.15)))
    wood = pick(rng, "wood", "metal", "dark")
    for angle in spread(4, ends[0] + 0.12, ends[1] - 0.12):
        for at in (inner + 0.1, radius - 0.1):
            x, y = at * math.cos(angle), at * math.sin(angle)
            parts.append(cylinder((x, y, 0), (x, y, max(1.1 * thick, low + 0.05)), 0.56 * thick, wood))
    return parts


def camelback(rng: np.random.Generator) -> list[Part]:
    """Make a sofa whose back rises in the middle, on turned legs."""
    body = sofa_parts.draw_body(rng, (1.4, 1.9))
    wood = pick(rng, "wood", "gold", "dark")
    low = between(rng, 0.2, 0.25)
    stand = Stand(0.94 * body.width, 0.92 * body.depth, low, body.thick, wood)
    parts = one_of(rng, (legs.turned_legs, legs.splayed_legs))(rng, stand)
    base = max(body.seat - 0.1, low + body.thick)
    parts.append(box((body.width, body.depth, base - low), (0, 0, (base + low) / 2), body.fabric))
    x = np.linspace(-body.width / 2, body.width / 2, 15)
    rise, humps = between(rng, 0.1, 0.2), one_of(rng, (1, 1, 2))
    swing = 0.5 * np.cos(2 * math.pi * humps * x / body.width)
    z = body.height - rise * (0.5 - swing if humps == 1 else 0.5 + swing)
    outline = np.vstack([[[-body.width / 2, low], [body.width / 2, low]], np.column_stack([x, z])[::-1]])
    parts.append(extrude(outline, body.depth / 2 - body.back, body.depth / 2, "y", body.fabric))
    for side in (-1, 1):
        parts += sofa_parts.arm("round", body, side * (body.width - body.arm) / 2, shaded(body.fabric, 0.92))
    seats = count(rng, 1, 2)
    size, depth = body.inner / seats, body.depth - body.back
    for at in spread(seats, (size - body.inner) / 2, (body.inner - size) / 2):
        parts.append(
            cushion((0.985 * size, depth, 0.17), (at, -body.back / 2, body.seat - 0.08), body.accent)
        )
    return parts


def daybed(rng: np.random.Generator) -> list[Part]:
    """Make a long seat with one raised end."""
    body = sofa_parts.draw_body(rng, (1.5, 1.85))
    depth = between(rng, 0.62, 0.75)
    wood = pick(rng, "wood", "dark", "metal", "gold")
    stand = Stand(0.95 * body.width, 0.92 * depth, between(rng, 0.14, 0.24), body.thick, wood)
    parts = one_of(rng, (legs.turned_legs, legs.straight_legs, legs.splayed_legs))(rng, stand)
    low, seat = stand.height, body.seat
    parts.append(box((body.width, depth, body.thick), (0, 0, low + body.thick / 2), wood))
    parts.append(
        cushion(
            (body.width, depth, max(seat - low - 0.5 * body.thick, 1.1 * body.thick)),
            (0, 0, (seat + low + 0.5 * body.thick) / 2),
            body.fabric,
        )
    )
    x = body.width / 2
    end = cushion(
        (max(0.15, 1.1 * body.thick), depth, body.height - low),
        (-x, 0, (body.height + low) / 2),
        body.accent,
        softness=0.8,
    )
    parts.append(turned(end, "y", -between(rng, 0.05, 0.3), about=(-x, 0, seat)))
    if chance(rng, 0.6):
        along = between(rng, 0.4, 0.7) * body.width
        outline = [(-x, low), (-x + along, low), (-x + along, seat + 0.1), (-x, body.height - 0.08)]
        parts.append(extrude(outline, depth / 2 - 1.1 * body.thick, depth / 2, "y", body.fabric))
    if chance(rng, 0.6):
        level = seat + 0.1
        parts.append(
            cylinder(
                (-x + 0.25, -depth / 2 + 0.04, level),
                (-x + 0.25, depth / 2 - 0.1, level),
                0.11,
                pick(rng, "fabric"),
            )
        )
    return [mirrored(part) for part in parts] if chance(rng, 0.5) else parts
