"""What the sources of the parameters need, and what of it lies on this machine.

No path of a machine stands in params.yaml: the files of a source lie in `$IGE_REAL_DATA/<source>` if that
folder exists, else in `data/sources/<source>`. What is missing but can be downloaded counts as there: rule
`fetch_file` brings it.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ige.base.errors import InputError
from ige.fetch.presence import DOWNLOADED, Presence, look, missing_screen
from ige.fetch.source_list import SourceFile, read_source_list
from ige.params import stages
from ige.params.params import Params
from ige.params.poses import Detections
from ige.shapes.listing import Listing
from ige.shapes.manifest import Manifest, list_shapes

REAL_DATA = "IGE_REAL_DATA"
SOURCE_LIST = Path("workflow/sources.csv")
SPLITS = Path("workflow/splits")
_SOURCES = Path("data/sources")
_MOTION_SUFFIXES = (".bvh", ".bvh.gz", ".amc", ".amc.gz", ".asf", ".asf.gz", ".csv", ".rig.json")
_POSITIONS = {"official": "official", "martinez": "martinez", "videopose3d": "videopose3d"}
_CAMERAS = {"metadata": "metadata", "cameras-h5": "martinez"}
_DETECTORS = {"sh": "martinez"}  # the others lie in a group of their own name
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
        absent.setdefault(data.folder.parent, []).extend(data.absent(groups))
    texts = [text for place, found in absent.items() if (text := missing_screen(found, place))]
    texts += [f"{data.problem}\n" for data, groups in asked if data.problem and not data.absent(groups)]
    return "\n".join(texts)


def _paths(presence: Presence, data: SourceData) -> tuple[Path, ...]:
    if presence.state == "downloadable":
        folder = data.folder if data.folder.name == DOWNLOADED else data.folder / DOWNLOADED
        return (folder / presence.file.file,)
    return presence.paths


def folder_of(source: str) -> Path:
    """Say where the files of a source lie, or would: in a form that is the same however it was written."""
    given = os.environ.get(REAL_DATA)
    folder = Path(given) / source if given else _SOURCES / source
    if not folder.is_dir():
        folder = _SOURCES / source
    return Path(os.path.relpath(folder.resolve()))


def pose_groups(params: Params) -> list[str]:
    """Name the groups of Human3.6M's files from which clips are made."""
    chosen = params.poses.h36m
    return list(dict.fromkeys([_POSITIONS[chosen.positions], _CAMERAS[chosen.cameras]]))


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
    return SourceData(source, folder, _look(source_list, source, list(groups), folder))


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
        What is there, and the models; of a source that is not there, or not as it should be, no models.

    Raises:
        InputError: if the list of sources cannot be read.
    """
    settings = stages.prepare_manifest(params)
    source = {"procedural": None, "folder": "meshes", "shapenet": "shapenet"}[params.shapes.source]
    if source is None:
        return None, list_shapes(settings, None, SPLITS)
    folder = folder_of(source)
    nothing = Manifest((), (), settings.models_per_shard)
    if not folder.is_dir() and source == "meshes":
        problem = _no_folder(folder, "meshes", "one folder of meshes per category", "docs/meshes.md")
        return SourceData(source, folder, {}, problem=problem), nothing
    try:
        return SourceData(source, folder, {}), list_shapes(settings, folder, SPLITS)
    except InputError as error:
        problem = str(error)
    groups = _look(source_list, source, shape_groups(params), folder) if source == "shapenet" else {}
    wanted = {name: _of_categories(found, params) for name, found in groups.items()}
    if folder.is_dir() and any(
        presence.state == "present" for found in wanted.values() for presence in found
    ):
        # Something is there, and is not as it should be: that is what to tell.
        wanted = {}
    return SourceData(source, folder, wanted, problem=problem), nothing


def shape_groups(params: Params) -> list[str]:
    """Name the groups of ShapeNet's files that the parameters ask for."""
    lists = ["splits"] if params.shapes.splits.lists == "shrec16" else []
    return [f"v{params.shapes.shapenet.version}", *lists]


def motion_files(folder: Path) -> list[str]:
    """List the files that decide the clips: motions, skeletons and manifests; none of those downloaded."""
    files = (path for path in folder.rglob("*") if path.name.lower().endswith(_MOTION_SUFFIXES))
    return sorted(str(path) for path in files if path.is_file() and folder / DOWNLOADED not in path.parents)


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


def _of_categories(found: Sequence[Presence], params: Params) -> tuple[Presence, ...]:
    """Leave out the archives of categories that the parameters do not ask for."""
    from ige.shapes.shapenet import SYNSETS

    others = {synset for name, synset in SYNSETS.items() if name not in params.shapes.categories}
    return tuple(presence for presence in found if Path(presence.file.file).stem not in others)


def _no_folder(folder: Path, what: str, expected: str, guide: str) -> str:
    places = f"{expected} in {folder}, or in ${REAL_DATA}/{folder.name}"
    return str(InputError(f"no {what}", where=folder, expected=places, next_step=f"See {guide}"))
