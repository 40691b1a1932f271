from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ige.doctor.estimate import (
    CLIPS,
    MODEL,
    PAIRS,
    REPORT,
    SCORES,
    Amounts,
    Job,
    amounts,
    check_work,
    jobs,
    seconds,
)
from ige.params.params import Params

Changed = Callable[[dict[str, Any]], Params]

SIZES = Amounts(frames=100_000, train=200_000, validation=30_000, test=50_000)


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
    table, figure, page = REPORT
    for path in (CLIPS, PAIRS, MODEL, SCORES, table, page):
        assert f'"{{RUN}}/{path}"' in rules or f'"{path}"' in rules
    folder, _, name = figure.partition("-")
    assert f'"{{RUN}}/{folder}-"' in rules
    assert f'"{name}"' in rules


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
    assert (sizes.train, sizes.validation, sizes.test) == tuple(n * 50 * views for n in (6, 2, 4))


def test_pairs_of_motion_files_are_shared_by_subjects(changed: Changed, tmp_path: Path) -> None:
    (tmp_path / "a.bvh").write_bytes(b"Frames: 700\n")
    sizes = amounts(
        changed({"poses": {"source": "mocap", "lifting": {"frame_step": 1}}}), tmp_path
    )  # five of seven subjects train, every eighth clip is held out, four cameras
    assert sizes == Amounts(frames=700, train=438 * 4, validation=62 * 4, test=200 * 4)


def test_everything_is_counted_once_in_an_empty_folder(small: Params, tmp_path: Path) -> None:
    stages = Counter(job.stage for job in jobs(small, tmp_path, SIZES))
    assert stages == {
        "prepare_clips": 1,
        "prepare_lifting_set": 3,
        "train_poses": 3,
        "evaluate_poses": 2,
        "tabulate_poses": 1,
        "draw_poses": 1,
        "write_page": 1,
    }


def test_what_exists_is_not_counted(small: Params, tmp_path: Path) -> None:
    make(tmp_path, CLIPS, *(PAIRS.format(split=split) for split in ("train", "validation", "test")))
    for seed in (0, 1):
        make(tmp_path, MODEL.format(model="lifter-128-1", seed=seed))
        make(
            tmp_path, MODEL.format(model="mean-pose", seed=seed), SCORES.format(model="mean-pose", seed=seed)
        )
    make(tmp_path, MODEL.format(model="ige-t4", seed=0))
    left = [(job.stage, job.model) for job in jobs(small, tmp_path, SIZES) if job.model]
    assert left == [("train_poses", "ige-t4"), ("evaluate_poses", "ige-t4")]
    make(tmp_path, MODEL.format(model="ige-t4", seed=1), *REPORT)
    make(tmp_path, *(SCORES.format(model="ige-t4", seed=seed) for seed in (0, 1)))
    assert jobs(small, tmp_path, SIZES) == []


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
    steps = epochs * SIZES.train / small.training.poses.batch_size
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
