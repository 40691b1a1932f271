"""The examples of docs/shape-sets.md run as they stand there."""

from __future__ import annotations

import re

import pytest

from ige.params import stages
from ige.shapes.prepare import prepare_shapes


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


def test_the_examples_run(root, demo):
    examples = re.findall(r"```python\n(.*?)```", (root / "docs/shape-sets.md").read_text(), re.S)
    assert len(examples) == 2
    for example in examples:
        names: dict[str, object] = {}
        exec(example, names)
        assert names["occupancy"].shape[-3:] == (32, 32, 32)
        assert names["occupancy"].any()
    assert names["in_the_world"].shape == (32, 32, 4)
