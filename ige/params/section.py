"""The base of every section of params.yaml: strict, frozen, no defaults for what decides a result."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field


class Section(BaseModel):
    """A part of params.yaml; unknown keys and values of another type are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)

    def subtree(self) -> dict[str, Any]:
        """Return the section as JSON values, the form that is hashed and handed to the rules."""
        return self.model_dump(mode="json")


class SkipPattern(Section):
    """Files to leave out; they are listed in skipped.csv."""

    pattern: str = Field(description="Shell pattern on the path below the folder.")
    reason: str = Field(description="Why, as it will stand in skipped.csv.")


def _name(value: str) -> str:
    if not value or not all(letter.isalnum() or letter in "-_" for letter in value):
        raise ValueError("a name may hold letters, digits, '-' and '_' (it names files)")
    return value


def unique(values: tuple[Any, ...]) -> tuple[Any, ...]:
    """Refuse a list in which a value stands twice."""
    repeated = sorted({str(value) for value in values if values.count(value) > 1})
    if repeated:
        raise ValueError(f"each value may stand here once, repeated: {', '.join(repeated)}")
    return values


Name = Annotated[str, AfterValidator(_name)]
Share = Annotated[float, Field(ge=0, le=1)]
Positive = Annotated[float, Field(gt=0)]
NotNegative = Annotated[float, Field(ge=0)]
Count = Annotated[int, Field(ge=1)]
Natural = Annotated[int, Field(ge=0)]
Names = Annotated[tuple[Name, ...], Field(min_length=1, strict=False), AfterValidator(unique)]
Texts = Annotated[tuple[str, ...], Field(min_length=1, strict=False), AfterValidator(unique)]
Pair = Annotated[tuple[float, float], Field(strict=False)]
Triple = Annotated[tuple[float, float, float], Field(strict=False)]
PixelPair = Annotated[tuple[Count, Count], Field(strict=False)]
