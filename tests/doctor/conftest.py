from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest

from ige.fetch.presence import Presence
from ige.fetch.source_list import SourceFile
from ige.workflow.sources import SourceData


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def terminal() -> Terminal:
    """Something that takes itself for a terminal."""
    return Terminal()


@pytest.fixture
def lacking() -> Callable[..., SourceData]:
    """Make the data of a source of which files are missing."""

    def make(source: str, *names: str) -> SourceData:
        files = [SourceFile(source, "some", name) for name in names]
        found = tuple(Presence(file, "missing", (), "not there") for file in files)
        return SourceData(source, Path("data/sources") / source, {"some": found})

    return make
