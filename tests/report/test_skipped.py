import pytest

from ige.base.errors import InputError
from ige.report.skipped import SkippedGroup, read_skipped


def test_rows_and_frames_are_counted_by_reason(folder):
    clips = folder.skipped("skipped.csv", [])
    test = folder.skipped("test-skipped.csv", [("a", 3, "rare"), ("b", 10, "often"), ("c", 5, "often")])
    assert read_skipped([clips, test]) == [
        SkippedGroup("skipped.csv", "nothing was left out", 0, 0),
        SkippedGroup("test-skipped.csv", "often", 2, 15),
        SkippedGroup("test-skipped.csv", "rare", 1, 3),
    ]


def test_files_of_one_name_are_told_apart(folder):
    names = ("skipped.csv", "projection/test-skipped.csv", "sh/test-skipped.csv")
    assert [group.file for group in read_skipped([folder.skipped(name, []) for name in names])] == list(names)
    assert read_skipped([]) == []


def test_many_reasons_are_counted_together_and_none_is_lost(folder):
    path = folder.skipped("skipped.csv", [(str(n), n, f"repeats {n}") for n in range(1, 11)])
    groups = read_skipped([path])
    assert [group.reason for group in groups[:2]] == ["repeats 10", "repeats 9"]
    assert groups[-1] == SkippedGroup("skipped.csv", "5 more reasons, e.g. repeats 5", 5, 15)
    assert sum(group.frames for group in groups) == 55


def test_another_table_is_refused(tmp_path):
    path = tmp_path / "other.csv"
    path.write_text("id,frames\na,3\n")
    with pytest.raises(InputError, match=r"other\.csv: is no list"):
        read_skipped([path])
