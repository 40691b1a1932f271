"""Torch tensors in `.pt` files: plain state dicts with kind and digest, loaded without running any code."""

from __future__ import annotations

import hashlib
import json
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from ige.base.digests import canonical_json
from ige.base.errors import InputError
from ige.storage.arrays import damaged
from ige.storage.atomic import atomic_path

# How every archive that torch writes begins.
_ARCHIVE = b"PK\x03\x04"


@dataclass(frozen=True, slots=True)
class Tensors:
    """What one of our `.pt` files holds: tensors and JSON attributes by name, and the digest of both."""

    tensors: dict[str, Tensor]
    attributes: dict[str, Any]
    digest: str


def write_tensors(
    path: Path, kind: str, tensors: Mapping[str, Tensor], attributes: Mapping[str, Any]
) -> None:
    """Write tensors (from any device) and JSON attributes.

    Raises:
        StorageError: if the file cannot be written.
    """
    on_host = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
    content = {
        "kind": kind,
        "digest": _digest(kind, on_host, attributes),
        "attributes": canonical_json(dict(attributes)),
        "tensors": on_host,
    }
    # Through a file object: the archive then holds no file name, so that equal content gives equal bytes.
    with atomic_path(path) as temporary, temporary.open("wb") as stream:
        torch.save(content, stream)


def read_tensors(path: Path, kind: str, device: str = "cpu") -> Tensors:
    """Read a file that `write_tensors` wrote, with `weights_only=True`, checking kind and digest.

    Raises:
        InputError: if the file is missing, of another kind, corrupt, or altered since it was written.
    """
    if not path.is_file():
        raise InputError("no such file", where=path, expected=f"a file of kind {kind}")
    with path.open("rb") as stream:
        start = stream.read(len(_ARCHIVE))
    if start != _ARCHIVE:
        raise InputError(
            "no .pt file of ige's",
            where=path,
            expected=f"a file of kind {kind}",
            found="a file of another format",
        )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # torch warns of foreign archives before it refuses them
            content = torch.load(path, map_location="cpu", weights_only=True)
        found, stated, tensors = content["kind"], content["digest"], content["tensors"]
        attributes = json.loads(content["attributes"])
        digest = _digest(found, tensors, attributes)
    except Exception as error:
        # Damage shows in more ways than can be listed: in the archive, the pickle, the JSON, the shapes.
        raise damaged(path, kind, "a file that is not a .pt file of ige's") from error
    if found != kind:
        raise InputError("a file of another kind", where=path, expected=kind, found=str(found))
    if digest != stated:
        raise damaged(path, kind, "content that does not match its digest")
    return Tensors({name: tensor.to(device) for name, tensor in tensors.items()}, attributes, stated)


def _digest(kind: str, tensors: Mapping[str, Tensor], attributes: Mapping[str, Any]) -> str:
    digest = hashlib.sha256(canonical_json([kind, dict(attributes)]).encode())
    for name in sorted(tensors):
        tensor = tensors[name]
        digest.update(canonical_json([name, str(tensor.dtype), list(tensor.shape)]).encode())
        # A tensor without dimensions has no bytes to view before it is flattened.
        digest.update(tensor.flatten().view(torch.uint8).numpy().tobytes())
    return digest.hexdigest()
