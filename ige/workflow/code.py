"""The versions of the code of all stages: for the rules and, in workflow/code.json, for reviewers."""

from __future__ import annotations

import json
import sys
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ige.base import codehash
from ige.base.codehash import FileFacts, Package
from ige.base.digests import digest_of_file, digest_of_json
from ige.base.errors import InputError, StorageError
from ige.params.stages import MODULES
from ige.storage.atomic import write_text

_CACHE = "ige-code.json"


def versions(folder: Path | None = None) -> dict[str, str]:
    """Hash the code of every stage.

    Args:
        folder: where to keep what was found in each file, known by the content of the file; None: nowhere. A
            missing, damaged or unwritable cache costs time alone.
    """
    if folder is None:
        return _versions(Package())
    known = _read(folder / _CACHE)
    package = Package(known=dict(known))
    found = _versions(package)
    if package.used != known:
        with suppress(StorageError):
            _write(folder / _CACHE, package.used)
    return found


def require_planned(stage: str, planned: str, folder: Path) -> None:
    """Check that the code of a stage is that of the plan: code may be edited while a run goes on.

    Args:
        stage: the name of the rule.
        planned: the version that the workflow handed to the job.
        folder: where `versions` keeps what it found.

    Raises:
        InputError: if it is another.
    """
    found = Package(known=_read(folder / _CACHE)).version(MODULES[stage])
    if found != planned:
        raise InputError(
            "its code was edited after this run had been planned",
            where=MODULES[stage].replace(".", "/") + ".py, or what it imports",
            expected=f"version {planned}",
            found=found,
            next_step="Run the same command again, which plans anew",
        )


def _versions(package: Package) -> dict[str, str]:
    return {stage: package.version(module) for stage, module in MODULES.items()}


def write_versions(path: Path, found: dict[str, str]) -> None:
    """Keep the file of versions true; it stays untouched where it says the same already."""
    text = json.dumps(found, indent=1, sort_keys=True) + "\n"
    if not path.is_file() or path.read_bytes() != text.encode():
        write_text(path, text)


def _maker() -> dict[str, str]:
    """Say what decides the facts of a file beside its bytes: the parser, and the code that asks it."""
    return {"python": sys.version, "facts": digest_of_file(Path(codehash.__file__))}


def _read(path: Path) -> dict[str, FileFacts]:
    try:
        cache: dict[str, Any] = json.loads(path.read_bytes())
        files = cache["files"]
        if cache["maker"] != _maker() or cache["digest"] != digest_of_json(files):
            return {}
        return {key: FileFacts(facts["code"], tuple(facts["imports"])) for key, facts in files.items()}
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return {}


def _write(path: Path, facts: dict[str, FileFacts]) -> None:
    files = {key: asdict(each) for key, each in facts.items()}
    cache = {"maker": _maker(), "digest": digest_of_json(files), "files": files}
    write_text(path, json.dumps(cache, indent=1) + "\n")
