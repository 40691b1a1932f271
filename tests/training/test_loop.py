import math

import pytest
import torch
from torch import nn

from ige.base.errors import StorageError, TrainingError


class Quadratic:
    """Find the point nearest to (a, a) for a in the examples: their mean."""

    def __init__(self, targets=(1.0, 2.0, 3.0, 6.0)):
        self.targets = torch.tensor(targets)
        self.count = len(targets)
        self.model = nn.Linear(1, 2, bias=False)
        nn.init.zeros_(self.model.weight)

    def enter_epoch(self, epoch, batches):
        pass

    def loss(self, batch):
        return (self.model.weight.flatten() - self.targets[batch, None]).square().mean()

    def validate(self):
        return {"distance": float((self.model.weight.detach() - 3).abs().max())}


def test_a_quadratic_is_solved_to_its_known_minimum(train):
    problem = Quadratic()
    fit = train(problem, epochs=300, batch_size=4, learning_rate=0.3, final_learning_rate=1e-3)
    torch.testing.assert_close(fit.last["weight"], torch.full((2, 1), 3.0), atol=1e-4, rtol=0)
    assert torch.equal(problem.model.weight, fit.last["weight"])
    assert not problem.model.training
    assert [row["epoch"] for row in fit.history] == list(range(1, 301))
    # The spread of the targets is what no point can mend: a variance of 3.5.
    assert fit.history[-1]["train_loss"] == pytest.approx(3.5, abs=1e-3)


def test_it_is_adam_step_by_step(train):
    fit = train(
        Quadratic(), epochs=5, batch_size=4, learning_rate=0.5, final_learning_rate=0.05, outer_clip=None
    )
    plain = Quadratic()
    optimiser = torch.optim.Adam(plain.model.parameters(), foreach=False)
    for step in range(5):
        optimiser.param_groups[0]["lr"] = 0.5 * 0.1 ** (step / 4)
        optimiser.zero_grad()
        plain.loss(torch.arange(4)).backward()
        optimiser.step()
    torch.testing.assert_close(fit.last["weight"], plain.model.weight.detach())
    assert fit.history[-1]["learning_rate"] == pytest.approx(0.05)
    assert fit.history[-1]["step"] == 5


def test_the_history_tells_what_happened(train, regression):
    fit = train(regression(), epochs=2)
    assert list(fit.history[0]) == [
        *("epoch", "step", "learning_rate", "train_loss", "gradient_norm_median", "clipped_share"),
        *("skipped_steps", "error", "worst"),
    ]
    assert [row["step"] for row in fit.history] == [6, 12]
    assert fit.history[1]["train_loss"] < fit.history[0]["train_loss"]
    assert fit.history[0]["gradient_norm_median"] > 0


def test_every_epoch_shows_full_batches_of_different_examples(train, regression):
    problem = regression(count=50)
    train(problem, epochs=2)
    assert [len(batch) for batch in problem.seen] == [8] * 12
    epochs = [[i for batch in problem.seen[at : at + 6] for i in batch] for at in (0, 6)]
    assert all(len(set(epoch)) == 48 for epoch in epochs)
    assert epochs[0] != epochs[1]


def test_fewer_examples_than_a_batch_make_one_batch_of_all(train, regression):
    problem = regression(count=5)
    train(problem, epochs=2)
    assert [sorted(batch) for batch in problem.seen] == [[0, 1, 2, 3, 4]] * 2


class Scripted(Quadratic):
    """Validates as told."""

    def __init__(self, errors):
        super().__init__()
        self.errors = iter(errors)
        self.seen = []

    def validate(self):
        self.seen.append(self.model.weight.detach().clone())
        return {"error": next(self.errors)}


@pytest.mark.parametrize(
    ("errors", "best"),
    [
        ([3.0, 1.0, 1.0, 2.0], 2),
        ([math.nan, 5.0, math.nan, 6.0], 2),
        ([math.nan] * 4, 1),
        ([4.0, 3.0, 2.0, 1.0], 4),
    ],
)
def test_best_is_the_first_epoch_of_the_least_error(train, errors, best):
    problem = Scripted(errors)
    fit = train(problem, epochs=4, batch_size=4)
    assert fit.best_epoch == best
    assert torch.equal(fit.best["weight"], problem.seen[best - 1])
    assert torch.equal(fit.last["weight"], problem.seen[3])
    assert not torch.equal(problem.seen[best - 1], problem.seen[best - 2])


def test_seed_alone_decides_and_the_callers_randomness_stays(train, regression, same, tmp_path):
    torch.manual_seed(1)
    first = train(regression(), checkpoint=tmp_path / "1.pt")
    torch.manual_seed(99)
    before = torch.get_rng_state()
    second = train(regression(), checkpoint=tmp_path / "2.pt")
    assert torch.equal(torch.get_rng_state(), before)
    same(first, second)
    assert (tmp_path / "1.pt").read_bytes() == (tmp_path / "2.pt").read_bytes()
    other = train(regression(), seed=1, checkpoint=tmp_path / "3.pt")
    assert not torch.equal(first.last["0.weight"], other.last["0.weight"])


def test_an_unwritable_checkpoint_is_told(train, regression, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match=r"checkpoint\.pt"):
        train(regression(), checkpoint=tmp_path / "file" / "checkpoint.pt")


class Poisoned(Quadratic):
    """Sends back NaN for the losses of chosen steps."""

    def __init__(self, bad):
        super().__init__()
        self.bad, self.at = bad, -1

    def loss(self, batch):
        self.at += 1
        return super().loss(batch) * (math.nan if self.at in self.bad else 1.0)


