import logging
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from ige.training import loop


class Interrupted(Exception):
    pass


def interrupt(problem, *, loss: int | None = None, validation: int | None = None) -> None:
    """Let the problem fail in its `loss`-th loss or `validation`-th validation, counted from 0."""
    counts = {"loss": 0, "validate": 0}

    def failing(name, at):
        original = getattr(problem, name)

        def call(*arguments):
            counts[name] += 1
            if at is not None and counts[name] == at + 1:
                raise Interrupted
            return original(*arguments)

        setattr(problem, name, call)

    failing("loss", loss)
    failing("validate", validation)


@pytest.mark.parametrize("seconds", [0.0, 1e9], ids=["saved-every-step", "saved-every-epoch"])
@pytest.mark.parametrize(
    "moment",
    [{"loss": k} for k in (0, 1, 5, 6, 7, 11, 12, 17)] + [{"validation": k} for k in (0, 1, 2)],
    ids=str,
)
def test_an_interrupted_training_ends_in_the_same_bits(
    train, regression, same, monkeypatch, tmp_path, moment, seconds
):
    undisturbed = train(regression(), checkpoint=tmp_path / "undisturbed.pt")
    monkeypatch.setattr(loop, "_SECONDS_BETWEEN_CHECKPOINTS", seconds)
    monkeypatch.setattr(loop, "_SHARE_OF_TIME_FOR_CHECKPOINTS", 1e9)
    broken = regression()
    interrupt(broken, **moment)
    with pytest.raises(Interrupted):
        train(broken)
    resumed = regression()
    if (tmp_path / "checkpoint.pt").exists():
        nn.init.constant_(
            resumed.model[0].weight, 7.0
        )  # what the new process begins with is then of no matter
    same(train(resumed), undisturbed)
    lost = len(broken.seen) + len(resumed.seen) - 18
    assert 0 <= lost <= (0 if seconds == 0 else 6)
    assert (tmp_path / "checkpoint.pt").read_bytes() == (tmp_path / "undisturbed.pt").read_bytes()


@pytest.mark.parametrize("loss", [1, 2, 7, 20, 35])
def test_micro_batches_and_rates_go_on_in_the_same_bits(train, regression, same, monkeypatch, tmp_path, loss):
    pace = {"micro_batch": 4, "rate_factors": {"0": 0.1, "1": 0.5}}
    undisturbed = train(regression(), checkpoint=tmp_path / "undisturbed.pt", **pace)
    monkeypatch.setattr(loop, "_SECONDS_BETWEEN_CHECKPOINTS", 0.0)
    monkeypatch.setattr(loop, "_SHARE_OF_TIME_FOR_CHECKPOINTS", 1e9)
    broken = regression()
    interrupt(broken, loss=loss)
    with pytest.raises(Interrupted):
        train(broken, **pace)
    resumed = regression()
    same(train(resumed, **pace), undisturbed)
    # An unfinished step of two parts is made once more, and told as it is.
    assert len(resumed.seen) == 36 - loss // 2 * 2
    assert [batch for _, batches in resumed.announced for batch in batches] == resumed.seen


@pytest.mark.parametrize("loss", [1, 4, 8])
def test_short_epochs_go_on_in_the_same_bits(train, regression, same, monkeypatch, tmp_path, loss):
    undisturbed = train(regression(), checkpoint=tmp_path / "undisturbed.pt", epoch_steps=3)
    monkeypatch.setattr(loop, "_SECONDS_BETWEEN_CHECKPOINTS", 0.0)
    monkeypatch.setattr(loop, "_SHARE_OF_TIME_FOR_CHECKPOINTS", 1e9)
    broken = regression()
    interrupt(broken, loss=loss)
    with pytest.raises(Interrupted):
        train(broken, epoch_steps=3)
    same(train(regression(), epoch_steps=3), undisturbed)


