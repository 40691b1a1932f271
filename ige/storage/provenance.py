"""Where a result comes from: one or more `run.json` or `<name>.run.json` beside the outputs of each job.

`made` says what decides the result (settings, code, digests of inputs and outputs) and is byte-identical when
the result is rebuilt; `circumstances` says when and where, is excluded from every digest and never an input.
"""

from __future__ import annotations

import datetime as dt
import importlib.metadata
import json
import os
import platform
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from ige.base.digests import digest_of_file, digest_of_json
from ige.base.errors import InputError
from ige.storage.atomic import write_text
from ige.storage.file_digests import known_digest, require_unchanged

_PACKAGES = ("ige", "torch", "numpy", "h5py", "snakemake")


def write_provenance(
    path: Path,
    *,
    stage: str,
    settings: Mapping[str, Any],
    code: str,
    inputs: Iterable[Path],
    outputs: Iterable[Path],
    asked: Mapping[str, Any] | None = None,
    device: str = "cpu",
) -> None:
    """Write the provenance of `outputs`; files are named relative to the record.

    Args:
        path: the `run.json` to write.
        stage: the name of the rule, command and function.
        settings: exactly the subtree of params.yaml that the stage read.
        code: the hash of the stage's code, as the workflow handed it in.
        inputs: files that were read.
        outputs: files that were written.
        asked: what decided beside settings and files: names that the job was given.
        device: where it was computed, for `circumstances`.

    Raises:
        InputError: if an input is not what it was when the stage began.
    """
    inputs = sorted(inputs)
    for file in inputs:
        require_unchanged(file)
    made = {
        "stage": stage,
        "settings": dict(settings),
        **({} if asked is None else {"asked": dict(asked)}),
        "code": code,
        "inputs": {_name(file, path): known_digest(file) for file in inputs},
        "outputs": {_name(file, path): digest_of_file(file) for file in sorted(outputs)},
    }
    record = {"made": made, "digest": digest_of_json(made), "circumstances": _circumstances(device)}
    write_text(path, json.dumps(record, indent=1, ensure_ascii=False) + "\n")


def read_provenance(path: Path) -> dict[str, Any]:
    """Read a `run.json` and return its `made`.

    Raises:
        InputError: if it is missing or was altered.
    """
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        made: dict[str, Any] = record["made"]
        intact = digest_of_json(made) == record["digest"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(
            "no readable provenance record", where=path, expected="a run.json of ige's"
        ) from error
    if not intact:
        raise InputError("an edited provenance record", where=path, next_step="Rebuild it with snakemake")
    return made


def check_outputs(path: Path) -> None:
    """Check the files that a `run.json` vouches for: the reader of what cannot carry a digest itself.

    Raises:
        InputError: naming the file that is missing or was edited.
    """
    for name, digest in read_provenance(path)["outputs"].items():
        file = path.parent / name
        if not file.is_file() or digest_of_file(file) != digest:
            raise InputError(
                "missing or edited since it was made",
                where=file,
                expected=f"the content that {path.name} vouches for",
                next_step="Delete it and run snakemake again to rebuild it",
            )


def _name(path: Path, record: Path) -> str:
    # Links are not followed: a source is named as it is in the checkout, wherever its files really lie.
    return Path(os.path.relpath(path, record.parent)).as_posix()


def _circumstances(device: str) -> dict[str, Any]:
    return {
        "time": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        "host": platform.node(),
        "device": device,
        "python": sys.version.split()[0],
        "platform": platform.platform(),
        "packages": _versions(),
        "git_commit": _git_commit(),
    }


def _versions() -> dict[str, str]:
    versions = {}
    for name in _PACKAGES:
        try:
            versions[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return versions


def _git_commit() -> str | None:
    try:
        done = subprocess.run(
            ["git", "describe", "--always", "--dirty", "--abbrev=40"],
            capture_output=True,
            text=True,
            timeout=10,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() or None if done.returncode == 0 else None
