"""What the sources of the parameters need, and what of it lies on this machine.

No path of a machine stands in params.yaml: the files of a source lie in `$IGE_REAL_DATA/<source>` if that
folder exists, else in `data/sources/<source>`. What is missing but can be downloaded counts as there: rule
`fetch_file` brings it.
"""

from __future__ import annotations

import os
from collections.abc import Container, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ige.base.errors import InputError
from ige.fetch.finding import DOWNLOADED, own_files
from ige.fetch.presence import Presence, look, missing_screen, take_part
from ige.fetch.source_list import SourceFile, read_source_list
from ige.params import stages
from ige.params.params import Params
from ige.params.poses import Detections
from ige.shapes.listing import SUFFIXES, Listing
from ige.shapes.manifest import Manifest, list_shapes
from ige.shapes.shapenet import SYNSETS
from ige.shapes.shapenet_check import check_shapenet

REAL_DATA = "IGE_REAL_DATA"
SOURCE_LIST = Path("workflow/sources.csv")
SPLITS = Path("workflow/splits")
_SOURCES = Path("data/sources")
_MOTION_SUFFIXES = (".bvh", ".bvh.gz", ".amc", ".amc.gz", ".asf", ".asf.gz", ".csv", ".rig.json")
_CAMERAS = {"metadata": "metadata", "cameras-h5": "martinez"}
_DETECTORS = {"sh": "martinez"}  # the others lie in a group of their own name
_LISTS = "splits"  # the group of ShapeNet's lists of splits
_THERE = ("present", "downloadable")


@dataclass(frozen=True, slots=True)
class SourceData:
    """A source that the parameters ask for.

    Attributes:
        source: its name in sources.csv.
        folder: where its files lie, or would.
        groups: by the name of a group, what is there of its files.
        listed: files that are found by looking into the folder.
        problem: why nothing can be made of the folder, one line; empty if there is no such reason.
    """

    source: str
    folder: Path
    groups: dict[str, tuple[Presence, ...]]
    listed: tuple[str, ...] = ()
    problem: str = ""

    def files(self, groups: Sequence[str]) -> list[str]:
        """List the files of these groups, present or to be downloaded, each once."""
        names = dict.fromkeys(
            str(path)
            for group in groups
            for presence in self.groups[group]
            for path in _paths(presence, self)
        )
        return [*names]

    def absent(self, groups: Sequence[str]) -> list[Presence]:
        """Return the files of these groups that are neither there nor can be downloaded."""
        found = (presence for group in groups for presence in self.groups[group])
        return [presence for presence in found if presence.state not in _THERE]


def screen(asked: Sequence[tuple[SourceData, Sequence[str]]]) -> str:
    """Tell people what is missing, or wrong, and what to do; empty if nothing is.

    Args:
        asked: sources, with the groups of their files that are needed.
    """
    absent: dict[Path, list[Presence]] = {}
    for data, groups in asked:
        own = data.folder.parent if data.folder.name == DOWNLOADED else data.folder
        absent.setdefault(own.parent, []).extend(data.absent(groups))
    texts = [text for place, found in absent.items() if (text := missing_screen(found, place))]
    texts += [f"{data.problem}\n" for data, groups in asked if data.problem and not data.absent(groups)]
    return "\n".join(texts)


def _paths(presence: Presence, data: SourceData) -> tuple[Path, ...]:
    if presence.state == "downloadable":
        folder = data.folder if data.folder.name == DOWNLOADED else data.folder / DOWNLOADED
        return (folder / presence.file.file,)
    return presence.paths


def folder_of(source: str) -> Path:
    """Say where the files of a source lie, or would: in a form that is the same however it was written.

    Its last name stays that of the source, also where that is a link to a folder of another name.
    """
    given = os.environ.get(REAL_DATA)
    folder = Path(given) / source if given else _SOURCES / source
    if not folder.is_dir():
        folder = _SOURCES / source
    return Path(os.path.relpath(folder.parent.resolve() / folder.name))


