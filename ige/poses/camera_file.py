"""The camera of somebody's own images: a small JSON file.

    {"focal": [fx, fy], "centre": [cx, cy], "radial": [k1, k2, k3], "tangential": [p1, p2]}

Focal lengths and principal point in pixels, distortion as in OpenCV (whose `distCoeffs` are k1 k2 p1 p2 k3);
`radial` and `tangential` may be left out for a lens without distortion.
"""

from __future__ import annotations

import difflib
import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ige.base.errors import InputError
from ige.geometry.cameras import Camera

_SIZES = {"focal": 2, "centre": 2, "radial": 3, "tangential": 2}
_OPTIONAL = ("radial", "tangential")
_FORM = '{"focal": [fx, fy], "centre": [cx, cy], "radial": [k1, k2, k3], "tangential": [p1, p2]}'


def read_camera(path: Path) -> Camera:
    """Read a camera; its frame is its own, so its extrinsics are the identity.

    Raises:
        InputError: if the file is missing or no JSON, a name is unknown or lacks, a value is not the right
            number of finite numbers, or a focal length is not positive.
    """
    values = _read_json(path)
    for name in values:
        if name not in _SIZES:
            close = difflib.get_close_matches(name, _SIZES, n=1)
            hint = f"Did you mean {close[0]}?" if close else None
            raise InputError(f"unknown name {name!r}", where=path, expected=_FORM, next_step=hint)
    for name in _SIZES:
        if name not in values and name not in _OPTIONAL:
            what = "a camera without focal length" if name == "focal" else f"a camera without {name}"
            raise InputError(what, where=path, expected=_FORM, found=", ".join(values) or "nothing")
    fields = {name: _numbers(path, name, values.get(name, [0.0] * size)) for name, size in _SIZES.items()}
    if not (fields["focal"] > 0).all():
        raise InputError("focal lengths must be positive", where=path, found=str(values["focal"]))
    return Camera(name=path.stem, extrinsics=np.eye(3, 4), **fields)


def _read_json(path: Path) -> dict[str, Any]:
    try:
        values = json.loads(path.read_bytes())
    except OSError as error:
        found = error.strerror or str(error)
        raise InputError("cannot be read", where=path, expected="a camera as JSON", found=found) from error
    except (ValueError, RecursionError) as error:
        raise InputError("is no valid JSON", where=path, expected=_FORM, found=str(error)) from error
    if not isinstance(values, dict):
        raise InputError("holds no camera", where=path, expected=_FORM, found=type(values).__name__)
    return values


def _numbers(path: Path, name: str, value: Any) -> NDArray[np.float64]:
    """Check that a value is the right number of finite numbers."""
    size = _SIZES[name]
    fits = isinstance(value, list) and len(value) == size
    if not fits or not all(isinstance(item, int | float) and not isinstance(item, bool) for item in value):
        raise InputError(f"wrong {name}", where=path, expected=f"{size} numbers", found=json.dumps(value))
    try:
        numbers = np.asarray(value, dtype=np.float64)
    except OverflowError:
        numbers = np.full(size, np.inf)
    if not np.isfinite(numbers).all():
        raise InputError(f"{name} is not finite", where=path, expected=f"{size} numbers", found=str(value))
    return numbers
