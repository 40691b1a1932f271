import pytest
import torch

from ige.base.errors import InputError
from ige.training.devices import choose_device, set_threads


@pytest.mark.parametrize(("available", "chosen"), [(True, "cuda"), (False, "cpu")])
def test_auto_takes_the_gpu_where_there_is_one(monkeypatch, available, chosen):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: available)
    assert choose_device("auto") == torch.device(chosen)
    assert choose_device("cpu") == torch.device("cpu")


def test_a_missing_gpu_and_an_unknown_name_are_told(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(InputError, match=r"no GPU that torch can use.*--device cpu"):
        choose_device("cuda")
    with pytest.raises(InputError, match="expected auto, cpu or cuda, found gpu"):
        choose_device("gpu")


def test_threads_are_set_and_checked():
    before = torch.get_num_threads()
    try:
        set_threads(2)
        assert torch.get_num_threads() == 2
    finally:
        set_threads(before)
    with pytest.raises(InputError, match="expected 1 or more, found 0"):
        set_threads(0)