def test_a_training_interrupted_again_and_again_gets_there(train, regression, same, monkeypatch, tmp_path):
    undisturbed = train(regression(), checkpoint=tmp_path / "undisturbed.pt")
    monkeypatch.setattr(loop, "_SECONDS_BETWEEN_CHECKPOINTS", 0.0)
    monkeypatch.setattr(loop, "_SHARE_OF_TIME_FOR_CHECKPOINTS", 1e9)
    for _ in range(17):
        problem = regression()
        interrupt(problem, loss=1)
        with pytest.raises(Interrupted):
            train(problem)
    same(train(regression()), undisturbed)


def test_a_finished_training_is_not_repeated(train, regression, same):
    first = train(regression())
    again = regression()
    same(train(again), first)
    assert again.seen == []
    assert torch.equal(again.model[0].weight, first.last["0.weight"])
    assert not again.model.training


@pytest.mark.parametrize(
    "change",
    [
        *(
            {"identity": "two"},
            {"learning_rate": 0.02},
            {"epochs": 4},
            {"seed": 3},
            {"count": 49},
            {"width": 9},
        ),
        *({"micro_batch": 8}, {"rate_factors": {"0": 0.5}}, {"epoch_steps": 1}),
    ],
)
def test_what_changes_the_result_starts_over_and_says_so(train, regression, same, caplog, tmp_path, change):
    train(regression())
    made = {name: change.pop(name) for name in ("count", "width") if name in change}
    again = regression(**made)
    with caplog.at_level(logging.WARNING):
        fit = train(again, **change)
    assert ["starts over: its settings, code or data" in message for message in caplog.messages] == [True]
    assert len(again.seen) == change.get("epoch_steps", 6) * len(fit.history)
    same(fit, train(regression(**made), checkpoint=tmp_path / "fresh.pt", **change))


def test_the_choice_of_seeds_and_weights_does_not_start_over(train, regression):
    train(regression())
    again = regression()
    train(again, seeds=(0, 1), select="best")
    assert again.seen == []


def test_a_corrupt_checkpoint_starts_over_and_says_so(train, regression, same, tmp_path, caplog):
    first = train(regression())
    path = tmp_path / "checkpoint.pt"
    path.write_bytes(path.read_bytes()[:-40])
    again = regression()
    same(train(again), first)
    assert len(again.seen) == 18
    assert any("of no use" in message for message in caplog.messages)


CHILD = """
import sys
from pathlib import Path
import torch
torch.set_num_threads(1)
sys.path.insert(0, sys.argv[1])
import conftest
from ige.params.training import TrainingSettings
from ige.training import loop
loop._SECONDS_BETWEEN_CHECKPOINTS = 0.0
loop._SHARE_OF_TIME_FOR_CHECKPOINTS = 1e9
settings = TrainingSettings(
    seeds=(0,), epochs=100, batch_size=8, learning_rate=1e-2, final_learning_rate=1e-3, outer_clip=3.0,
    clip_window=10, precision="fp32", select="last",
)
loop.fit(
    conftest.Regression(), settings, seed=0, device=torch.device("cpu"), checkpoint=Path(sys.argv[2]),
    identity="one", title="child",
)
"""


def kill_after(seconds: float, checkpoint: Path) -> None:
    """Start a training and kill it so long after it has written a checkpoint of its own."""
    before = checkpoint.stat().st_ino if checkpoint.exists() else None
    process = subprocess.Popen([sys.executable, "-c", CHILD, str(Path(__file__).parent), str(checkpoint)])
    deadline = time.monotonic() + 60
    while not checkpoint.exists() or checkpoint.stat().st_ino == before:
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.001)
    time.sleep(seconds)
    process.kill()
    assert process.wait() == -signal.SIGKILL


@pytest.mark.parametrize("kills", [1, pytest.param(8, marks=pytest.mark.slow)])
def test_a_killed_process_leaves_a_training_that_goes_on_to_the_same_bits(
    train, regression, same, tmp_path, kills
):
    checkpoint = tmp_path / "checkpoint.pt"
    for seconds in np.random.default_rng(kills).uniform(0, 0.1, kills):
        kill_after(seconds, checkpoint)
    resumed = regression()
    fit = train(resumed, epochs=100)
    assert 0 < len(resumed.seen) < 600
    same(fit, train(regression(), epochs=100, checkpoint=tmp_path / "undisturbed.pt"))
