"""Splits as text files: `<set>/<category>-<split>.txt` with an id a line, sorted; once made, they decide."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ige.base.errors import InputError
from ige.shapes.splits import SPLITS, Split
from ige.storage.atomic import write_text

_REMOVE = "Remove its lists, and they are made anew; or bring back the files that they were made with"


@dataclass(frozen=True, slots=True)
class SplitLists:
    """The lists of one category.

    Attributes:
        category: of all ids.
        splits: the split of each id.
    """

    category: str
    splits: Mapping[str, Split]

    def ids(self, split: Split) -> list[str]:
        """Return the ids of a split, sorted."""
        return sorted(id for id, its in self.splits.items() if its == split)


def list_path(folder: Path, category: str, split: Split) -> Path:
    """Name the file of a list below the folder of its set."""
    return folder / f"{category}-{split}.txt"


def missing_lists(folder: Path, category: str) -> list[Path]:
    """Name the lists of a category that do not exist."""
    paths = (list_path(folder, category, split) for split in SPLITS)
    return [path for path in paths if not path.exists()]


def read_lists(folder: Path, category: str) -> SplitLists:
    """Read the lists of a category, those that exist.

    Raises:
        InputError: if a file is no list of ids, or an id stands twice, in one or in two of them.
    """
    splits: dict[str, Split] = {}
    for split in SPLITS:
        path = list_path(folder, category, split)
        for id in _read(path) if path.exists() else ():
            if id in splits:
                twice = splits[id] == split
                raise InputError(
                    f"the model {id} stands twice" if twice else f"the model {id} is in two splits",
                    where=path,
                    expected="each id in one list, once",
                    found=None if twice else f"it in {list_path(folder, category, splits[id]).name}, too",
                    next_step="Remove one of the two lines",
                )
            splits[id] = split
    return SplitLists(category, splits)


def write_lists(folder: Path, lists: SplitLists) -> None:
    """Write the lists of a category, an id a line.

    Raises:
        StorageError: if a file cannot be written.
    """
    for split in SPLITS:
        text = "".join(f"{id}\n" for id in lists.ids(split))
        write_text(list_path(folder, lists.category, split), text)


def require_whole(folder: Path, made: SplitLists) -> None:
    """Refuse a category of which some lists are gone, unless what is left is part of the lists as made now.

    Raises:
        InputError: that names the lists that are gone.
    """
    left = read_lists(folder, made.category)
    gone = missing_lists(folder, made.category)
    known = {split for split in SPLITS if list_path(folder, made.category, split) not in gone}
    if any(left.ids(split) != made.ids(split) for split in known):
        raise InputError(
            f"some of the lists of {made.category} are gone, and the others were made from other models",
            where=folder,
            expected=", ".join(path.name for path in gone),
            next_step=_REMOVE,
        )


def _read(path: Path) -> list[str]:
    try:
        ids = path.read_text(encoding="utf-8-sig").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError("cannot be read", where=path, expected="an id a line", found=str(error)) from error
    lines = [id.removesuffix("\r") for id in ids]
    for number, id in enumerate(lines, start=1):
        if id != id.strip() or any(mark in id for mark in " \t/,;"):
            raise InputError(
                f"line {number} is no id", where=path, expected="an id a line, and nothing else", found=id
            )
    return [id for id in lines if id]
