"""The guide's code runs as it stands, and its numbers are those of the benchmark's stored result."""

from __future__ import annotations

import json
import re
import subprocess
import sys

import pytest


def test_code_of_the_guide_runs(root):
    blocks = re.findall(
        r"```python\n(.*?)```", (root / "docs/descent.md").read_text(encoding="utf-8"), re.DOTALL
    )
    assert len(blocks) > 5
    namespace = {"__name__": "guide"}
    for block in blocks:
        exec(compile(block, "docs/descent.md", "exec"), namespace)


def test_memory_table_of_the_guide_is_the_stored_result(root):
    stored = json.loads((root / "benchmarks/results/descent_memory.json").read_text(encoding="utf-8"))
    peaks = {(row["mode"], row["steps"]): row["peak_bytes"] / 1e6 for row in stored["table"]}
    text = (root / "docs/descent.md").read_text(encoding="utf-8")
    modes, rows = re.search(r"\| steps \|(.*?)\|\n\|[-|]+\|\n((?:\|.*\n)+)", text).groups()
    names = [name.strip() for name in modes.split("|")]
    for row in rows.splitlines():
        steps, *found = [cell.strip() for cell in row.strip("|").split("|")]
        assert found == [f"{peaks[name, int(steps)]:.1f}" for name in names]


def test_memory_benchmark_prints_one_object(root):
    command = [sys.executable, root / "benchmarks/descent_memory.py", "--steps", "1", "6", "--batch", "128"]
    result = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    assert {"ratio", "ours", "other", "machine"} <= set(result)
    assert result["ratio"] == pytest.approx(result["other"] / result["ours"], abs=0.01)
    peaks = {(row["mode"], row["steps"]): row["peak_bytes"] for row in result["table"]}
    assert result["ratio"] > 2
    assert peaks["detached, ends only", 6] < 1.1 * peaks["detached, ends only", 1]
    assert peaks["unrolled", 6] > 4 * peaks["unrolled", 1]
