import logging

import pytest
import torch

from ige.base.errors import StorageError
from ige.training.checkpoints import State, read_checkpoint, write_checkpoint

STATE = State(
    {
        "model": {"0.weight": torch.arange(6.0).reshape(2, 3), "a/b": torch.tensor(3)},
        "best": {"x": torch.ones(1)},
    },
    {"epoch": 2, "step": 5},
    ["epoch", "error"],
)


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "folder" / "checkpoint.pt"
    write_checkpoint(path, "one", STATE)
    return path


def test_a_state_comes_back_whole(path):
    state = read_checkpoint(path, "one")
    assert state is not None
    assert (state.counts, state.columns) == (STATE.counts, STATE.columns)
    assert state.tensors.keys() == STATE.tensors.keys()
    for part, tensors in STATE.tensors.items():
        assert state.tensors[part].keys() == tensors.keys()
        assert all(torch.equal(state.tensors[part][name], tensor) for name, tensor in tensors.items())


def test_no_checkpoint_is_no_event(tmp_path, caplog):
    with caplog.at_level(logging.DEBUG):
        assert read_checkpoint(tmp_path / "none.pt", "one") is None
    assert caplog.messages == []


def test_another_identity_starts_over_and_says_so(path, caplog):
    assert read_checkpoint(path, "two") is None
    (message,) = caplog.messages
    assert "starts over: its settings, code or data" in message
    assert str(path) in message


def test_damage_anywhere_starts_over_and_says_so(path, caplog):
    content = path.read_bytes()
    for position in range(0, len(content), 61):
        path.write_bytes(content[:position])
        assert read_checkpoint(path, "one") is None
        flipped = bytearray(content)
        flipped[position] ^= 0x55
        path.write_bytes(flipped)
        state = read_checkpoint(path, "one")
        # Bytes between the parts of the archive carry nothing: then the content is whole.
        assert state is None or torch.equal(
            state.tensors["model"]["0.weight"], torch.arange(6.0).reshape(2, 3)
        )
    assert all("starts over" in message for message in caplog.messages)
    assert len(caplog.messages) > len(content) // 61


def test_a_place_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="a part of this path is a file"):
        write_checkpoint(tmp_path / "file" / "checkpoint.pt", "one", STATE)
