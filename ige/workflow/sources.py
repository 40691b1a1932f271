"""Where the files of a source lie on this machine: no path of a machine stands in params.yaml."""

from __future__ import annotations

import os
from pathlib import Path

from ige.base.errors import InputError
from ige.params.params import Params

REAL_DATA = "IGE_REAL_DATA"
_MOTION_FOLDER = Path("data/sources/mocap")
_SUFFIXES = (".bvh", ".bvh.gz", ".amc", ".amc.gz", ".asf", ".asf.gz", ".csv", ".rig.json")


def motion_folder(params: Params) -> Path | None:
    """Find the folder of motion files; None where the chosen source needs none.

    Raises:
        InputError: if it is missing.
    """
    if params.poses.source != "mocap":
        return None
    given = os.environ.get(REAL_DATA)
    folder = Path(given) / "mocap" if given else _MOTION_FOLDER
    if not folder.is_dir():
        raise InputError(
            "no folder of motion files",
            where=folder,
            expected=f"BVH or ASF/AMC files in ${REAL_DATA}/mocap or, without that, in {_MOTION_FOLDER}",
            next_step="See docs/mocap.md, or set poses.source to procedural",
        )
    # However the place was written down, its files are the same inputs.
    return Path(os.path.relpath(folder.resolve()))


def motion_files(folder: Path | None) -> list[str]:
    """List the files that decide the clips: motions, skeletons and manifests."""
    if folder is None:
        return []
    files = (path for path in folder.rglob("*") if path.name.lower().endswith(_SUFFIXES))
    return sorted(str(path) for path in files if path.is_file())
