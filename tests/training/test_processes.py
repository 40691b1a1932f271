import subprocess
import sys
from pathlib import Path

import pytest
import torch

from ige.training.processes import Processes, launch

CPU = torch.device("cpu")

MODULE = """
import sys
from pathlib import Path
import torch
from torch import Tensor, nn
from ige.params.training import TrainingSettings
from ige.training.loop import fit
from ige.training.processes import Processes, launch

class Line:
    def __init__(self) -> None:
        self.inputs = torch.linspace(-1, 1, 48)[:, None]
        self.model = nn.Linear(1, 1)
        nn.init.zeros_(self.model.weight)
        nn.init.zeros_(self.model.bias)
        self.count = 48

    def enter_epoch(self, epoch: int, batches: list[Tensor]) -> None:
        pass

    def loss(self, batch: Tensor) -> Tensor:
        return (self.model(self.inputs[batch]) - 2 * self.inputs[batch] - 1).square().mean()

    def validate(self) -> dict[str, float]:
        with torch.no_grad():
            return {"error": float((self.model(self.inputs) - 2 * self.inputs - 1).square().mean())}

def train(processes: Processes, folder: Path) -> None:
    torch.set_num_threads(1)
    settings = TrainingSettings(
        seeds=(0,), epochs=3, batch_size=8, learning_rate=0.1, final_learning_rate=0.1, outer_clip=3.0,
        clip_window=10, precision="fp32", select="last",
    )
    result = fit(
        Line(), settings, seed=0, device=torch.device("cpu"), checkpoint=folder / "checkpoint.pt",
        identity="one", title="line", processes=processes,
    )
    # Its own name for each rank, so that the test sees what each of them holds.
    torch.save(result.last, folder / f"{processes.rank}.pt")

if __name__ == "__main__":
    folder = Path(sys.argv[1])
    for number in (1, 2):
        (folder / str(number)).mkdir()
        launch(train, folder / str(number), processes=number, device=torch.device("cpu"))
    alone, first, second = (torch.load(folder / name) for name in ("1/0.pt", "2/0.pt", "2/1.pt"))
    assert (folder / "2" / "checkpoint.pt").exists()
    for name in alone:
        assert torch.equal(first[name], second[name])
        torch.testing.assert_close(alone[name], first[name], rtol=1e-5, atol=1e-6)
"""


def test_a_single_process_keeps_all_and_averages_nothing():
    batch, gradient = torch.arange(6), torch.ones(3)
    processes = Processes()
    processes.average([gradient])
    processes.wait()
    assert torch.equal(processes.share(batch), batch)
    assert torch.equal(gradient, torch.ones(3))


def test_one_process_is_simply_called():
    calls = []
    launch(
        lambda processes, number: calls.append((processes.size, processes.rank, number)),
        7,
        processes=1,
        device=CPU,
    )
    assert calls == [(1, 0, 7)]


def test_shares_are_disjoint_and_means_fall_into_place(monkeypatch):
    # Two processes, seen from the second; the first one holds zeros, so that the sum is the tensor itself.
    monkeypatch.setattr(torch.distributed, "all_reduce", lambda tensor: None)
    processes = Processes(1, 2)
    assert processes.share(torch.arange(6)).tolist() == [1, 3, 5]
    tensors = [torch.full((2, 2), 4.0), torch.full((3,), 6.0)]
    processes.average(tensors)
    assert torch.equal(tensors[0], torch.full((2, 2), 2.0))
    assert torch.equal(tensors[1], torch.full((3,), 3.0))


@pytest.mark.slow
def test_two_processes_train_as_one(tmp_path: Path):
    script = tmp_path / "line.py"
    script.write_text(MODULE)
    done = subprocess.run(
        [sys.executable, str(script), str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


GRADIENTS = """
import sys
from pathlib import Path
import torch
from torch import nn
from ige.training.processes import Processes, launch

def gradients(processes: Processes, folder: Path) -> None:
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(5, 7), nn.Softplus(), nn.Linear(7, 2)).double()
    batch, answers = torch.randn(12, 5, dtype=torch.float64), torch.randn(12, 2, dtype=torch.float64)
    share = processes.share(torch.arange(12))
    (model(batch[share]) - answers[share]).square().mean().backward()
    found = [parameter.grad for parameter in model.parameters()]
    processes.average(found)
    torch.save(found, folder / f"{processes.size}-{processes.rank}.pt")

if __name__ == "__main__":
    folder = Path(sys.argv[1])
    for number in (1, 2):
        launch(gradients, folder, processes=number, device=torch.device("cpu"))
"""


@pytest.mark.slow
def test_two_processes_give_the_gradients_of_one(tmp_path: Path):
    script = tmp_path / "gradients.py"
    script.write_text(GRADIENTS)
    done = subprocess.run([sys.executable, str(script), str(tmp_path)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    alone, first, second = (torch.load(tmp_path / f"{name}.pt") for name in ("1-0", "2-0", "2-1"))
    assert len(alone) == 4
    for one, two, other in zip(alone, first, second, strict=True):
        assert torch.equal(two, other)
        torch.testing.assert_close(two, one, rtol=1e-12, atol=1e-14)
