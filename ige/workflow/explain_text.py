"""How a file came to be, in words for a terminal of 100 columns."""

from __future__ import annotations

import datetime as dt
import re
import textwrap
from collections.abc import Iterable, Sequence
from pathlib import Path

import yaml

from ige.workflow.explain import EDITED, INTACT, MISSING, UNREADABLE, Explanation, File
from ige.workflow.places import SETTINGS

_WIDTH = 100
_MARGIN = 13
_HASH_DIGITS = 10
_MOST_FILES = 12
_MOST_VALUES = 4

_SET_ASIDE = "nothing asks for it any more; if params.yaml does again, it is taken back"
_STATES = {
    INTACT: "unchanged",
    EDITED: "CHANGED since",
    MISSING: "MISSING today",
    UNREADABLE: "UNREADABLE today",
}


def text_of(explanation: Explanation, before: Sequence[tuple[int, Explanation]] | None = None) -> str:
    """Tell how a file came to be.

    Args:
        explanation: of the file.
        before: the jobs that lead to it, with their distance, if they are to be told.
    """
    parts = [_head(explanation), _parameters(explanation), _files("inputs", explanation.inputs)]
    parts.append(_files("outputs of the same job", explanation.outputs, asked=explanation.path))
    if before is not None:
        parts.append(_before(before))
    return "\n\n".join(parts)


def _head(one: Explanation) -> str:
    facts = {
        "made by": _job(one),
        "today": _today(one),
        **({"set aside": _SET_ASIDE} if one.set_aside else {}),
        "record": one.record,
        "code": _code(one),
        "commit": str(one.circumstances.get("git_commit") or "not known"),
        "made": _when(one),
        "with": _packages(one),
    }
    lines = [one.path, *(_fact(name, text) for name, text in facts.items())]
    lines += [_fact("ran", "") + _command(one.ran) if one.ran else _fact("ran", "the record does not tell")]
    if one.rebuild:
        lines.append(_fact("rebuild", "") + _joined(_wrapped(one.rebuild), _MARGIN))
    elif not one.set_aside:
        lines.append(_fact("rebuild", f"no command while this is so: {one.settings_fault}"))
    return "\n".join(lines)


def _fact(name: str, text: str) -> str:
    return textwrap.fill(
        f"{name:<{_MARGIN - 2}}{text}",
        _WIDTH,
        initial_indent="  ",
        subsequent_indent=" " * _MARGIN,
        break_long_words=False,
        break_on_hyphens=False,
        drop_whitespace=bool(text),
    )


def _job(one: Explanation) -> str:
    asked = ", ".join(f"{name} {_some(value)}" for name, value in one.asked.items())
    return f"{one.stage}: {asked}" if asked else one.stage


def _some(value: object) -> str:
    if not isinstance(value, list):
        return str(value)
    more = len(value) - _MOST_VALUES
    return " ".join(map(str, value[:_MOST_VALUES])) + (f" and {more} more" if more > 0 else "")


def _today(one: Explanation) -> str:
    states = {
        INTACT: "as it was made",
        EDITED: "EDITED since it was made",
        MISSING: "MISSING",
        UNREADABLE: "UNREADABLE",
    }
    if one.state != INTACT:
        return states[one.state]
    same, others = _held_against_today(one)
    told = [states[INTACT]]
    if same:
        told.append(f"{_listed(same)} so, too")
    if others:
        told.append(f"{_listed(others)} NOT: see below")
    if one.settings_fault and one.settings:
        told.append("parameters cannot be compared: see below")
    return "; ".join(told)


def _held_against_today(one: Explanation) -> tuple[list[str], list[str]]:
    """Return what of a job is as it was, and what is not."""
    facts = {"code": one.code == one.code_now}
    if one.settings_fault is None and (one.settings or one.settings_changed):
        last = Path(one.settings_file).name == SETTINGS
        facts["parameters of the last run" if last else "parameters"] = one.settings_changed == []
    if one.inputs:
        facts["inputs"] = all(file.state == INTACT for file in one.inputs)
    others = [file for file in one.outputs if file.path != one.path]
    same = [name for name, is_so in facts.items() if is_so]
    changed = [name for name, is_so in facts.items() if not is_so]
    if any(file.state != INTACT for file in others):
        changed.append("other outputs of the same job")
    return same, changed


def _listed(names: Sequence[str]) -> str:
    *first, last = names
    return f"{', '.join(first)} and {last} are" if first else f"{last} {'is' if last == 'code' else 'are'}"


def _code(one: Explanation) -> str:
    if one.code == one.code_now:
        return f"{one.code}, the same today"
    return f"{one.code}, CHANGED since: today it is {one.code_now or 'gone'}"


