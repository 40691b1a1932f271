import pytest

from ige.base.errors import InputError
from ige.shapes.skipped import Skipped, read_skipped, write_skipped


def test_rows_come_back_as_written(tmp_path):
    rows = [Skipped("car/a b.obj", "no faces: expected a mesh, found points"), Skipped("x", 'a "quote"')]
    write_skipped(tmp_path / "skipped.csv", rows)
    assert read_skipped(tmp_path / "skipped.csv") == rows


def test_nothing_skipped_is_a_header(tmp_path):
    write_skipped(tmp_path / "skipped.csv", [])
    assert (tmp_path / "skipped.csv").read_text() == "id,reason\n"


def test_another_table_is_refused(tmp_path):
    (tmp_path / "other.csv").write_text("id,why\na,b\n")
    with pytest.raises(InputError, match="is no list of what was skipped"):
        read_skipped(tmp_path / "other.csv")
