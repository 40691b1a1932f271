"""The examples of docs/shape-sets.md and docs/voxels.md run as they stand there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import torch

from ige.params import stages
from ige.params.shape_models import DeconvSettings
from ige.shapes.prepare import prepare_shapes
from ige.shapes.voxels.models import Definition, build_voxel_model, save_voxel_model


@pytest.fixture
def demo(changed, tmp_path, monkeypatch):
    """A run with as little as the examples name."""
    params = changed(
        {
            "shapes": {
                "categories": ["car"],
                "views": {"random": {"count": 2}},
                "grids": {"resolutions": [32]},
                "images": {"pixels": 32},
            },
            "evaluation": {"shapes": {"resolution": 32}},
        }
    )
    folder = tmp_path / "runs/demo/data/shapes/car"
    for split, model in (("train", "car-0000"), ("test", "car-0001")):
        prepare_shapes(
            category="car",
            split=split,
            models=[model],
            folder=None,
            out=folder / f"{split}-000.h5",
            skipped=folder / f"{split}-000-skipped.csv",
            settings=stages.prepare_shapes(params, "car"),
        )
    monkeypatch.chdir(tmp_path)
    return params


def test_the_examples_run(root, demo):
    examples = re.findall(r"```python\n(.*?)```", (root / "docs/shape-sets.md").read_text(), re.S)
    assert len(examples) == 2
    for example in examples:
        names: dict[str, object] = {}
        exec(example, names)
        assert names["occupancy"].shape[-3:] == (32, 32, 32)
        assert names["occupancy"].any()
    assert names["in_the_world"].shape == (32, 32, 4)


def test_the_example_of_voxels_runs(root, demo):
    (example,) = re.findall(r"```python\n(.*?)```", (root / "docs/voxels.md").read_text(), re.S)
    first = demo.models.shapes["deconv"]
    assert isinstance(first, DeconvSettings)
    definition = Definition(demo.models.shapes["ige"], first)
    generator = torch.Generator().manual_seed(0)
    state = build_voxel_model(definition, 32, generator).state_dict()
    path = Path("runs/demo/models/shapes/ige/32/seed0/model.pt")
    save_voxel_model(path, definition, 32, state, {"threshold": 0.5})
    names: dict[str, object] = {}
    exec(example, names)
    assert names["filled"].shape == (2, 32, 32, 32)
    assert len(names["guesses"]) == demo.models.shapes["ige"].steps + 1
    assert all(0 <= value <= 1 for value in names["ious"])
