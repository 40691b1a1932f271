from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor

from ige.base.errors import InputError
from ige.geometry.alignment import procrustes
from ige.poses.baselines import MeanPose, NearestPose
from ige.poses.losses import labels_of, root_relative


@pytest.fixture
def people(generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Observations (40, 16, 2) and poses (40, 16, 3), metres, of a shape that faces all ways."""
    shape = 0.3 * torch.randn(16, 3, generator=generator)
    angles = torch.arange(40) * (2 * torch.pi / 40)
    zero, one = torch.zeros_like(angles), torch.ones_like(angles)
    turns = torch.stack(
        [angles.cos(), zero, angles.sin(), zero, one, zero, -angles.sin(), zero, angles.cos()], 1
    )
    poses = shape @ turns.view(-1, 3, 3) + torch.tensor([0.1, 0.0, 4.0])
    observed = poses[..., :2] / poses[..., 2:]
    observed[:, 6] = (observed[:, 0] + observed[:, 3]) / 2
    return observed, poses


def test_mean_pose_is_the_shape_that_all_poses_share(people: tuple[Tensor, Tensor]) -> None:
    observed, poses = people
    model = MeanPose()
    model.fill(poses)
    found = model(observed, torch.zeros(40, 5)).last.double().numpy()
    true = labels_of(poses).double().numpy()
    assert np.abs(procrustes(found, true) - true).max() < 1e-5
    centre, ray = found[0].mean(0), true.mean((0, 1))
    np.testing.assert_allclose(centre / centre[2], ray / ray[2], atol=1e-6)
    plain = np.broadcast_to(true.mean(0), true.shape)
    assert np.abs(procrustes(plain, true) - true).max() > 0.02


def test_mean_pose_is_as_large_as_people_are(people: tuple[Tensor, Tensor]) -> None:
    observed, poses = people
    sizes = torch.linspace(0.5, 1.5, 40)[:, None, None]
    model = MeanPose()
    model.fill(sizes * poses)
    found = model(observed[:1], torch.zeros(1, 5)).last[0]
    shape = poses[0] - poses[0].mean(0)
    torch.testing.assert_close((found - found.mean(0)).norm(), shape.norm())


def test_nearest_pose_finds_training_pairs_again(people: tuple[Tensor, Tensor]) -> None:
    observed, poses = people
    model = NearestPose(40)
    model.fill(observed, poses, torch.Generator().manual_seed(0))
    found = model(observed, torch.zeros(40, 5)).last
    torch.testing.assert_close(root_relative(found), root_relative(poses))


def test_nearest_pose_does_not_mind_place_and_size(people: tuple[Tensor, Tensor]) -> None:
    observed, poses = people
    model = NearestPose(40)
    model.fill(observed, poses, torch.Generator().manual_seed(0))
    found = model(observed, torch.zeros(40, 5)).last
    moved = model(0.5 * observed + 0.2, torch.zeros(40, 5)).last
    midpoints, moved_midpoints = ((p[:, 0] + p[:, 3]) / 2 for p in (found, moved))
    torch.testing.assert_close(moved - moved_midpoints[:, None], found - midpoints[:, None])
    torch.testing.assert_close(moved_midpoints[:, 2], 2 * midpoints[:, 2])
    torch.testing.assert_close(moved_midpoints[:, :2] / moved_midpoints[:, 2:], 0.5 * observed[:, 6] + 0.2)


def test_a_detection_without_extent_spoils_no_other_answer(people: tuple[Tensor, Tensor]) -> None:
    observed, poses = people
    with_failed = observed.clone()
    with_failed[3] = 0.25  # a detector that put all joints in one place
    model = NearestPose(40)
    model.fill(with_failed, poses, torch.Generator().manual_seed(0))
    found = model(with_failed, torch.zeros(40, 5)).last
    assert found.isfinite().all()
    others = torch.arange(40) != 3
    torch.testing.assert_close(root_relative(found)[others], root_relative(poses)[others])


def test_bank_follows_the_seed(people: tuple[Tensor, Tensor]) -> None:
    banks = []
    for seed in (0, 0, 1):
        model = NearestPose(10)
        model.fill(*people, torch.Generator().manual_seed(seed))
        banks.append(model.keys)
    assert torch.equal(banks[0], banks[1])
    assert not torch.equal(banks[0], banks[2])
    assert len(banks[0].unique(dim=0)) == 10


def test_a_bank_larger_than_the_training_set_is_refused(people: tuple[Tensor, Tensor]) -> None:
    with pytest.raises(InputError, match=r"at least 41 pairs.*found 40"):
        NearestPose(41).fill(*people, torch.Generator())


@pytest.mark.parametrize("model", [MeanPose(), NearestPose(3)])
def test_baselines_take_no_steps(model: torch.nn.Module) -> None:
    with pytest.raises(InputError, match="takes no steps"):
        model(torch.zeros(2, 16, 2), torch.zeros(2, 5), 2)
