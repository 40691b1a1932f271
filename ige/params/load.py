"""Reading params.yaml: merged with presets, validated, and its faults told on one screen."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from ige.base.errors import InputError, SettingsError
from ige.params.params import Params
from ige.storage.atomic import write_text

SCHEMA_COMMENT = "# yaml-language-server: $schema=workflow/schemas/params.schema.json"
_MOST_FAULTS = 15


def validate(values: Mapping[str, Any]) -> Params:
    """Turn the merged values of params.yaml into typed settings.

    Raises:
        SettingsError: one line per fault: where in the file, expected, found, the nearest valid name.
    """
    try:
        return Params.model_validate(values)
    except ValidationError as error:
        faults = [_fault(details, values) for details in _first_causes(error.errors(include_url=False))]
    shown = faults[:_MOST_FAULTS]
    if len(faults) > len(shown):
        shown.append(f"and {len(faults) - len(shown)} more")
    raise SettingsError("The parameters are not valid:\n" + "\n".join(f"  {line}" for line in shown))


def read_params(path: Path, presets: Sequence[Path] = ()) -> Params:
    """Read params.yaml (or a run's params.json), with presets laid over it as `snakemake --configfile` does.

    Raises:
        InputError: if a file is missing or is no YAML.
        SettingsError: if a value is not valid.
    """
    return validate(_merged(path, presets))


def merged_text(path: Path, presets: Sequence[Path]) -> str:
    """Write params.yaml with presets laid over it as YAML without aliases.

    Where two places share a mapping, `dvc exp run -S` would lose what it sets in one of them.

    Raises:
        InputError: if a file is missing or is no YAML.
        SettingsError: if a value is not valid.
    """
    values = _merged(path, presets)
    validate(values)
    # Through JSON, so that no two places share a value.
    own = json.loads(json.dumps(values))
    return f"{SCHEMA_COMMENT}\n{yaml.safe_dump(own, sort_keys=False, allow_unicode=True, width=110)}"


def _merged(path: Path, presets: Sequence[Path]) -> dict[str, Any]:
    values = read_yaml(path)
    for preset in presets:
        values = merge(values, read_yaml(preset))
    return values


def merge(values: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Lay one mapping over another: mappings are merged deeply, anything else is replaced."""
    merged = dict(values)
    for key, value in over.items():
        below = merged.get(key)
        both = isinstance(below, Mapping) and isinstance(value, Mapping)
        merged[key] = merge(below, value) if both else value  # type: ignore[arg-type]
    return merged


def write_params(path: Path, params: Params) -> None:
    """Write the settings of a run, unless the file already says the same."""
    text = json.dumps(params.subtree(), indent=1, ensure_ascii=False) + "\n"
    if not path.is_file() or path.read_bytes() != text.encode():
        write_text(path, text)


def schema_text() -> str:
    """Generate the JSON schema of params.yaml, for editors."""
    return json.dumps(Params.model_json_schema(), indent=1, ensure_ascii=False) + "\n"


def read_yaml(path: Path) -> dict[str, Any]:
    """Read a YAML file that holds a mapping; a file *.json as JSON, whose 5e-05 is text in YAML.

    Raises:
        InputError: if it is missing or is none; with line and column where there are some.
    """
    try:
        text = path.read_text(encoding="utf-8")
        values = json.loads(text) if path.suffix == ".json" else yaml.safe_load(text)
    except OSError as error:
        raise InputError("cannot be read", where=path, expected="a YAML file", found=str(error)) from error
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        line = f", line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        raise InputError("is no valid YAML", where=f"{path}{line}", found=error.problem) from error
    except json.JSONDecodeError as error:
        line = f", line {error.lineno}, column {error.colno}"
        raise InputError("is no valid JSON", where=f"{path}{line}", found=error.msg) from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise InputError("is no valid YAML", where=path, found=str(error)) from error
    if not isinstance(values, dict):
        raise InputError("holds no parameters", where=path, expected="a mapping of names to values")
    return values


def _first_causes(errors: Sequence[ErrorDetails]) -> list[ErrorDetails]:
    """Leave out that a list is too short where that only follows from a fault of one of its items."""
    places = [details["loc"] for details in errors]
    return [
        details
        for details in errors
        if details["type"] != "too_short"
        or not any(place[: len(details["loc"])] == details["loc"] != place for place in places)
    ]


def _fault(details: ErrorDetails, values: Mapping[str, Any]) -> str:
    path = _path_in_file(details["loc"], values)
    where = ".".join(str(part) for part in path) or "params.yaml"
    kind = details["type"]
    if kind == "extra_forbidden":
        known = _known_names(path[:-1], values)
        return f"{where}: unknown name{_nearest(str(path[-1]), known)}"
    if kind == "missing":
        return f"{where}: missing"
    if kind == "value_error":
        text = str(details["ctx"]["error"])
        return (
            text
            if text.split(":")[0].startswith(("train.", "models.", "evaluation."))
            else f"{where}: {text}"
        )
    if kind == "union_tag_not_found":
        return f"{where}.kind: missing, it says which sort of entry this is"
    found = details["input"]
    if kind == "union_tag_invalid":
        where, found = f"{where}.kind", details["ctx"]["tag"]
    expected = _expected(details)
    hint = _nearest(str(found), re.findall(r"'([^']+)'", expected)) if isinstance(found, str) else ""
    return f"{where}: expected {expected}, found {_short(found)}{hint or _number_hint(found)}"


def _expected(details: ErrorDetails) -> str:
    if details["type"] == "union_tag_invalid":
        return str(details["ctx"]["expected_tags"])
    return re.sub(
        "^Input should (be )?(greater|less)?",
        lambda match: "a value " * bool(match[2]) + (match[2] or ""),
        details["msg"],
    )


def _path_in_file(location: tuple[int | str, ...], values: Any) -> list[int | str]:
    """Leave out what pydantic adds to a path and the file does not have: the tags of unions."""
    path: list[int | str] = []
    for part in location:
        if isinstance(values, Mapping) and part not in values and part == values.get("kind"):
            continue
        if part == "[key]":
            continue
        path.append(part)
        try:
            values = values[part]
        except (KeyError, IndexError, TypeError):
            values = None
    return path


def _known_names(path: Sequence[int | str], values: Any) -> list[str]:
    """List the names that may stand at a place, by walking the models along the path."""
    schema = Params.model_json_schema()
    node: dict[str, Any] = schema
    for part in path:
        values = values[part]
        node = _resolve(node, schema, values)
        if isinstance(part, int):
            node = node.get("items", {})
        else:
            node = node.get("properties", {}).get(part) or node.get("additionalProperties", {})
        node = _resolve(node, schema, values)
    return list(_resolve(node, schema, values).get("properties", {}))


def _resolve(node: dict[str, Any], schema: dict[str, Any], values: Any) -> dict[str, Any]:
    if "discriminator" in node and isinstance(values, Mapping):
        reference = node["discriminator"]["mapping"].get(values.get("kind"))
        node = {"$ref": reference} if reference else {}
    if "$ref" in node:
        resolved: dict[str, Any] = schema["$defs"][node["$ref"].rsplit("/", 1)[-1]]
        return resolved
    return node


def _nearest(name: str, known: Sequence[str]) -> str:
    close = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    if close:
        return f"; did you mean {close[0]}?"
    return f"; known here: {', '.join(known)}" if known and len(known) <= 12 else ""


def _number_hint(found: Any) -> str:
    if isinstance(found, str) and re.fullmatch(r"[-+]?\d+(\.\d*)?[eE][-+]?\d+", found):
        return " (YAML reads this as text: write a point and a sign, as in 1.0e-3)"
    return ""


def _short(value: Any) -> str:
    text = repr(value) if not isinstance(value, BaseModel) else str(value)
    return text if len(text) <= 60 else text[:57] + "..."
