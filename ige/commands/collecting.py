"""Subcommands that collect metrics and learning curves in forms that DVC shows and compares."""

from __future__ import annotations

from pathlib import Path

from ige.base.jobs import only_job_for
from ige.commands.arguments import Commands, Options, add_path_lists, add_paths, add_settings, params_of
from ige.commands.recording import record
from ige.commands.reporting import check_records, report_stage


def add_collecting_stages(commands: Commands) -> None:
    """Declare the stages."""
    _add_collect_metrics(commands)
    _add_collect_curves(commands)


def _add_collect_metrics(commands: Commands) -> None:
    def call(options: Options) -> None:
        from ige.params import stages
        from ige.report.metrics_file import collect_metrics

        check_records(options.records)
        with only_job_for(options.out):
            settings = stages.collect_metrics(params_of(options))
            collect_metrics(poses=options.poses, shapes=options.shapes, out=options.out, settings=settings)
            inputs = [options.poses, *filter(None, [options.shapes])]
            record(options, "collect_metrics", inputs, [options.out], settings.subtree())

    text = "Collect the headline of the tables in one file, for `dvc metrics`."
    parser = report_stage(commands, "collect-metrics", call, text)
    add_settings(parser)
    add_paths(parser, poses="poses.csv", out="metrics.json to write")
    parser.add_argument("--shapes", type=Path, metavar="FILE", help="shapes.csv, if shapes are trained")


def _add_collect_curves(commands: Commands) -> None:
    def call(options: Options) -> None:
        from ige.report.curves import collect_curves

        check_records(options.records)
        with only_job_for(options.record):
            names = ("pose_histories", "pose_curves", "shape_histories", "shape_curves")
            files: dict[str, list[Path]] = {name: getattr(options, name) for name in names}
            collect_curves(**files)
            inputs = [*files["pose_histories"], *files["shape_histories"]]
            record(options, "collect_curves", inputs, [*files["pose_curves"], *files["shape_curves"]])

    text = "Collect learning curves, mean over seeds, for `dvc plots`."
    parser = report_stage(commands, "collect-curves", call, text)
    add_path_lists(
        parser,
        pose_histories="history.csv of all models of poses that learn: all seeds of the first, then the next",
        pose_curves="curves to write, one for each of these models",
        shape_histories="history.csv of all models of shapes that learn, in such an order",
        shape_curves="curves to write, one for each of these models",
    )
