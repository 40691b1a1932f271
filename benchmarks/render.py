"""Rendering speed: images per second by `raster` against pyrender on EGL, without a GPU where there is none.

Same meshes, same cameras; both give colour with alpha and planar depth, `raster` normals as well; both take
four samples a pixel (`raster` 2 x 2, pyrender's framebuffer 4). Meshes: a torus, and a heap of boxes, where
many surfaces lie behind each other. `raster` works in one thread and starts from arrays for every image;
pyrender keeps the mesh in OpenGL from image to image, and its driver uses the cores that it likes, if
LP_NUM_THREADS does not limit them. `flat` is the picture of `raster`, a colour and a normal for each face;
`smooth` shares vertices among faces, which is another picture, but is what pyrender does fastest.

All take turns, image by image. Of a case, `ratio` is the median of pyrender's time over ours, of whichever of
`flat` and `smooth` is the faster, and `ratio_1_sample` the same with one sample a pixel for `raster`. The
`ratio` of all is the smallest of the cases.
"""

from __future__ import annotations

import argparse
import os
import statistics
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

os.environ["PYOPENGL_PLATFORM"] = "egl"  # before OpenGL is imported

import numpy as np
import pyrender
import trimesh
from machine import describe_machine, publish
from OpenGL.GL import GL_RENDERER, glGetString

from ige.geometry.frustum import Frustum, shape_view
from ige.grids.raster import lamps, render

PIXELS = (128, 256)
TORI = {"1k": (32, 16), "20k": (128, 80), "200k": (400, 250)}  # sections: faces are twice their product
BOXES = {"1k": 83, "20k": 1667, "200k": 16667}
GL_OF_CAMERA = np.diag([1.0, -1.0, -1.0, 1.0])


def meshes() -> dict[str, trimesh.Trimesh]:
    """Make the meshes, of unit diagonal at the origin, each face in a colour of its own."""
    rng = np.random.default_rng(0)
    made = {}
    for size, (major, minor) in TORI.items():
        made[f"torus-{size}"] = trimesh.creation.torus(0.24, 0.1, major_sections=major, minor_sections=minor)
    for size, count in BOXES.items():
        side = 0.5 / count ** (1 / 3)
        boxes = [trimesh.creation.box([side] * 3) for _ in range(count)]
        for box in boxes:
            box.apply_transform(trimesh.transformations.random_rotation_matrix(rng.random(3)))
            box.apply_translation(rng.uniform(-0.25, 0.25, 3))
        made[f"boxes-{size}"] = trimesh.util.concatenate(boxes)
    for mesh in made.values():
        mesh.visual.face_colors = rng.integers(60, 256, (len(mesh.faces), 4)) | [0, 0, 0, 255]
    return made


def views(count: int) -> list[Frustum]:
    """Return views from around."""
    rng = np.random.default_rng(1)
    return [shape_view(azimuth, 0.48) for azimuth in rng.uniform(0, 2 * np.pi, count)]


def pyrender_runners(
    mesh: trimesh.Trimesh, pixels: int, renderer: pyrender.OffscreenRenderer
) -> dict[str, Callable[[Frustum], Any]]:
    """Return what draws a view with pyrender, flat and smooth; both meshes stay in OpenGL."""
    scene = pyrender.Scene(bg_color=[0.0] * 4, ambient_light=[0.1] * 3)
    plain = trimesh.Trimesh(mesh.vertices, mesh.faces, process=False)
    forms = {
        "flat": pyrender.Mesh.from_trimesh(mesh, smooth=False),
        "smooth": pyrender.Mesh.from_trimesh(plain, smooth=True),
    }
    for form in forms.values():
        scene.add(form)
    node = pyrender.Node(camera=pyrender.IntrinsicsCamera(*([1.0] * 4), znear=0.1, zfar=3.0))
    scene.add_node(node)
    for lamp in lamps():
        light = pyrender.DirectionalLight(intensity=3.0 * lamp[3])
        scene.add_node(pyrender.Node(light=light), parent_node=node)
    renderer.viewport_width = renderer.viewport_height = pixels

    def draw(name: str, view: Frustum) -> Any:
        for form, drawn in forms.items():
            drawn.is_visible = form == name
        node.camera.fx = node.camera.fy = view.focal * pixels
        node.camera.cx = node.camera.cy = pixels / 2
        world_to_camera = np.vstack([view.extrinsics, [0.0, 0.0, 0.0, 1.0]])
        scene.set_pose(node, np.linalg.inv(GL_OF_CAMERA @ world_to_camera))
        return renderer.render(scene, flags=pyrender.RenderFlags.RGBA)

    return {name: partial(draw, name) for name in forms}


