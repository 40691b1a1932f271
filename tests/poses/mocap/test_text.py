from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from ige.base.errors import InputError
from ige.poses.mocap.text import finite_numbers, finite_table, not_finite, read_text, shown


def test_plain_and_gzip_hold_the_same_text(tmp_path: Path) -> None:
    (tmp_path / "a.bvh").write_text("HIERARCHY\n")
    (tmp_path / "a.bvh.gz").write_bytes(gzip.compress(b"HIERARCHY\n"))
    assert read_text(tmp_path / "a.bvh") == read_text(tmp_path / "a.bvh.gz") == "HIERARCHY\n"


def test_a_byte_order_mark_is_no_text(tmp_path: Path) -> None:
    (tmp_path / "a.bvh").write_bytes(b"\xef\xbb\xbfHIERARCHY")
    assert read_text(tmp_path / "a.bvh") == "HIERARCHY"


def test_names_in_an_old_code_page_are_read(tmp_path: Path) -> None:
    (tmp_path / "a.bvh").write_bytes(b"ROOT H\xfcfte")
    assert read_text(tmp_path / "a.bvh") == "ROOT Hüfte"


@pytest.mark.parametrize("keep", [10, 30])
def test_truncated_gzip_is_named(tmp_path: Path, keep: int) -> None:
    path = tmp_path / "a.bvh.gz"
    path.write_bytes(gzip.compress(b"HIERARCHY and much more that does not compress well 123 456")[:keep])
    with pytest.raises(InputError, match=r"a\.bvh\.gz: damaged or truncated gzip"):
        read_text(path)


def test_plain_text_named_gz_is_damaged_gzip(tmp_path: Path) -> None:
    (tmp_path / "a.bvh.gz").write_text("HIERARCHY")
    with pytest.raises(InputError, match="damaged or truncated gzip"):
        read_text(tmp_path / "a.bvh.gz")


def test_binary_data_is_no_text(tmp_path: Path) -> None:
    (tmp_path / "a.bvh").write_bytes(b"\x7fELF\0\0\1")
    with pytest.raises(InputError, match="not a text file: expected text, found binary data"):
        read_text(tmp_path / "a.bvh")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"b\.bvh: cannot be read \(No such file"):
        read_text(tmp_path / "b.bvh")


def test_numbers_are_counted_and_finite() -> None:
    assert finite_numbers(["1", "-2e-3"], 2, "here", "OFFSET") == [1.0, -0.002]
    with pytest.raises(InputError, match="here: OFFSET has the wrong length: expected 3 numbers, found 2"):
        finite_numbers(["1", "2"], 3, "here", "OFFSET")
    for bad in ("nan", "inf", "1,5", "x"):
        with pytest.raises(InputError, match=f"not a finite number: found '{bad}'"):
            finite_numbers(["1", bad], 2, "here", "OFFSET")


def test_a_table_is_all_finite_or_none() -> None:
    table = finite_table([["1", "2"], ["3", "4"]])
    assert table is not None
    assert table.tolist() == [[1.0, 2.0], [3.0, 4.0]]
    assert finite_table([["1", "nan"]]) is None
    assert finite_table([["1", "x"]]) is None


def test_the_first_bad_line_is_found() -> None:
    error = not_finite([("line 1", ["1"]), ("line 2", ["2", "inf"]), ("line 3", ["nan"])])
    assert "line 2" in str(error)
    assert "'inf'" in str(error)
    with pytest.raises(ValueError, match="all values are finite"):
        not_finite([("line 1", ["1"])])


def test_what_is_shown_is_short_and_printable() -> None:
    assert shown("") == "nothing"
    assert shown("a\nb") == r"'a\nb'"
    assert len(shown("x" * 1000)) < 60
