"""A training between two steps: what it holds, how it goes on by one, how it is kept and restored."""

from __future__ import annotations

import math
from collections.abc import Mapping

import torch
from torch import Tensor, nn

from ige.base.errors import InputError
from ige.params.training import TrainingSettings
from ige.training.checkpoints import State
from ige.training.clipping import STEPS_BETWEEN_CHECKS, GradientGuard, GuardedAdam, diverged
from ige.training.history import Row, from_tensor, history_row, to_tensor, validation
from ige.training.parameters import FlatParameters, groups_by_rate
from ige.training.precision import autocast
from ige.training.problem import Problem
from ige.training.processes import Processes
from ige.training.schedule import batches, learning_rate, steps_per_epoch, stream


class Run:
    """A training of one problem; `loop.fit` drives it.

    Attributes:
        epochs: of the whole training.
        epoch: epochs that are complete, validation included.
        step: steps done of the next one.
        steps: steps of each epoch.
        best: state dict (on the CPU) of the epoch with the least validation error so far, the first of
            equals.
        best_epoch: from 1; 0 as long as there is none.
        history: one row per complete epoch.
    """

    def __init__(
        self,
        problem: Problem,
        settings: TrainingSettings,
        seed: int,
        device: torch.device,
        processes: Processes,
        *,
        micro_batch: int | None = None,
        rate_factors: Mapping[str, float] | None = None,
        epoch_steps: int | None = None,
    ) -> None:
        self._problem, self._settings, self._seed = problem, settings, seed
        self._micro_batch, self._most_steps = micro_batch, epoch_steps
        self._device, self._processes = device, processes
        self.steps = steps_per_epoch(problem.count, settings.batch_size, epoch_steps)
        _require_equal_shares(min(problem.count, settings.batch_size), processes.size)
        groups = groups_by_rate(problem.model, rate_factors or {})
        self._factors = [factor for factor, _ in groups]
        self._parameters = FlatParameters(*(parameters for _, parameters in groups))
        parts = [{"params": [group]} for group in self._parameters.groups]
        self._optimiser = GuardedAdam(parts, lr=settings.learning_rate, fused=True)
        self._guard = GradientGuard(settings.outer_clip, settings.clip_window, self.steps, device)
        self._losses = torch.full((self.steps,), math.nan, device=device)
        self._autocast = autocast(settings.precision, device)
        self._batches: list[Tensor] = []
        self.epochs = settings.epochs
        self.epoch = self.step = self.best_epoch = 0
        self.history: list[Row] = []
        self.best: dict[str, Tensor] = {}

    @property
    def total_step(self) -> int:
        """Steps done since the start."""
        return self.epoch * self.steps + self.step

    @property
    def total_steps(self) -> int:
        """Steps of the whole training."""
        return self.epochs * self.steps

    @property
    def loss(self) -> float:
        """The loss of the last step; waits for the device."""
        return float(self._losses[self.step - 1])

    def enter_epoch(self) -> None:
        """Make ready for the steps that are left of the epoch, all of them or, restored, some."""
        if self.step == 0:
            torch.manual_seed(stream(self._seed, self.epoch, 1 + self._processes.rank))
            self._guard.start_epoch()
            self._losses.fill_(math.nan)
        count, size = self._problem.count, self._settings.batch_size
        most = self._most_steps
        self._batches = batches(
            count, size, seed=self._seed, epoch=self.epoch, device=self._device, most=most
        )
        self._problem.model.train()
        parts = [part for batch in self._batches[self.step :] for part in self._parts(batch)]
        self._problem.enter_epoch(self.epoch, parts)

    def _parts(self, batch: Tensor) -> tuple[Tensor, ...]:
        """Split what this process has of a batch into parts that go through the model at once."""
        share = self._processes.share(batch)
        most = self._micro_batch or len(share)
        return torch.tensor_split(share, -(-len(share) // most))

    def make_step(self) -> None:
        """One step of the optimiser.

        Raises:
            TrainingError: if the training diverged.
        """
        gradient = self._parameters.gradient.zero_()
        self._losses[self.step] = self._accumulate(self._parts(self._batches[self.step]))
        self._processes.average([gradient])
        self._guard.prepare(self._optimiser, gradient, self.step, self.total_step)
        for group, factor in zip(self._optimiser.param_groups, self._factors, strict=True):
            group["lr"] = factor * self._rate(self.total_step)
        self._optimiser.step()
        self.step += 1
        if self.step % STEPS_BETWEEN_CHECKS == 0 or self.step == self.steps:
            self._guard.check(self.step)

    def _accumulate(self, parts: tuple[Tensor, ...]) -> Tensor:
        """Add the gradients of all parts; return their loss."""
        losses = []
        for part in parts:
            with self._autocast():
                loss = self._problem.loss(part)
            if len(parts) > 1:
                loss = loss * (len(part) / sum(map(len, parts)))
            torch.autograd.backward(loss)
            losses.append(loss.detach())
        return losses[0] if len(losses) == 1 else torch.stack(losses).sum()

    def end_epoch(self) -> None:
        """Validate, note the epoch in the history, keep the model if it is the best so far.

        Raises:
            TrainingError: if weights or batch statistics are not finite.
        """
        model = self._problem.model
        self._processes.average_state(model)
        _require_finite(model)
        model.eval()
        errors = self._problem.validate()
        done, rate = self.total_step, self._rate(self.total_step - 1)
        row = history_row(self.epoch + 1, done, rate, self._losses, self._guard.facts(), errors)
        self.history.append(row)
        if not self.best or _error(row) < _error(self.history[self.best_epoch - 1]):
            self.best, self.best_epoch = copy_state(model), self.epoch + 1
        self.epoch, self.step = self.epoch + 1, 0

    def state(self) -> State:
        """All that `restore` needs, as views of the live tensors."""
        guard = self._guard
        tensors = {
            "model": self._problem.model.state_dict(),
            "best": self.best,
            "optimiser": self._moments(),
            "steps": {"norms": guard.norms, "excess": guard.excess, "losses": self._losses},
            "random": self._random_states(),
            "history": {"rows": to_tensor(self.history)},
        }
        counts = {
            "epoch": self.epoch,
            "step": self.step,
            "best_epoch": self.best_epoch,
            "streak": guard.streak,
            "checked": guard.checked,
        }
        return State(tensors, counts, list(self.history[0]) if self.history else [])

    def restore(self, state: State) -> None:
        """Go on from a state of a run of the same identity."""
        self._problem.model.load_state_dict(state.tensors["model"])
        self._restore_moments(state.tensors["optimiser"])
        self._guard.norms.copy_(state.tensors["steps"]["norms"])
        self._guard.excess.copy_(state.tensors["steps"]["excess"])
        self._losses.copy_(state.tensors["steps"]["losses"])
        self._guard.streak, self._guard.checked = state.counts["streak"], state.counts["checked"]
        self.epoch, self.step = state.counts["epoch"], state.counts["step"]
        self.best, self.best_epoch = state.tensors.get("best", {}), state.counts["best_epoch"]
        self.history = from_tensor(state.tensors["history"]["rows"], state.columns)
        self._restore_random(state.tensors["random"])

    def _moments(self) -> dict[str, Tensor]:
        """Return what the optimiser remembers, by group and name."""
        memory = self._optimiser.state
        groups = enumerate(self._parameters.groups)
        return {f"{place}.{name}": t for place, group in groups for name, t in memory[group].items()}

    def _restore_moments(self, moments: dict[str, Tensor]) -> None:
        kept: dict[int, dict[str, Tensor]] = {}
        for key, tensor in moments.items():
            place, _, name = key.partition(".")
            kept.setdefault(int(place), {})[name] = tensor
        groups = self._optimiser.state_dict()["param_groups"]
        self._optimiser.load_state_dict({"state": kept, "param_groups": groups})

    def release(self) -> None:
        """Make the model an ordinary one again, ready to predict."""
        self._parameters.release()
        self._problem.model.eval()

    def _rate(self, total_step: int) -> float:
        settings = self._settings
        return learning_rate(
            total_step, self.total_steps, settings.learning_rate, settings.final_learning_rate
        )

    def _random_states(self) -> dict[str, Tensor]:
        states = {"cpu": torch.get_rng_state()}
        if self._device.type == "cuda":
            states["cuda"] = torch.cuda.get_rng_state(self._device)
        return states

    def _restore_random(self, states: dict[str, Tensor]) -> None:
        if self._processes.size > 1:
            # The file knows process 0 alone; the others must not repeat its draws.
            torch.manual_seed(stream(self._seed, self.epoch, self.step, 1 + self._processes.rank))
            return
        torch.set_rng_state(states["cpu"])
        if self._device.type == "cuda" and "cuda" in states:
            torch.cuda.set_rng_state(states["cuda"], self._device)


def copy_state(model: nn.Module) -> dict[str, Tensor]:
    """Return a model's state dict as tensors of their own on the CPU."""
    return {name: tensor.detach().cpu().clone() for name, tensor in model.state_dict().items()}


def _error(row: Row) -> float:
    """Return what `best` minimises; an error that is not a number is worse than any."""
    value = validation(row)[1]
    return math.inf if math.isnan(value) else value


def _require_finite(model: nn.Module) -> None:
    for name, tensor in model.state_dict().items():
        if tensor.is_floating_point() and not bool(tensor.isfinite().all()):
            raise diverged(f"{name} is not finite")


def _require_equal_shares(batch: int, processes: int) -> None:
    if batch % processes:
        raise InputError(
            "a batch that cannot be shared equally",
            expected=f"a batch_size that {processes} processes divide",
            found=f"batches of {batch}",
        )