def our_runner(mesh: trimesh.Trimesh, pixels: int, supersample: int) -> Callable[[Frustum], Any]:
    """Return what draws a view with `raster`."""
    vertices, faces = np.array(mesh.vertices), np.array(mesh.faces)
    colours = np.array(mesh.visual.face_colors)
    return lambda view: render(vertices, faces, colours, view, pixels, supersample=supersample)


def seconds(draw: Callable[[Frustum], Any], view: Frustum) -> float:
    """Return how long a view takes."""
    start = time.perf_counter()
    draw(view)
    return time.perf_counter() - start


def compare(
    mesh: trimesh.Trimesh, pixels: int, images: int, renderer: pyrender.OffscreenRenderer
) -> dict[str, Any]:
    """Let all take turns, after two images to warm up."""
    runs = {"ours": our_runner(mesh, pixels, 2), "ours_1_sample": our_runner(mesh, pixels, 1)}
    runs |= pyrender_runners(mesh, pixels, renderer)
    first = views(1)[0]
    for name in ("flat", "smooth"):
        check(runs["ours"](first).depth, runs[name](first)[1])
    rounds = [{name: seconds(draw, view) for name, draw in runs.items()} for view in views(images + 2)][2:]
    medians = {name: statistics.median(times[name] for times in rounds) for name in runs}
    other = min(("flat", "smooth"), key=lambda name: medians[name])
    return {
        "faces": len(mesh.faces),
        "ratio": round(statistics.median(times[other] / times["ours"] for times in rounds), 2),
        "ratio_1_sample": round(
            statistics.median(times[other] / times["ours_1_sample"] for times in rounds), 2
        ),
        "other": round(1 / medians[other], 1),
        **{name: round(1 / median, 1) for name, median in medians.items()},
    }


def check(ours: np.ndarray, other: np.ndarray) -> None:
    """Make sure that both have drawn the same."""
    seen = np.isfinite(ours) & (other > 0)
    agreement = seen.sum() / (np.isfinite(ours) | (other > 0)).sum()
    error = np.median(np.abs(ours[seen] - other[seen]))
    if agreement < 0.95 or error > 0.01:
        raise RuntimeError(f"the images differ: masks agree to {agreement:.3f}, depths to {error:.4f}")


def measure(images: int) -> dict[str, Any]:
    """Return the result of the module's docstring, with so many images a case."""
    renderer = pyrender.OffscreenRenderer(max(PIXELS), max(PIXELS))
    cases = {
        f"{name}-{pixels}px": compare(mesh, pixels, images, renderer)
        for name, mesh in meshes().items()
        for pixels in PIXELS
    }
    slowest = min(cases.values(), key=lambda case: case["ratio"])
    renderer._platform.make_current()
    return {
        "benchmark": "render",
        **{name: slowest[name] for name in ("ratio", "ours", "other")},
        "unit": "images per second in the case of the smallest ratio, colour and depth",
        "cases": cases,
        "images": images,
        "opengl": glGetString(GL_RENDERER).decode(),
        "threads_of_other": os.environ.get("LP_NUM_THREADS", "as it likes"),
        "machine": describe_machine(),
    }


def main() -> None:
    """Print the result as one JSON object, and write it where asked."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--images", type=int, default=24, help="images a case that count")
    parser.add_argument("--out", type=Path, help="also write the result to this file")
    arguments = parser.parse_args()
    result = measure(arguments.images)
    publish(result, arguments.out)


if __name__ == "__main__":
    main()
