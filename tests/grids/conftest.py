import math

import numpy as np
import pytest

from ige.geometry.frustum import Frustum, object_box, shape_view
from ige.grids.crossings import Planes

BOX = np.array([[x, y, z] for x in (0.0, 1.0) for y in (0.0, 1.0) for z in (0.0, 1.0)])
BOX_FACES = np.array(
    [
        *([0, 1, 3], [0, 3, 2], [4, 6, 7], [4, 7, 5], [0, 4, 5], [0, 5, 1]),
        *([2, 3, 7], [2, 7, 6], [0, 2, 6], [0, 6, 4], [1, 5, 7], [1, 7, 3]),
    ]
)


class Solids:
    """Closed meshes as (vertices, faces), wound outwards."""

    @staticmethod
    def box(low, high):
        low, high = np.asarray(low, dtype=float), np.asarray(high, dtype=float)
        return low + BOX * (high - low), BOX_FACES.copy()

    @staticmethod
    def torus(radius=0.28, width=0.11, sections=(24, 12)):
        around, across = np.meshgrid(*(np.arange(n) for n in sections), indexing="ij")
        a, b = 2 * np.pi * around / sections[0], 2 * np.pi * across / sections[1]
        distance = radius + width * np.cos(b)
        vertices = np.stack([distance * np.cos(a), distance * np.sin(a), width * np.sin(b)], -1)
        number = np.arange(around.size).reshape(sections)
        right, up = np.roll(number, -1, 0), np.roll(number, -1, 1)
        corner = np.roll(right, -1, 1)
        faces = np.stack([np.stack([number, right, corner], -1), np.stack([number, corner, up], -1)])
        return vertices.reshape(-1, 3), faces.reshape(-1, 3)

    @staticmethod
    def octahedron(radius):
        vertices = radius * np.vstack([np.eye(3), -np.eye(3)])
        upper = [[0, 1, 2], [1, 3, 2], [3, 4, 2], [4, 0, 2]]
        return vertices, np.array(upper + [[b, a, 5] for a, b, _ in upper])

    @staticmethod
    def turned(mesh, seed):
        rotation, _ = np.linalg.qr(np.random.default_rng(seed).normal(size=(3, 3)))
        return mesh[0] @ rotation.T, mesh[1]

    @staticmethod
    def together(*meshes):
        starts = np.cumsum([0, *(len(vertices) for vertices, _ in meshes)])
        return (
            np.vstack([vertices for vertices, _ in meshes]),
            np.vstack([faces + start for (_, faces), start in zip(meshes, starts, strict=False)]),
        )


class Bits:
    """Cells and blocked steps as the words of the kernels."""

    @staticmethod
    def to_words(cells):
        padded = np.zeros((*cells.shape[:2], -(-cells.shape[2] // 64) * 64), dtype=bool)
        padded[..., : cells.shape[2]] = cells
        return np.packbits(padded, axis=-1, bitorder="little").view(np.uint64)

    @staticmethod
    def to_cells(words, depths):
        bits = np.unpackbits(words.view(np.uint8), axis=-1, bitorder="little").view(bool)
        assert not bits[..., depths:].any(), "bits beyond the last depth"
        return bits[..., :depths]

    @staticmethod
    def planes_of(blocks, window):
        """Make planes of blocked steps on the three axes, each with one more entry than there are cells."""
        rows, columns, depths = blocks
        return Planes(
            window=window,
            depth_blocks=Bits.to_words(depths[..., :-1]),
            depth_end=depths[..., -1].astype(np.uint8),
            column_blocks=Bits.to_words(columns),
            row_blocks=Bits.to_words(rows),
            thin=None,
        )


@pytest.fixture(scope="session")
def bits():
    return Bits


@pytest.fixture(scope="session")
def solids():
    return Solids


@pytest.fixture(scope="session")
def views() -> list[Frustum]:
    angles = [(0.5, 28.0), (2.2, 5.0), (4.0, 75.0)]
    return [*(shape_view(azimuth, math.radians(degrees)) for azimuth, degrees in angles), object_box()]
