"""What any model of shapes is asked and what it answers: images in, probabilities of filled cells out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

from ige.base.errors import InputError
from ige.shapes.unpack import unpack_bits
from ige.shapes.voxels.refinement import Refinement

# Cells of a batch that is read to fill a baseline: bounds memory.
_CELLS = 2**24


@dataclass(frozen=True, slots=True, eq=False)
class Query:
    """A batch of views, on the device of the model that is asked.

    The truth is here for the models that are no models: those that tell what others could reach.

    Attributes:
        rgba: (B, 4, P, P) uint8, straight alpha.
        bits: (B, R, R, ceil(R / 8)) uint8, true cells of the frustum, 8 a byte along depth.
        category: (B,) int64, index into the categories of the data.
    """

    rgba: Tensor
    bits: Tensor
    category: Tensor

    @staticmethod
    def of(example: Mapping[str, Tensor], device: torch.device | str = "cpu") -> Query:
        """Take a stacked example of `ige.shapes.dataset.ShapeGrids`."""
        return Query(*(example[name].to(device) for name in ("image", "bits", "category")))

    def __len__(self) -> int:
        """Return the number of views."""
        return len(self.rgba)

    @property
    def resolution(self) -> int:
        """Return R."""
        return self.bits.shape[1]

    def truth(self) -> Tensor:
        """Return the true cells (B, R, R, R), float32 of 0 and 1."""
        return unpack_bits(self.bits, self.resolution)


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """What a model says of a batch.

    Attributes:
        probability: (B, R, R, R) float32, of each cell being filled.
        refinement: all guesses that led there; None for models that do not learn.
    """

    probability: Tensor
    refinement: Refinement | None = None


class ViewSet(Protocol):
    """Views by index, as `ige.shapes.dataset.ShapeGrids` has them: a list of indices gives them stacked."""

    resolution: int

    def __len__(self) -> int:
        """Return the number of views."""

    def __getitem__(self, index: list[int], /) -> Mapping[str, Tensor]:
        """Return `image`, `bits` and `category` of several views, stacked."""


def read_queries(views: ViewSet, indices: Sequence[int]) -> Iterator[Query]:
    """Read views in the order of `indices`, never more than some 16 million cells at once."""
    size = max(1, _CELLS // views.resolution**3)
    for first in range(0, len(indices), size):
        yield Query.of(views[list(indices[first : first + size])])


def spread(total: int, count: int) -> list[int]:
    """Choose `count` of `total` views, evenly spaced.

    Raises:
        InputError: if there are not that many.
    """
    if total < count:
        raise InputError(
            "fewer training views than the bank of this model holds",
            expected=f"at least {count} views",
            found=str(total),
            next_step="Lower its setting `bank`",
        )
    return [index * total // count for index in range(count)]
