import pytest
import torch

from ige.base.errors import InputError
from ige.training.processes import Processes
from ige.training.run import Run

CPU = torch.device("cpu")


@pytest.fixture
def start(regression, settings):
    def make(processes=None):
        return Run(regression(), settings(), 0, CPU, processes or Processes())

    return make


def advance(run: Run, steps: int) -> None:
    for _ in range(steps):
        run.make_step()


@pytest.mark.parametrize("done", [1, 3, 6])
def test_a_state_holds_all_that_decides_the_next_steps(start, done):
    with torch.random.fork_rng(devices=[]):
        whole = start()
        whole.enter_epoch()
        advance(whole, done)
        kept = whole.state()
        kept.tensors.update(
            {part: {n: t.clone() for n, t in ts.items()} for part, ts in kept.tensors.items()}
        )
        advance(whole, 6 - done)
        whole.end_epoch()
        torch.manual_seed(12345)
        resumed = start()
        resumed.restore(kept)
        resumed.enter_epoch()
        advance(resumed, 6 - done)
        resumed.end_epoch()
    assert resumed.history == whole.history
    one, other = whole.state(), resumed.state()
    assert (one.counts, one.columns) == (other.counts, other.columns)
    for part, tensors in one.tensors.items():
        for name, tensor in tensors.items():
            torch.testing.assert_close(other.tensors[part][name], tensor, rtol=0, atol=0, equal_nan=True)


def test_batches_that_cannot_be_shared_are_refused(start):
    processes = Processes()
    processes.size = 3
    with pytest.raises(InputError, match="a batch_size that 3 processes divide, found batches of 8"):
        start(processes)
