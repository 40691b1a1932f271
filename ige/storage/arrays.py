"""Arrays in HDF5: same arrays, same bytes; every file carries a digest of its content, checked when read."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from ige.base.digests import canonical_json
from ige.base.errors import InputError
from ige.storage.hdf5 import new_hdf5

_ATTRIBUTES = "attributes.json"
_FORMAT = 1


@dataclass(frozen=True, slots=True)
class Arrays:
    """What one of our HDF5 files holds.

    Attributes:
        arrays: by name; a name may hold `/`, which HDF5 keeps as groups.
        attributes: JSON values that describe the arrays.
        digest: SHA-256 of both, the same whenever the content is the same.
    """

    arrays: dict[str, NDArray[Any]]
    attributes: dict[str, Any]
    digest: str


def write_arrays(
    path: Path, kind: str, arrays: Mapping[str, NDArray[Any]], attributes: Mapping[str, Any]
) -> None:
    """Write arrays and JSON attributes to an HDF5 file that names its kind.

    Raises:
        StorageError: if the file cannot be written.
    """
    digest = _digest(kind, arrays, attributes)
    with new_hdf5(path) as file:
        for name in sorted(arrays):
            file.create_dataset(name, data=np.ascontiguousarray(arrays[name]), track_times=False)
        text = np.frombuffer(canonical_json(dict(attributes)).encode(), dtype=np.uint8)
        file.create_dataset(_ATTRIBUTES, data=text, track_times=False)
        # Of fixed length: others lie in a heap without a checksum, and damage there makes HDF5 hang.
        file.attrs["kind"] = np.bytes_(kind)
        file.attrs["format"] = _FORMAT
        file.attrs["digest"] = np.bytes_(digest)


def read_arrays(path: Path, kind: str) -> Arrays:
    """Read a file that `write_arrays` wrote, checking that it is of this kind and unharmed.

    Raises:
        InputError: if the file is missing, of another kind, truncated, or altered since it was written.
    """
    if not path.is_file():
        raise InputError("no such file", where=path, expected=f"a file of kind {kind}")
    try:
        with h5py.File(path, "r") as file:
            found = attribute_text(file, "kind") or "no file of ige's"
            if found != kind:
                raise InputError("a file of another kind", where=path, expected=kind, found=found)
            content = _datasets(file)
            stated = attribute_text(file, "digest")
        attributes = json.loads(content.pop(_ATTRIBUTES).tobytes())
    except (OSError, KeyError, RuntimeError, ValueError) as error:
        raise damaged(path, kind, f"a file that cannot be read ({type(error).__name__})") from error
    digest = _digest(kind, content, attributes)
    if digest != stated:
        raise damaged(path, kind, "content that does not match its digest")
    return Arrays(content, attributes, digest)


def attribute_text(file: h5py.File, name: str) -> str:
    """Return an attribute of one of our files, empty if there is none."""
    value = file.attrs.get(name, b"")
    return value.decode() if isinstance(value, bytes) else str(value)


def damaged(path: Path, kind: str, found: str) -> InputError:
    """Say that a file of ours is corrupt or was edited, and how to get it back."""
    return InputError(
        "corrupt or edited",
        where=path,
        expected=f"a {kind} file as ige wrote it",
        found=found,
        next_step="If a run made it, delete it and run snakemake again to rebuild it",
    )


def _datasets(file: h5py.File) -> dict[str, NDArray[Any]]:
    names: list[str] = []
    file.visititems(lambda name, node: names.append(name) if isinstance(node, h5py.Dataset) else None)
    return {name: file[name][()] for name in names}


def _digest(kind: str, arrays: Mapping[str, NDArray[Any]], attributes: Mapping[str, Any]) -> str:
    digest = hashlib.sha256(canonical_json([_FORMAT, kind, dict(attributes)]).encode())
    for name in sorted(arrays):
        array = np.asarray(arrays[name])
        digest.update(canonical_json([name, array.dtype.str, list(array.shape)]).encode())
        digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()