def test_steps_without_a_finite_gradient_are_skipped_and_counted(train, tmp_path):
    fit = train(Poisoned({1, 4, 5}), epochs=2, batch_size=2, learning_rate=0.1, final_learning_rate=0.1)
    assert [row["skipped_steps"] for row in fit.history] == [1, 0]
    fit = train(
        Poisoned({2}),
        epochs=3,
        batch_size=4,
        learning_rate=0.1,
        final_learning_rate=0.1,
        checkpoint=tmp_path / "b",
    )
    two = train(
        Quadratic(),
        epochs=2,
        batch_size=4,
        learning_rate=0.1,
        final_learning_rate=0.1,
        checkpoint=tmp_path / "c",
    )
    assert torch.equal(fit.last["weight"], two.last["weight"])
    assert math.isnan(fit.history[2]["train_loss"])


def test_a_training_that_diverged_ends_in_one_line(train, tmp_path):
    with pytest.raises(TrainingError, match=r"^the training diverged: 101 gradients in a row are not finite"):
        train(Poisoned(range(1000)), epochs=200, batch_size=2)
    problem = Quadratic()
    problem.model.register_buffer("statistics", torch.tensor(math.inf))
    with pytest.raises(TrainingError, match="the training diverged: statistics is not finite"):
        train(problem, checkpoint=tmp_path / "other.pt")


def test_a_spike_is_clipped_and_counted(train, tmp_path):
    class Spiky(Quadratic):
        at = -1

        def loss(self, batch):
            self.at += 1
            return super().loss(batch) * (1e6 if self.at == 15 else 1.0)

    rates = {"learning_rate": 1e-3, "final_learning_rate": 1e-3, "epochs": 20, "batch_size": 4}
    calm = train(Quadratic(), **rates)
    clipped = train(Spiky(), checkpoint=tmp_path / "clipped.pt", **rates)
    wild = train(Spiky(), outer_clip=None, checkpoint=tmp_path / "wild.pt", **rates)
    distance = [(fit.last["weight"] - calm.last["weight"]).abs().max() for fit in (clipped, wild)]
    assert distance[0] < 0.2 * distance[1]
    assert [row["clipped_share"] for row in clipped.history] == [0.0] * 15 + [1.0] + [0.0] * 4


def test_an_epoch_is_told_with_its_batches(train, regression):
    problem = regression()
    train(problem, epochs=2)
    assert [epoch for epoch, _ in problem.announced] == [0, 1]
    assert [batch for _, batches in problem.announced for batch in batches] == problem.seen


class Mean(Quadratic):
    """The same as a mean over examples whose errors differ."""

    def __init__(self):
        super().__init__(targets=(1.0, 2.0, 3.0, 6.0, -1.0, 0.5, 9.0))
        self.seen = []

    def loss(self, batch):
        self.seen.append(len(batch))
        return super().loss(batch)


@pytest.mark.parametrize(("most", "parts"), [(3, [3, 2, 2]), (1, [1] * 7), (7, [7]), (8, [7])])
def test_micro_batches_add_up_to_the_batch(train, tmp_path, most, parts):
    rates = {"epochs": 5, "batch_size": 7, "learning_rate": 0.1, "final_learning_rate": 0.01}
    whole = train(Mean(), **rates)
    problem = Mean()
    fit = train(problem, micro_batch=most, checkpoint=tmp_path / "parts.pt", **rates)
    assert problem.seen == parts * 5
    torch.testing.assert_close(fit.last["weight"], whole.last["weight"])
    assert fit.history[4] == pytest.approx(whole.history[4], rel=1e-5)


def test_micro_batches_are_told_as_they_come(train, regression):
    problem = regression()
    train(problem, epochs=1, micro_batch=3)
    assert [len(batch) for batch in problem.seen] == [3, 3, 2] * 6
    assert problem.announced == [(0, problem.seen)]


class Two(Quadratic):
    """Two weights that are equally wrong."""

    def __init__(self):
        super().__init__()
        self.model = nn.ModuleDict({"slow": nn.Linear(1, 1, bias=False), "fast": nn.Linear(1, 1, bias=False)})
        for layer in self.model.values():
            nn.init.zeros_(layer.weight)

    def loss(self, batch):
        return sum((layer.weight - 3).square().sum() for layer in self.model.values())

    def validate(self):
        return {"error": 0.0}


def test_modules_learn_at_their_own_rates(train, tmp_path):
    rates = {"learning_rate": 0.1, "final_learning_rate": 0.01, "batch_size": 4, "outer_clip": None}
    fit = train(Two(), rate_factors={"slow": 0.01}, epochs=3, **rates)
    slow = train(
        Two(),
        epochs=3,
        checkpoint=tmp_path / "slow.pt",
        **(rates | {"learning_rate": 1e-3} | {"final_learning_rate": 1e-4}),
    )
    fast = train(Two(), epochs=3, checkpoint=tmp_path / "fast.pt", **rates)
    torch.testing.assert_close(fit.last["slow.weight"], slow.last["slow.weight"])
    torch.testing.assert_close(fit.last["fast.weight"], fast.last["fast.weight"])
    assert fit.history[-1]["learning_rate"] == pytest.approx(0.01)
    with pytest.raises(ValueError, match="no parameters of middle"):
        train(Two(), rate_factors={"middle": 0.1}, epochs=1, checkpoint=tmp_path / "no.pt")
