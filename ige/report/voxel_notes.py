"""What the tables of reconstructions say above their columns: data, protocol, thresholds, what needs care."""

from __future__ import annotations

from collections.abc import Sequence

from ige.params.stages import ShapeTableSettings, VoxelTableSettings
from ige.report import wording
from ige.report.data_notes import shape_data_note, shape_source, splits_in_words
from ige.report.published_shapes import EVALUATED_AT
from ige.report.rows import mean
from ige.report.voxel_comparisons import COMPARED, IGE, Comparison
from ige.report.voxel_rows import PUBLISHED_LISTS, is_comparable, percent
from ige.report.voxel_scores import ALL, ERRORS, METRICS, VoxelScores, VoxelSetting

_DATA = {
    "procedural": "generated shapes (procedural)",
    "folder": "a folder of meshes (folder)",
    "shapenet": "ShapeNetCore (shapenet)",
}
_CEILING = "ceiling"  # a family: it answers the truth at the resolution of training
_CELLS_OF_F_SCORE = 100  # per side; finer grids have cells smaller than its distance
_VIEWS = {"first": "first view", "all": "all views"}
_THRESHOLDS = {
    "validation": "threshold of each model and seed chosen on the validation shapes",
    "half": "threshold 0.5",
}


def data_in_words(data: str) -> str:
    """Say where shapes come from: "procedural" becomes "generated shapes (procedural)"."""
    return _DATA.get(data, data)


def head(setting: VoxelSetting, settings: VoxelTableSettings, scores: Sequence[VoxelScores]) -> str:
    """Say in one line what stands above each table: data, protocol, n, seeds, threshold."""
    counts = sorted({len(score.keys) for score in scores})
    n = " to ".join(f"{count:,}" for count in sorted({counts[0], counts[-1]}))
    seeds = wording.listed([str(seed) for seed in setting.seeds])
    generated = "; generated shapes train and validate beside the meshes, none tests" * settings.generated
    return (
        f"Test: {data_in_words(setting.data)}, n = {n} views ({setting.views} of each shape){generated}; "
        f"compared at {setting.resolution} cells per side; seed{'s' * (len(setting.seeds) > 1)} {seeds}; "
        f"{_THRESHOLDS[settings.threshold]}."
    )


def voxel_notes(
    setting: VoxelSetting, settings: VoxelTableSettings, scores: Sequence[VoxelScores]
) -> list[str]:
    """Say what the tables show: test, data, protocol, columns, published values, and what needs care."""
    spread = "Mean and, of models that learn, sample standard deviation (±) over the seeds."
    lines = [
        head(setting, settings, scores),
        shape_data_note(_source(setting, settings), splits_in_words(settings.splits)),
        f"Protocol: {setting.protocol.rstrip('.')}.",
        "Cells: per side of the grids that a model was trained on. All values are means over test views. IoU "
        "by volume: in the camera's frustum, where cells grow with depth, each weighted by its volume; by "
        "cell: the same, all alike; world: resampled to the object's box. A model of the world is resampled "
        "to the frustum. F-score: of surfaces, within 1 % of the object's diagonal.",
        "Errors, in parts of the union of answer and truth; with IoU by volume they make 100 %. Missed: of "
        "the truth alone. False, hidden: of the answer alone, in front of or behind the object as the camera "
        "sees it; seen: beside its silhouette, where the image shows that it is wrong.",
        _published_note(setting, settings),
        *([spread] if len(setting.seeds) > 1 else []),
    ]
    return [*lines, *_cautions(scores)]


def _source(setting: VoxelSetting, settings: VoxelTableSettings) -> str:
    """Say where shapes come from; of ShapeNet also the version, and whether it is a part."""
    if settings.shapenet is None:
        return data_in_words(setting.data)
    return shape_source(
        ShapeTableSettings(source=settings.source, shapenet=settings.shapenet, splits=settings.splits)
    )


def _published_note(setting: VoxelSetting, settings: VoxelTableSettings) -> str:
    text = (
        "Published: mean IoU in percent at 256 cells per side, from the poster of IGE-Net (CVPR 2019). A "
        "subscript 1 is one model per category, 13 one of all 13 categories (our reading); MN: MobileNetV2, "
        "I4: Inception-v4. Whether its IoU is weighted by volume it does not say; ours here is. "
        "OGN and MAT are of other papers: world coordinates, other renders, one category per model."
    )
    unknown = "Which split, views and threshold the published values have is not known."
    lists, order = settings.splits.lists, {"id": "ids", "hash": "hashes of ids"}[settings.splits.order]
    split = f"in order of {order}" if lists == "none" else f"by the lists {lists}"
    ours = f"{_source(setting, settings)}, split {split}, {_VIEWS[setting.views]} of each shape"
    if is_comparable(setting, settings):
        threshold = _THRESHOLDS[settings.threshold]
        return f"{text} Difference: ours {wording.MINUS} published. Ours: {ours}, {threshold}. {unknown}"
    return (
        f"{text} {unknown} Ours would stand beside them on all of ShapeNetCore version 1, split by the lists "
        f"{' or '.join(PUBLISHED_LISTS)}, first view of each shape, {EVALUATED_AT} cells per side. This run: "
        f"{ours}, {setting.resolution} cells per side: no difference is given, and none would mean anything."
    )


