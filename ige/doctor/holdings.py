"""What there is of each group of external files, and which groups the parameters ask for."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ige.base.errors import InputError
from ige.doctor.data import motions
from ige.fetch.presence import Presence, State, compact, look, take_part
from ige.fetch.source_list import SourceFile
from ige.params.params import Params
from ige.shapes.shapenet import SYNSETS
from ige.shapes.shapenet_check import check_shapenet
from ige.workflow.sources import detection_group, folder_of, pose_groups, shape_groups

FINE: tuple[State, ...] = ("present", "downloadable")
OWN = "your own"  # files that no list knows
_WORST_FIRST: tuple[State, ...] = ("wrong", "incomplete", "missing", "downloadable", "present")
_MESHES = (".obj", ".ply", ".stl", ".off", ".gltf", ".glb", ".dae")


@dataclass(frozen=True, slots=True)
class Holding:
    """What there is of a group of files.

    Attributes:
        source: to which the group belongs.
        group: its name.
        folder: where the files of the source lie, or would.
        needed: whether the parameters ask for it.
        state: of the group: that of its worst file.
        found: what there is, a few words.
        detail: what is wrong about it, where that is no matter of single files.
        presences: its files; where they can be had in several forms, those that lack.
        guide: the document that tells more.
    """

    source: str
    group: str
    folder: Path
    needed: bool
    state: State
    found: str
    detail: str = ""
    presences: tuple[Presence, ...] = ()
    guide: str = ""


def take_stock(
    params: Params, files: Sequence[SourceFile], sources: Sequence[str], folder: Path | None
) -> list[Holding]:
    """Look for the files of sources, those that the parameters ask for first.

    Args:
        params: all settings.
        files: the list of external files.
        sources: names of sources; empty for all.
        folder: where the files of the only source lie; None: at their usual place.

    Raises:
        InputError: if there is no such source, or a folder is given for none or several.
    """
    known = list(dict.fromkeys(file.source for file in files))
    for name in sources:
        if name not in known:
            raise InputError(f"no source is called {name!r}", expected=", ".join(known), found=name)
    if folder is not None and len(sources) != 1:
        raise InputError("--folder belongs to one source", expected="--source NAME", found=f"{len(sources)}")
    holdings = [
        holding
        for source in sources or known
        for holding in _of_source(params, files, source, folder or folder_of(source))
    ]
    if folder is not None and not folder.is_dir():
        raise InputError("no such folder", where=folder, expected=f"the files of {sources[0]}")
    return sorted(holdings, key=lambda holding: not holding.needed)


def needed_groups(params: Params, source: str, folder: Path) -> Sequence[str]:
    """Name the groups of a source's files that the parameters ask for.

    Args:
        params: all settings.
        source: the source.
        folder: where its files lie: files of your own there take the place of those that could be fetched.
    """
    if source == "h36m" and params.poses.source == "h36m":
        observed = [detection_group(params, name) for name in params.train.observations]
        return list(dict.fromkeys([*pose_groups(params), *filter(None, observed)]))
    if source == "mocap" and params.poses.source == "mocap":
        own = not params.poses.mocap.fetch or (folder.is_dir() and motions(folder))
        return [OWN] if own else params.poses.mocap.fetch
    if source == "meshes" and params.shapes.source == "folder":
        return [OWN]
    if source == "shapenet" and params.shapes.source == "shapenet":
        return shape_groups(params)
    return []


def _of_source(params: Params, files: Sequence[SourceFile], source: str, folder: Path) -> Iterator[Holding]:
    needs = needed_groups(params, source, folder)
    if OWN in needs:
        yield _of_own_files(source, folder)
    mine = [file for file in files if file.source == source]
    for group in dict.fromkeys(file.group for file in mine):
        found = [look(file, folder, os.environ) for file in mine if file.group == group]
        if source == "h36m":
            found = [_with_names(presence) for presence in found]
        holding = _of_presences(source, group, folder, group in needs, tuple(found))
        if holding.needed and source == "h36m" and _is_part(params, group):
            holding = _of_part(holding)
        if holding.needed and source == "shapenet" and group in ("v1", "v2"):
            holding = _of_categories(params, holding)
        yield holding


def _of_presences(
    source: str, group: str, folder: Path, needed: bool, found: tuple[Presence, ...]
) -> Holding:
    state = next(state for state in _WORST_FIRST if any(presence.state == state for presence in found))
    there = sum(presence.state == "present" for presence in found)
    plural = "file" if len(found) == 1 else "files"
    text = f"{len(found)} {plural}" if there in (0, len(found)) else f"{there} of {len(found)} {plural}"
    text = "; ".join([text, *(look.detail for look in found if look.state == "present" and look.detail)])
    return Holding(source, group, folder, needed, state, text, presences=found)


def _with_names(presence: Presence) -> Presence:
    """Add to an incomplete tree of Human3.6M which sequences it lacks."""
    if presence.state != "incomplete":
        return presence
    from ige.poses.h36m.lacking import tell_lacking

    names = tell_lacking(presence.paths)
    return replace(presence, detail=f"{presence.detail}: without {names}") if names else presence


def _is_part(params: Params, group: str) -> bool:
    return params.poses.h36m.frames == "part" and group == pose_groups(params)[0]


def _of_part(whole: Holding) -> Holding:
    """Take what is there of the positions of Human3.6M, and say what is not."""
    lacking = [presence for presence in whole.presences if presence.state in ("missing", "incomplete")]
    taken = tuple(take_part(whole.presences))
    if not lacking or any(presence.state == "missing" for presence in taken):
        return whole
    part = _of_presences(whole.source, whole.group, whole.folder, True, taken)
    rest = [presence.detail for presence in lacking if presence.state == "incomplete"]
    if names := compact([presence.file.file for presence in lacking if presence.state == "missing"]):
        rest.append(f"without {names}")
    there = len(whole.presences) - sum(presence.state == "missing" for presence in lacking)
    return replace(part, found="; ".join([f"part: {there} of {len(whole.presences)} files", *rest]))


def _of_own_files(source: str, folder: Path) -> Holding:
    what, guide = ("motion files", "docs/mocap.md") if source == "mocap" else ("mesh files", "docs/meshes.md")
    files = (motions if source == "mocap" else _mesh_files)(folder) if folder.is_dir() else []
    state: State = "present" if files else "missing"
    return Holding(source, OWN, folder, True, state, f"{len(files) or 'no'} {what}", guide=guide)


def _mesh_files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.suffix.lower() in _MESHES]


def _of_categories(params: Params, listed: Holding) -> Holding:
    """Tell by category what there is of ShapeNet: its models may lie in many forms."""
    states = check_shapenet(listed.folder, params.shapes.shapenet, params.shapes.categories)
    lacking = [state for state in states if state.state != "present"]
    models = sum(state.models for state in states)
    part = params.shapes.shapenet.counts == "part"
    if not lacking:
        text = (
            f"part: {models:,} models in {len(states)} categories"
            if part
            else f"{len(states)} categories, complete"
        )
        return replace(listed, state="present", found=text, presences=())
    names = {SYNSETS.get(state.category, "") for state in lacking}
    presences = tuple(
        presence
        for presence in listed.presences
        if Path(presence.file.file).stem in names and presence.state != "present"
    )
    found = f"{len(states) - len(lacking)} of {len(states)} categories"
    detail = "; ".join(f"{state.category}: {state.detail}" for state in lacking if state.state != "missing")
    downloadable = presences and all(presence.state == "downloadable" for presence in presences)
    untouched = all(state.state == "missing" for state in lacking)
    if part and models and untouched and not any(presence.state != "missing" for presence in presences):
        rest = ", ".join(state.category for state in lacking)
        return replace(
            listed,
            state="present",
            found=f"part: {models:,} models in {found}; none of {rest}",
            presences=(),
        )
    state: State = "downloadable" if downloadable and untouched else "missing" if untouched else "incomplete"
    return replace(listed, state=state, found=found, detail=detail, presences=presences)
