"""Generated aeroplanes: airliners, light aircraft, fighters, biplanes, gliders, seaplanes, flying wings."""

from __future__ import annotations

import numpy as np

from ige.shapes.procedural.colours import pick, shaded
from ige.shapes.procedural.draws import between, chance, count, one_of
from ige.shapes.procedural.parts import (
    Part,
    capsule,
    cylinder,
    ellipsoid,
    mirrored,
)
from ige.shapes.procedural.plane_parts import (
    make_fin,
    make_fuselage,
    make_glazing,
    make_jet,
    make_propeller,
    make_surface,
    make_tail,
)

_KINDS = ("airliner", "regional", "light", "fighter", "biplane", "glider", "seaplane", "transport", "wing")


def build(rng: np.random.Generator) -> list[Part]:
    """Make the parts of an aeroplane, nose towards -y, wings along x."""
    return {
        "airliner": _airliner,
        "regional": _regional,
        "light": _light,
        "fighter": _fighter,
        "biplane": _biplane,
        "glider": _glider,
        "seaplane": _seaplane,
        "transport": _transport,
        "wing": _flying_wing,
    }[one_of(rng, _KINDS)](rng)


def _airliner(rng: np.random.Generator) -> list[Part]:
    length, radius = between(rng, 0.7, 0.78), between(rng, 0.042, 0.062)
    paint, accent = pick(rng, "pale", "metal"), pick(rng, "paint")
    span, sweep = between(rng, 0.3, 0.36), between(rng, 0.1, 0.18)
    low = -0.55 * radius
    parts = [make_fuselage(length, radius, paint, blunt=between(rng, 0.7, 0.9), tail=0.3)]
    wing = make_surface(
        (0.0, -0.02, low), (0.19, 0.075), span, pick(rng, "metal", "pale"), sweep=sweep, rise=0.03
    )
    parts += [
        wing,
        *make_tail(rng, length, radius, accent, high=False),
        *make_glazing(length, radius, rng, cabin=True),
    ]
    for place in (0.36, 0.66)[: count(rng, 1, 2)]:
        size = between(rng, 0.034, 0.042)
        jet = make_jet((place * span, -0.1 + place * sweep, low - size), size, 0.12, accent)
        parts += [*jet, *(mirrored(part) for part in jet)]
    return parts


def _regional(rng: np.random.Generator) -> list[Part]:
    length, radius = between(rng, 0.72, 0.8), between(rng, 0.04, 0.052)
    paint, accent = pick(rng, "pale", "metal", "paint"), pick(rng, "paint")
    parts = [make_fuselage(length, radius, paint, blunt=between(rng, 0.55, 0.8), tail=0.4)]
    wing = make_surface(
        (0.0, 0.0, -0.5 * radius),
        (0.16, 0.07),
        between(rng, 0.25, 0.32),
        paint,
        sweep=between(rng, 0.06, 0.14),
        rise=0.025,
    )
    parts += [
        wing,
        *make_tail(rng, length, radius, accent, high=True),
        *make_glazing(length, radius, rng, cabin=True),
    ]
    size = between(rng, 0.034, 0.038)
    jet = make_jet((radius + 0.7 * size, 0.24 * length, 0.4 * radius), size, between(rng, 0.11, 0.16), paint)
    return [*parts, *jet, *(mirrored(part) for part in jet)]


def _light(rng: np.random.Generator) -> list[Part]:
    length, radius, paint = between(rng, 0.56, 0.64), between(rng, 0.055, 0.068), pick(rng, "paint", "pale")
    accent = pick(rng, "paint")
    span, chord = between(rng, 0.36, 0.4), between(rng, 0.11, 0.14)
    high = chance(rng, 0.5)
    z = 1.05 * radius if high else -0.7 * radius
    parts = [make_fuselage(length, radius, paint, blunt=0.95, tail=0.35)]
    parts.append(
        make_surface(
            (0.0, -0.05, z), (chord, chord * between(rng, 0.6, 1.0)), span, accent, rise=0.0 if high else 0.03
        )
    )
    parts += make_tail(rng, length, radius, accent, high=chance(rng, 0.15))
    glass = pick(rng, "glass")
    parts.append(
        ellipsoid((0.0, -0.05, 0.75 * radius), (0.8 * radius, 0.1, 0.6 * radius), glass, sections=14)
    )
    parts += make_propeller((0.0, -length / 2, -0.01), between(rng, 0.11, 0.14), count(rng, 2, 3), accent)
    if high:
        strut = cylinder((0.0, -0.05, -0.6 * radius), (0.55 * span, -0.05, z), 0.033, paint, sections=10)
        parts += [strut, mirrored(strut)]
    for x, y in ((0.09, -0.03), (-0.09, -0.03), (0.0, -0.2)):
        ground = -radius - 0.06
        parts.append(cylinder((0.3 * x, y, -0.5 * radius), (x, y, ground), 0.033, paint, sections=8))
        parts.append(cylinder((x - 0.03, y, ground), (x + 0.03, y, ground), 0.036, (34, 34, 34), sections=12))
    return parts


