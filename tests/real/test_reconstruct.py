"""Renderings of real meshes of five categories, reconstructed by a model that was trained for a moment.

The model has seen generated shapes for a few steps, so its answers are rough; what must hold for any answer
is that the mesh is closed and lies in the frame of the training views, and for bulky objects that it covers
much of what the image shows.
"""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
import torch
import trimesh
from numpy.typing import NDArray
from torch.nn import functional

from ige.base.errors import InputError
from ige.geometry.frustum import Frustum
from ige.grids import make_surface, render, voxelise
from ige.params import stages
from ige.params.load import read_params
from ige.params.params import Params
from ige.shapes.gl_platform import working_platform
from ige.shapes.manifest import list_shapes
from ige.shapes.own_mesh import View
from ige.shapes.render_tool import render_own_mesh
from ige.shapes.sources import open_source
from ige.shapes.views import view_frusta
from ige.shapes.voxels.images import network_input
from ige.shapes.voxels.isosurface import write_mesh
from ige.shapes.voxels.models import Definition, build_voxel_model, save_voxel_model
from ige.shapes.voxels.reconstruct import Reconstruction, reconstruct
from ige.shapes.voxels.view_facts import ViewFacts

if "IGE_REAL_DATA" not in os.environ:
    pytest.skip("IGE_REAL_DATA does not say where the real data is", allow_module_level=True)

FOLDER = Path(os.environ["IGE_REAL_DATA"]) / "meshes"
RESOLUTION, PIXELS, STEPS = 32, 128, 250
FILES = {
    "car": ("car/kenney_sedan.glb", "car/quaternius_Taxi_fbx2obj.obj"),
    "chair": ("chair/kaykit_chair_A.obj", "chair/quaternius_Stool.glb"),
    "plane": ("plane/quaternius_Commercial_Airplane_fbx2obj.obj", "plane/quaternius_SmallPlane_fbx2obj.obj"),
    "sofa": ("sofa/kaykit_couch.obj", "sofa/quaternius_Couch_Large3.glb"),
    "table": ("table/kaykit_table_medium.obj", "table/aws_kitchentable_01_visual.dae"),
}
CASES = [(category, file) for category, files in FILES.items() for file in files]


