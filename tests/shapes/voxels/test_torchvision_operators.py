from __future__ import annotations

import importlib.util
from typing import Any

import pytest
import torch

from ige.shapes.voxels import torchvision_operators
from ige.shapes.voxels.torchvision_operators import make_importable


class Recorder:
    def __init__(self, name: str, kind: str) -> None:
        self.name, self.kind, self.schemas = name, kind, list[str]()

    def define(self, schema: str) -> None:
        self.schemas.append(schema)


def do_not_load(path: str) -> None:
    raise OSError(path)


def anew() -> Any:
    return make_importable.__wrapped__()


def test_torchvision_and_timm_can_be_imported() -> None:
    make_importable()
    import timm
    import torchvision

    assert timm.is_model("mobilenetv2_100")
    assert torch.ops.torchvision.nms is not None
    assert torchvision.__version__


def test_operators_are_defined_once() -> None:
    assert make_importable() is make_importable()


def test_nothing_is_defined_where_the_real_operators_load(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.ops, "load_library", lambda path: None)
    monkeypatch.setattr(torch.library, "Library", Recorder)
    assert anew() is None


def test_both_operators_are_defined_where_the_real_ones_do_not_load(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.ops, "load_library", do_not_load)
    monkeypatch.setattr(torch.library, "Library", Recorder)
    library = anew()
    assert (library.name, library.kind) == ("torchvision", "DEF")
    assert [schema.split("(")[0] for schema in library.schemas] == ["nms", "qnms"]


def test_nothing_is_defined_without_torchvision(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torchvision_operators.importlib.util, "find_spec", lambda name: None)
    monkeypatch.setattr(torch.library, "Library", Recorder)
    assert importlib.util.find_spec("torchvision") is None
    assert anew() is None
