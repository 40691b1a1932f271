from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ige.doctor.amounts import amounts, split_models
from ige.params.load import read_params
from ige.params.params import Params
from ige.workflow.sources import SourceData

Changed = Callable[[dict[str, Any]], Params]


@pytest.fixture
def paper(root: Path) -> Params:
    """The parameters of the paper."""
    return read_params(root / "params.yaml", [root / "workflow/presets/paper.yaml"])


def test_pairs_of_generated_poses_are_exact(changed: Changed) -> None:
    made = {
        "subjects": ["A", "B", "C"],
        "actions": ["Walking", "Eating"],
        "takes": 2,
        "seconds": 4.0,
        "fps": 25.0,
    }
    lifting = {
        "splits": {"train": ["A", "B"], "test": ["C"]},
        "validation_every": 4,
        "yaws_degrees": [0.0, 90.0],
        "frame_step": 2,
    }
    sizes = amounts(changed({"poses": {"procedural": made, "lifting": lifting}}), None)
    clips, views = 3 * 2 * 2, 4 * 2
    assert sizes.frames == clips * 100
    assert sizes.pairs == {
        "projection": {"train": 6 * 50 * views, "validation": 2 * 50 * views, "test": 4 * 50 * views}
    }


def test_pairs_of_motion_files_are_shared_by_subjects(changed: Changed, tmp_path: Path) -> None:
    (tmp_path / "a.bvh").write_bytes(b"Frames: 700\n")
    params = changed({"poses": {"source": "mocap", "lifting": {"frame_step": 1}}})
    sizes = amounts(params, SourceData("mocap", tmp_path, {}, ("a.bvh",)))
    # five of seven subjects train, every eighth clip is held out, four cameras
    assert sizes.frames == 700
    assert sizes.pairs["projection"] == {"train": 438 * 4, "validation": 62 * 4, "test": 200 * 4}
    assert "from headers" in sizes.origin


def test_motion_files_that_are_not_there_count_nothing(changed: Changed, tmp_path: Path) -> None:
    sizes = amounts(changed({"poses": {"source": "mocap"}}), SourceData("mocap", tmp_path, {}))
    assert sizes.frames == 0
    assert "no motion files" in sizes.origin


def test_human36m_counts_as_published(paper: Params) -> None:
    sizes = amounts(paper, None)
    assert sizes.frames == 527_599
    tested = {observation: pairs["test"] for observation, pairs in sizes.pairs.items()}
    assert tested == {"projection": 550_644, "sh": 548_819, "sh-ft": 548_819, "cpn-ft": 543_344}
    assert {pairs["train"] for pairs in sizes.pairs.values()} == {1_559_752}
    assert sizes.pairs["sh"]["validation"] == 389_938 // 8 * 4


def test_what_is_held_out_leaves_the_training_set(changed: Changed) -> None:
    def trained(held_out: bool) -> int:
        lifting = {"validation_held_out": held_out, "rig": {"kind": "recorded"}, "frame_step": 1}
        params = changed({"poses": {"source": "h36m", "lifting": lifting}})
        return amounts(params, None).pairs["projection"]["train"]

    assert trained(False) == 1_559_752
    assert trained(True) == 1_559_752 - 389_938 // 8 * 4


def test_models_are_cut_by_the_shares_of_the_splits(changed: Changed) -> None:
    splits = changed({"shapes": {"splits": {"test_share": 0.2, "validation_share": 0.1}}}).shapes.splits
    assert split_models(100, splits) == {"train": 72, "validation": 8, "test": 20}
    assert split_models(5, splits) == {"train": 4, "validation": 0, "test": 1}
