"""How many models ShapeNetCore has, by category: shapenet_counts.csv, each number with its public source.

The folders of version 1 are counted, the two models that are known to be faulty among them. Most numbers are
those of R2N2's renderings of it, worked out from the counts and shares that AtlasNet prints when it loads
them; those of cars and rifles were stated for the set itself. Together they are 43,785: the 43,783 of R2N2,
the rifle without geometry and the car that could not be rendered. For version 2 no numbers were found.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from ige.base.errors import InputError
from ige.storage.tables import read_csv

_FILE = Path(__file__).with_name("shapenet_counts.csv")


@cache
def published_counts(version: int) -> Mapping[str, int]:
    """Return the number of models of each category, in alphabetical order; empty for version 2."""
    rows = [row for row in read_csv(_FILE) if int(row["version"]) == version]
    return {row["category"]: int(row["models"]) for row in sorted(rows, key=lambda row: row["category"])}


def wrong_counts(version: int, found: Mapping[str, int]) -> dict[str, int]:
    """Select the published numbers of the categories that have another number of models."""
    published = published_counts(version)
    return {name: published[name] for name, count in found.items() if count != published.get(name, count)}


def require_counts(version: int, found: Mapping[str, int], where: Path) -> None:
    """Refuse another number of models than published, in any category; none where no number is known.

    Args:
        version: of ShapeNetCore.
        found: models by category.
        where: the folder, for the error.

    Raises:
        InputError: that names each such category with both numbers.
    """
    wrong = {name: str(count) for name, count in wrong_counts(version, found).items()}
    for name, count in found.items():
        if not count:
            wrong.setdefault(name, "1 or more")
    if wrong:
        raise InputError(
            f"not all models of ShapeNetCore version {version}",
            where=where,
            expected=", ".join(f"{category} {count}" for category, count in wrong.items()),
            found=", ".join(f"{category} {found[category]}" for category in wrong),
            next_step="Bring the rest, or set shapes.shapenet.counts to part to work with what is there",
        )
