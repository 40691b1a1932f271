"""Subcommands of the shape stages, from meshes to shape sets, and the tools for a user's own mesh."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING

from ige.base.errors import InputError
from ige.base.jobs import only_job_for
from ige.commands.arguments import Commands, Options, add_paths, command, params_of, stage
from ige.commands.recording import add_inputs, add_record, record

if TYPE_CHECKING:
    from ige.shapes.own_mesh import View
    from ige.shapes.voxelise_tool import VoxelisedMesh

_UP = (
    "axis that points up in the file; without it: z for stl, ply and off, what a dae file says of itself, "
    "y for obj, gltf, glb. The output says what was taken"
)


def add_shape_stages(commands: Commands) -> None:
    """Declare the shape stages, in flow order."""
    _add_prepare_manifest(commands)
    _add_prepare_shapes(commands)


def add_shape_tools(commands: Commands) -> None:
    """Declare the tools for meshes and shards."""
    _add_voxelise(commands)
    _add_render(commands)
    _add_inspect(commands)


def _add_prepare_manifest(commands: Commands) -> None:
    def call(options: Options) -> None:
        from ige.params import stages
        from ige.shapes.manifest import prepare_manifest

        settings = stages.prepare_manifest(params_of(options))
        with only_job_for(options.out):
            prepare_manifest(
                folder=options.folder,
                out=options.out,
                skipped=options.skipped,
                settings=settings,
                splits=options.splits,
                shards=options.shards,
            )
            outputs = [options.out, options.skipped]
            record(options, "prepare_manifest", options.inputs, outputs, settings.subtree())

    text = "List the models of the shape source: id, category, split, licence."
    parser = stage(commands, "prepare-manifest", call, text)
    _add_folder(parser)
    parser.add_argument("--splits", type=Path, help="folder of all lists of splits, read or made")
    parser.add_argument(
        "--shards",
        type=Path,
        nargs="*",
        default=[],
        metavar="FILE",
        help="all shards of these models; others beside them are of an earlier list and are removed",
    )
    add_paths(parser, out="manifest.csv to write", skipped="skipped.csv to write")
    add_inputs(parser)
    add_record(parser)


def _add_prepare_shapes(commands: Commands) -> None:
    def call(options: Options) -> None:
        from ige.params import stages
        from ige.shapes.prepare import prepare_shapes

        params = params_of(options)
        known = params.shapes.categories
        if options.category not in known:
            raise InputError(
                f"no category {options.category}", expected=f"one of {', '.join(known)} (shapes.categories)"
            )
        settings = stages.prepare_shapes(params, options.category)
        with only_job_for(options.out):
            prepare_shapes(
                category=options.category,
                split=options.split,
                models=options.models,
                folder=options.folder,
                out=options.out,
                skipped=options.skipped,
                settings=settings,
            )
            asked = {name: getattr(options, name) for name in ("category", "split", "models")}
            outputs = [options.out, options.skipped]
            record(options, "prepare_shapes", options.inputs, outputs, settings.subtree(), asked)

    text = "Voxelise and render a block of models of one category and split."
    parser = stage(commands, "prepare-shapes", call, text)
    parser.add_argument("--category", required=True, help="of the models")
    parser.add_argument("--split", choices=("train", "validation", "test"), required=True)
    parser.add_argument(
        "--models", nargs="+", required=True, metavar="ID", help="ids of manifest.csv, in their order"
    )
    _add_folder(parser)
    add_paths(parser, out="shard to write", skipped="skipped.csv to write")
    add_inputs(parser)
    add_record(parser)


def _add_folder(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--folder", type=Path, help="where the meshes lie (sources folder and shapenet)")


def _add_voxelise(commands: Commands) -> None:
    text = (
        "Make the filled grid of your own mesh in the frustum of a camera. Prints how it was filled and "
        "whether that can be trusted. docs/voxelise.md is the guide."
    )
    parser = command(commands, "voxelise", _voxelise, text)
    _add_mesh(parser)
    parser.add_argument(
        "--out", type=Path, metavar="FILE", help="grid to write, .npz or .h5: occupancy (row, column, depth)"
    )
    parser.add_argument(
        "--picture", type=Path, metavar="FILE", help="also draw it: image, slices, grid in 3D (.png)"
    )
    parser.add_argument("--json", action="store_true", help="print facts as one JSON object")
    parser.add_argument(
        "--resolution", type=int, default=128, metavar="R", help="cells per side, 8 to 512 (default: 128)"
    )
    parser.add_argument(
        "--fill",
        choices=("auto", "exact", "tolerant", "reference"),
        default="auto",
        help="auto (default): exact for closed meshes, tolerant of gaps for others; reference: the "
        "published method, for comparison",
    )
    parser.add_argument(
        "--surface",
        choices=("none", "thin", "auto"),
        default="none",
        help="thin: cells that the surface crosses are filled, too; auto: only for parts that are not closed",
    )
    parser.add_argument(
        "--world", action="store_true", help="no camera: a grid of the unit cube about the origin"
    )
    _add_view(parser)


def _voxelise(options: Options) -> None:
    from ige.shapes.voxelise_tool import facts, summary, voxelise_own_mesh
    from ige.storage.grid_files import check_suffix, write_grid

    if options.out is None and options.picture is None and not options.json:
        raise InputError("nothing to make", expected="--out, --picture or --json")
    if options.out is not None:
        check_suffix(options.out)
    if options.picture is not None:
        _check_picture(options.picture)
    made = voxelise_own_mesh(
        options.mesh,
        view=_view_of(options),
        resolution=options.resolution,
        fill=options.fill,
        surface=options.surface,
        up=options.up,
        keep_scale=options.keep_scale,
    )
    if options.out is not None:
        write_grid(options.out, made.grid_file())
    if options.picture is not None:
        _draw_grid(made, options.mesh.name, options.picture)
    print(json.dumps(facts(made), allow_nan=False) if options.json else summary(made))  # noqa: T201


def _draw_grid(made: VoxelisedMesh, title: str, out: Path) -> None:
    from ige.report.contact_sheet import Example
    from ige.report.grid_picture import grid_picture
    from ige.shapes.voxelise_tool import headlines, image_of

    flagged = made.grid.leak or made.empty
    example = Example(title, headlines(made), image_of(made), made.occupancy, made.frustum, flagged)
    grid_picture(example, out)


def _add_render(commands: Commands) -> None:
    text = "Draw your own mesh as the camera of `ige voxelise` sees it. Needs no graphics card or display."
    parser = command(commands, "render", _render, text)
    _add_mesh(parser)
    add_paths(parser, out="image to write, .png")
    parser.add_argument(
        "--depth", type=Path, metavar="FILE", help="also write planar depth, float32, inf where nothing, .npy"
    )
    parser.add_argument(
        "--normals", type=Path, metavar="FILE", help="also write normals in the camera frame, float32, .npy"
    )
    parser.add_argument("--pixels", type=int, default=256, help="per side, 16 to 4096 (default: 256)")
    parser.add_argument(
        "--supersample", type=int, default=2, help="samples per side of a pixel, 1 to 4 (default: 2)"
    )
    parser.add_argument(
        "--background", choices=("transparent", "white"), default="transparent", help="default: transparent"
    )
    parser.add_argument(
        "--renderer",
        choices=("raster", "pyrender"),
        default="raster",
        help="raster (default): a colour for each face, same bytes everywhere; pyrender: materials and "
        "textures, needs EGL or OSMesa",
    )
    parser.set_defaults(world=False)
    _add_view(parser)


def _render(options: Options) -> None:
    from ige.shapes.render_tool import render_own_mesh

    said = render_own_mesh(
        options.mesh,
        out=options.out,
        depth=options.depth,
        normals=options.normals,
        view=_view_of(options),
        renderer=options.renderer,
        pixels=options.pixels,
        supersample=options.supersample,
        background=options.background,
        up=options.up,
        keep_scale=options.keep_scale,
    )
    print(said)  # noqa: T201


def _add_inspect(commands: Commands) -> None:
    def call(options: Options) -> None:
        from ige.report.inspect_shard import inspect_shard

        said = inspect_shard(
            options.shard,
            options.out,
            models=options.models,
            views=options.views,
            resolution=options.resolution,
        )
        print(said)  # noqa: T201

    text = "Draw a contact sheet of a shard: image, mask, slices and grid of some of its views."
    parser = command(commands, "inspect", call, text)
    parser.add_argument("shard", type=Path, metavar="SHARD", help="a file of a shape set")
    add_paths(parser, out="picture to write, .png")
    parser.add_argument("--models", type=int, default=4, help="how many, evenly spread (default: 4)")
    parser.add_argument("--views", type=int, default=2, help="of each model, evenly spread (default: 2)")
    parser.add_argument("--resolution", type=int, metavar="R", help="of the grids (default: the finest)")


def _add_mesh(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("mesh", type=Path, metavar="MESH", help="obj, ply, stl, off, gltf, glb or dae")
    parser.add_argument("--up", choices=("y", "z"), help=_UP)
    parser.add_argument(
        "--keep-scale",
        action="store_true",
        help="take coordinates as they are, z up; without it the mesh is centred and its box scaled to a "
        "diagonal of 1",
    )


def _add_view(parser: argparse.ArgumentParser) -> None:
    numbers = {
        "azimuth": (30.0, "DEGREES", "of the camera, from +x towards +y (default: 30)"),
        "elevation": (28.0, "DEGREES", "of the camera above the horizontal, -90 to 90 (default: 28)"),
        "distance": (None, "D", "of the camera from the origin (default: sqrt(1.36) = 1.166)"),
        "focal": (None, "F", "focal length in widths of the image (default: 35/32)"),
    }
    for name, (default, unit, text) in numbers.items():
        parser.add_argument(f"--{name}", type=float, default=default, metavar=unit, help=text)


def _view_of(options: Options) -> View:
    from ige.geometry.frustum import DISTANCE, FOCAL
    from ige.shapes.own_mesh import View

    return View(
        azimuth_degrees=options.azimuth,
        elevation_degrees=options.elevation,
        distance=DISTANCE if options.distance is None else options.distance,
        focal=FOCAL if options.focal is None else options.focal,
        world=options.world,
    )


def _check_picture(path: Path) -> None:
    from ige.storage.pictures import check_picture

    check_picture(path)
