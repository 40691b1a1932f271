"""Subcommands of the report: table, figures, page."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from ige.base.jobs import only_job_for
from ige.commands.arguments import (
    Call,
    Commands,
    Options,
    add_path_lists,
    add_paths,
    add_settings,
    code_of,
    params_of,
)
from ige.commands.recording import record
from ige.commands.reporting import check_records, report_stage

if TYPE_CHECKING:
    from ige.report.voxel_section import VoxelFiles


def add_report_stages(commands: Commands) -> None:
    """Declare the stages of the report, in flow order."""
    _add_tabulate_poses(commands)
    _add_tabulate_poses_by_action(commands)
    _add_draw_poses(commands)
    _add_tabulate_shape_sets(commands)
    _add_draw_shape_sets(commands)
    _add_tabulate_shapes(commands)
    _add_draw_shapes(commands)
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
        inputs = [*options.scores, *options.checks]
        record(options, tabulate.__name__, inputs, tables.values(), settings.subtree())


def _pose_table(commands: Commands, name: str, call: Call, text: str) -> None:
    """Declare a command that makes a table of poses."""
    parser = report_stage(commands, name, call, text)
    add_settings(parser)
    add_path_lists(parser, scores="scores of all models and seeds, in the order of the table")
    add_paths(parser, csv="table to write", markdown="table to write", latex="table to write")
    _add_checks(parser)


def _add_checks(parser: ArgumentParser) -> None:
    """Declare what has to be right before anything is made of the scores, for the provenance."""
    parser.add_argument(
        "--checks", type=Path, nargs="*", default=[], metavar="FILE", help="what check-source wrote"
    )


def _add_draw_poses(commands: Commands) -> None:
    def call(options: Options) -> None:
        from ige.report.draw import draw_poses

        check_records(options.records)
        with only_job_for(options.figures[0]):
            draw_poses(
                scores=options.scores,
                predictions=options.predictions,
                histories=options.histories,
                figures=options.figures,
            )
            inputs = [*options.scores, *options.predictions, *options.histories, *options.checks]
            record(options, "draw_poses", inputs, options.figures)

    text = "Draw the figures: error against cost, example poses, learning curves."
    parser = report_stage(commands, "draw-poses", call, text)
    add_path_lists(
        parser,
        scores="scores of all models and seeds",
        predictions="example poses of all models",
        histories="history.csv of all models that learn, all seeds",
        figures="figures to write: efficiency, steps and learning, each .png and .svg",
    )
    _add_checks(parser)


def _add_tabulate_shape_sets(commands: Commands) -> None:
    def call(options: Options) -> None:
        from ige.params import stages
        from ige.report.shape_tables import tabulate_shape_sets

        tables = {"csv": options.csv, "markdown": options.markdown, "latex": options.latex}
        with only_job_for(options.csv):
            settings = stages.tabulate_shape_sets(params_of(options))
            tabulate_shape_sets(shards=options.shards, skipped=options.skipped, settings=settings, **tables)
            inputs = [*options.shards, *options.skipped]
            record(options, "tabulate_shape_sets", inputs, tables.values(), settings.subtree())

    text = "Count what the shape sets hold: models, views, levels, leaks, sizes."
    parser = report_stage(commands, "tabulate-shape-sets", call, text)
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

        check_records(options.records)
        with only_job_for(options.record):
            draw_shape_sets(shards=options.shards, figures=options.figures)
            record(options, "draw_shape_sets", options.shards, options.figures)

    text = "Draw a contact sheet of each category: images, grids over them, slices, grids in 3D."
    parser = report_stage(commands, "draw-shape-sets", call, text)
    add_path_lists(
        parser,
        shards="shards of all categories; those of test models are drawn where there are any",
        figures="figures to write: shapes-<category>.png, one for each category",
    )


def _add_tabulate_shapes(commands: Commands) -> None:
    def call(options: Options) -> None:
        from ige.params import stages
        from ige.report.voxel_tables import tabulate_shapes

        names = ("csv", "comparisons", "markdown", "latex")
        tables = {name: getattr(options, name) for name in names}
        with only_job_for(options.csv):
            settings = stages.tabulate_shapes(params_of(options))
            tabulate_shapes(scores=options.scores, settings=settings, **tables)
            record(options, "tabulate_shapes", options.scores, tables.values(), settings.subtree())

    text = "Gather scores of reconstructions into tables, beside published values, and compare models."
    parser = report_stage(commands, "tabulate-shapes", call, text)
    add_settings(parser)
    add_path_lists(parser, scores="scores of all models and seeds, in the order of the table")
    add_paths(
        parser,
        csv="table to write",
        comparisons="table of differences to write",
        markdown="table to write",
        latex="table to write",
    )


def _add_draw_shapes(commands: Commands) -> None:
    def call(options: Options) -> None:
        from ige.report.draw_voxels import draw_shapes

        check_records(options.records)
        with only_job_for(options.figures[0]):
            draw_shapes(
                scores=options.scores,
                predictions=options.predictions,
                histories=options.histories,
                figures=options.figures,
            )
            inputs = [*options.scores, *options.predictions, *options.histories]
            record(options, "draw_shapes", inputs, options.figures)

    text = "Draw reconstructions: pictures, IoU after each step, kinds of errors, learning curves."
    parser = report_stage(commands, "draw-shapes", call, text)
    add_path_lists(
        parser,
        scores="scores of all models of shapes and seeds",
        predictions="examples of all models of shapes",
        histories="history.csv of all models that learn, all seeds",
        figures="figures to write: reconstructions, steps, depth-shadow and learning, each .png and .svg",
    )


def _add_write_page(commands: Commands) -> None:
    text = "Write the report: one self-contained page with table, figures and provenance."
    parser = report_stage(commands, "write-page", _write_page, text)
    add_settings(parser)
    add_paths(parser, csv="the table", out="index.html to write")
    add_path_lists(
        parser, scores="scores", figures="figures", skipped="skipped.csv of clips and of each lifting set"
    )
    for name, help_text in (
        ("--action-csv", "poses_by_action.csv, if errors by action are shown"),
        ("--shape-csv", "shape-sets.csv, if shapes are shown"),
        ("--voxel-csv", "shapes.csv, if reconstructions are shown"),
        ("--voxel-comparisons", "shapes-comparisons.csv, with it"),
    ):
        parser.add_argument(name, type=Path, metavar="FILE", help=help_text)
    for name, help_text in (
        ("--shape-figures", "contact sheets"),
        ("--shape-skipped", "skipped.csv of the manifest of shapes and of each shard"),
        ("--voxel-scores", "scores of all models of shapes"),
        ("--voxel-figures", "figures as draw-shapes made them"),
    ):
        parser.add_argument(name, type=Path, nargs="*", default=[], metavar="FILE", help=help_text)


def _write_page(options: Options) -> None:
    from ige.report.deciding import deciding_settings
    from ige.report.page import write_page

    check_records(options.records)
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
            voxels=_voxels(options),
        )
        settings = deciding_settings(params_of(options))
        record(options, "write_page", _shown_files(options), [options.out], settings)


def _shown_files(options: Options) -> list[Path]:
    """Return whatever the page is made of."""
    optional = (options.action_csv, options.shape_csv, options.voxel_csv, options.voxel_comparisons)
    return [
        options.csv,
        *filter(None, optional),
        *(*options.scores, *options.figures, *options.skipped),
        *(*options.shape_figures, *options.shape_skipped),
        *(*options.voxel_scores, *options.voxel_figures),
    ]


def _voxels(options: Options) -> VoxelFiles | None:
    if options.voxel_csv is None or options.voxel_comparisons is None:
        return None
    from ige.report.voxel_section import VoxelFiles

    files = options.voxel_csv, options.voxel_comparisons
    return VoxelFiles(*files, tuple(options.voxel_scores), tuple(options.voxel_figures))
