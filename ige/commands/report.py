"""Subcommands of the report: table, figures, page."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from ige.base.jobs import only_job_for
from ige.commands.arguments import (
    Call,
    Commands,
    Options,
    add_code,
    add_path_lists,
    add_paths,
    add_settings,
    code_of,
    command,
    params_of,
)


def add_report_stages(commands: Commands) -> None:
    """Declare the stages of the report, in flow order."""
    _add_tabulate_poses(commands)
    _add_tabulate_poses_by_action(commands)
    _add_draw_poses(commands)
    _add_tabulate_shape_sets(commands)
    _add_draw_shape_sets(commands)
    _add_write_page(commands)


def _add_tabulate_poses(commands: Commands) -> None:
    def call(options: Options) -> None:
        from ige.report.tables import tabulate_poses

        _tabulate(options, tabulate_poses)

    text = "Gather scores into the table, beside published values."
    _pose_table(commands, "tabulate-poses", call, text)


def _add_tabulate_poses_by_action(commands: Commands) -> None:
    def call(options: Options) -> None:
        from ige.report.action_tables import tabulate_poses_by_action

        _tabulate(options, tabulate_poses_by_action)

    text = "Gather scores into the table of errors by action, beside published values."
    _pose_table(commands, "tabulate-poses-by-action", call, text)


def _tabulate(options: Options, tabulate: Callable[..., None]) -> None:
    """Make a table of poses in its three forms, and its record."""
    from ige.params import stages

    tables = {"csv": options.csv, "markdown": options.markdown, "latex": options.latex}
    with only_job_for(options.csv):
        settings = stages.tabulate_poses(params_of(options))
        tabulate(scores=options.scores, settings=settings, **tables)
        _record(options, tabulate.__name__, options.scores, tables.values(), settings.subtree())


def _pose_table(commands: Commands, name: str, call: Call, text: str) -> None:
    """Declare a command that makes a table of poses."""
    parser = _report_stage(commands, name, call, text)
    add_settings(parser)
    add_path_lists(parser, scores="scores of all models and seeds, in the order of the table")
    add_paths(parser, csv="table to write", markdown="table to write", latex="table to write")


def _add_draw_poses(commands: Commands) -> None:
    def call(options: Options) -> None:
        from ige.report.draw import draw_poses

        _check(options.records)
        with only_job_for(options.figures[0]):
            draw_poses(
                scores=options.scores,
                predictions=options.predictions,
                histories=options.histories,
                figures=options.figures,
            )
            inputs = [*options.scores, *options.predictions, *options.histories]
            _record(options, "draw_poses", inputs, options.figures)

    text = "Draw the figures: error against cost, example poses, learning curves."
    parser = _report_stage(commands, "draw-poses", call, text)
    add_path_lists(
        parser,
        scores="scores of all models and seeds",
        predictions="example poses of all models",
        histories="history.csv of all models that learn, all seeds",
        figures="figures to write: efficiency, steps and learning, each .png and .svg",
    )


def _add_tabulate_shape_sets(commands: Commands) -> None:
    def call(options: Options) -> None:
        from ige.params import stages
        from ige.report.shape_tables import tabulate_shape_sets

        tables = {"csv": options.csv, "markdown": options.markdown, "latex": options.latex}
        with only_job_for(options.csv):
            settings = stages.tabulate_shape_sets(params_of(options))
            tabulate_shape_sets(shards=options.shards, skipped=options.skipped, settings=settings, **tables)
            inputs = [*options.shards, *options.skipped]
            _record(options, "tabulate_shape_sets", inputs, tables.values(), settings.subtree())

    text = "Count what the shape sets hold: models, views, levels, leaks, sizes."
    parser = _report_stage(commands, "tabulate-shape-sets", call, text)
    add_settings(parser)
    add_path_lists(
        parser,
        shards="shards of all categories and splits, categories in the order of the table",
        skipped="skipped.csv of each shard, in the same order",
    )
    add_paths(parser, csv="table to write", markdown="table to write", latex="table to write")


def _add_draw_shape_sets(commands: Commands) -> None:
    def call(options: Options) -> None:
        from ige.report.draw_shapes import draw_shape_sets

        _check(options.records)
        with only_job_for(options.record):
            draw_shape_sets(shards=options.shards, figures=options.figures)
            _record(options, "draw_shape_sets", options.shards, options.figures)

    text = "Draw a contact sheet of each category: images, grids over them, slices, grids in 3D."
    parser = _report_stage(commands, "draw-shape-sets", call, text)
    add_path_lists(
        parser,
        shards="shards of all categories; those of test models are drawn where there are any",
        figures="figures to write: shapes-<category>.png, one for each category",
    )


def _add_write_page(commands: Commands) -> None:
    def call(options: Options) -> None:
        from ige.report.deciding import deciding_settings
        from ige.report.page import write_page

        _check(options.records)
        with only_job_for(options.out):
            write_page(
                csv=options.csv,
                scores=options.scores,
                figures=options.figures,
                skipped=options.skipped,
                settings=options.settings,
                out=options.out,
                code=code_of(options),
                action_csv=options.action_csv,
                shape_csv=options.shape_csv,
                shape_figures=options.shape_figures,
                shape_skipped=options.shape_skipped,
            )
            inputs = [options.csv, *options.scores, *options.figures, *options.skipped]
            inputs += [
                *filter(None, [options.action_csv, options.shape_csv]),
                *options.shape_figures,
                *options.shape_skipped,
            ]
            settings = deciding_settings(params_of(options))
            _record(options, "write_page", inputs, [options.out], settings)

    text = "Write the report: one self-contained page with table, figures and provenance."
    parser = _report_stage(commands, "write-page", call, text)
    add_settings(parser)
    add_paths(parser, csv="the table", out="index.html to write")
    add_path_lists(
        parser, scores="scores", figures="figures", skipped="skipped.csv of clips and of each lifting set"
    )
    for name, help_text in (
        ("--action-csv", "poses_by_action.csv, if errors by action are shown"),
        ("--shape-csv", "shape-sets.csv, if shapes are shown"),
    ):
        parser.add_argument(name, type=Path, metavar="FILE", help=help_text)
    for name, help_text in (
        ("--shape-figures", "contact sheets"),
        ("--shape-skipped", "skipped.csv of the manifest of shapes and of each shard"),
    ):
        parser.add_argument(name, type=Path, nargs="*", default=[], metavar="FILE", help=help_text)


def _report_stage(commands: Commands, name: str, call: Call, text: str) -> argparse.ArgumentParser:
    parser = command(commands, name, call, text)
    add_code(parser)
    add_paths(parser, record="provenance to write")
    parser.add_argument(
        "--records",
        type=Path,
        nargs="*",
        default=[],
        metavar="FILE",
        help="run.json that vouch for inputs without a digest of their own; they are checked",
    )
    return parser


def _check(records: Iterable[Path]) -> None:
    from ige.storage.provenance import check_outputs

    for record in records:
        check_outputs(record)


def _record(
    options: Options,
    stage: str,
    inputs: Iterable[Path],
    outputs: Iterable[Path],
    settings: Mapping[str, Any] | None = None,
) -> None:
    from ige.storage.provenance import write_provenance

    write_provenance(
        options.record,
        stage=stage,
        settings=settings or {},
        code=code_of(options),
        inputs=inputs,
        outputs=outputs,
    )
