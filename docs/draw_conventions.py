"""Draws docs/images/frustum.svg: the frames of a shape view, its frustum, and the order of cells and bits.

Lines are projected by the geometry that they explain: `python docs/draw_conventions.py`.
"""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from ige.geometry.frustum import Frustum, shape_view
from ige.report import style

OUT = Path(__file__).parent / "images" / "frustum.svg"
AZIMUTH, ELEVATION = math.radians(30.0), math.radians(28.0)
VIEW = shape_view(AZIMUTH, ELEVATION)
LEVEL_VIEW = shape_view(0.0, 0.0, focal=1.8)  # cells stand upright; a longer lens shows more of the near ones
# Whence the drawings themselves are seen.
FROM_THE_SIDE = shape_view(math.radians(-45.0), math.radians(16.0), distance=8.0, focal=3.0)
FROM_BEHIND = shape_view(math.radians(-32.0), math.radians(30.0), distance=8.0, focal=3.0)
BOX = np.array([0.80, 0.42, 0.43]) / math.sqrt(0.80**2 + 0.42**2 + 0.43**2)
CELLS = 4
FACE = "#e8f1f8"
Points = NDArray[np.float64]


def main() -> None:
    """Draw the three panels."""
    with style.styled():
        figure = Figure(figsize=(11.0, 7.4))
        draw_frames(panel(figure, (0.01, 0.32, 0.52, 0.62), "World, camera, frustum"))
        draw_cells(panel(figure, (0.55, 0.32, 0.44, 0.62), "Cells: array [row, column, depth]"))
        bits = panel(figure, (0.08, 0.0, 0.84, 0.22), "Bits: 8 cells a byte along depth, lowest bit nearest")
        draw_bits(bits)
        style.save_figure(figure, OUT)


def panel(figure: Figure, box: tuple[float, float, float, float], title: str) -> Axes:
    """Add axes without frame, equal in both directions, y down, under a title."""
    axes = figure.add_axes(box)
    axes.set_axis_off()
    axes.set_aspect("equal")
    axes.invert_yaxis()
    left, bottom, width, height = box
    figure.text(left + width / 2, bottom + height + 0.015, title, fontsize=12, weight="bold", ha="center")
    return axes


def remark(axes: Axes, text: str) -> None:
    """Write below a panel."""
    box = axes.get_position(original=True)
    place = (box.x0 + box.width / 2, box.y0 - 0.02)
    axes.get_figure().text(*place, text, fontsize=9, ha="center", va="top", color=style.MUTED)  # type: ignore[union-attr]


def seen(points_world: Points, eye: Frustum) -> Points:
    """Project points (..., 3) to (..., 2): right and down."""
    return eye.to_grid(points_world, 1)[..., [1, 0]]


def line(axes: Axes, eye: Frustum, points_world: list[Points] | Points, **looks: object) -> None:
    """Draw a polygonal line through points of the world."""
    u, v = seen(np.array(points_world), eye).T
    axes.plot(u, v, solid_joinstyle="round", **({"color": style.INK, "linewidth": 1.0} | looks))  # type: ignore[arg-type]


def area(axes: Axes, eye: Frustum, points_world: Points, **looks: object) -> None:
    """Fill a polygon of the world."""
    u, v = seen(points_world, eye).T
    axes.fill(u, v, **({"linewidth": 0.0} | looks))  # type: ignore[arg-type]


def arrow(
    axes: Axes, eye: Frustum, start: Points, end: Points, text: str, colour: str, away: float = 1.12
) -> None:
    """Draw an arrow in the world with a text just beyond its tip."""
    tail, tip, place = (seen(point, eye) for point in (start, end, start + away * (end - start)))
    looks = {"arrowstyle": "-|>", "color": colour, "lw": 1.6, "shrinkA": 0, "shrinkB": 0}
    axes.annotate("", tip, tail, arrowprops=looks, annotation_clip=False)
    axes.text(*place, text, color=colour, ha="center", va="center", fontsize=10)
    axes.update_datalim(np.stack([tail, place]))
    axes.autoscale_view()


def label(
    axes: Axes, eye: Frustum, point: Points, text: str, shift: tuple[float, float], **looks: object
) -> None:
    """Write beside a point of the world."""
    u, v = seen(point, eye)
    axes.text(u + shift[0], v + shift[1], text, **({"fontsize": 9, "ha": "center", "va": "center"} | looks))  # type: ignore[arg-type]


