"""Subcommands that are no stages: lift, doctor, headline, merge-params, schema."""

from __future__ import annotations

import sys
from pathlib import Path

from ige.commands.arguments import Commands, Options, add_paths, command


def add_tools(commands: Commands) -> None:
    """Declare the tools."""
    _add_lift(commands)
    _add_doctor(commands)
    _add_headline(commands)
    _add_merge_params(commands)
    _add_schema(commands)


def _add_lift(commands: Commands) -> None:
    def call(options: Options) -> None:
        from ige.poses.lift import lift_poses

        poses = lift_poses(
            model=options.model,
            keypoints=options.keypoints,
            camera=options.camera,
            out=options.out,
            skeleton=options.skeleton,
            height_m=options.height,
            steps=options.steps,
        )
        if options.picture is not None:
            from ige.report.pose_picture import pose_picture

            pose_picture(poses, options.picture)

    text = (
        "Lift your own 2D keypoints to 3D. One view cannot give scale: the result is scaled to the mean "
        "bone length of the training skeleton, or to --height. docs/lift.md tells formats and frames."
    )
    parser = command(commands, "lift", call, text)
    add_paths(
        parser,
        model="a trained model.pt",
        keypoints="pixels, (F, J, 2 or 3): CSV, NPY, or a folder of OpenPose BODY_25 JSON",
        camera="JSON: {focal: [fx, fy], centre: [cx, cy], radial: [k1, k2, k3], tangential: [p1, p2]}",
        out="poses to write, (F, 16, 3) metres, camera frame: .npy, .csv or .json",
    )
    parser.add_argument(
        "--skeleton",
        default="mpii16",
        help="joints of the keypoints: mpii16 (default), h36m17, coco17 or openpose25",
    )
    parser.add_argument("--height", type=float, metavar="METRES", help="height of the person")
    parser.add_argument("--steps", type=int, metavar="T", help="descent steps, other than the trained number")
    parser.add_argument(
        "--picture", type=Path, metavar="FILE", help="also draw the poses, at most 12 of them"
    )


def _add_doctor(commands: Commands) -> None:
    def call(options: Options) -> int:
        from ige.doctor.report import report

        return report(settings=options.settings, presets=options.configfile, out=sys.stdout)

    text = "Tell what this machine has, what is missing, and what a run will cost."
    parser = command(commands, "doctor", call, text)
    parser.add_argument("--settings", type=Path, default=Path("params.yaml"), help="default: params.yaml")
    parser.add_argument(
        "--configfile", type=Path, nargs="*", default=[], help="presets laid over it, as for snakemake"
    )


def _add_headline(commands: Commands) -> None:
    def call(options: Options) -> None:
        from ige.report.headline import headline

        print(headline(options.csv))  # noqa: T201

    parser = command(commands, "headline", call, "Print the rows of tables that matter most.")
    parser.add_argument(
        "csv", type=Path, nargs="+", help="poses.csv, shapes.csv, shapes-comparisons.csv in runs/<run>/tables"
    )


def _add_merge_params(commands: Commands) -> None:
    def call(options: Options) -> None:
        from ige.params.load import merged_text
        from ige.storage.atomic import write_text

        write_text(options.out, merged_text(options.settings, options.configfile))

    text = (
        "Write params.yaml with presets laid over it: for DVC, which knows params.yaml alone. Comments and "
        "aliases are lost, what is computed is the same as with `snakemake --configfile`."
    )
    parser = command(commands, "merge-params", call, text)
    parser.add_argument("--settings", type=Path, default=Path("params.yaml"), help="default: params.yaml")
    parser.add_argument(
        "--configfile", type=Path, nargs="+", required=True, help="presets laid over it, as for snakemake"
    )
    parser.add_argument("--out", type=Path, default=Path("params.yaml"), help="default: params.yaml")


def _add_schema(commands: Commands) -> None:
    def call(options: Options) -> None:
        from ige.params.load import schema_text
        from ige.storage.atomic import write_text

        write_text(options.out, schema_text())

    parser = command(commands, "schema", call, "Write the JSON schema of params.yaml, for editors.")
    parser.add_argument(
        "--out", type=Path, default=Path("workflow/schemas/params.schema.json"), help="file to write"
    )
