from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from ige.geometry.cameras import Camera, look_at, project, world_to_camera
from ige.params.models import IgeSettings, LifterSettings
from ige.params.step_rule import StepRuleSettings
from ige.params.training import PoseTrainingBlock
from ige.poses.energies import PoseEnergy
from ige.poses.folding import View
from ige.poses.lifting_set import LiftingSet, Split, write_lifting_set


@pytest.fixture
def generator() -> torch.Generator:
    return torch.Generator().manual_seed(3)


@pytest.fixture
def make_energy(generator: torch.Generator) -> Callable[..., PoseEnergy]:
    """Energies in float64 with weights large enough to bend."""

    def make(**changes: Any) -> PoseEnergy:
        values: dict[str, Any] = {
            "feasibility": True,
            "consistency": True,
            "hidden": 6,
            "outputs": 3,
            "activation": "softplus",
            "kernel_scale": 0.3,
        }
        energy = PoseEnergy(**{**values, **changes}, generator=generator).double()
        for parameter in energy.parameters():
            if parameter.ndim == 1:
                torch.nn.init.normal_(parameter, std=0.3, generator=generator)
        return energy

    return make


@pytest.fixture
def poses(generator: torch.Generator) -> torch.Tensor:
    """Four poses (4, 16, 3) about 4 m away, float64."""
    offsets = torch.randn(4, 16, 3, generator=generator, dtype=torch.float64)
    return 0.4 * offsets + torch.tensor([0.2, -0.1, 4.0], dtype=torch.float64)


@pytest.fixture
def view(generator: torch.Generator) -> View:
    """What was observed of four poses, through a strong lens, float64."""
    observed = 0.2 * torch.randn(4, 16, 2, generator=generator, dtype=torch.float64)
    distortion = 0.1 * torch.randn(4, 5, generator=generator, dtype=torch.float64)
    return View(observed, distortion)


@pytest.fixture
def lifter_settings() -> LifterSettings:
    return LifterSettings(kind="lifter", width=16, blocks=1, dropout=0.5, initial=None, scale="free")


@pytest.fixture
def ige_settings() -> IgeSettings:
    return IgeSettings(
        kind="ige",
        initial="lifter",
        steps=2,
        feasibility=True,
        consistency=True,
        hidden=8,
        outputs=4,
        activation="softplus",
        kernel_scale=1e-3,
        rule=StepRuleSettings(rate=1.0, momentum=0.1, clip=1.0),
        iterate_decay=0.9,
    )


@pytest.fixture
def training() -> PoseTrainingBlock:
    return PoseTrainingBlock(
        seeds=(0,),
        epochs=2,
        batch_size=16,
        learning_rate=3e-3,
        final_learning_rate=1e-3,
        outer_clip=3.0,
        clip_window=10,
        precision="fp32",
        depth_bias_m=5.0,
        select="last",
    )


@pytest.fixture
def write_pairs(tmp_path: Path) -> Callable[..., Path]:
    """Write a lifting set of bodies that bend at random, seen by two cameras."""

    def write(name: str, count: int = 96, seed: int = 0, split: Split = "train", **changes: Any) -> Path:
        path = tmp_path / name
        write_lifting_set(path, replace(_lifting_set(count, seed, split), **changes))
        return path

    return write


def _lifting_set(count: int, seed: int, split: Split) -> LiftingSet:
    body = np.random.default_rng(7).normal(scale=0.4, size=(16, 3))
    rng = np.random.default_rng([seed, 1])
    cameras = tuple(
        Camera(
            name=name,
            extrinsics=look_at((4.0, 2.0 * number - 1.0, 1.5), (0.0, 0.0, 0.0)),
            focal=np.array([1145.0, 1144.0]),
            centre=np.array([512.0, 515.0]),
            radial=np.array([-0.2, 0.2, 0.01]),
            tangential=np.array([0.001, -0.001]),
        )
        for number, name in enumerate(("left", "right"))
    )
    points_world = body + rng.normal(scale=0.05, size=(count, 16, 3))
    camera = rng.integers(0, 2, count)
    extrinsics, radial, tangential = (
        np.stack([getattr(each, name) for each in cameras])[camera]
        for name in ("extrinsics", "radial", "tangential")
    )
    poses_cam = world_to_camera(points_world, extrinsics)
    observed = project(poses_cam, radial, tangential)
    numbers = np.arange(count)
    return LiftingSet(
        observed=observed.astype(np.float32),
        poses_cam=poses_cam.astype(np.float32),
        camera=camera.astype(np.uint8),
        yaw=np.zeros(count, dtype=np.uint8),
        subject=(numbers % 4 == 0).astype(np.int16),
        action=(numbers % 3 == 0).astype(np.int16),
        take=np.zeros(count, dtype=np.int16),
        frame=numbers.astype(np.int32),
        clip=np.zeros(count, dtype=np.int32),
        cameras=cameras,
        subjects=("S1", "S5"),
        actions=("Eating", "Walking"),
        takes=("1",),
        yaws_degrees=(0.0,),
        split=split,
        source="procedural",
        observation={"kind": "projection"},
    )