def grid_point(view: Frustum, row: float, column: float, depth: float, cells: int = 1) -> Points:
    """Take grid coordinates of a view to the world."""
    return view.to_world(np.array([row, column, depth], dtype=np.float64), cells)


def section(depth: float) -> Points:
    """Give the corners (4, 3) of the frustum's section at a depth from 0 (near) to 1 (far)."""
    corners = ((0, 0), (0, 1), (1, 1), (1, 0))
    return np.array([grid_point(VIEW, row, column, depth) for row, column in corners])


def draw_frames(axes: Axes) -> None:
    """Draw the world's axes, an object, the camera with its axes, and the frustum between its planes."""
    eye, origin, view = VIEW.position_world, np.zeros(3), FROM_THE_SIDE
    near, far = section(0.0), section(1.0)
    area(axes, view, far, color=FACE)
    for corner in range(4):
        line(axes, view, [eye, near[corner]], color=style.MUTED, linewidth=0.7, linestyle=(0, (3, 2)))
        line(axes, view, [near[corner], far[corner]], color=style.BLUE)
    for plane in (near, far):
        line(axes, view, [*plane, plane[0]], color=style.BLUE)
    draw_box(axes, view)
    for axis, name in enumerate("xyz"):
        arrow(axes, view, origin, 0.8 * np.eye(3)[axis], name, style.INK, away=1.1)
    draw_angles(axes, view)
    names = (("x right", 1.35), ("y down", 1.2), ("z forward", 1.25))
    for direction, (name, away) in zip(VIEW.extrinsics[:, :3], names, strict=True):
        arrow(axes, view, eye, eye + 0.36 * direction, name, style.VERMILION, away=away)
    axes.plot(*seen(eye, view), "o", color=style.VERMILION, markersize=5)
    label(axes, view, eye, "eye", (0.03, 0.0), color=style.VERMILION)
    label(axes, view, near[1], "near = d − 0.5", (0.0, -0.018), color=style.BLUE)
    label(axes, view, far[1], "far = d + 0.5", (0.0, -0.018), color=style.BLUE)
    remark(
        axes,
        "d = √1.36 from the eye to the origin; the object's box has a diagonal of 1\n"
        "image: u = f X/Z + ½ to the right, v = f Y/Z + ½ down, f = 35/32",
    )


def draw_angles(axes: Axes, view: Frustum) -> None:
    """Draw azimuth and elevation of the eye."""
    eye, origin, up = VIEW.position_world, np.zeros(3), np.array([0.0, 0.0, 1.0])
    ground = eye * [1.0, 1.0, 0.0]
    for points in ([origin, eye], [origin, ground], [ground, eye]):
        line(axes, view, points, color=style.GREEN, linewidth=1.0, linestyle=(0, (1, 1.5)))
    turns, rises = np.linspace(0.0, AZIMUTH, 20)[:, None], np.linspace(0.0, ELEVATION, 20)[:, None]
    level = ground / np.linalg.norm(ground)
    turn = 0.55 * (np.cos(turns) * [1.0, 0.0, 0.0] + np.sin(turns) * [0.0, 1.0, 0.0])
    rise = 0.85 * (np.cos(rises) * level + np.sin(rises) * up)
    line(axes, view, turn, color=style.GREEN)
    line(axes, view, rise, color=style.GREEN)
    label(axes, view, turn[10], "azimuth", (-0.03, 0.07), color=style.GREEN)
    label(axes, view, rise[8], "elevation", (0.05, 0.0), color=style.GREEN)


def draw_box(axes: Axes, view: Frustum) -> None:
    """Draw a box of unit diagonal about the origin."""
    signs = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)])
    for first in range(8):
        for second in range(first):
            if np.count_nonzero(signs[first] != signs[second]) == 1:
                ends = 0.5 * BOX * signs[[first, second]]
                line(axes, view, ends, color=style.PURPLE, linewidth=1.1)


