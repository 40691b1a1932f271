import json

import pytest

from ige.base.errors import InputError
from ige.storage.records import read_record, write_record


def test_round_trip(tmp_path):
    content = {"b": [1, 2.5, None], "a": {"x": "é"}}
    write_record(tmp_path / "r.json", "scores", content)
    assert read_record(tmp_path / "r.json", "scores") == content


def test_an_edit_is_noticed(tmp_path):
    path = tmp_path / "r.json"
    write_record(path, "scores", {"error_mm": 45.0})
    path.write_text(path.read_text().replace("45.0", "35.0"))
    with pytest.raises(InputError, match=r"r\.json: corrupt or edited"):
        read_record(path, "scores")


@pytest.mark.parametrize("text", ["", "{", "[1]", "{}", "\x00\x01"])
def test_what_is_no_record_is_refused(tmp_path, text):
    (tmp_path / "r.json").write_text(text)
    with pytest.raises(InputError, match="corrupt or edited"):
        read_record(tmp_path / "r.json", "scores")


def test_another_kind_and_a_missing_file(tmp_path):
    write_record(tmp_path / "r.json", "scores", {})
    with pytest.raises(InputError, match="expected clips, found scores"):
        read_record(tmp_path / "r.json", "clips")
    with pytest.raises(InputError, match="no such file"):
        read_record(tmp_path / "s.json", "clips")


def test_numbers_must_be_finite(tmp_path):
    with pytest.raises(ValueError, match="JSON"):
        write_record(tmp_path / "r.json", "scores", {"x": float("inf")})
    assert not (tmp_path / "r.json").exists()


def test_the_record_is_plain_json(tmp_path):
    write_record(tmp_path / "r.json", "scores", {"x": 1})
    assert set(json.loads((tmp_path / "r.json").read_text())) == {"kind", "digest", "x"}