def model_notes(scores: Sequence[VoxelScores]) -> list[str]:
    """Say which columns no answer, however good, brings to 100 %, and what several nets cost."""
    worlds = any(score.coordinates == "world" for score in scores)
    lines = [
        "World: answers in the frustum are carried to the object's box by nearest cells, so that none can "
        f"reach 100 % there{', nor answers in the world in the frustum' * worlds}. "
        + _reached(scores, "iou_world")
    ]
    if any(score.resolution < _CELLS_OF_F_SCORE for score in scores):
        lines.append(
            f"F-score: below {_CELLS_OF_F_SCORE} cells per side a cell is wider than the distance that "
            "counts, 1 % of the object's diagonal: a surface off by one cell is wrong. "
            + _reached(scores, "f_score")
        )
    several = [
        f"{score.model} at {score.resolution} has one for each of {len(parts)} categories"
        for score in scores
        if (parts := {part.category for part in score.parts} - {None}) and score.learns
    ]
    if several:
        lines.append(f"Parameters and multiply-adds are of one net; {'; '.join(several)}.")
    return lines


def _reached(scores: Sequence[VoxelScores], name: str) -> str:
    """Say how far the truth itself comes, if the run has a model that answers it."""
    reached = [
        f"{wording.error(percent(mean(score.means(name))))} % at {score.resolution} cells per side "
        f"({score.model})"
        for score in scores
        if score.family == _CEILING
    ]
    if not reached:
        return f"How far the truth itself comes is not known: no model of kind {_CEILING} is in this run."
    return f"The truth itself reaches {wording.listed(reached)}."


def comparison_notes(
    settings: VoxelTableSettings, scores: Sequence[VoxelScores], comparisons: Sequence[Comparison]
) -> list[str]:
    """Say how models were compared, and which were not."""
    lines = [
        "Difference of means over the same test views, model minus reference, in percentage points; values "
        f"of a view are averaged over seeds first. Interval: {settings.bootstrap.samples:,} draws of the "
        "test shapes with replacement, each with all its views: how the difference may be on other shapes, "
        "for the nets at hand. By seed: the least and the greatest difference of two nets of the same seed.",
        *_told_of_energy(comparisons),
    ]
    missing = [name for name in settings.references if name not in {score.model for score in scores}]
    if missing:
        lines.append(f"Not in this run, so nothing is compared with it: {wording.listed(missing)}.")
    compared = {(each.model, each.resolution) for each in comparisons if each.category == ALL}
    compared |= {(each.reference, each.resolution) for each in comparisons}
    others = [
        f"{score.model} at {score.resolution}"
        for score in scores
        if (score.model, score.resolution) not in compared
    ]
    if others and comparisons:
        lines.append(
            "Not compared over all categories, because no reference was scored on the same examples: "
            f"{wording.listed(others)}."
        )
    return lines


def _told_of_energy(comparisons: Sequence[Comparison]) -> list[str]:
    """Name the pairs whose difference is that of the energy, if there are models that have one."""
    controls = [
        f"{each.model} {wording.MINUS} {each.reference}"
        for each in comparisons
        if each.control and (each.category, each.metric) == (ALL, COMPARED[0])
    ]
    if controls:
        return [
            "What the energy does is told where the reference was trained on from the same first weights, on "
            f"the same categories: {wording.listed(list(dict.fromkeys(controls)))}. Other differences may be "
            "of encoder, loss or training."
        ]
    if any(each.family == IGE for each in comparisons):
        return [
            "What the energy does is not told: no reference was trained on from the same first weights, on "
            "the same categories, as a model with an energy."
        ]
    return []


def _cautions(scores: Sequence[VoxelScores]) -> list[str]:
    """Name the values that examples lack, and models of the world."""
    lines = []
    lacking = [
        f"{score.model} at {score.resolution}: {name} of {count:,}"
        for score in scores
        for name in (*METRICS, *ERRORS)
        if (count := score.lacking(name))
    ]
    if lacking:
        lines.append(f"Examples without a value are left out of its mean: {'; '.join(lacking)} examples.")
    empty = max(score.empty_truths for score in scores)
    if empty:
        views = wording.some(empty, "view")
        lines.append(f"The truth of {views} fills no cell: an answer without cells is right there.")
    partial = [
        f"{score.model} at {score.resolution} ({wording.listed(score.categories)})"
        for score in scores
        if len(score.categories) < max(len(each.categories) for each in scores)
    ]
    if partial:
        lines.append(f"Tested on some categories alone: {'; '.join(partial)}.")
    return lines
