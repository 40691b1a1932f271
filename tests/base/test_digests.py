import hashlib

import pytest

from ige.base.digests import canonical_json, digest_of_file, digest_of_json


def test_the_order_of_keys_does_not_count_and_values_do():
    assert digest_of_json({"a": 1, "b": [2.5]}) == digest_of_json({"b": [2.5], "a": 1})
    assert digest_of_json({"a": 1}) != digest_of_json({"a": 2})
    assert canonical_json({"b": 1, "a": "é"}) == '{"a":"é","b":1}'


def test_a_number_that_json_does_not_know_is_refused():
    with pytest.raises(ValueError, match="JSON"):
        digest_of_json({"a": float("nan")})


def test_files_are_hashed_by_their_bytes(tmp_path):
    content = bytes(range(256)) * 9000
    (tmp_path / "x").write_bytes(content)
    assert digest_of_file(tmp_path / "x") == hashlib.sha256(content).hexdigest()