def pose_groups(params: Params) -> list[str]:
    """Name the groups of Human3.6M's files from which clips are made."""
    chosen = params.poses.h36m
    return list(dict.fromkeys([chosen.positions, _CAMERAS[chosen.cameras]]))


def detection_group(params: Params, observation: str) -> str | None:
    """Name the group of Human3.6M's files with the detections of an observation; None if it needs none."""
    settings = params.poses.lifting.observations[observation]
    if not isinstance(settings, Detections):
        return None
    return _DETECTORS.get(settings.detector, settings.detector)


def pose_data(params: Params, source_list: Path = SOURCE_LIST) -> SourceData | None:
    """Look for what the chosen source of poses needs; None where it needs nothing.

    Raises:
        InputError: if the list of sources cannot be read.
    """
    source = params.poses.source
    if source == "procedural":
        return None
    folder = folder_of(source)
    if source == "mocap":
        return _motion_data(params, folder, source_list)
    observed = [detection_group(params, name) for name in params.train.observations]
    groups = dict.fromkeys([*pose_groups(params), *filter(None, observed)])
    found = _look(source_list, source, list(groups), folder)
    positions = params.poses.h36m.positions
    found[positions] = tuple(_with_names(presence) for presence in found[positions])
    if params.poses.h36m.frames == "part":
        found[positions] = tuple(take_part(found[positions]))
    return SourceData(source, folder, found)


def _with_names(presence: Presence) -> Presence:
    """Add to an incomplete tree which sequences it lacks."""
    if presence.state != "incomplete":
        return presence
    from ige.poses.h36m.lacking import tell_lacking

    names = tell_lacking(presence.paths)
    return replace(presence, detail=f"{presence.detail}: without {names}") if names else presence


def _motion_data(params: Params, folder: Path, source_list: Path) -> SourceData:
    listed = tuple(motion_files(folder))
    if listed:
        return SourceData("mocap", folder, {}, listed)
    fetched = params.poses.mocap.fetch
    if fetched:
        groups = _look(source_list, "mocap", fetched, folder)
        return SourceData("mocap", folder / DOWNLOADED, groups)
    problem = _no_folder(folder, "motion files", "BVH or ASF/AMC files", "docs/mocap.md")
    return SourceData("mocap", folder, {}, problem=problem)


def shape_data(params: Params, source_list: Path = SOURCE_LIST) -> tuple[SourceData | None, Manifest]:
    """Look for what the chosen source of shapes needs; None where it needs nothing.

    Returns:
        What is there, and the models; of a source that is not there, not as it should be, or still to be
        downloaded in part, no models.

    Raises:
        InputError: if the list of sources cannot be read.
    """
    source = {"procedural": None, "folder": "meshes", "shapenet": "shapenet"}[params.shapes.source]
    if source is None:
        return None, list_shapes(stages.prepare_manifest(params), None, SPLITS)
    folder = folder_of(source)
    if source == "meshes" and not _has_meshes(folder):
        if params.shapes.folder.fetch:
            return _fetched_meshes(params, folder, source_list)
        if not folder.is_dir():
            problem = _no_folder(folder, "meshes", "one folder of meshes per category", "docs/meshes.md")
            return SourceData(source, folder, {}, problem=problem), _nothing(params)
    try:
        manifest, problem = list_shapes(stages.prepare_manifest(params), folder, SPLITS), ""
    except InputError as error:
        manifest, problem = _nothing(params), str(error)
    if source == "shapenet":
        if wrong := _wrong_lists(params, folder, source_list):
            return SourceData(source, folder, {_LISTS: wrong}), _nothing(params)
        groups = _lacking_shapes(params, folder, source_list, manifest)
        states = {presence.state for found in groups.values() for presence in found}
        # Also where the rest could be worked with: an interrupted download goes on.
        if "downloadable" in states or (problem and states):
            return SourceData(source, folder, groups), _nothing(params)
    return SourceData(source, folder, {}, problem=problem), manifest


def _has_meshes(folder: Path) -> bool:
    return folder.is_dir() and any(path.suffix.lower() in SUFFIXES for path in own_files(folder))


