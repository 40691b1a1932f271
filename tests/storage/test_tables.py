import pytest

from ige.base.errors import InputError
from ige.storage.tables import read_columns, read_csv, write_csv


def test_round_trip_with_empty_cells(tmp_path):
    rows = [{"a": 1, "b": None}, {"a": "x,y"}]
    write_csv(tmp_path / "t.csv", ("a", "b"), rows)
    assert (tmp_path / "t.csv").read_bytes() == b'a,b\n1,\n"x,y",\n'
    assert read_csv(tmp_path / "t.csv") == [{"a": "1", "b": ""}, {"a": "x,y", "b": ""}]


def test_columns_are_known_without_rows(tmp_path):
    write_csv(tmp_path / "t.csv", ("a", "b"), [])
    assert read_columns(tmp_path / "t.csv") == ("a", "b")
    assert read_csv(tmp_path / "t.csv") == []
    (tmp_path / "t.csv").write_text("")
    with pytest.raises(InputError, match="empty file"):
        read_columns(tmp_path / "t.csv")


def test_an_unknown_column_is_a_bug(tmp_path):
    with pytest.raises(ValueError, match="fields not in fieldnames"):
        write_csv(tmp_path / "t.csv", ("a",), [{"b": 1}])


@pytest.mark.parametrize(
    ("text", "words"), [("", "empty file"), ("a,b\n1\n", "line 2"), ("a\n1,2\n", "line 2")]
)
def test_faults(tmp_path, text, words):
    (tmp_path / "t.csv").write_text(text)
    with pytest.raises(InputError, match=words):
        read_csv(tmp_path / "t.csv")


def test_a_byte_order_mark_and_crlf_are_fine(tmp_path):
    (tmp_path / "t.csv").write_bytes(b"\xef\xbb\xbfa,b\r\n1,2\r\n")
    assert read_csv(tmp_path / "t.csv") == [{"a": "1", "b": "2"}]


def test_a_file_in_another_encoding_is_told(tmp_path):
    (tmp_path / "t.csv").write_bytes("a\nMüller\n".encode("latin-1"))
    with pytest.raises(InputError, match="no CSV file: expected text in UTF-8"):
        read_csv(tmp_path / "t.csv")


def test_a_missing_file(tmp_path):
    with pytest.raises(InputError, match="no such file"):
        read_csv(tmp_path / "t.csv")
