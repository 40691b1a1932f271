import json
import re
from pathlib import Path

import pytest

from ige.params import stages
from ige.params.memory import _ADVICE, memory_advice


def names_in(schema: dict, prefix: str = "") -> set[str]:
    """Every dotted name of the parameters, through references and alternatives."""
    found = set()

    def walk(part: dict, name: str, depth: int) -> None:
        if depth > 8:
            return
        if "$ref" in part:
            walk(schema["$defs"][part["$ref"].rpartition("/")[2]], name, depth + 1)
        for other in part.get("anyOf", []):
            walk(other, name, depth + 1)
        for key, value in part.get("properties", {}).items():
            child = f"{name}.{key}" if name else key
            found.add(child)
            walk(value, child, depth + 1)

    walk(schema, prefix, 0)
    return found


@pytest.mark.parametrize("stage", sorted(_ADVICE))
def test_advice_names_parameters_that_there_are(root: Path, stage: str):
    schema = json.loads((root / "workflow/schemas/params.schema.json").read_text())
    named = re.findall(r"[a-z_]+(?:\.[a-z_]+)+", memory_advice(stage).replace("params.yaml", ""))
    assert named
    assert set(named) <= names_in(schema)
    assert stage in stages.MODULES


def test_a_stage_without_such_a_parameter_needs_more_memory():
    assert "give the job more memory" in memory_advice("write_page")