def draw_cells(axes: Axes) -> None:
    """Draw a frustum of 4 x 4 x 4 cells with the directions of the array."""
    view, last = FROM_BEHIND, CELLS - 1
    for name in ("near", "top", "left"):
        draw_face(axes, view, name)
    for cell, colour in (
        ((0, 0, 0), style.VERMILION),
        ((0, last, 0), style.GREEN),
        ((last, 0, 0), style.PURPLE),
        ((0, 0, last), style.MUTED),
    ):
        draw_cell(axes, view, cell, colour)
    for cell, place in (
        ((0, 0, 0), (0.5, 0.5, 0.0)),
        ((0, last, 0), (0.5, last + 0.5, 0.0)),
        ((last, 0, 0), (last + 0.5, 0.5, 0.0)),
        ((0, 0, last), (0.0, 0.5, last + 0.5)),
    ):
        point = grid_point(LEVEL_VIEW, *place, CELLS)
        label(axes, view, point, str(list(cell)), (0.0, 0.0), fontsize=7)
    ends = (
        ("row, v", (0.0, 1.1, 0.0), (0.55, 1.1, 0.0), 1.2),
        ("column, u", (1.12, 0.0, 0.0), (1.12, 0.85, 0.0), 1.24),
        ("depth, w", (1.08, -0.06, 0.05), (1.08, -0.06, 0.9), 1.14),
    )
    for text, start, end, away in ends:
        points = (grid_point(LEVEL_VIEW, *place) for place in (start, end))
        arrow(axes, view, *points, text, style.INK, away)
    remark(
        axes,
        "seen from behind the camera, from its left; near plane in front\n"
        "cell i covers i ≤ x < i + 1; its centre is at (i + ½) / R of image or depth range",
    )


def face_point(name: str, first: float, second: float) -> Points:
    """Give a point of the near, the top or the left face, in cells."""
    places = {"near": (first, second, 0.0), "top": (0.0, first, second), "left": (first, 0.0, second)}
    return grid_point(LEVEL_VIEW, *places[name], CELLS)


def draw_face(axes: Axes, view: Frustum, name: str) -> None:
    """Draw a face of the frustum with its cells."""
    corners = [face_point(name, *place) for place in ((0, 0), (0, CELLS), (CELLS, CELLS), (CELLS, 0))]
    area(axes, view, np.array(corners), color=FACE)
    for place in range(CELLS + 1):
        for ends in (
            (face_point(name, place, 0), face_point(name, place, CELLS)),
            (face_point(name, 0, place), face_point(name, CELLS, place)),
        ):
            line(axes, view, list(ends), color=style.BLUE, linewidth=0.8)


def draw_cell(axes: Axes, view: Frustum, cell: tuple[int, int, int], colour: str) -> None:
    """Fill what is seen of a cell on the near, the top and the left face."""
    row, column, depth = cell
    shown = {
        "near": (row, column, depth == 0),
        "top": (column, depth, row == 0),
        "left": (row, depth, column == 0),
    }
    for name, (first, second, visible) in shown.items():
        if visible:
            corners = [face_point(name, first + a, second + b) for a, b in ((0, 0), (0, 1), (1, 1), (1, 0))]
            area(axes, view, np.array(corners), color=colour, alpha=0.55)


def draw_bits(axes: Axes) -> None:
    """Draw 16 cells along depth and the two bytes that hold them."""
    for depth in range(16):
        filled = 5 <= depth < 11
        looks = {"facecolor": style.BLUE if filled else "white", "edgecolor": style.INK, "linewidth": 0.8}
        axes.add_patch(Rectangle((depth, 0.0), 1.0, 1.0, **looks))
        axes.text(depth + 0.5, -0.35, str(depth), ha="center", va="center", fontsize=9)
        axes.text(
            depth + 0.5, 1.4, f"bit {depth % 8}", ha="center", va="center", fontsize=8, color=style.MUTED
        )
        axes.text(
            depth + 0.5,
            0.5,
            str(int(filled)),
            ha="center",
            va="center",
            fontsize=9,
            color="white" if filled else style.INK,
        )
    for byte, value in enumerate((0b11100000, 0b00000111)):
        axes.plot([8 * byte + 0.1, 8 * byte + 7.9], [1.85, 1.85], color=style.VERMILION, linewidth=1.5)
        axes.text(
            8 * byte + 4.0,
            2.3,
            f"byte {byte} = {value}",
            ha="center",
            va="center",
            fontsize=9,
            color=style.VERMILION,
        )
    axes.text(-0.25, -0.35, "depth", ha="right", va="center", fontsize=9)
    axes.text(-0.25, 0.5, "cell", ha="right", va="center", fontsize=9)
    axes.set_xlim(-1.5, 16.5)
    axes.set_ylim(2.7, -0.8)


if __name__ == "__main__":
    main()