def _fighter(rng: np.random.Generator) -> list[Part]:
    length, radius, paint = between(rng, 0.76, 0.84), between(rng, 0.044, 0.055), pick(rng, "metal", "fabric")
    span, root = between(rng, 0.2, 0.28), between(rng, 0.26, 0.38)
    parts = [make_fuselage(length, radius, paint, blunt=0.35, tail=0.75)]
    delta = between(rng, 0.3, 0.46) * root
    parts.append(
        make_surface((0.0, 0.1, -0.2 * radius), (root, 0.075), span, shaded(paint, 0.92), sweep=delta)
    )
    end = 0.5 * length - 0.09
    if chance(rng, 0.5):
        fin = make_fin(
            (0.75 * radius, end, 0.0), (0.13, 0.075), 0.15, paint, sweep=0.06, lean=between(rng, 0.0, 0.07)
        )
        parts += [fin, mirrored(fin)]
    else:
        parts.append(make_fin((0.0, end, 0.0), (0.17, 0.08), between(rng, 0.14, 0.19), paint, sweep=0.08))
    if chance(rng, 0.6):
        parts.append(
            make_surface((0.0, end + 0.02, -0.1 * radius), (0.1, 0.06), 0.6 * span, paint, sweep=0.06)
        )
    else:
        parts.append(make_surface((0.0, -0.16, 0.2 * radius), (0.09, 0.06), 0.5 * span, paint, sweep=0.05))
    parts.append(
        ellipsoid((0.0, -0.22 * length, 0.9 * radius), (0.045, 0.12, 0.045), pick(rng, "glass"), sections=14)
    )
    store = pick(rng, "paint", "pale")
    for place in (0.55, 0.9)[: count(rng, 0, 2)]:
        y = 0.1 + place * delta
        missile = capsule(
            (place * span, y - 0.1, -0.05), (place * span, y + 0.09, -0.05), 0.034, store, sections=12
        )
        parts += [missile, mirrored(missile)]
    nozzle = cylinder(
        (0.0, 0.5 * length - 0.05, 0.1 * radius),
        (0.0, 0.5 * length + 0.03, 0.1 * radius),
        0.8 * radius,
        (54, 54, 58),
        sections=14,
    )
    return [*parts, nozzle]


def _biplane(rng: np.random.Generator) -> list[Part]:
    length, radius, paint = between(rng, 0.52, 0.6), between(rng, 0.05, 0.06), pick(rng, "paint")
    accent, span, chord = pick(rng, "paint", "pale"), between(rng, 0.36, 0.4), between(rng, 0.1, 0.13)
    gap, stagger = between(rng, 0.15, 0.19), between(rng, 0.0, 0.06)
    low, high = -0.9 * radius, -0.9 * radius + gap
    parts = [make_fuselage(length, radius, paint, blunt=1.05, tail=0.4)]
    parts.append(make_surface((0.0, -0.1, low), (chord, chord), span * between(rng, 0.85, 1.0), accent))
    parts.append(make_surface((0.0, -0.1 - stagger, high), (chord, chord), span, accent))
    for x in (0.3, 0.85)[:: one_of(rng, (1, -1))][: count(rng, 1, 2)]:
        strut = cylinder(
            (x * 0.85 * span, -0.1, low), (x * 0.85 * span, -0.1 - stagger, high), 0.033, paint, sections=8
        )
        parts += [strut, mirrored(strut)]
    parts.append(cylinder((0.0, -0.1 - stagger, 0.0), (0.0, -0.1 - stagger, high), 0.033, paint, sections=8))
    parts += make_tail(rng, length, radius, accent, high=False)
    parts += make_propeller(
        (0.0, -length / 2 - 0.01, 0.0), between(rng, 0.1, 0.13), 2, pick(rng, "wood", "metal")
    )
    parts.append(
        ellipsoid(
            (0.0, 0.02, 0.9 * radius), (0.042, 0.055, 0.045), pick(rng, "leather"), sections=10, rings=6
        )
    )
    ground = low - between(rng, 0.05, 0.08)
    for x in (-0.08, 0.08):
        parts.append(cylinder((0.4 * x, -0.16, -0.5 * radius), (x, -0.16, ground), 0.033, paint, sections=8))
        parts.append(
            cylinder((x - 0.03, -0.16, ground), (x + 0.03, -0.16, ground), 0.045, (34, 34, 34), sections=14)
        )
    return parts


