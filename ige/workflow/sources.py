"""Where the files of a source lie on this machine: no path of a machine stands in params.yaml."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from ige.base.errors import InputError
from ige.params.params import Params
from ige.shapes.listing import Listing

REAL_DATA = "IGE_REAL_DATA"
_SOURCES = Path("data/sources")
_SUFFIXES = (".bvh", ".bvh.gz", ".amc", ".amc.gz", ".asf", ".asf.gz", ".csv", ".rig.json")


def motion_folder(params: Params) -> Path | None:
    """Find the folder of motion files; None where the chosen source needs none.

    Raises:
        InputError: if it is missing.
    """
    if params.poses.source != "mocap":
        return None
    return _folder("mocap", "motion files", "BVH or ASF/AMC files", "docs/mocap.md", "poses.source")


def shape_folder(params: Params) -> Path | None:
    """Find the folder of meshes; None where the chosen source needs none.

    Raises:
        InputError: if it is missing.
    """
    if params.shapes.source == "procedural":
        return None
    if params.shapes.source == "folder":
        return _folder(
            "meshes", "meshes", "one folder of meshes per category", "docs/meshes.md", "shapes.source"
        )
    return _folder("shapenet", "ShapeNetCore", "folders or zip files", "docs/meshes.md", "shapes.source")


def _folder(name: str, what: str, expected: str, guide: str, parameter: str) -> Path:
    given = os.environ.get(REAL_DATA)
    folder = Path(given) / name if given else _SOURCES / name
    if not folder.is_dir():
        raise InputError(
            f"no folder of {what}",
            where=folder,
            expected=f"{expected} in ${REAL_DATA}/{name} or, without that, in {_SOURCES / name}",
            next_step=f"See {guide}, or set {parameter} to procedural",
        )
    # However the place was written down, its files are the same inputs.
    return Path(os.path.relpath(folder.resolve()))


def motion_files(folder: Path | None) -> list[str]:
    """List the files that decide the clips: motions, skeletons and manifests."""
    if folder is None:
        return []
    files = (path for path in folder.rglob("*") if path.name.lower().endswith(_SUFFIXES))
    return sorted(str(path) for path in files if path.is_file())


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
