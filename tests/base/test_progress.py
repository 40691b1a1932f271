import logging

import pytest

import ige.base.progress as module
from ige.base.progress import progress


@pytest.fixture
def clock(monkeypatch):
    now = [100.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: now[0])
    return now


def test_off_a_terminal_lines_tell_share_time_left_and_facts(clock, caplog):
    caplog.set_level(logging.INFO, "ige")
    with progress("train x", 10) as bar:
        clock[0] += 4
        bar.advance(1, loss=0.5)  # too early for a line
        clock[0] += 8
        bar.advance(2, loss=0.25)
        clock[0] += 1
        bar.advance(7)
    assert [record.getMessage() for record in caplog.records] == [
        "train x: 30 %, 28 s left loss=0.25",
        "train x: done in 13 s loss=0.25",
    ]


def test_a_failure_is_not_called_done(clock, caplog):
    caplog.set_level(logging.INFO, "ige")
    with pytest.raises(RuntimeError), progress("x", 3):
        raise RuntimeError
    assert not caplog.records


def test_on_a_terminal_a_bar_is_drawn(monkeypatch, capfd):
    monkeypatch.setattr(module.sys.stderr, "isatty", lambda: True, raising=False)
    with progress("train x", 2) as bar:
        bar.advance(2, loss=0.125)
    assert "train x" in capfd.readouterr().err
