from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from ige.params.training import TrainingSettings
from ige.training.loop import fit
from ige.training.problem import Fit

CPU = torch.device("cpu")


class Regression:
    """A small net with batch norm and dropout that learns a linear map."""

    def __init__(self, count: int = 50, width: int = 8) -> None:
        generator = torch.Generator().manual_seed(5)
        self.inputs = torch.randn(count, 3, generator=generator)
        self.targets = self.inputs @ torch.randn(3, 2, generator=generator)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(1)
            self.model: nn.Module = nn.Sequential(
                nn.Linear(3, width, bias=False),
                nn.BatchNorm1d(width),
                nn.ReLU(),
                nn.Dropout(0.5),
                nn.Linear(width, 2),
            )
        self.count = count
        self.seen: list[list[int]] = []
        self.announced: list[tuple[int, list[list[int]]]] = []

    def enter_epoch(self, epoch: int, batches: Sequence[Tensor]) -> None:
        self.announced.append((epoch, [batch.tolist() for batch in batches]))

    def loss(self, batch: Tensor) -> Tensor:
        self.seen.append(batch.tolist())
        difference: Tensor = self.model(self.inputs[batch]) - self.targets[batch]
        return difference.square().sum()

    def validate(self) -> dict[str, float]:
        with torch.no_grad():
            difference: Tensor = self.model(self.inputs) - self.targets
        return {"error": float(difference.square().mean()), "worst": float(difference.abs().max())}


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture
def regression() -> Callable[..., Regression]:
    return Regression


@pytest.fixture
def settings() -> Callable[..., TrainingSettings]:
    def make(**changes: Any) -> TrainingSettings:
        values: dict[str, Any] = {
            "seeds": (0,),
            "epochs": 3,
            "batch_size": 8,
            "learning_rate": 1e-2,
            "final_learning_rate": 1e-3,
            "outer_clip": 3.0,
            "clip_window": 10,
            "precision": "fp32",
            "select": "last",
        }
        return TrainingSettings(**(values | changes))

    return make


@pytest.fixture
def train(tmp_path: Path, settings: Callable[..., TrainingSettings]) -> Callable[..., Fit]:
    def run(
        problem: Any, *, seed: int = 0, identity: str = "one", checkpoint: Path | None = None, **changes: Any
    ) -> Fit:
        pace = {name: changes.pop(name, None) for name in ("micro_batch", "rate_factors", "epoch_steps")}
        return fit(
            problem,
            settings(**changes),
            seed=seed,
            device=CPU,
            checkpoint=checkpoint or tmp_path / "checkpoint.pt",
            identity=identity,
            title="test",
            **pace,
        )

    return run


@pytest.fixture
def same() -> Callable[[Fit, Fit], None]:
    """Asserts that two trainings ended in the same bits."""

    def check(one: Fit, other: Fit) -> None:
        for a, b in ((one.last, other.last), (one.best, other.best)):
            assert a.keys() == b.keys()
            assert [name for name in a if not torch.equal(a[name], b[name])] == []
        assert (one.best_epoch, one.history) == (other.best_epoch, other.history)

    return check
