"""Splits of SHREC 2016 and 2017: all.csv as ShapeNet gives it out, a row for each model.

Columns: id, synsetId, subSynsetId, modelId, split (train, val or test). The ids of models are the names of
their folders. Copies of the file have lost the leading zeros of the synsets: both kinds are read.
"""

from __future__ import annotations

from pathlib import Path

from ige.base.errors import InputError
from ige.shapes.splits import Split
from ige.storage.tables import read_csv

NAME = "all.csv"
_COLUMNS = ("synsetId", "modelId", "split")
_WORDS: dict[str, Split] = {"train": "train", "val": "validation", "test": "test"}
_DIGITS = 8  # of a synset


def read_shrec16(path: Path) -> dict[str, dict[str, Split]]:
    """Read the split of each model, by synset.

    A model may have several rows, for several sub-synsets, as long as they name the same split.

    Raises:
        InputError: if it is another file, or a model of a synset is in two splits.
    """
    splits: dict[str, dict[str, Split]] = {}
    for number, row in enumerate(read_csv(path), start=2):
        missing = [name for name in _COLUMNS if name not in row]
        if missing:
            raise InputError(
                "is no table of splits",
                where=path,
                expected=f"columns {', '.join(_COLUMNS)}",
                found=", ".join(row),
            )
        synset, id, split = row["synsetId"].zfill(_DIGITS), row["modelId"], _WORDS.get(row["split"])
        if split is None or not id or not synset.isdigit() or len(synset) != _DIGITS:
            raise InputError(
                f"line {number} is no model with its split",
                where=path,
                expected=f"synset, model id and one of {', '.join(_WORDS)}",
                found=", ".join(row[name] for name in _COLUMNS),
            )
        before = splits.setdefault(synset, {}).setdefault(id, split)
        if before != split:
            raise InputError(
                f"the model {id} of synset {synset} is in two splits",
                where=f"{path} line {number}",
                expected="each model in one split",
                found=f"{before} and {split}",
            )
    return splits
