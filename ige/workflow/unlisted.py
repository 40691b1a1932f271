"""What params.yaml no longer asks for is set aside: kept, but not among the results of the run.

Tables, DVC and people look at the folders of a run; a model that has left the list, or a seed, must not stay
there as if it belonged to the rest.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable
from pathlib import Path

from ige.storage.atomic import storage_error
from ige.workflow.records import results_below

UNLISTED = "unlisted"


def set_aside(run: Path, folders: Iterable[str], expected: Collection[str]) -> list[str]:
    """Move what no rule makes any more from a run's folders to `unlisted/`, over what lies there.

    Args:
        run: the folder `runs/<run>`, as the rules write it.
        folders: the folders below it to look into.
        expected: every file that the rules make.

    Returns:
        the files that were moved.

    Raises:
        StorageError: if a file cannot be moved.
    """
    within = tuple(os.path.join(run, folder, "") for folder in folders)
    moved = [path for path in results_below(run) if path.startswith(within) and path not in expected]
    for path in moved:
        target = run / UNLISTED / Path(path).relative_to(run)
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            Path(path).replace(target)
        except OSError as error:
            raise storage_error(target, error) from error
        _remove_empty(Path(path).parent)
    return moved


def take_back(run: Path, expected: Collection[str]) -> list[str]:
    """Move what was set aside and is asked for again to where it was, unless something lies there.

    Args:
        run: the folder `runs/<run>`, as the rules write it.
        expected: every file that the rules make.

    Returns:
        the files that were moved.

    Raises:
        StorageError: if a file cannot be moved.
    """
    kept = run / UNLISTED
    if not kept.is_dir():
        return []
    moved = [
        path
        for path in sorted(expected)
        if (kept / Path(path).relative_to(run)).is_file() and not os.path.lexists(path)
    ]
    for path in moved:
        source, target = kept / Path(path).relative_to(run), Path(path)
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            source.replace(target)
        except OSError as error:
            raise storage_error(target, error) from error
        _remove_empty(source.parent)
    return moved


def _remove_empty(folder: Path) -> None:
    while not any(folder.iterdir()):
        folder.rmdir()
        folder = folder.parent
