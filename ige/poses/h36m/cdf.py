"""The poses in one CDF file of Human3.6M, read without trusting the file.

A CDF is a web of records that point at each other and state their own sizes. cdflib follows what it finds:
counts of billions are looped over, compressed records inflated whole. So the records are walked here first,
in the order in which cdflib will follow them; what it reads afterwards is known to be finite and small. A
file that is compressed as a whole is inflated here, and walked and read as what it was before.
Formats: NASA's "CDF Internal Format Description", versions 2.6 and 3.
"""

from __future__ import annotations

import tempfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ige.base.errors import InputError

VARIABLE = "Pose"
LARGEST_BYTES = 64 * 2**20  # of a file and of its values: ten times the longest sequence in double precision

_SIZES = {21: 4, 22: 8, 44: 4, 45: 8}  # bytes of CDF_REAL4, CDF_REAL8, CDF_FLOAT, CDF_DOUBLE
_UNCOMPRESSED, _COMPRESSED = bytes.fromhex("0000ffff"), bytes.fromhex("cccc0001")
_R_VARIABLE, _Z_VARIABLE, _INDEX, _VALUES, _COMPRESSED_VALUES = 3, 8, 6, 7, 13
_COMPRESSED_FILE, _PARAMETERS, _GZIP = 10, 11, 5
_MOST_RATIO = 1032  # of deflate: 258 bytes from two bits
_MOST_VARIABLES, _MOST_DIMENSIONS, _MOST_RECORDS = 16, 8, 10_000
_LARGEST_HEADER = 4096


def read_pose(path: Path, where: str) -> NDArray[np.floating[Any]]:
    """Read variable `Pose` of a CDF file.

    Args:
        path: of the file.
        where: what errors call it.

    Returns:
        (F, 96) as stored.

    Raises:
        InputError: if it is no sound CDF file, or holds no `Pose` of F x 96 floating-point numbers.
    """
    try:
        if path.stat().st_size > LARGEST_BYTES:
            raise ValueError(f"{path.stat().st_size} bytes where at most {LARGEST_BYTES} are plausible")
        content = path.read_bytes()
        plain = _without_compression(content)
        _require_sound(plain)
        values = _values_of(path) if plain is content else _values_in(plain)
    except Exception as error:  # a damaged file makes cdflib fail in any way
        raise InputError(
            "is no CDF file that can be read",
            where=where,
            expected=f"a CDF file with a variable {VARIABLE}, F x 96",
            found=f"{type(error).__name__}: {str(error)[:200]}",
            next_step="Extract or download it again",
        ) from error
    if values.ndim == 3 and values.shape[0] == 1:
        values = values[0]
    if values.ndim != 2 or values.shape[1] != 96 or len(values) == 0:
        raise InputError(
            f"wrong shape of {VARIABLE}", where=where, expected="F x 96 numbers", found=str(values.shape)
        )
    return values


def _values_in(content: bytes) -> NDArray[Any]:
    # cdflib reads files alone, and would inflate the one at hand again.
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "plain.cdf"
        path.write_bytes(content)
        return _values_of(path)


def _values_of(path: Path) -> NDArray[Any]:
    from cdflib import CDF

    file = CDF(path)
    kind = file.vdr_info(VARIABLE).data_type
    if kind not in _SIZES:
        raise ValueError(f"{VARIABLE} of CDF type {kind} where floating-point numbers are expected")
    return np.asarray(file.varget(VARIABLE))


@dataclass(frozen=True, slots=True)
class _Form:
    """Where a version of the format keeps what decides how much is read; offsets from a record's start."""

    width: int  # of sizes and offsets
    r_variables: int
    z_variables: int
    r_dimensions: int
    last_record: int
    head_index: int
    sparse: int
    z_dimensions: int


_FORMS = {
    bytes.fromhex("cdf30001"): _Form(8, 44, 60, 56, 24, 28, 48, 340),
    bytes.fromhex("cdf26002"): _Form(4, 24, 40, 36, 16, 20, 32, 128),
}


def _form(content: bytes) -> _Form:
    form = _FORMS.get(content[:4])
    if form is None:
        raise ValueError("it does not begin as a CDF file of version 2.6 or 3 does")
    return form


def _without_compression(content: bytes) -> bytes:
    """Return a file as it was before it was compressed as a whole, or the very same if it is not.

    Raises:
        ValueError: if it is compressed in another way than by gzip, inflates to another size than it states,
            or states one that is implausible or that no file of its size can inflate to.
    """
    form = _form(content)
    if content[4:8] == _UNCOMPRESSED:
        return content
    if content[4:8] != _COMPRESSED:
        raise ValueError("it begins as neither a plain nor a compressed CDF file does")
    records, width = _Records(content, form), form.width
    size, kind = records.enter(8)
    parameters, stated = (records.integer(12 + place * width, width) for place in (1, 2))
    if kind != _COMPRESSED_FILE or records.enter(parameters)[1] != _PARAMETERS:
        raise ValueError("compressed as a whole, but without the records that say how")
    method = records.integer(parameters + width + 4, 4)
    if method != _GZIP:
        raise ValueError(f"compressed as a whole by method {method}, of which gzip alone ({_GZIP}) is read")
    packed = content[16 + 3 * width : 8 + size]
    most = min(LARGEST_BYTES, _MOST_RATIO * len(packed))
    if not 0 < stated <= most:
        raise ValueError(
            f"{len(packed)} compressed bytes that state to be {stated}, at most {most} plausible"
        )
    inflate = zlib.decompressobj(zlib.MAX_WBITS | 16)
    plain = inflate.decompress(packed, stated + 1)
    if len(plain) != stated or not inflate.eof or inflate.unused_data:
        raise ValueError(f"compressed bytes that do not inflate to the {stated} that are stated")
    return content[:4] + _UNCOMPRESSED + plain


