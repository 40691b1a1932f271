"""Stage `write_page`: one self-contained page with the table, the figures and where they come from.

| in | out |
| --- | --- |
| poses.csv, scores, figures, skipped.csv files, the run's settings | index.html |
| poses_by_action.csv, if it is shown | |
| shape-sets.csv, contact sheets, skipped.csv of the shapes, if the run has shapes | |
| shapes.csv, shapes-comparisons.csv, scores and figures of reconstructions, if the run has any | |

The page holds all that it shows: no script, no request to anywhere, figures inlined. `page.html.j2` beside
this module is its template.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml
from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from ige.base.digests import digest_of_file, digest_of_json
from ige.base.errors import InputError
from ige.params import stages
from ige.params.load import read_params
from ige.params.params import Params
from ige.params.poses import RecordedRig
from ige.report import naming, wording
from ige.report.action_rows import read_action_table
from ige.report.action_tables import action_notes, metric_tables
from ige.report.captions import captions
from ige.report.data_notes import pose_data_note
from ige.report.deciding import deciding_settings
from ige.report.findings import findings
from ige.report.page_parts import ActionSection, PageFigure, PageTable, data_uri, page_table
from ige.report.rows import PoseRow, read_rows
from ige.report.scores import Score, Setting, read_scores
from ige.report.shape_section import shape_section
from ige.report.skipped import read_skipped
from ige.report.table_text import (
    VIEWS,
    TextTable,
    caution_on_data,
    headline_table,
    notes,
    subject_table,
)
from ige.report.voxel_section import VoxelFiles, voxel_section
from ige.storage.atomic import write_text

log = logging.getLogger(__name__)

_TEMPLATE = "page.html.j2"
_DIGITS = 16  # of a digest, enough to recognise a file


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where the page comes from.

    Attributes:
        code: version of the code that wrote the page.
        settings_digest: of all settings that decide these results.
        settings: the same as YAML.
        files: name and digest of the table and of each score.
    """

    code: str
    settings_digest: str
    settings: str
    files: tuple[tuple[str, str], ...]