def _when(one: Explanation) -> str:
    known = one.circumstances
    try:
        time = dt.datetime.fromisoformat(known["time"]).astimezone(dt.UTC).strftime("%Y-%m-%d %H:%M UTC")
    except (KeyError, TypeError, ValueError):
        time = "at no known time"
    return f"{time} on {known.get('host', '?')} ({known.get('device', '?')}), {known.get('platform', '?')}"


def _packages(one: Explanation) -> str:
    packages = {"Python": one.circumstances.get("python", "?")} | one.circumstances.get("packages", {})
    return ", ".join(f"{name} {version}" for name, version in packages.items())


def _command(command: str) -> str:
    """Write a command with one option in a line; of many values the first ones."""
    lines = []
    for option in re.split(r" +(?=--|>)", command.strip()):
        lines += _wrapped(_abridged(option), "  ")
    return _joined(lines, _MARGIN + 2)


def _wrapped(text: str, indent: str = "") -> list[str]:
    width = _WIDTH - _MARGIN - 4
    return textwrap.wrap(
        text, width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )


def _joined(lines: Sequence[str], margin: int) -> str:
    """Join the lines of a command so that it can be copied."""
    return f" \\\n{' ' * margin}".join(lines)


def _abridged(option: str) -> str:
    name, *values = option.split()
    more = len(values) - _MOST_VALUES
    return option if more <= 0 else " ".join([name, *values[:_MOST_VALUES], f"[and {more} more]"])


def _parameters(one: Explanation) -> str:
    if not one.settings and not one.settings_changed:
        return "parameters: none"
    last = " (of the last run)" if Path(one.settings_file).name == SETTINGS else ""
    if one.settings_fault:
        told = f"not compared: {one.settings_fault}"
    elif one.settings_changed is None:
        told = f"{one.settings_file} knows no such job any more"
    elif one.settings_changed:
        told = f"CHANGED since in {one.settings_file}{last}"
    else:
        told = f"the same today in {one.settings_file}{last}"
    changed = [f"  changed: {line}" for line in one.settings_changed or []]
    written = yaml.safe_dump(
        one.settings, sort_keys=False, default_flow_style=None, width=_WIDTH - 8, allow_unicode=True
    )
    title = textwrap.fill(f"parameters, {told}", _WIDTH, subsequent_indent="  ", break_on_hyphens=False)
    return "\n".join([title, *changed, textwrap.indent(written.rstrip(), "  ")])


def _files(title: str, files: Sequence[File], asked: str | None = None) -> str:
    """List files, the one that was asked about first; of many only some, but all that are not unchanged."""
    if not files:
        return f"{title}: none"
    files = sorted(files, key=lambda file: file.path != asked)
    told = [file for file in files if file.state != INTACT or file.path == asked]
    others = [file for file in files if file not in told]
    told += others[: max(0, _MOST_FILES - len(told))]
    lines = [line for file in files if file in told for line in _file(title, file)]
    if len(told) < len(files):
        lines.append(f"  and {len(files) - len(told)} more, all unchanged (--json names them)")
    return "\n".join([f"{title} ({len(files)})", *lines])


def _file(title: str, file: File) -> Iterable[str]:
    yield f"  {file.sha256[:_HASH_DIGITS]} {file.path}"
    if title != "inputs":
        if file.state != INTACT:
            yield f"{' ' * _MARGIN}{_STATES[file.state]}"
        return
    maker = "no record here tells who made it" if file.stage is None else f"made by {file.stage}"
    yield f"{' ' * _MARGIN}{_STATES[file.state]}, {maker}"


def _before(before: Sequence[tuple[int, Explanation]]) -> str:
    if not before:
        return "jobs before it: none"
    lines = []
    for distance, one in before:
        faults = ", ".join(_faults(one))
        lines.append(f"{'  ' * distance}{_job(one)}")
        lines.append(f"{'  ' * distance}    {one.record}{f': {faults}' if faults else ''}")
    return "\n".join([f"jobs before it ({len(before)}), nearest first", *lines])


def _faults(one: Explanation) -> Iterable[str]:
    if one.code != one.code_now:
        yield "CODE CHANGED"
    if one.settings_fault:
        yield "parameters cannot be compared"
    elif one.settings_changed != []:
        yield "PARAMETERS CHANGED"
    for files, what in ((one.inputs, "INPUT"), (one.outputs, "OUTPUT")):
        for state, word in ((EDITED, "CHANGED"), (MISSING, "MISSING"), (UNREADABLE, "UNREADABLE")):
            count = sum(file.state == state for file in files)
            if count:
                yield f"{count} {what}{'S' * (count > 1)} {word}"
