from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest

from ige.geometry.skeletons import H36M_32
from ige.poses.procedural.actions import ACTIONS
from ige.poses.procedural.body import Body, draw_body
from ige.poses.procedural.kinematics import Pelvis, pelvis_rotation
from ige.poses.procedural.performance import Performance
from ige.poses.procedural.source import make_performance

SUBJECTS = ("S1", "S9")
SECONDS, FPS = 12.0, 50.0


@pytest.fixture(scope="session")
def performances() -> Mapping[tuple[str, str, int], Performance]:
    """Every action in both takes, by (subject, action, take)."""
    keys = [(subject, action, take) for subject in SUBJECTS for action in ACTIONS for take in (1, 2)]
    return {key: make_performance(0, *key, SECONDS, FPS) for key in keys}


@pytest.fixture(scope="session")
def joint() -> Mapping[str, int]:
    """Indices of joints by name."""
    return {name: index for index, name in enumerate(H36M_32.names)}


@pytest.fixture
def body() -> Body:
    return draw_body(0, "S1")


@pytest.fixture
def upright() -> Pelvis:
    """The pelvis of one frame, a metre up, looking along x."""
    zero = np.zeros(1)
    return Pelvis(np.array([[0.0, 0.0, 1.0]]), pelvis_rotation(zero, zero, zero))