def _require_sound(content: bytes) -> None:
    """Walk the records that lead to values.

    Raises:
        ValueError: if a record lies outside the file, is met twice, or states more than a sequence can hold.
    """
    form = _form(content)
    records = _Records(content, form)
    head_size = records.integer(8, form.width)
    if not 0 < head_size <= _LARGEST_HEADER:
        raise ValueError(f"a header of {head_size} bytes")
    # Release 2.5 moved fields: what calls itself older would be read at other places than are checked here.
    version, release = (records.integer(8 + 2 * form.width + 4 + shift, 4) for shift in (0, 4))
    if form.width == 4 and (version, release) < (2, 5):
        raise ValueError(f"version {version}.{release} of the format")
    _require_variables(records, 8 + head_size)


class _Records:
    """Big-endian integers of a file, and which of its records were met."""

    def __init__(self, content: bytes, form: _Form) -> None:
        self.content = content
        self.form = form
        self.values_left = LARGEST_BYTES
        self._met: set[int] = set()

    def integer(self, at: int, width: int) -> int:
        if at < 0 or at + width > len(self.content):
            raise ValueError(f"a record at byte {at}, outside the file of {len(self.content)} bytes")
        return int.from_bytes(self.content[at : at + width], "big", signed=True)

    def enter(self, at: int) -> tuple[int, int]:
        """Return size and type of a record that was not met before."""
        size = self.integer(at, self.form.width)
        if size < self.form.width + 4 or at + size > len(self.content):
            raise ValueError(f"a record of {size} bytes at byte {at} of {len(self.content)}")
        if at in self._met or len(self._met) >= _MOST_RECORDS:
            raise ValueError(f"records that lead in a circle, at byte {at}")
        self._met.add(at)
        return size, self.integer(at + self.form.width, 4)


def _require_variables(records: _Records, at: int) -> None:
    form = records.form
    records.enter(at)
    r_dimensions = _count(records, at + form.r_dimensions, _MOST_DIMENSIONS, "dimensions")
    for shift, number_at, kind in (
        (0, form.r_variables, _R_VARIABLE),
        (1, form.z_variables, _Z_VARIABLE),
    ):
        variable = records.integer(at + form.width + 4 + shift * form.width, form.width)
        for _ in range(_count(records, at + number_at, _MOST_VARIABLES, "variables")):
            if records.enter(variable)[1] != kind:
                raise ValueError(f"no variable at byte {variable}")
            _require_variable(records, variable, r_dimensions if kind == _R_VARIABLE else None, at)
            variable = records.integer(variable + form.width + 4, form.width)


def _require_variable(records: _Records, at: int, r_dimensions: int | None, head: int) -> None:
    form = records.form
    if records.integer(at + form.sparse, 4) != 0:
        raise ValueError("sparse records")
    if r_dimensions is None:
        number = _count(records, at + form.z_dimensions, _MOST_DIMENSIONS, "dimensions")
        sizes_at = at + form.z_dimensions + 4
    else:
        number, sizes_at = r_dimensions, head + form.r_dimensions + (28 if form.width == 8 else 24)
    values = records.integer(at + form.last_record, 4) + 1
    for index in range(number):
        values *= max(1, records.integer(sizes_at + 4 * index, 4))
    size = _SIZES.get(records.integer(at + form.width + 4 + form.width, 4), 1)
    left_before = records.values_left
    if values * size > left_before:
        raise ValueError(f"{values} values in a file of {len(records.content)} bytes")
    waiting = [records.integer(at + form.head_index, form.width)]
    while waiting:
        index_at = waiting.pop()
        if index_at:
            waiting.extend(_indexed(records, index_at))
    # cdflib would take zeros for what is missing.
    if left_before - records.values_left < values * size:
        raise ValueError(f"{values} values are stated, fewer are there")


def _indexed(records: _Records, at: int) -> Iterator[int]:
    """Check the values that an index record leads to, and yield the index records after and below it."""
    width = records.form.width
    size, _ = records.enter(at)
    fields = at + width + 4
    yield records.integer(fields, width)
    entries, used = (records.integer(fields + width + shift, 4) for shift in (0, 4))
    if not 0 <= used <= entries <= size // (8 + width):
        raise ValueError(f"an index of {used} of {entries} entries in {size} bytes")
    first = fields + width + 8 + 8 * entries
    for number in range(used):
        target = records.integer(first + width * number, width)
        if records.integer(target + width, 4) == _INDEX:
            yield target
        else:
            _require_values(records, target)


def _require_values(records: _Records, at: int) -> None:
    size, kind = records.enter(at)
    if kind == _VALUES:
        records.values_left -= size - records.form.width - 4
    elif kind == _COMPRESSED_VALUES:
        width = records.form.width
        start = at + 2 * width + 8
        length = records.integer(start - width, width)
        if not 0 < length <= at + size - start:
            raise ValueError(f"{length} compressed bytes in a record of {size}")
        inflate = zlib.decompressobj(zlib.MAX_WBITS | 16)
        packed = records.content[start : start + length]
        records.values_left -= len(inflate.decompress(packed, records.values_left + 1))
        if inflate.unused_data:
            raise ValueError("compressed values with something behind them")
    else:
        raise ValueError(f"no values at byte {at}")
    if records.values_left < 0:
        raise ValueError(f"more than {LARGEST_BYTES} bytes of values")


def _count(records: _Records, at: int, most: int, what: str) -> int:
    number = records.integer(at, 4)
    if not 0 <= number <= most:
        raise ValueError(f"{number} {what}")
    return number
