"""What to do about files that are missing, incomplete or wrong, for people."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

from ige.doctor.holdings import FINE, Holding
from ige.fetch.presence import compact, readable_bytes
from ige.fetch.source_list import SourceFile

_WIDTH = 110
_INDENT = 16
_KINDS = {"bearer": "access token", "cookie": "cookie of that page"}
_SAID_ONCE = ("licence", "to cite")


def advise(holdings: Sequence[Holding]) -> Iterator[str]:
    """Write the lines for each group that is not as it should be; what many share is said once.

    Args:
        holdings: groups of files.
    """
    said: set[tuple[str, str]] = set()
    for holding in holdings:
        if holding.state in FINE:
            continue
        yield ""
        yield f"{holding.source}, {holding.group}: {holding.state}"
        for name, text in _entries(holding):
            if not text or (name, text) in said:
                continue
            if name in _SAID_ONCE:
                said.add((name, text))
            yield from _wrapped(name, text)


def _entries(holding: Holding) -> Iterator[tuple[str, str]]:
    lacking = [presence for presence in holding.presences if presence.state not in FINE]
    for presence in lacking:
        if presence.state != "missing":
            where = presence.paths[0] if presence.state == "wrong" else presence.file.file
            yield presence.state, f"{where}: {presence.detail}"
    yield "found", holding.detail
    yield from _to_get([presence.file for presence in lacking if presence.state == "missing"])
    yield "into", f"{holding.folder}/"
    yield from _facts([presence.file for presence in lacking])
    yield "guide", holding.guide


def _to_get(files: Sequence[SourceFile]) -> Iterator[tuple[str, str]]:
    yield "files", _names([file.file for file in files])
    yield "or, unpacked", _names([file.extracted.removeprefix("**/") for file in files if file.extracted])
    known = [file.bytes for file in files if file.bytes is not None]
    if files:
        least = "" if len(known) == len(files) else "at least "
        yield "size", f"{least}{readable_bytes(sum(known))}" if known else "unknown"


def _names(names: Sequence[str]) -> str:
    short = compact(names)
    return short if len(short) <= _WIDTH - _INDENT else ", ".join(dict.fromkeys(names))


def _facts(files: Sequence[SourceFile]) -> Iterator[tuple[str, str]]:
    yield "from", _joined(f"{file.register} ({file.access})" for file in files if file.register)
    for variable, secret in {file.secret_variable: file.secret for file in files if file.urls}.items():
        if variable:
            kind = _KINDS[secret.partition(":")[0]]
            yield "or set", f"{variable}=<your {kind}>, and the workflow downloads them"
    yield "licence", _joined(file.licence for file in files)
    yield "to cite", _joined(file.citation for file in files)
    yield "note", _joined(file.note for file in files)


def _joined(texts: Iterator[str]) -> str:
    return "; ".join(text for text in dict.fromkeys(texts) if text)


def _wrapped(name: str, text: str) -> list[str]:
    head = f"  {name:<{_INDENT - 2}}"
    return textwrap.wrap(
        text,
        _WIDTH,
        initial_indent=head,
        subsequent_indent=" " * _INDENT,
        break_long_words=False,
        break_on_hyphens=False,
    )
