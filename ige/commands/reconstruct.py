"""Subcommand `reconstruct`: a picture of somebody's own to a mesh."""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path

from ige.base.errors import InputError
from ige.commands.arguments import Commands, Options, add_paths, command


def add_reconstruct_tool(commands: Commands) -> None:
    """Declare the tool."""
    text = (
        "Reconstruct the object in your own picture as a mesh. The object must be cut out (transparent) or "
        "stand before a plain background. docs/reconstruct.md tells what is read, refused and written."
    )
    parser = command(commands, "reconstruct", _call, text)
    add_paths(
        parser,
        model="a trained model.pt of shapes",
        image="PNG, JPEG, WebP, BMP or TIFF of one object",
        out="mesh to write, closed, coloured by confidence: .glb (y up) or .ply (z up)",
    )
    parser.add_argument(
        "--grid",
        type=Path,
        metavar="FILE",
        help="also write the filled cells, .npz or .h5, as `ige voxelise`",
    )
    parser.add_argument(
        "--picture", type=Path, metavar="FILE", help="also draw image, grid and mesh (.png or .svg)"
    )
    parser.add_argument("--json", action="store_true", help="print facts as one JSON object")
    _add_reading(parser)


def _add_reading(parser: argparse.ArgumentParser) -> None:
    """Declare how the image is read and the model asked."""
    parser.add_argument(
        "--threshold",
        type=float,
        metavar="T",
        help="cells above this probability are filled, 0.01 to 0.99 (default: the model's own, chosen when "
        "it was trained)",
    )
    parser.add_argument("--steps", type=int, metavar="T", help="descent steps, other than the trained number")
    parser.add_argument(
        "--background",
        choices=("auto", "alpha", "plain"),
        default="auto",
        help="alpha: what is transparent; plain: what is of one colour, from the edge inwards; auto "
        "(default): alpha if anything is transparent, else plain",
    )
    parser.add_argument(
        "--keep-framing",
        action="store_true",
        help="leave the object where it is in the image; without it the object is moved and scaled as in the "
        "training images",
    )
    parser.add_argument("--device", choices=("auto", "cpu", "cuda"), default="auto", help="where to compute")


def _call(options: Options) -> None:
    _check_outputs(options)
    from ige.shapes.voxels.isosurface import check_mesh, write_mesh
    from ige.shapes.voxels.reconstruct import reconstruct
    from ige.shapes.voxels.reconstruction_text import facts, headlines, summary

    check_mesh(options.out)
    made = reconstruct(
        options.model,
        options.image,
        background=options.background,
        keep_framing=options.keep_framing,
        threshold=options.threshold,
        steps=options.steps,
        device=options.device,
    )
    write_mesh(options.out, made.surface)
    if options.grid is not None:
        from ige.storage.grid_files import write_grid

        write_grid(options.grid, made.grid_file())
    if options.picture is not None:
        from ige.report.reconstruction_picture import Pictured, reconstruction_picture

        own, surface = made.image, made.surface
        pictured = Pictured(
            title=own.file.name,
            facts=headlines(made),
            cutout=own.cutout,
            image=own.rgba,
            occupancy=made.occupancy,
            frustum=made.frustum,
            vertices_world=surface.vertices_world,
            faces=surface.faces,
            colours=surface.colours(),
        )
        reconstruction_picture(pictured, options.picture)
    print(json.dumps(facts(made), allow_nan=False) if options.json else summary(made))  # noqa: T201


def _check_outputs(options: argparse.Namespace) -> None:
    """Tell of names that cannot be written before anything is computed."""
    from ige.storage.grid_files import check_suffix

    if options.grid is not None:
        check_suffix(options.grid)
    if options.picture is not None and options.picture.suffix.lower() not in (".png", ".svg"):
        raise InputError(
            "unknown suffix",
            where=options.picture,
            expected=".png or .svg",
            found=options.picture.suffix or "none",
        )
    outputs = (options.out, options.grid, options.picture)
    written = [os.path.realpath(path) for path in outputs if path is not None]
    if len(set(written)) < len(written) or os.path.realpath(options.image) in written:
        raise InputError("one file for two things", where=options.out, expected="a file for each")
