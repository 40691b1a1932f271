"""The training loop: batches drawn on the device, Adam, clipping, checkpoints. It knows no task.

In: a `Problem`, settings, a seed. Out: a `Fit`. Beside: a checkpoint, from which a later call goes on.

Adam has its defaults, as in the released code; rate and batches are those of `schedule`, clipping is that
of `clipping`.
The result follows from problem, settings and seed alone: on the CPU to the bit, for one number of threads and
one process, also if the process was killed and the training went on in another. Torch's global generators
(dropout) are seeded for each epoch, and given back as they were.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch

from ige.base.digests import digest_of_json
from ige.base.progress import Progress, progress
from ige.params.training import TrainingSettings
from ige.training.checkpoints import read_checkpoint, write_checkpoint
from ige.training.history import validation
from ige.training.problem import Fit, Problem
from ige.training.processes import Processes
from ige.training.run import Run, copy_state

log = logging.getLogger(__name__)

# When to save and to tell depends on the clock; what is computed does not.
_SECONDS_BETWEEN_CHECKPOINTS = 20.0
_SHARE_OF_TIME_FOR_CHECKPOINTS = 0.05
_SECONDS_BETWEEN_NEWS = 0.5


def fit(
    problem: Problem,
    settings: TrainingSettings,
    *,
    seed: int,
    device: torch.device,
    checkpoint: Path,
    identity: str,
    title: str,
    processes: Processes | None = None,
    micro_batch: int | None = None,
    rate_factors: Mapping[str, float] | None = None,
    epoch_steps: int | None = None,
) -> Fit:
    """Train `problem.model` in place and return its last and its best state.

    Args:
        problem: model, examples and losses.
        settings: of the task; `seeds` and `select` are the caller's matter.
        seed: of batches and dropout.
        device: where model and examples are.
        checkpoint: file to go on from and to write to; a finished training is returned at once.
        identity: hash of what else decides the result (code, data); a checkpoint of another one is not used.
        title: what the progress display calls this training.
        processes: what `launch` handed in, where several train together.
        micro_batch: examples that go through the model at once, the gradients of a batch's parts summed up to
            those of its mean; None: the batch. Batch statistics are then those of the parts.
        rate_factors: parts of the learning rate by which the modules of these names learn; others by all.
        epoch_steps: steps of an epoch at most, of examples drawn anew; None: all full batches.

    Raises:
        TrainingError: if the training diverged.
        InputError: if several processes cannot share a batch equally.
        StorageError: if the checkpoint cannot be written.
        ValueError: if there is no example, a validation that returns nothing, or no module of such a name.
    """
    processes = processes or Processes()
    pace: dict[str, Any] = {
        "micro_batch": micro_batch,
        "rate_factors": dict(rate_factors or {}),
        "epoch_steps": epoch_steps,
    }
    with _randomness_of_its_own(device):
        run = Run(problem, settings, seed, device, processes, **pace)
        try:
            _train(
                run, checkpoint, _full_identity(problem, settings, seed, [identity, pace]), title, processes
            )
        finally:
            run.release()
    return Fit(copy_state(problem.model), run.best, run.best_epoch, run.history)


def _train(run: Run, checkpoint: Path, identity: str, title: str, processes: Processes) -> None:
    state = read_checkpoint(checkpoint, identity)
    if state is not None:
        run.restore(state)
        log.info("%s: goes on after %d of %d steps", title, run.total_step, run.total_steps)
    processes.wait()
    saver = _Saver(run, checkpoint, identity, processes)
    with _display(title, run, processes) as display:
        while run.epoch < run.epochs:
            _train_epoch(run, saver, _News(run, display))


def _train_epoch(run: Run, saver: _Saver, news: _News) -> None:
    run.enter_epoch()
    while run.step < run.steps:
        run.make_step()
        now = time.monotonic()
        news.tell_if_due(now)
        saver.save_if_due(now)
    news.tell()
    run.end_epoch()
    saver.save()


def _full_identity(problem: Problem, settings: TrainingSettings, seed: int, identity: list[Any]) -> str:
    """Add what the loop itself sees to the caller's identity, so that no caller can mix up two trainings."""
    shapes = {name: [str(t.dtype), list(t.shape)] for name, t in problem.model.state_dict().items()}
    used = settings.model_dump(mode="json", exclude={"seeds", "select"})
    return digest_of_json([*identity, seed, problem.count, used, shapes])


class _Silence:
    def advance(self, amount: float = 1.0, **facts: float | int | str) -> None:
        pass


@contextmanager
def _display(title: str, run: Run, processes: Processes) -> Iterator[Progress]:
    if processes.rank > 0:
        yield _Silence()
    else:
        with progress(title, run.total_steps - run.total_step) as display:
            yield display


@contextmanager
def _randomness_of_its_own(device: torch.device) -> Iterator[None]:
    with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
        yield


class _Saver:
    """Writes checkpoints after every epoch and, where one process trains, every 20 s in between."""

    def __init__(self, run: Run, path: Path, identity: str, processes: Processes) -> None:
        self._run, self._path, self._identity, self._processes = run, path, identity, processes
        self._next = time.monotonic() + _SECONDS_BETWEEN_CHECKPOINTS

    def save_if_due(self, now: float) -> None:
        # Inside an epoch each process has its own state of dropout and batch statistics, of which one is seen
        # here.
        if now >= self._next and self._processes.size == 1:
            self.save()

    def save(self) -> None:
        if self._processes.rank > 0:
            return
        start = time.monotonic()
        write_checkpoint(self._path, self._identity, self._run.state())
        end = time.monotonic()
        pause = max(_SECONDS_BETWEEN_CHECKPOINTS, (end - start) / _SHARE_OF_TIME_FOR_CHECKPOINTS)
        self._next = end + pause


class _News:
    """Tells the display of progress now and then: reading a loss waits for the device."""

    def __init__(self, run: Run, display: Progress) -> None:
        self._run, self._display = run, display
        self._told = run.step
        self._next = time.monotonic() + _SECONDS_BETWEEN_NEWS

    def tell_if_due(self, now: float) -> None:
        if now >= self._next:
            self.tell()

    def tell(self) -> None:
        run = self._run
        facts: dict[str, float | int | str] = {"epoch": f"{run.epoch + 1}/{run.epochs}", "loss": run.loss}
        if run.history:
            name, error = validation(run.history[-1])
            facts[name] = error
        self._display.advance(run.step - self._told, **facts)
        self._told = run.step
        self._next = time.monotonic() + _SECONDS_BETWEEN_NEWS
