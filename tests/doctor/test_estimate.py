from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ige.doctor.amounts import Amounts
from ige.doctor.estimate import (
    CLIPS,
    DETECTIONS,
    MODEL,
    PAIRS,
    REPORT,
    SCORES,
    Job,
    check_work,
    jobs,
    seconds,
)
from ige.params.params import Params

Changed = Callable[[dict[str, Any]], Params]

SPLITS = ("train", "validation", "test")
PAIRS_MADE = dict(zip(SPLITS, (200_000, 30_000, 50_000), strict=True))
SIZES = Amounts(100_000, {"projection": PAIRS_MADE, "sh": PAIRS_MADE}, "made up")


@pytest.fixture
def small(changed: Changed) -> Params:
    """One IGE-Net and, unselected, the lifter that it starts from; two seeds."""
    return changed({"train": {"poses": ["mean-pose", "ige-t4"]}, "training": {"poses": {"seeds": [0, 1]}}})


def make(run: Path, *files: str) -> None:
    for file in files:
        (run / file).parent.mkdir(parents=True, exist_ok=True)
        (run / file).touch()


def test_the_table_of_paths_is_that_of_the_rules(root: Path) -> None:
    text = "".join(file.read_text() for file in sorted((root / "workflow/rules").glob("*.smk")))
    rules = re.sub(r"\{+(\w+)\}+", r"{\1}", text)
    figure = REPORT["draw_poses"]
    for path in (CLIPS, DETECTIONS, PAIRS, MODEL, SCORES, *REPORT.values()):
        assert path == figure or f'"{{RUN}}/{path}"' in rules or f'"{path}"' in rules, path
    folder, _, name = figure.partition("-")
    assert f'"{{RUN}}/{folder}-"' in rules
    assert f'"{name.removesuffix(".png")}"' in rules


def test_everything_is_counted_once_in_an_empty_folder(small: Params, tmp_path: Path) -> None:
    stages = Counter(job.stage for job in jobs(small, tmp_path, SIZES))
    assert stages == {
        "prepare_clips": 1,
        "prepare_lifting_set": 3,
        "train_poses": 3,
        "evaluate_poses": 2,
        "tabulate_poses": 1,
        "tabulate_poses_by_action": 1,
        "draw_poses": 1,
        "write_page": 1,
        "collect_metrics": 1,
        "collect_curves": 1,
    }


def test_what_exists_is_not_counted(small: Params, tmp_path: Path) -> None:
    make(tmp_path, CLIPS, *(PAIRS.format(observation="projection", split=split) for split in SPLITS))
    for seed in (0, 1):
        make(tmp_path, MODEL.format(model="lifter-128-1", seed=seed))
        make(
            tmp_path, MODEL.format(model="mean-pose", seed=seed), SCORES.format(model="mean-pose", seed=seed)
        )
    make(tmp_path, MODEL.format(model="ige-t4", seed=0))
    left = [(job.stage, job.model) for job in jobs(small, tmp_path, SIZES) if job.model]
    assert left == [("train_poses", "ige-t4"), ("evaluate_poses", "ige-t4")]
    make(tmp_path, MODEL.format(model="ige-t4", seed=1), *REPORT.values())
    make(tmp_path, *(SCORES.format(model="ige-t4", seed=seed) for seed in (0, 1)))
    assert jobs(small, tmp_path, SIZES) == []


def test_each_observation_is_prepared_and_learned(changed: Changed, tmp_path: Path) -> None:
    params = changed(
        {
            "poses": {
                "source": "h36m",
                "lifting": {"observations": {"sh": {"kind": "detections", "detector": "sh"}}},
            },
            "train": {"poses": ["ige-t4"], "observations": ["projection", "sh"]},
        }
    )
    work = jobs(params, tmp_path, SIZES)
    stages = Counter(job.stage for job in work)
    assert (stages["prepare_detections"], stages["prepare_lifting_set"]) == (1, 6)
    assert [(job.model, job.initial) for job in work if job.stage == "train_poses"] == [
        ("ige-t4", "lifter-128-1"),
        ("lifter-128-1", None),
        ("ige-t4@sh", "lifter-128-1@sh"),
        ("lifter-128-1@sh", None),
    ]
    make(tmp_path, DETECTIONS.format(observation="sh"))
    assert "prepare_detections" not in {job.stage for job in jobs(params, tmp_path, SIZES)}


def test_only_training_gains_by_a_gpu(small: Params, tmp_path: Path) -> None:
    learning = {job.model: job.gpu_seconds for job in jobs(small, tmp_path, SIZES) if job.gpu_seconds}
    assert set(learning) == {"ige-t4", "lifter-128-1"}
    assert learning["ige-t4"] == pytest.approx(5 * learning["lifter-128-1"]), "a lifter's step and four more"


def test_memory_grows_with_the_pairs(small: Params, tmp_path: Path) -> None:
    def most(pairs: int) -> dict[str, float]:
        amounts = Amounts(1000, {"projection": dict.fromkeys(SPLITS, pairs)}, "made up")
        return {job.stage: job.memory for job in jobs(small, tmp_path, amounts)}

    few, many = most(1_000), most(1_000_000)
    assert few["write_page"] == many["write_page"]
    for stage in ("prepare_lifting_set", "train_poses", "evaluate_poses"):
        assert many[stage] > few[stage] + 1e8


def test_training_time_grows_with_epochs_and_seeds(small: Params, changed: Changed, tmp_path: Path) -> None:
    def training(params: Params) -> float:
        return sum(
            job.seconds
            for job in jobs(params, tmp_path, SIZES)
            if (job.stage, job.model) == ("train_poses", "ige-t4")
        )

    epochs = small.training.poses.epochs
    longer = changed(
        {"train": {"poses": ["ige-t4"]}, "training": {"poses": {"epochs": 2 * epochs, "seeds": [0]}}}
    )
    steps = epochs * PAIRS_MADE["train"] / small.training.poses.batch_size
    assert training(small) == pytest.approx(2 * steps * 14e-3, rel=0.3)  # two seeds, 14 ms a step
    assert training(longer) == pytest.approx(training(small), rel=0.05)


def test_cores_share_the_work_but_a_chain_is_not_cut() -> None:
    first = Job("train_poses", 100.0, model="a")
    second = Job("train_poses", 60.0, model="b", initial="a")
    third = Job("train_poses", 20.0, model="c")
    alone = Job("prepare_clips", 5.0)
    work = [first, second, third, alone]
    assert seconds(work, 1) == 185.0
    assert seconds(work, 2) == 165.0
    assert seconds(work, 8) == 165.0
    assert seconds([], 2) == 0.0


def test_the_line_tells_jobs_time_and_disk() -> None:
    work = [
        Job("train_poses", 90.0, 3e9, model="a"),
        Job("train_poses", 90.0, model="b"),
        Job("write_page", 1.0),
    ]
    assert (
        check_work(work, 2).found
        == "roughly 2 min on 2 cores without a GPU, 3.0 GB: 2 x train_poses, write_page"
    )
    hours = [Job("train_poses", 36_000.0, model="a")]
    assert "roughly 10 h" in check_work(hours, 2).found
    assert "every result exists" in check_work([], 2).found