def _glider(rng: np.random.Generator) -> list[Part]:
    length, radius, paint = between(rng, 0.44, 0.52), between(rng, 0.034, 0.042), pick(rng, "pale")
    parts = [make_fuselage(length, radius, paint, blunt=0.6, tail=0.5, tall=1.2)]
    wing = make_surface(
        (0.0, -0.04, 0.4 * radius),
        (0.09, 0.06),
        between(rng, 0.41, 0.44),
        paint,
        rise=between(rng, 0.0, 0.05),
        sweep=between(rng, -0.03, 0.02),
    )
    parts += [wing, *make_tail(rng, length, radius, pick(rng, "paint", "pale"), high=chance(rng, 0.7))]
    canopy = ellipsoid(
        (0.0, -0.3 * length, 0.6 * radius), (0.038, 0.09, 0.042), pick(rng, "glass"), sections=14
    )
    return [*parts, canopy]


def _seaplane(rng: np.random.Generator) -> list[Part]:
    parts = _light(rng)[:-6]  # without its wheels
    paint = pick(rng, "pale", "metal")
    x, z = between(rng, 0.11, 0.14), -between(rng, 0.15, 0.18)
    for y in (-0.14, 0.04):
        leg = cylinder((0.2 * x, y, -0.02), (x, y, z), 0.033, paint, sections=8)
        parts += [leg, mirrored(leg)]
    start, end = -0.34, between(rng, 0.14, 0.24)
    swim = capsule((x, start, z), (x, end, z), between(rng, 0.034, 0.042), paint, sections=14)
    return [*parts, swim, mirrored(swim)]


def _transport(rng: np.random.Generator) -> list[Part]:
    length, radius, paint = between(rng, 0.62, 0.7), between(rng, 0.058, 0.072), pick(rng, "metal", "fabric")
    span = between(rng, 0.33, 0.38)
    z = 0.85 * radius
    parts = [make_fuselage(length, radius, paint, blunt=0.85, tail=0.3)]
    parts.append(make_surface((0.0, -0.06, z), (0.13, 0.07), span, shaded(paint, 0.9)))
    parts += [
        *make_tail(rng, length, radius, paint, high=chance(rng, 0.5)),
        *make_glazing(length, radius, rng, cabin=False),
    ]
    for place in (0.35, 0.7)[: count(rng, 1, 2)]:
        x = place * span
        engine = [capsule((x, -0.2, z), (x, 0.03, z), 0.036, paint, sections=12)]
        engine += make_propeller((x, -0.2, z), between(rng, 0.07, 0.085), one_of(rng, (2, 4)), (70, 70, 74))
        parts += [*engine, *(mirrored(part) for part in engine)]
    pod = capsule(
        (0.8 * radius, -0.1, -0.75 * radius), (0.8 * radius, 0.1, -0.75 * radius), 0.032, paint, sections=12
    )
    return [*parts, pod, mirrored(pod)]


def _flying_wing(rng: np.random.Generator) -> list[Part]:
    span, root = between(rng, 0.42, 0.46), between(rng, 0.24, 0.36)
    paint = pick(rng, "dark", "metal")
    sweep = between(rng, 0.12, 0.24)
    parts = [make_surface((0.0, 0.0, 0.0), (root, 0.085), span, paint, sweep=sweep)]
    body = ellipsoid(
        (0.0, -0.01, 0.01), (between(rng, 0.06, 0.09), 0.55 * root, 0.055), shaded(paint, 1.15), sections=16
    )
    glass = ellipsoid(
        (0.0, -0.28 * root, 0.04), (0.05, 0.08, 0.045), pick(rng, "glass"), sections=12, rings=6
    )
    parts += [body, glass]
    x = between(rng, 0.11, 0.14)
    pod = capsule((x, -0.1, 0.02), (x, 0.17, 0.02), 0.042, shaded(paint, 0.8), sections=12)
    parts += [pod, mirrored(pod)]
    if chance(rng, 0.5):
        fin = make_fin((0.9 * span, 0.9 * sweep, 0.0), (0.08, 0.06), 0.1, paint, sweep=0.04)
        parts += [fin, mirrored(fin)]
    return parts
