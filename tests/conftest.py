"""Fixtures that all tests share."""

from __future__ import annotations

import copy
import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ige.params.load import merge, read_params
from ige.params.params import Params

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(autouse=True)
def _logging_as_it_was() -> Iterator[None]:
    """The command line sets up logging for its process; here many calls share one."""
    ours, everyone = logging.getLogger("ige"), logging.getLogger()
    levels, handlers = (ours.level, everyone.level), list(everyone.handlers)
    yield
    ours.setLevel(levels[0])
    everyone.setLevel(levels[1])
    everyone.handlers[:] = handlers


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
