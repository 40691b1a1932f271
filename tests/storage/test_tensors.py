import pickle
from contextlib import suppress

import pytest
import torch

from ige.base.errors import InputError
from ige.storage.tensors import read_tensors, write_tensors

TENSORS = {
    "w": torch.arange(6, dtype=torch.float32).reshape(2, 3),
    "half": torch.ones(3, dtype=torch.bfloat16),
    "count": torch.tensor(7),
    "none": torch.zeros(0, 4),
}


def test_round_trip_and_same_bytes(tmp_path):
    write_tensors(tmp_path / "a.pt", "model", TENSORS, {"seed": 1})
    write_tensors(tmp_path / "b.pt", "model", TENSORS, {"seed": 1})
    assert (tmp_path / "a.pt").read_bytes() == (tmp_path / "b.pt").read_bytes()
    content = read_tensors(tmp_path / "a.pt", "model")
    assert content.attributes == {"seed": 1}
    for name, tensor in TENSORS.items():
        assert content.tensors[name].dtype == tensor.dtype
        assert torch.equal(content.tensors[name], tensor)


def test_a_view_is_written_as_what_it_shows(tmp_path):
    write_tensors(tmp_path / "a.pt", "model", {"w": TENSORS["w"].T}, {})
    assert torch.equal(read_tensors(tmp_path / "a.pt", "model").tensors["w"], TENSORS["w"].T)


def test_another_kind(tmp_path):
    write_tensors(tmp_path / "a.pt", "checkpoint", TENSORS, {})
    with pytest.raises(InputError, match="expected model, found checkpoint"):
        read_tensors(tmp_path / "a.pt", "model")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", r"no \.pt file"),
        (b"\x89HDF\r\n", r"no \.pt file"),
        (pickle.dumps({"a": print}), r"no \.pt file"),
        (b"PK\x03\x04junk", "corrupt or edited"),
    ],
)
def test_foreign_files(tmp_path, content, words):
    (tmp_path / "a.pt").write_bytes(content)
    with pytest.raises(InputError, match=rf"a\.pt: {words}"):
        read_tensors(tmp_path / "a.pt", "model")


def test_flipped_bytes_are_noticed(tmp_path):
    path = tmp_path / "a.pt"
    write_tensors(path, "model", TENSORS, {})
    content = bytearray(path.read_bytes())
    place = content.index(TENSORS["w"].numpy().tobytes()) + 5
    content[place] ^= 0x40
    path.write_bytes(content)
    with pytest.raises(InputError, match="corrupt or edited"):
        read_tensors(path, "model")


def test_any_flipped_byte_is_told_in_one_line_or_harmless(tmp_path):
    path = tmp_path / "a.pt"
    write_tensors(path, "model", TENSORS, {"seed": 1})
    content = path.read_bytes()
    for place in range(0, len(content), 23):
        spoilt = bytearray(content)
        spoilt[place] ^= 0x55
        path.write_bytes(spoilt)
        with suppress(InputError):
            found = read_tensors(path, "model")
            # Padding and times inside the archive: nothing that was read differs.
            assert found.attributes == {"seed": 1}
            assert all(torch.equal(found.tensors[name], TENSORS[name]) for name in TENSORS)
