"""What one check of the doctor found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Status = Literal["ok", "warning", "missing"]


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the report.

    Attributes:
        name: what was looked at.
        status: "missing" keeps a run from starting, "warning" does not.
        found: what there is.
        advice: what to do, where there is something to do.
    """

    name: str
    status: Status
    found: str
    advice: str = ""
