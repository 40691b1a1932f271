"""Answers without learning, which every learned model must beat. Both are poses in metres.

| model | answers |
| --- | --- |
| mean-pose | one pose, whatever is observed |
| nearest-pose | the pose of the training pair whose observation is most alike |
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from ige.base.errors import InputError
from ige.geometry.alignment import procrustes
from ige.geometry.skeletons import H36M_16, MPII_16
from ige.poses.lifters import JOINTS, OBSERVED, Answer, refuse_steps
from ige.poses.losses import labels_of

Floats = NDArray[np.float64]

_HIPS = MPII_16.names.index("Hips")
_HIP_PAIR = [H36M_16.names.index("RHip"), H36M_16.names.index("LHip")]
# Rounds of alignment to the mean; it no longer moves by a tenth of a millimetre after three.
_ROUNDS = 4
# Poses that the mean is taken of: neighbouring frames differ little, more of them change nothing but time.
_MEAN_OF = 50_000
# Of an observation: far below a pixel, so that it bounds those alone that have no extent.
_SMALLEST = 1e-6
# Queries compared with the whole bank at once: bounds memory.
_CHUNK = 1024


class MeanPose(nn.Module):
    """One pose for all observations: the mean shape of the training poses, where they are on average.

    A plain mean of poses that face all ways is a stick. So poses are aligned to their mean by Procrustes
    and averaged again: the constant that does best after the alignment of the metric, and so the strongest
    baseline of its kind. The result is placed and turned like the plain mean of `losses.labels_of`, where all
    persons are equally far away, and sized as training poses are on average, for the metrics that align less.
    """

    pose: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("pose", torch.zeros(JOINTS, 3))

    def fill(self, poses_cam: Tensor) -> None:
        """Set the pose from training poses (N, 16, 3), metres."""
        chosen = poses_cam[:: max(1, len(poses_cam) // _MEAN_OF)]
        labels, in_metres = (poses.double().cpu().numpy() for poses in (labels_of(chosen), chosen))
        shape = _mean_shape(labels)
        self.pose.copy_(torch.from_numpy(shape * (_spread(in_metres) / _spread(shape[None]))))

    def forward(self, observed: Tensor, distortion: Tensor, steps: int | None = None) -> Answer:
        """Answer the pose for each of (B, 16, 2) observations.

        Raises:
            InputError: if it is asked to take steps.
        """
        refuse_steps(steps)
        return Answer(self.pose.expand(len(observed), -1, -1))


class NearestPose(nn.Module):
    """The pose of the nearest observation in a bank of training pairs.

    Observations are compared after their centre is moved to 0 and their size brought to 1: where in the
    image and how large a person appears says little about the posture. The answer is moved back to where
    the query is seen: the midpoint of the hips on the ray of the observed hips, at the depth at which the
    sizes in the image agree.
    """

    keys: Tensor
    poses: Tensor
    reaches: Tensor

    def __init__(self, bank: int) -> None:
        super().__init__()
        self.register_buffer("keys", torch.zeros(bank, OBSERVED * 2))
        self.register_buffer("poses", torch.zeros(bank, JOINTS, 3))
        self.register_buffer("reaches", torch.zeros(bank))

    def fill(self, observed: Tensor, poses_cam: Tensor, generator: torch.Generator) -> None:
        """Draw the bank from training pairs (N, 16, 2) and (N, 16, 3), metres, without repetition.

        Raises:
            InputError: if there are fewer pairs than the bank holds.
        """
        bank, count = len(self.keys), len(observed)
        if count < bank:
            raise InputError(
                "fewer training pairs than the bank of this model holds",
                expected=f"at least {bank} pairs",
                found=str(count),
                next_step="Lower its setting `bank`",
            )
        chosen = torch.randperm(count, generator=generator)[:bank].sort().values.to(observed.device)
        keys, sizes = _normalised(observed[chosen])
        poses = poses_cam[chosen]
        midpoints = poses[:, _HIP_PAIR].mean(1)
        self.keys.copy_(keys)
        self.poses.copy_(poses - midpoints[:, None])
        self.reaches.copy_(midpoints[:, 2] * sizes)

    def forward(self, observed: Tensor, distortion: Tensor, steps: int | None = None) -> Answer:
        """Answer poses (B, 16, 3) for observations (B, 16, 2).

        Raises:
            InputError: if it is asked to take steps.
        """
        refuse_steps(steps)
        keys, sizes = _normalised(observed)
        found = torch.cat([self._nearest(part) for part in torch.split(keys, _CHUNK)])
        depths = self.reaches[found] / sizes
        rays = torch.cat([observed[:, _HIPS], torch.ones_like(sizes)[:, None]], 1)
        return Answer(self.poses[found] + (rays * depths[:, None])[:, None])

    def _nearest(self, keys: Tensor) -> Tensor:
        # All keys have the same length, so the nearest one is that with the largest product.
        return (keys @ self.keys.T).argmax(1)


def _normalised(observed: Tensor) -> tuple[Tensor, Tensor]:
    """Return observations as vectors (B, 32) of length 1 about their centre, and their sizes (B,).

    Where all joints are detected in one place, the vector is 0, and no nearer to one than to another.
    """
    centred = (observed - observed.mean(1, keepdim=True)).flatten(1)
    sizes = torch.linalg.vector_norm(centred, dim=1).clamp_min(_SMALLEST)
    return centred / sizes[:, None], sizes


def _mean_shape(poses: Floats) -> Floats:
    plain = poses.mean(0)
    shape = poses[0]
    for _ in range(_ROUNDS):
        shape = procrustes(poses, np.broadcast_to(shape, poses.shape)).mean(0)
    placed = procrustes(shape, plain)
    centre = placed.mean(0)
    return np.asarray(centre + (placed - centre) * (_spread(poses) / np.linalg.norm(placed - centre)))


def _spread(poses: Floats) -> float:
    """Return the mean distance of poses (N, 16, 3), as vectors, from their centres."""
    return float(np.sqrt(np.square(poses - poses.mean(1, keepdims=True)).sum((1, 2))).mean())
