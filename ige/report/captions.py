"""What stands under the figures: what they show and how to read them; and the same for who cannot see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ige.report import wording
from ige.report.rows import PoseRow
from ige.report.scores import ALL, Setting


@dataclass(frozen=True, slots=True)
class Caption:
    """Title, caption and alternative text of a figure."""

    title: str
    text: str
    alt: str


def captions(
    rows: Sequence[PoseRow], setting: Setting, validation_held_out: bool
) -> tuple[Caption, Caption, Caption]:
    """Write the captions of the three figures, in the order of `draw_poses`."""
    observation, several = setting.observations[0], len(setting.observations) > 1
    shown = [row for row in rows if row.observation == observation.name]
    whole = (_efficiency(shown, setting), _steps(), _learning(setting, validation_held_out))
    if not several:
        return whole
    alone = f" Of the observation {observation.name} alone; the tables hold the others."
    one, two, three = (Caption(each.title, each.text + alone, each.alt) for each in whole)
    return one, two, three


def _efficiency(rows: Sequence[PoseRow], setting: Setting) -> Caption:
    bars = " Bars: standard deviation over seeds." if len(setting.seeds) > 1 else ""
    has_published = setting.observations[0].is_published
    theirs = "; hollow: published, on Human3.6M" if has_published else ""
    text = (
        "Procrustes error on the test subjects against multiply-adds per pose (logarithmic): lower is "
        "better, further left is cheaper. The area of a marker is proportional to the kernel parameters. "
        f"Filled: this run, on {wording.data_in_words(setting.data)}{theirs}. "
        "Numbers beside the lifters are their width, T counts descent steps. Solid lines join models of the "
        "published form, each trained with its own T; pale markers are variants, a dotted line is one model "
        f"run with other numbers of steps.{bars} Dashed grey: models that do not learn."
    )
    if has_published and not setting.is_published_data:
        text += " The two data sets differ, so compare the shapes of the curves, not their heights."
    points = [
        f"{_name(row)} {row.pa_mpjpe_mm_by_frame:.0f} mm at {row.multiply_adds:,}"
        for row in rows
        if row.subject == ALL and row.pa_mpjpe_mm_by_frame is not None and row.multiply_adds is not None
    ]
    alt = f"Scatter plot of Procrustes error against multiply-adds per pose. This run: {', '.join(points)}."
    return Caption("Error against cost", text, alt)


def _name(row: PoseRow) -> str:
    return row.model if row.steps is None else f"{row.model} with {row.steps} steps"


def _steps() -> Caption:
    text = (
        "What descent does to a pose, in the model with T = 4 or the trained one nearest to it (T = 0 is "
        "that model's own first guess): two test poses, chosen by their place in the test set and not by "
        "their error. Columns: after T steps. Upper row: what the camera sees; lower row: from the camera's "
        "right, where one view leaves depth open. Solid: inferred, after its optimal scale; dotted: truth. "
        "Under each column: the Procrustes error of that pose."
    )
    alt = (
        "Stick figures of two test poses after increasing numbers of descent steps, seen from the camera and "
        "from the side, drawn over the true poses."
    )
    return Caption("Poses over the steps of descent", text, alt)


def _learning(setting: Setting, validation_held_out: bool) -> Caption:
    clips = (
        "which models do not train on"
        if validation_held_out
        else "which models train on, too: the curves show how well they fit, not how well they generalise"
    )
    text = (
        "Procrustes error after each epoch on validation clips: clips of the training subjects, "
        f"{clips}. The test subjects play no part. An IGE model starts from a trained lifter, so its first "
        "epoch is not that of an untrained model. Dashed: variants of the published form."
    )
    if len(setting.seeds) > 1:
        text += " Faint lines: single seeds; bold: their mean."
    alt = "Line charts of validation error by epoch, lifters on the left, models with descent on the right."
    return Caption("Learning curves", text, alt)


def contact_sheet_caption(category: str) -> Caption:
    """Write the caption of the contact sheet of a category of shapes."""
    text = (
        "Models chosen by their place in the set, not by their looks. Grid over image: the silhouette of the "
        "grid on the image of the same view; the two must agree but for a cell at the border. Mask and "
        "grid: magenta where the image alone says object, blue where the grid alone does. Each slice is the "
        "fullest of those near the middle of what is filled. Right: the cells themselves, near ones orange, "
        "far ones blue."
    )
    alt = f"Contact sheet of shapes of the category {category}: images, grids laid over them, slices, 3D."
    return Caption(category.capitalize(), text, alt)
