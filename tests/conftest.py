"""Fixtures that all tests share."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ige.params.load import merge, read_params
from ige.params.params import Params

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def root() -> Path:
    """The checkout."""
    return ROOT


@pytest.fixture(scope="session")
def params() -> Params:
    """The committed parameters."""
    return read_params(ROOT / "params.yaml")


@pytest.fixture
def values(params: Params) -> dict[str, Any]:
    """The committed parameters as plain values, to be spoilt by a test."""
    return copy.deepcopy(params.subtree())


@pytest.fixture
def changed(params: Params) -> Callable[[dict[str, Any]], Params]:
    """Make parameters that differ from the committed ones in the given values."""
    from ige.params.load import validate

    return lambda over: validate(merge(params.subtree(), over))
