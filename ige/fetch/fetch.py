"""Stage `fetch_file`: one file of the source list, downloaded.

| in | out |
| --- | --- |
| the source list (sources.csv) | <source's folder>/downloaded/<file>, checked against its digest |
| | checksums.csv: a line for a file without a digest in the list, at its first use |
"""

from __future__ import annotations

import os
import random
from pathlib import Path

from ige.fetch.download import download
from ige.fetch.finding import DOWNLOADED
from ige.fetch.source_list import find_file, read_source_list

_PARTS = ".download"


def fetch_file(*, source_list: Path, source: str, name: str, out: Path, checksums: Path) -> None:
    """Download one file, going on with what an earlier call left.

    Partial files lie in `.download` in the source's folder.

    Args:
        source_list: sources.csv.
        source: the source.
        name: the file's name in the list.
        out: the file to make: `<source's folder>/downloaded/<name>`, or any other place.
        checksums: checksums.csv.

    Raises:
        InputError: if the list has no such file, or it cannot be had.
        StorageError: if a file cannot be written.
    """
    file = find_file(read_source_list(source_list), source, name)
    jitter = random.Random(f"{source}/{name}/{os.getpid()}")
    download(
        file,
        out,
        parts=_folder_of(out, name) / _PARTS,
        checksums=checksums,
        environment=os.environ,
        jitter=jitter,
    )


def _folder_of(out: Path, name: str) -> Path:
    """Return the source's folder, or what stands for it if the file goes to another place."""
    depth = len(Path(name).parts)
    if out.parts[-depth:] != Path(name).parts:
        return out.parent
    folder = out.parents[depth - 1]
    return folder.parent if folder.name == DOWNLOADED else folder