def _fetched_meshes(params: Params, folder: Path, source_list: Path) -> tuple[SourceData | None, Manifest]:
    """Take the meshes that were downloaded; none as long as one of them still has to be."""
    groups = _look(source_list, "meshes", params.shapes.folder.fetch, folder)
    data = SourceData("meshes", folder / DOWNLOADED, groups)
    if any(presence.state != "present" for found in groups.values() for presence in found):
        return data, _nothing(params)
    return data, list_shapes(stages.prepare_manifest(params), folder / DOWNLOADED, SPLITS)


def _nothing(params: Params) -> Manifest:
    return Manifest((), (), params.shapes.models_per_shard)


def _wrong_lists(params: Params, folder: Path, source_list: Path) -> tuple[Presence, ...]:
    """Find a list of splits that is not the published one: what is made of it would decide for good."""
    if _LISTS not in shape_groups(params) or params.shapes.shapenet.counts == "part":
        return ()
    found = _look(source_list, "shapenet", [_LISTS], folder)[_LISTS]
    return tuple(presence for presence in found if presence.state == "wrong")


def _lacking_shapes(
    params: Params, folder: Path, source_list: Path, manifest: Manifest
) -> dict[str, tuple[Presence, ...]]:
    """Look for the archives of categories of which nothing is there, and for lists of splits.

    Nothing is looked for where something is there and is not as it should be: that is what to tell.
    """
    categories, groups = params.shapes.categories, shape_groups(params)
    if manifest.entries:
        there, groups = {entry.category for entry in manifest.entries}, groups[:1]
    else:
        states = check_shapenet(folder, params.shapes.shapenet, categories)
        if any(state.state == "incomplete" for state in states):
            return {}
        there = {state.category for state in states if state.state == "present"}
    archives = {SYNSETS.get(category, "") for category in categories if category not in there}
    found = _look(source_list, "shapenet", groups, folder)
    return {
        group: tuple(presence for presence in found[group] if _lacks(presence, archives)) for group in groups
    }


def _lacks(presence: Presence, archives: Container[str]) -> bool:
    file = presence.file
    return presence.state != "present" and (file.group == _LISTS or Path(file.file).stem in archives)


def shape_groups(params: Params) -> list[str]:
    """Name the groups of ShapeNet's files that the parameters ask for."""
    lists = [_LISTS] if params.shapes.splits.lists == "shrec16" else []
    return [f"v{params.shapes.shapenet.version}", *lists]


def motion_files(folder: Path) -> list[str]:
    """List the files that decide the clips: motions, skeletons and manifests; none of those downloaded."""
    files = (path for path in own_files(folder) if path.name.lower().endswith(_MOTION_SUFFIXES))
    return [str(path) for path in files if path.is_file()]


def mesh_files(listing: Listing, category: str, models: Sequence[str]) -> list[str]:
    """List the files that decide these models, each once: a zip file holds many.

    Raises:
        InputError: if a model is not there, or Snakemake would take a name for a pattern.
    """
    files = (listing.files_of(category, model) for model in models)
    names = list(dict.fromkeys(str(path) for paths in files for path in paths))
    for name in names:
        if "{" in name or "}" in name:
            raise InputError(
                "a name with braces, which the workflow cannot hold",
                where=name,
                next_step="Rename the file, and what refers to it",
            )
    return names


def _look(
    source_list: Path, source: str, groups: Sequence[str], folder: Path
) -> dict[str, tuple[Presence, ...]]:
    files = read_source_list(source_list)
    return {group: tuple(_look_for(files, source, group, folder)) for group in groups}


def _look_for(files: Sequence[SourceFile], source: str, group: str, folder: Path) -> list[Presence]:
    wanted = [file for file in files if (file.source, file.group) == (source, group)]
    if not wanted:
        raise InputError(f"no file of {source}, group {group}", where=SOURCE_LIST, expected="a row for each")
    return [look(file, folder, os.environ) for file in wanted]


def _no_folder(folder: Path, what: str, expected: str, guide: str) -> str:
    places = f"{expected} in {folder}, or in ${REAL_DATA}/{folder.name}"
    return str(InputError(f"no {what}", where=folder, expected=places, next_step=f"See {guide}"))