def write_page(
    *,
    csv: Path,
    scores: Sequence[Path],
    figures: Sequence[Path],
    skipped: Sequence[Path],
    settings: Path,
    out: Path,
    code: str = "by hand",
    action_csv: Path | None = None,
    shape_csv: Path | None = None,
    shape_figures: Sequence[Path] = (),
    shape_skipped: Sequence[Path] = (),
    voxels: VoxelFiles | None = None,
) -> None:
    """Write the page.

    Args:
        csv: poses.csv.
        scores: of all models and seeds, for protocol and provenance.
        figures: as `draw_poses` got them; the page shows the SVG files.
        skipped: skipped.csv of the clips and of each lifting set.
        settings: the run's params.json.
        out: index.html to write.
        code: version of the stage's code, for the provenance on the page.
        action_csv: poses_by_action.csv; None shows no errors by action.
        shape_csv: shape-sets.csv; None shows no shapes.
        shape_figures: as `draw_shape_sets` got them.
        shape_skipped: skipped.csv of the manifest of shapes and of each shard.
        voxels: tables, scores and figures of reconstructions; None shows none.

    Raises:
        InputError: if an input is missing, damaged or does not belong to the others.
        StorageError: if the page cannot be written.
    """
    rows = read_rows(csv)
    read, setting = read_scores(scores)
    params = read_params(settings)
    caution = caution_on_data(setting)
    data = pose_data_note(stages.tabulate_poses(params))
    page = _template().render(
        run=params.run,
        topics=_topics(voxels is not None, shape_csv is not None),
        findings=findings(rows),
        caution=caution,
        facts=_facts(params, setting),
        notes=[line for line in notes(setting, read, data) if line != caution],
        table=_page_table(headline_table(rows), read),
        subjects=_page_table(subject_table(rows), read),
        actions=None if action_csv is None else _actions(action_csv, setting, read, data),
        figures=_figures(figures, rows, setting, params.poses.lifting.validation_held_out),
        skipped=read_skipped(skipped),
        shapes=None if shape_csv is None else shape_section(shape_csv, shape_figures, shape_skipped),
        voxels=None if voxels is None else voxel_section(voxels, stages.tabulate_shapes(params)),
        provenance=_provenance(_files([csv, action_csv, shape_csv], scores, read, voxels), params, code),
    )
    write_text(out, page)
    log.info("%d kB", len(page) // 1000)


def _topics(voxels: bool, shapes: bool) -> str:
    return wording.listed(["pose lifting", *["voxel reconstruction"] * voxels, *["shape sets"] * shapes])


def _template() -> Template:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return environment.get_template(_TEMPLATE)


def _page_table(table: TextTable, scores: Sequence[Score]) -> PageTable:
    return page_table(
        table, {score.model: naming.name_of(score.model, score.family).series for score in scores}
    )


def _actions(csv: Path, setting: Setting, scores: Sequence[Score], data: str) -> ActionSection:
    table = read_action_table(csv)
    tables = {title: _page_table(text, scores) for title, text in metric_tables(table, setting)}
    return ActionSection(tables, tuple(action_notes(table, setting, scores, data)))


def _facts(params: Params, setting: Setting) -> list[tuple[str, str]]:
    lifting, training = params.poses.lifting, params.training.poses
    yaws, rig = len(lifting.yaws_degrees), lifting.rig.chosen()
    cameras = "recorded" if isinstance(rig, RecordedRig) else str(len(rig.cameras))
    clip = "none" if training.outer_clip is None else f"{training.outer_clip:g} × running median"
    several = len(setting.observations) > 1
    frames = [
        f"{seen.frames:,} ({seen.name})" if several else f"{seen.frames:,}" for seen in setting.observations
    ]
    return [
        ("Poses", wording.data_in_words(setting.data)),
        ("Training subjects", ", ".join(lifting.splits.train)),
        ("Test subjects", ", ".join(setting.subjects)),
        ("Test poses", f"{', '.join(frames)} {VIEWS}"),
        ("Views", f"{cameras} cameras, {yaws} turn{'s' * (yaws != 1)} of each clip"),
        ("Observation", "; ".join(seen.text for seen in setting.observations)),
        ("Seeds", ", ".join(str(seed) for seed in setting.seeds)),
        ("Training", f"{training.epochs} epochs, batches of {training.batch_size}, {training.precision}"),
        ("Learning rate", f"{training.learning_rate:g} to {training.final_learning_rate:g}"),
        ("Gradient clip", clip),
    ]


def _figures(
    paths: Sequence[Path], rows: Sequence[PoseRow], setting: Setting, validation_held_out: bool
) -> list[PageFigure]:
    drawings = [path for path in paths if path.suffix == ".svg"]
    texts = captions(rows, setting, validation_held_out)
    if len(drawings) != len(texts):
        raise InputError(
            "not the figures that draw-poses makes",
            expected=f"{len(texts)} files .svg",
            found=", ".join(path.name for path in paths) or "none",
        )
    return [
        PageFigure(data_uri(path), text.alt, text.text, text.title)
        for path, text in zip(drawings, texts, strict=True)
    ]


def _files(
    tables: Sequence[Path | None],
    paths: Sequence[Path],
    scores: Sequence[Score],
    voxels: VoxelFiles | None,
) -> list[tuple[str, Path]]:
    """Name the tables and the scores that the page was made from."""
    if voxels is not None:
        tables = [*tables, voxels.csv, voxels.comparisons]
    files = [(f"table {table.name}", table) for table in tables if table is not None]
    files += [
        (f"{score.trained}, seed {score.seed}", path) for score, path in zip(scores, paths, strict=True)
    ]
    return files + ([] if voxels is None else voxels.named_scores())


def _provenance(files: Sequence[tuple[str, Path]], params: Params, code: str) -> Provenance:
    deciding = deciding_settings(params)
    return Provenance(
        code=code,
        settings_digest=digest_of_json(deciding)[:_DIGITS],
        settings=yaml.safe_dump(deciding, sort_keys=False, allow_unicode=True),
        files=tuple((name, digest_of_file(path)[:_DIGITS]) for name, path in files),
    )
