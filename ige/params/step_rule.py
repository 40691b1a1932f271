"""The rule of a descent, which models of all tasks share."""

from __future__ import annotations

from pydantic import Field

from ige.params.section import Positive, Section


class StepRuleSettings(Section):
    """Clipped momentum descent; the three values are learned from here on."""

    rate: float = Field(description="First step size.")
    momentum: float = Field(description="First momentum.")
    clip: Positive = Field(description="First bound on each entry of the gradient.")
