"""The versions of the code of all stages, for the rules and, in workflow/code.json, for DVC."""

from __future__ import annotations

import json
from pathlib import Path

from ige.base.codehash import code_version
from ige.params.stages import MODULES
from ige.storage.atomic import write_text


def versions() -> dict[str, str]:
    """Hash the code of every stage."""
    return {stage: code_version(module) for stage, module in MODULES.items()}


def write_versions(path: Path, found: dict[str, str]) -> None:
    """Keep the file of versions true; it stays untouched where it says the same already."""
    text = json.dumps(found, indent=1, sort_keys=True) + "\n"
    if not path.is_file() or path.read_text(encoding="utf-8") != text:
        write_text(path, text)
