from dataclasses import dataclass

import pytest

from ige.base.errors import InputError
from ige.report.row_file import RowFile


@dataclass(frozen=True)
class Row:
    name: str
    n: int | None
    error: float | None
    published: float | None


FILE = RowFile(Row, "errors", texts=("name",), counts=("n",))


def test_rows_come_back_rounded_and_empty_cells_as_none(tmp_path):
    FILE.write(tmp_path / "a.csv", [Row("x", 3, 1.239, 57.123), Row("y", None, None, None)])
    assert (tmp_path / "a.csv").read_text().splitlines() == [
        "name,n,error,published",
        "x,3,1.24,57.123",
        "y,,,",
    ]
    assert FILE.read(tmp_path / "a.csv") == [Row("x", 3, 1.24, 57.123), Row("y", None, None, None)]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("name,n,error,published\n", "is no table of errors"),
        ("name,n\nx,3\n", "name, n, error, published"),
        ("name,n,error,published\nx,three,1,1\n", "holds a cell that is no number"),
    ],
)
def test_other_files_are_refused(tmp_path, text, words):
    (tmp_path / "a.csv").write_text(text)
    with pytest.raises(InputError, match=words):
        FILE.read(tmp_path / "a.csv")
