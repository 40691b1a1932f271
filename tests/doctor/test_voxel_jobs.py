from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ige.doctor.estimate import Job
from ige.doctor.shapes import count_models
from ige.doctor.voxel_jobs import MODEL, SCORES, voxel_jobs
from ige.params import stages
from ige.params.params import Params
from ige.shapes.manifest import Manifest, list_shapes

Changed = Callable[[dict[str, Any]], Params]
NONE = Manifest((), (), 200)


@pytest.fixture
def small(changed: Changed) -> Params:
    """A baseline, an energy and, unselected, what it starts from; two categories, two seeds."""
    return changed(few())


def few(**training: Any) -> dict[str, Any]:
    return {
        "shapes": {"categories": ["car", "table"], "views": {"random": {"count": 4}}},
        "train": {"shapes": ["mean-shape", "ige"], "resolutions": [32]},
        "training": {"shapes": {"seeds": [0, 1], **training}},
    }


def work(params: Params, run: Path) -> dict[tuple[str, str | None], Job]:
    manifest = list_shapes(stages.prepare_manifest(params), None)
    found = list(voxel_jobs(params, run, manifest))
    jobs = {(job.stage, job.model): job for job in found}
    assert len(jobs) == len(found)
    return jobs


def test_the_table_of_paths_is_that_of_the_rules(root: Path) -> None:
    text = "".join(file.read_text() for file in sorted((root / "workflow/rules").glob("*.smk")))
    for path in (MODEL, SCORES):
        assert f'"{path}"' in text, path


def test_models_that_others_start_from_are_trained_too(small: Params, tmp_path: Path) -> None:
    jobs = work(small, tmp_path)
    assert [name for stage, name in jobs if stage == "train_shapes"] == [
        "mean-shape@32",
        "ige@32",
        "deconv@32",
    ]
    assert [name for stage, name in jobs if stage == "evaluate_shapes"] == ["mean-shape@32", "ige@32"]
    assert jobs["train_shapes", "ige@32"].initial == "deconv@32"
    assert jobs["train_shapes", "mean-shape@32"].gpu_seconds is None


def test_what_exists_is_not_counted(small: Params, tmp_path: Path) -> None:
    for seed in (0, 1):
        for path in (f"models/shapes/ige/32/seed{seed}/model.pt", f"scores/shapes/ige/32/seed{seed}.json"):
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / path).touch()
    left = work(small, tmp_path)
    assert ("train_shapes", "ige@32") not in left
    assert ("evaluate_shapes", "ige@32") not in left
    (tmp_path / "models/shapes/ige/32/seed1/model.pt").unlink()
    assert ("train_shapes", "ige@32") in work(small, tmp_path)


def test_time_grows_with_views_seeds_and_epochs(small: Params, changed: Changed, tmp_path: Path) -> None:
    def seconds(params: Params) -> float:
        return work(params, tmp_path)["train_shapes", "ige@32"].seconds

    models = count_models(small, list_shapes(stages.prepare_manifest(small), None))
    examples = 4 * sum(count for (_, split), count in models.items() if split == "train")
    epochs = small.models.shapes["ige"].epochs  # type: ignore[union-attr]
    assert seconds(small) == pytest.approx(3.0 + 2 * epochs * examples * 8.6e-3, rel=0.35)
    assert seconds(changed(few(seeds=[0]))) < 0.7 * seconds(small)
    assert seconds(changed(few(fresh_views=True))) > 1.3 * seconds(small)
    assert seconds(changed(few(validation_views="all"))) > seconds(small)
    half = examples // small.training.shapes.batch_size // 2
    assert seconds(changed(few(epoch_steps=half))) < 0.8 * seconds(small)
    assert seconds(changed(few(epoch_steps=1000))) == seconds(small)


def test_a_part_of_the_batch_at_once_takes_less_memory(
    small: Params, changed: Changed, tmp_path: Path
) -> None:
    def memory(params: Params) -> float:
        return work(params, tmp_path)["train_shapes", "ige@32"].memory

    assert memory(changed(few(micro_batch=2))) < memory(small) - 3e7


def test_a_model_of_one_category_learns_from_that_alone(changed: Changed, tmp_path: Path) -> None:
    of_one = {**few(), "models": {"shapes": {"ige": {"scope": "each"}}}}
    jobs, together = work(changed(of_one), tmp_path), work(changed(few()), tmp_path)
    parts = [jobs["train_shapes", f"ige@32@{category}"] for category in ("car", "table")]
    whole = together["train_shapes", "ige@32"]
    assert sum(job.seconds - 3.0 for job in parts) == pytest.approx(whole.seconds - 3.0, rel=0.01)
    assert parts[0].initial == "deconv@32"


def test_models_that_search_are_as_large_as_their_bank(changed: Changed, tmp_path: Path) -> None:
    settings = few()
    settings["train"]["shapes"] = ["mean-shape", "oracle", "ceiling"]
    jobs = work(changed(settings), tmp_path)
    sizes = [jobs["train_shapes", f"{name}@32"].bytes for name in ("oracle", "mean-shape", "ceiling")]
    assert sizes[0] > sizes[1] > sizes[2] == 0.0


def test_scoring_grows_with_the_resolution_of_the_evaluation(changed: Changed, tmp_path: Path) -> None:
    def score(resolution: int) -> Job:
        settings = few()
        settings["evaluation"] = {"shapes": {"resolution": resolution}}
        settings["shapes"]["grids"] = {"resolutions": [32, 64, 256]}
        return work(changed(settings), tmp_path)["evaluate_shapes", "ige@32"]

    assert score(256).seconds > 2 * score(64).seconds
    assert score(256).memory > score(64).memory


def test_models_of_sources_that_are_not_there(changed: Changed) -> None:
    shapenet = changed({"shapes": {"source": "shapenet", "categories": ["plane"]}})
    assert count_models(shapenet, NONE) == {
        ("plane", "train"): 2912,
        ("plane", "validation"): 324,
        ("plane", "test"): 809,
    }
    generated = {"seed": 0, "models_per_category": 40, "open_share": 0.2}
    folder = {"source": "folder", "categories": ["car"], "folder": {"generated": generated}}
    assert count_models(changed({"shapes": folder}), NONE) == {
        ("car", "train"): 36,
        ("car", "validation"): 4,
        ("car", "test"): 0,
    }
    folder["folder"] = {"generated": None}
    assert not count_models(changed({"shapes": folder}), NONE)
