"""The complete state of a training in one file: a killed training goes on as if nothing had happened."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from torch import Tensor

from ige.storage.tensors import read_tensors, write_tensors

log = logging.getLogger(__name__)

KIND = "checkpoint"


@dataclass(frozen=True, slots=True)
class State:
    """All that decides how a training goes on.

    Attributes:
        tensors: by part (model, best, optimiser, gradients, random, history) and name.
        counts: whole numbers: where the training is.
        columns: names of the history's columns, empty before the first epoch ends.
    """

    tensors: dict[str, dict[str, Tensor]]
    counts: dict[str, int]
    columns: list[str]


def write_checkpoint(path: Path, identity: str, state: State) -> None:
    """Write a state, replacing the former one only when it is whole on disk.

    Raises:
        StorageError: if it cannot be written.
    """
    flat = {f"{part}/{name}": t for part, tensors in state.tensors.items() for name, t in tensors.items()}
    attributes = {"identity": identity, "counts": state.counts, "columns": state.columns}
    write_tensors(path, KIND, flat, attributes)


def read_checkpoint(path: Path, identity: str) -> State | None:
    """Return the state to go on from, or None if none is of this identity; why not is logged."""
    if not path.exists():
        return None
    try:
        stored = read_tensors(path, KIND)
        state = State(_by_part(stored.tensors), stored.attributes["counts"], stored.attributes["columns"])
        found = stored.attributes["identity"]
    # A damaged pickle fails in any way, and no fault of a file that can be made anew may end a training.
    except Exception as error:
        log.warning("training starts over, its checkpoint %s is of no use: %s", path, error)
        return None
    if found != identity:
        log.warning("training starts over: its settings, code or data are not those of %s", path)
        return None
    return state


def _by_part(flat: Mapping[str, Tensor]) -> dict[str, dict[str, Tensor]]:
    tensors: dict[str, dict[str, Tensor]] = {}
    for name, tensor in flat.items():
        part, _, rest = name.partition("/")
        tensors.setdefault(part, {})[rest] = tensor
    return tensors
