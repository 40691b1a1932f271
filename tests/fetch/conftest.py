"""A download with tiny pauses, from a server that misbehaves."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from misbehaving import PATIENCE, Server, serving

from ige.base.errors import IgeError
from ige.fetch.download import download
from ige.fetch.source_list import SourceFile
from ige.fetch.web import Patience


@pytest.fixture(autouse=True)
def _no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
def serve() -> Iterator[Callable[..., Server]]:
    """Start a server for a file, until the test is over."""
    with ExitStack() as stack:
        yield lambda content, **behaviour: stack.enter_context(serving(Server(content, **behaviour)))


@dataclass
class Place:
    """A source's folder and a checkout's records."""

    folder: Path
    environment: dict[str, str] = field(default_factory=dict)
    patience: Patience = PATIENCE

    @property
    def out(self) -> Path:
        return self.folder / "downloaded" / "a.bin"

    @property
    def parts(self) -> Path:
        return self.folder / ".download"

    @property
    def checksums(self) -> Path:
        return self.folder / "checksums.csv"

    def fetch(self, *urls: str, content: bytes | None = None, out: Path | None = None, **cells: Any) -> Path:
        """Download; `content` is what the list says of the file."""
        if content is not None:
            cells = {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)} | cells
        file = SourceFile("s", "g", "a.bin", urls=urls, register="https://ask.example/", **cells)
        download(
            file,
            out or self.out,
            parts=self.parts,
            checksums=self.checksums,
            environment=self.environment,
            jitter=random.Random(0),
            patience=self.patience,
        )
        return out or self.out

    def fault_of(self, *urls: str, **cells: Any) -> str:
        """Return the one line of a download that fails; nothing is visible then."""
        with pytest.raises(IgeError) as caught:
            self.fetch(*urls, **cells)
        line = str(caught.value)
        assert "\n" not in line
        assert not self.out.exists()
        return line

    def left(self) -> list[str]:
        """Name what lies beside the locks."""
        return sorted(path.name for path in self.parts.iterdir() if not path.name.endswith(".lock"))


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)