@pytest.fixture(scope="module")
def model(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A deconvolution that has seen 300 views of generated shapes of the five categories for a minute."""
    params = read_params(root / "params.yaml")
    images, grids, frustum = _views(params)
    definition = Definition(params.models.shapes["deconv"], None)
    network = build_voxel_model(definition, RESOLUTION, torch.Generator().manual_seed(0))
    optimiser = torch.optim.Adam(network.parameters(), 2e-3)
    schedule = torch.optim.lr_scheduler.ExponentialLR(optimiser, 0.05 ** (1.0 / STEPS))
    generator = torch.Generator().manual_seed(0)
    network.train()
    for _ in range(STEPS):
        chosen = torch.randperm(len(images), generator=generator)[:16]
        logits = network(network_input(images[chosen])).last
        optimiser.zero_grad()
        functional.binary_cross_entropy_with_logits(logits, grids[chosen]).backward()
        optimiser.step()
        schedule.step()
    facts = {
        "name": f"deconv@{RESOLUTION}",
        "categories": list(FILES),
        "threshold": 0.3,
        "views": {
            "pixels": PIXELS,
            "elevation_degrees": 27.5,
            "distance": float(frustum.extrinsics[2, 3]),
            "focal": frustum.focal,
            "near": frustum.near,
            "far": frustum.far,
            "box_side": 0.8,
            "box_row": 0.53,
        },
    }
    path = tmp_path_factory.mktemp("model") / "model.pt"
    save_voxel_model(path, definition, RESOLUTION, network.state_dict(), facts)
    return path


def _views(params: Params) -> tuple[torch.Tensor, torch.Tensor, Frustum]:
    source = open_source(params.shapes.procedural, None)
    entries = list_shapes(stages.prepare_manifest(params), None).entries
    images, grids = [], []
    for entry in (each for each in entries if each.category in FILES):
        mesh = source.load(entry.category, entry.id)
        surface = make_surface(mesh.vertices, mesh.faces)
        settings = stages.prepare_shapes(params, entry.category)
        for frustum in view_frusta(settings.views, entry.category, entry.id)[:3]:
            image = render(mesh.vertices, mesh.faces, mesh.face_colours, frustum, PIXELS)
            images.append(image.rgba.transpose(2, 0, 1))
            grids.append(voxelise(surface, frustum, RESOLUTION, surface_union="auto").occupancy())
    return torch.from_numpy(np.stack(images)), torch.from_numpy(np.stack(grids)).float(), frustum


def picture_of(file: str, path: Path, background: str = "transparent") -> None:
    try:
        working_platform()
        renderer = "pyrender"
    except InputError:
        pytest.skip("neither EGL nor OSMesa works here")
    render_own_mesh(
        FOLDER / file,
        out=path,
        depth=None,
        normals=None,
        view=View(azimuth_degrees=40.0, elevation_degrees=27.5),
        renderer=renderer,
        pixels=300,
        supersample=2,
        background=background,
        up=None,
        keep_scale=False,
    )


def reconstructed(model: Path, picture: Path) -> Reconstruction:
    options = {"background": "auto", "keep_framing": False, "threshold": None, "steps": None}
    return reconstruct(model, picture, device="cpu", **options)


@pytest.mark.parametrize(("category", "file"), CASES, ids=[file for _, file in CASES])
def test_a_rendered_mesh_becomes_a_closed_mesh_in_the_frame(
    category: str, file: str, model: Path, tmp_path: Path
) -> None:
    picture_of(file, tmp_path / "picture.png")
    made = reconstructed(model, tmp_path / "picture.png")
    assert made.image.background == "alpha"
    _check_framing(made)
    write_mesh(tmp_path / "mesh.glb", made.surface)
    mesh = trimesh.load(tmp_path / "mesh.glb", force="mesh")
    assert mesh.is_watertight
    assert mesh.is_winding_consistent
    assert mesh.volume > 0.0
    points = made.frustum.to_grid(made.surface.vertices_world, RESOLUTION)
    assert points.min() > -1e-6
    assert points.max() < RESOLUTION + 1e-6
    assert made.silhouette_iou is not None
    # Wings and legs are thinner than what such a model has learnt to fill.
    assert made.silhouette_iou > (0.4 if category in ("car", "sofa") else 0.0)


def _check_framing(made: Reconstruction) -> None:
    mask = made.image.mask
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    side = max(np.ptp(rows), np.ptp(columns)) + 1
    assert abs(side / PIXELS - 0.8) < 0.02
    assert abs((rows[0] + rows[-1] + 1) / (2 * PIXELS) - 0.53) < 0.01
    assert abs((columns[0] + columns[-1] + 1) / (2 * PIXELS) - 0.5) < 0.01


@pytest.mark.parametrize("file", [files[0] for files in FILES.values()])
def test_a_white_background_gives_what_transparency_gives(file: str, model: Path, tmp_path: Path) -> None:
    """Up to soft edges, which before white belong to the object as a whole."""
    pictures = {name: tmp_path / f"{name}.png" for name in ("transparent", "white")}
    made = {}
    for background, path in pictures.items():
        picture_of(file, path, background)
        made[background] = reconstructed(model, path)
    assert made["white"].image.background == "plain"
    seen = [_over_white(each.image.rgba) for each in made.values()]
    assert np.abs(seen[0] - seen[1]).mean() < 4.0


def _over_white(rgba: NDArray[np.uint8]) -> NDArray[np.float64]:
    alpha = rgba[..., 3:] / 255.0
    return alpha * rgba[..., :3] + (1.0 - alpha) * 255.0


@pytest.mark.parametrize("file", [files[0] for files in FILES.values()])
def test_the_true_grid_of_a_real_mesh_gives_the_mesh_back(file: str, model: Path) -> None:
    """Frames end to end: a mesh, voxelised in the mean camera, becomes a surface where the mesh is."""
    from ige.shapes.own_mesh import load_own_mesh
    from ige.shapes.voxels.isosurface import isosurface
    from ige.shapes.voxels.models import load_voxel_model

    frustum = ViewFacts.of(load_voxel_model(model)[1]["views"]).frustum()
    mesh = load_own_mesh(FOLDER / file, up=None, keep_scale=False).mesh
    surface = make_surface(mesh.vertices, mesh.faces)
    grid = voxelise(surface, frustum, 128, surface_union="auto").occupancy()
    found = isosurface(grid.astype(np.float64), 0.5, frustum)
    assert found.watertight
    bounds = [found.vertices_world.min(axis=0), found.vertices_world.max(axis=0)]
    expected = [mesh.vertices.min(axis=0), mesh.vertices.max(axis=0)]
    np.testing.assert_allclose(bounds, expected, atol=0.025)
