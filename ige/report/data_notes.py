"""Which part of the data a run used, and how it was split, as its tables say it."""

from __future__ import annotations

from ige.params.poses import H36mSettings
from ige.params.shapes import ShapeSplitsSettings
from ige.params.stages import PoseTableSettings, ShapeTableSettings
from ige.report import wording

_POSITIONS = {
    "official": "official positions",
    "martinez": "positions as in the files of Martinez et al.",
    "videopose3d": "positions as in the files of VideoPose3D",
}
_FRAMES = {"full": "all frames (full)", "part": "the frames that were there (part)"}
_VISIBILITY = {"in-image": "views with every joint in the image", "all": "all views kept"}
_COUNTS = {"full": "", "part": ", a part of it"}


def pose_data_note(settings: PoseTableSettings) -> str:
    """Say which clips, frames and views were used, and what became of the validation clips."""
    data = [wording.data_in_words(settings.source)]
    if settings.h36m is not None:
        data += _of_h36m(settings.h36m)
    step = settings.frame_step
    views = ["every frame" if step == 1 else f"every {wording.ordinal(step)} frame"]
    views.append(_VISIBILITY[settings.visibility])
    if any(settings.yaws_degrees):
        turns = wording.listed([f"{yaw:g}" for yaw in settings.yaws_degrees])
        views.append(f"clips turned by {turns} degrees")
    validation = "are held out of" if settings.validation_held_out else "stay in"
    return f"Data: {', '.join(data)}; {', '.join(views)}; validation clips {validation} training."


def _of_h36m(settings: H36mSettings) -> list[str]:
    return [
        _POSITIONS[settings.positions],
        _FRAMES[settings.frames],
        f"{settings.exclusions} exclusions",
    ]


def shape_source(settings: ShapeTableSettings) -> str:
    """Name the source of the shapes, e.g. "ShapeNetCore version 1"."""
    if settings.shapenet is None:
        return {"procedural": "generated shapes", "folder": "a folder of meshes"}[settings.source]
    return f"ShapeNetCore version {settings.shapenet.version}{_COUNTS[settings.shapenet.counts]}"


def shape_splits(settings: ShapeTableSettings) -> str:
    """Say how models were split, e.g. "r2n2, 10 % of training validates"."""
    return splits_in_words(settings.splits)


def splits_in_words(splits: ShapeSplitsSettings) -> str:
    """Say how models were split, as `shape_splits`."""
    how = _cut(splits) if splits.lists == "none" else splits.lists
    # The lists of SHREC16 have a validation set of their own.
    if splits.lists == "shrec16":
        return how
    return f"{how}, {_percent(splits.validation_share)} of the training models validate"


def _cut(splits: ShapeSplitsSettings) -> str:
    order = "ids" if splits.order == "id" else "hashes of ids"
    return f"in order of {order}, the last {_percent(splits.test_share)} test"


def _percent(share: float) -> str:
    return f"{100.0 * share:g} %"


def shape_data_note(source: str, splits: str) -> str:
    """Say where shapes come from and how they were split."""
    return f"Data: {source}. Split of each category: {splits}."
