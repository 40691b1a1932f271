"""The published table of voxel reconstruction: mean IoU at 256 cells per side, by category and resolution.

`published_shapes.csv` holds every number of the poster's table (Jack et al., CVPR 2019), in percent. A
column there is the resolution of training; a subscript 1 is one model per category, 13 one model of all 13
categories (our reading: the poster does not define it). MN: features of MobileNetV2, I4: of Inception-v4.
Its rows OGN and MAT were taken from the papers of Octree Generating Networks and of Matryoshka Networks,
which measured in world coordinates, on other renders, with one category per model.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from ige.storage.tables import read_csv

RESOLUTIONS = (32, 64, 128, 256)
CATEGORIES = ("car", "plane", "table")
EVALUATED_AT = 256  # cells per side at which all published values were measured
PUBLISHED_SOURCE = "shapenet"  # of the shapes they were measured on
_FILE = Path(__file__).with_name("published_shapes.csv")


@dataclass(frozen=True, slots=True)
class PublishedShape:
    """One published value.

    Attributes:
        label: what the poster calls the model.
        model: the name that params.yaml gives a model of this form; None for models of others.
        category: of the test shapes.
        resolution: cells per side of training.
        iou: mean IoU at 256 cells per side, percent.
        protocol: how it compares with ours, in words.
    """

    label: str
    model: str | None
    category: str
    resolution: int
    iou: float
    protocol: str


def published_shapes() -> list[PublishedShape]:
    """Return all published values, in the order of the poster's table."""
    return [
        PublishedShape(
            label=row["label"],
            model=row["model"] or None,
            category=row["category"],
            resolution=int(row["resolution"]),
            iou=float(row["iou"]),
            protocol=row["protocol"],
        )
        for row in read_csv(_FILE)
    ]


def published_iou(
    values: Iterable[PublishedShape], model: str, category: str, resolution: int
) -> float | None:
    """Find the published IoU of a model of ours by its name, percent."""
    for value in values:
        if (value.model, value.category, value.resolution) == (model, category, resolution):
            return value.iou
    return None
