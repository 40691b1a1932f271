"""What all benchmarks share: on what they ran (nothing that names a host), and how results are published."""

from __future__ import annotations

import json
import os
import platform
from pathlib import Path
from typing import Any

import torch


def describe_machine() -> dict[str, str | int | None]:
    """Return the processor's model, the cores and threads in use, the GPU (None without one) and versions."""
    return {
        "cpu": _processor(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "threads": torch.get_num_threads(),
        "gpu": torch.cuda.get_device_name(0) if torch.cuda.device_count() else None,
        "python": platform.python_version(),
        "torch": torch.__version__,
    }


def publish(result: dict[str, Any], out: Path | None) -> None:
    """Print a result as one JSON object, and write it where asked."""
    text = json.dumps(result, indent=2)
    print(text)
    if out is not None:
        out.write_text(text + "\n", encoding="utf-8")


def _processor() -> str:
    """Return the processor's model; Linux alone tells more than the architecture."""
    facts = Path("/proc/cpuinfo")
    if facts.is_file():
        for line in facts.read_text(encoding="utf-8").splitlines():
            key, _, value = line.partition(":")
            if key.strip() == "model name":
                return value.strip()
    return platform.processor() or platform.machine()
