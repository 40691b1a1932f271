import pytest

from ige.base.errors import InputError
from ige.shapes.split_lists import (
    SplitLists,
    list_path,
    missing_lists,
    read_lists,
    require_whole,
    write_lists,
)

CARS = SplitLists("car", {"c2": "train", "c1": "train", "c3": "test"})


def test_lists_come_back_as_written_and_are_sorted(tmp_path):
    write_lists(tmp_path, CARS)
    assert (tmp_path / "car-train.txt").read_bytes() == b"c1\nc2\n"
    assert (tmp_path / "car-validation.txt").read_bytes() == b""
    assert read_lists(tmp_path, "car") == CARS
    assert missing_lists(tmp_path, "car") == []
    assert missing_lists(tmp_path, "sofa") == [
        tmp_path / f"sofa-{split}.txt" for split in ("train", "validation", "test")
    ]


def test_lists_that_an_editor_of_another_system_wrote_are_read(tmp_path):
    write_lists(tmp_path, CARS)
    list_path(tmp_path, "car", "test").write_bytes(b"\xef\xbb\xbfc4\r\n\r\nc3")
    assert read_lists(tmp_path, "car").ids("test") == ["c3", "c4"]


@pytest.mark.parametrize(
    ("split", "text", "words"),
    [
        (
            "test",
            "c3\nc1\n",
            r"car-test\.txt: the model c1 is in two splits.*found it in car-train\.txt, too",
        ),
        ("train", "c1\nc2\nc1\n", r"car-train\.txt: the model c1 stands twice"),
        ("train", "c1\nc2 test\n", r"car-train\.txt: line 2 is no id.*found c2 test"),
        ("train", "02958343/c1\n", "line 1 is no id"),
    ],
)
def test_overlaps_and_duplicates_are_named(tmp_path, split, text, words):
    write_lists(tmp_path, CARS)
    list_path(tmp_path, "car", split).write_text(text)
    with pytest.raises(InputError, match=words):
        read_lists(tmp_path, "car")


def test_a_file_that_is_no_text_is_refused(tmp_path):
    write_lists(tmp_path, CARS)
    list_path(tmp_path, "car", "train").write_bytes(b"\xff\xfe")
    with pytest.raises(InputError, match="cannot be read"):
        read_lists(tmp_path, "car")


def test_lists_that_are_gone_are_made_again_only_from_the_same_models(tmp_path):
    write_lists(tmp_path, CARS)
    list_path(tmp_path, "car", "test").unlink()
    require_whole(tmp_path, CARS)
    require_whole(tmp_path, SplitLists("sofa", {"s1": "train"}))
    others = SplitLists("car", {"c1": "train", "c3": "test"})
    with pytest.raises(InputError, match=r"some of the lists of car are gone.*expected car-test\.txt"):
        require_whole(tmp_path, others)
