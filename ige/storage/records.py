"""JSON records (scores, provenance): indented for people, with kind and digest, checked when read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ige.base.digests import digest_of_json
from ige.base.errors import InputError
from ige.storage.arrays import damaged
from ige.storage.atomic import write_text


def write_record(path: Path, kind: str, content: Mapping[str, Any]) -> None:
    """Write a JSON record.

    Raises:
        StorageError: if the file cannot be written.
        ValueError: if a number is not finite.
    """
    record = {"kind": kind, "digest": digest_of_json([kind, dict(content)]), **content}
    write_text(path, json.dumps(record, indent=1, ensure_ascii=False, allow_nan=False) + "\n")


def read_record(path: Path, kind: str) -> dict[str, Any]:
    """Read the content of a record that `write_record` wrote.

    Raises:
        InputError: if the file is missing, of another kind, or altered since it was written.
    """
    if not path.is_file():
        raise InputError("no such file", where=path, expected=f"a record of kind {kind}")
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        found, stated = record.pop("kind"), record.pop("digest")
    except (ValueError, KeyError, AttributeError, TypeError) as error:
        raise damaged(path, kind, "a file that is not a record of ige's") from error
    if found != kind:
        raise InputError("a record of another kind", where=path, expected=kind, found=str(found))
    if digest_of_json([kind, record]) != stated:
        raise damaged(path, kind, "content that does not match its digest")
    content: dict[str, Any] = record
    return content
