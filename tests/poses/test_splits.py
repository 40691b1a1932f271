from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ige.base.errors import InputError
from ige.params.poses import LiftingSettings
from ige.poses.clips import Clip
from ige.poses.splits import choose_clips

PATH = Path("clips.h5")
NAMES = ["S1/Walking/1", "S1/Eating/1", "S9/Walking/1", "S5/Eating/2", "S5/Eating/1"]


def settings(**over: Any) -> LiftingSettings:
    return LiftingSettings.model_validate(
        {
            "rig": {"kind": "recorded", "image_pixels": [1000, 1000]},
            "splits": {"train": ["S1", "S5"], "test": ["S9"]},
            "validation_every": 2,
            "validation_held_out": True,
            "yaws_degrees": [0.0],
            "frame_step": 1,
            "visibility": "all",
            "observation": {"kind": "projection"},
            "expected_pairs": {},
        }
        | over
    )


def clips(names: list[str]) -> list[Clip]:
    positions = np.zeros((1, 32, 3), np.float32)
    return [Clip(positions, *name.split("/"), fps=50.0, licence="none", origin="x") for name in names]


def chosen(split: Any, names: list[str] = NAMES, **over: Any) -> list[str]:
    of_names = clips(names)
    return [of_names[number].name for number in choose_clips(of_names, split, settings(**over), PATH)]


def test_splits_are_disjoint_and_complete() -> None:
    assert chosen("train") == ["S1/Eating/1", "S5/Eating/1"]
    assert chosen("validation") == ["S1/Walking/1", "S5/Eating/2"]
    assert chosen("test") == ["S9/Walking/1"]


def test_validation_clips_stay_in_training_where_they_are_not_held_out() -> None:
    assert chosen("train", validation_held_out=False) == [
        *("S1/Eating/1", "S1/Walking/1", "S5/Eating/1", "S5/Eating/2")
    ]
    assert chosen("validation", validation_held_out=False) == chosen("validation")


@pytest.mark.parametrize("split", ["train", "validation"])
def test_the_order_of_the_clips_does_not_choose_them(split: str) -> None:
    assert chosen(split) == chosen(split, NAMES[::-1])


@pytest.mark.parametrize(
    ("split", "over", "message"),
    [
        ("train", {"splits": {"train": ["S1", "S99"], "test": ["S9"]}}, r"train .*S1, S5, S9.*found S99"),
        ("test", {"splits": {"train": ["S1"], "test": ["S98", "S99"]}}, r"test .*S1, S5, S9.*found S98, S99"),
        ("validation", {"validation_every": 5}, r"at least 5 .* S1, S5.*found 4.*S1, S5, S9"),
    ],
)
def test_splits_that_cannot_be_are_one_line(split: str, over: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        chosen(split, **over)
    assert "\n" not in str(caught.value)
