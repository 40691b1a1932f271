from __future__ import annotations

import dataclasses
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.testing import assert_array_equal
from torch import Tensor

from ige.base.errors import InputError
from ige.params.shape_models import (
    BackboneSettings,
    CeilingSettings,
    DeconvSettings,
    EnergySettings,
    EstimateSettings,
    IgeShapeSettings,
    MeanShapeSettings,
    ShapeLossSettings,
)
from ige.params.stages import ShapeScoringSettings
from ige.params.step_rule import StepRuleSettings
from ige.shapes.unpack import unpack_bits
from ige.shapes.voxels import evaluate as module
from ige.shapes.voxels.evaluate import evaluate_shapes
from ige.shapes.voxels.example_file import KIND
from ige.shapes.voxels.models import Definition, build_voxel_model, save_voxel_model
from ige.shapes.voxels.query import Answer, Query
from ige.shapes.voxels.refinement import Refinement
from ige.shapes.voxels.scoring import MEASURES
from ige.storage.array_rows import open_array_rows
from ige.storage.provenance import check_outputs, read_provenance
from ige.storage.records import read_record
from ige.storage.shards import open_shard

CATEGORIES = ("car", "chair")
LOSS = ShapeLossSettings(alpha=0.0, focal=0.0, iou_share=0.0, iou_weights="none", warm_up_epochs=0)
DECONV = DeconvSettings(
    kind="deconv",
    scope="all",
    coordinates="frustum",
    backbone=BackboneSettings(name="small", pretrained=False),
    estimate=EstimateSettings(channels=8, side=16),
    initial=None,
    epochs=1,
    loss=LOSS,
)
IGE = IgeShapeSettings(
    kind="ige",
    scope="all",
    initial="deconv",
    start="joint",
    pyramid=8,
    steps=2,
    state="logits",
    energy=EnergySettings(pooling="average", width=8, kernel_scale=None),
    rule=StepRuleSettings(rate=1.0, momentum=0.1, clip=1.0),
    backward="unrolled",
    iterate_decay=0.9,
    epochs=1,
    loss=LOSS,
)
CEILING = Definition(CeilingSettings(kind="ceiling", scope="all"), None)


class Job:
    """The stage with all its paths, on the shards of cars and chairs."""

    def __init__(self, folder: Path, shards: list[Path]) -> None:
        self.folder, self.shards = folder, shards

    def model(self, definition: Definition, resolution: int, seed: int = 0, **facts: Any) -> Path:
        model = build_voxel_model(definition, resolution, torch.Generator().manual_seed(seed))
        path = self.folder / f"model{seed}.pt"
        name = f"{definition.settings.kind}@{resolution}"
        known = {"name": name, "categories": list(CATEGORIES), "seed": seed, "threshold": 0.5}
        save_voxel_model(path, definition, resolution, model.state_dict(), known | facts)
        return path

    def run(self, *models: Path, name: str, out: str = "out", **changes: Any) -> list[dict[str, Any]]:
        settings = {
            "resolution": 32,
            "categories": CATEGORIES,
            "views": "all",
            "examples": 1,
            "batch_size": 3,
        }
        folder = self.folder / out
        folder.mkdir()
        scores = [folder / f"seed{number}.json" for number in range(len(models))]
        evaluate_shapes(
            name=name,
            test=self.shards,
            models=models,
            scores=scores,
            records=[path.with_suffix(".run.json") for path in scores],
            predictions=folder / "examples.h5",
            settings=ShapeScoringSettings(**(settings | changes)),
            code="some",
            device="cpu",
        )
        return [read_record(path, "shape-scores") for path in scores]

    def examples(self, out: str = "out") -> Any:
        return open_array_rows(self.folder / out / "examples.h5", KIND)


@pytest.fixture
def job(tmp_path: Path, shape_shards: list[Path]) -> Job:
    return Job(tmp_path, shape_shards)


@pytest.fixture
def answering(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Let the loaded model answer as told, whatever it is."""

    def tell(answer: Callable[[Query], Answer], coordinates: str = "frustum") -> None:
        monkeypatch.setattr(module, "predict", lambda model, query: answer(query))
        monkeypatch.setattr(module, "coordinates_of", lambda model: coordinates)

    return tell


def worlds(shards: list[Path], resolution: int) -> Callable[[Query], Answer]:
    """Answer the truth in the world, view after view."""
    grids = iter(
        [
            torch.from_numpy(shard.world(resolution, int(model)))
            for shard in map(open_shard, shards)
            for model in shard.models
        ]
    )
    return lambda query: Answer(
        torch.stack([unpack_bits(next(grids), resolution) for _ in range(len(query))])
    )


def test_the_ceiling_of_the_resolution_of_evaluation_is_right(job: Job) -> None:
    (found,) = job.run(job.model(CEILING, 32), name="ceiling@32")
    examples = found["examples"]
    for name in ("iou_frustum_weighted", "iou_frustum", "silhouette_iou", "f_score"):
        assert examples[name] == [1.0] * 8, name
    for name in ("false_outside", "false_inside", "missed"):
        assert examples[name] == [0.0] * 8, name
    # Carried between grids of 32 cells, thin parts go astray.
    assert all(0.5 < value < 1.0 for value in examples["iou_world"])
    assert (found["empty_truths"], found["steps"], found["steps_by_category"]) == (0, [], {})
    assert found["initial"] is None


def test_a_coarser_ceiling_is_lower(job: Job) -> None:
    (found,) = job.run(job.model(CEILING, 16), name="ceiling@16")
    assert all(0.3 < value < 1.0 for value in found["examples"]["iou_frustum"])
    ids = [f"{category}-000{number}" for category in CATEGORIES for number in (0, 0, 1, 1)]
    assert found["examples"]["id"] == ids
    assert found["examples"]["category"] == ["car"] * 4 + ["chair"] * 4
    assert found["examples"]["view"] == [0, 1] * 4


def test_an_empty_answer_scores_nothing(job: Job, answering: Callable[..., None]) -> None:
    # Of just the threshold: not filled.
    answering(lambda query: Answer(torch.full((len(query), 16, 16, 16), 0.25)))
    (found,) = job.run(job.model(CEILING, 16, threshold=0.25), name="ceiling@16")
    assert found["threshold"] == 0.25
    for name in MEASURES:
        assert found["examples"][name] == [float(name == "missed")] * 8, name


@pytest.mark.parametrize("resolution", [16, 32])
def test_the_truth_in_the_world_is_scored_in_the_frustum_too(
    job: Job, answering: Callable[..., None], resolution: int
) -> None:
    answering(worlds(job.shards, resolution), "world")
    path = job.model(CEILING, resolution)
    (found,) = job.run(path, name=f"ceiling@{resolution}")
    examples = found["examples"]
    assert found["coordinates"] == "world"
    if resolution == 32:
        assert examples["iou_world"] == [1.0] * 8
    for name in ("iou_world", "iou_frustum", "iou_frustum_weighted"):
        assert 0.6 < np.mean(examples[name]) <= 1.0, name
    assert max(examples["iou_frustum"]) < 1.0
    assert job.examples().attributes["coordinates"] == "world"


def test_iterates_are_scored_at_the_resolution_of_training(job: Job, answering: Callable[..., None]) -> None:
    def answer(query: Query) -> Answer:
        truth = query.truth()
        half = truth * (torch.arange(16) < 8)
        logits = [torch.full_like(truth, -4.0), 8.0 * half - 4.0, 8.0 * truth - 4.0]
        energies = torch.tensor([[2.0], [1.0]]).expand(2, len(query))
        return Answer(logits[-1].sigmoid(), Refinement(tuple(logits), energies))

    answering(answer)
    (found,) = job.run(job.model(CEILING, 16), name="ceiling@16")
    steps = found["steps"]
    assert [row["step"] for row in steps] == [0, 1, 2]
    assert [row["energy"] for row in steps] == [2.0, 1.0, None]
    assert (steps[0]["iou_frustum"], steps[2]["iou_frustum"]) == (0.0, 1.0)
    shares: dict[str, list[float]] = {}
    for path in job.shards:
        with open_shard(path) as shard:
            for row in range(len(shard)):
                grid = np.unpackbits(shard.grid(16, row), axis=-1, bitorder="little")
                shares.setdefault(shard.category, []).append(grid[..., :8].sum() / grid.sum())
    assert steps[1]["iou_frustum"] == pytest.approx(np.mean(list(shares.values())), rel=1e-12)
    for category, of_category in shares.items():
        rows = found["steps_by_category"][category]
        assert [row["energy"] for row in rows] == [2.0, 1.0, None]
        assert [row["iou_frustum"] for row in rows] == pytest.approx(
            [0.0, np.mean(of_category), 1.0], rel=1e-12
        )
    examples = job.examples()
    assert examples.attributes["steps"] == 2
    for place in range(2):
        first, second, last = (examples.row(f"iterates/{step}", place) for step in range(3))
        true = examples.row("truth", place)
        assert not first.any()
        assert_array_equal(second, true * np.array([1, 0], dtype=np.uint8))  # 8 cells of depth a byte
        assert_array_equal(last, true)


def test_examples_are_the_same_for_all_models(job: Job) -> None:
    mean = Definition(MeanShapeSettings(kind="mean-shape", scope="all"), None)
    (found, _) = job.run(
        job.model(CEILING, 16), job.model(CEILING, 16, 1), name="ceiling@16", out="a", examples=2
    )
    job.run(job.model(mean, 16, 2), name="mean-shape@16", out="b", examples=2)
    first, second = job.examples("a"), job.examples("b")
    names = list(zip(*(first.attributes[name] for name in ("category", "id", "view")), strict=True))
    assert names == [
        *(("car", "car-0000", 1), ("car", "car-0001", 1)),
        *(("chair", "chair-0000", 1), ("chair", "chair-0001", 1)),
    ]
    for name in ("rgba", "truth", "truth_fine", "camera", "focal", "near", "far"):
        for place in range(4):
            assert_array_equal(first.row(name, place), second.row(name, place))
    for place in range(4):
        assert_array_equal(first.row("iterates/0", place), first.row("truth", place))
        assert not second.row("iterates/0", place).any()
    assert first.attributes["iou_frustum"] == [
        found["examples"]["iou_frustum"][place] for place in (1, 3, 5, 7)
    ]
    facts = {
        "name": "ceiling@16",
        "model": "ceiling",
        "family": "ceiling",
        "seed": 0,
        "data": "procedural",
        "coordinates": "frustum",
        "threshold": 0.5,
        "resolution": 16,
        "evaluation_resolution": 32,
        "steps": 0,
    }
    assert facts.items() <= first.attributes.items()


def test_a_learned_model_is_scored_once_per_seed(job: Job) -> None:
    definition = Definition(IGE, DECONV)
    models = [job.model(definition, 16, seed, threshold=0.45) for seed in (0, 3)]
    found = job.run(*models, name="ige@16", views="first")
    assert [each["seed"] for each in found] == [0, 3]
    facts = {
        "model": "ige",
        "trained": "ige@16",
        "family": "ige",
        "coordinates": "frustum",
        "resolution": 16,
        "category": None,
        "threshold": 0.45,
        "evaluation_resolution": 32,
        "views": "first",
        "data": "procedural",
        "trained_steps": 2,
        "initial": "deconv",
    }
    assert facts.items() <= found[0].items()
    assert found[0]["parameters"] == found[1]["parameters"] > 0
    assert found[0]["multiply_adds"] == found[1]["multiply_adds"] > 0
    assert [row["step"] for row in found[0]["steps"]] == [0, 1, 2]
    assert all(step["energy"] is not None for step in found[0]["steps"])
    assert {len(column) for column in found[0]["examples"].values()} == {4}
    for number, model in enumerate(models):
        record = job.folder / "out" / f"seed{number}.run.json"
        check_outputs(record)
        made = read_provenance(record)
        assert made["stage"] == "evaluate_shapes"
        assert {Path(path).name for path in made["inputs"]} == {"car.h5", "chair.h5", model.name}
        assert len(made["outputs"]) == (2 if number == 0 else 1)


def test_batches_do_not_decide_and_same_inputs_give_same_bytes(job: Job) -> None:
    model = job.model(Definition(DECONV, None), 16)
    first = job.run(model, name="deconv@16", out="a")
    again = job.run(model, name="deconv@16", out="b")
    other = job.run(model, name="deconv@16", out="c", batch_size=8)
    assert first == again
    assert first[0]["steps"] == []
    assert first[0]["initial"] is None
    for name in ("seed0.json", "examples.h5"):
        assert (job.folder / "a" / name).read_bytes() == (job.folder / "b" / name).read_bytes()
    for name in MEASURES:
        assert first[0]["examples"][name] == pytest.approx(other[0]["examples"][name], abs=1e-3)


def test_a_model_of_one_category(job: Job) -> None:
    job.shards = job.shards[1:]
    model = job.model(CEILING, 32, name="ceiling@32@chair", categories=["chair"])
    (found,) = job.run(model, name="ceiling@32@chair", categories=("chair",))
    assert found["category"] == "chair"
    assert found["examples"]["category"] == ["chair"] * 4


def test_views_without_a_cell_are_counted(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    read = module.ScoredViews.truth

    def truth(views: Any, number: int) -> Any:
        found = read(views, number)
        return dataclasses.replace(found, bits=0 * found.bits) if number == 3 else found

    monkeypatch.setattr(module.ScoredViews, "truth", truth)
    (found,) = job.run(job.model(CEILING, 32), name="ceiling@32")
    assert found["empty_truths"] == 1
    assert found["examples"]["iou_frustum"] == [1.0] * 3 + [0.0] + [1.0] * 4


def test_a_broken_model_scores_nothing(job: Job, answering: Callable[..., None]) -> None:
    def answer(query: Query) -> Answer:
        broken = query.truth() * float("nan")
        return Answer(broken, Refinement((broken, broken), torch.full((1, len(query)), float("nan"))))

    answering(answer)
    (found,) = job.run(job.model(CEILING, 16), name="ceiling@16")
    assert found["examples"]["iou_frustum"] == [0.0] * 8
    assert [row["energy"] for row in found["steps"]] == [None, None]
    examples = job.examples()
    assert not any(examples.row(f"iterates/{step}", place).any() for step in range(2) for place in range(2))


@pytest.mark.parametrize(
    ("name", "facts"),
    [
        ("ceiling@32", {}),
        ("ceiling@16", {"categories": ["chair", "car"]}),
        ("ceiling@16", {"name": "oracle@16"}),
        ("mean-shape@16", {}),
        ("ceiling@16@car", {"name": "ceiling@16"}),
    ],
)
def test_the_model_of_another_name_is_refused(job: Job, name: str, facts: dict[str, Any]) -> None:
    with pytest.raises(InputError, match=f"not the model {name}: expected {name}, .*found ") as caught:
        job.run(job.model(CEILING, 16, **facts), name=name)
    assert "\n" not in str(caught.value)


def test_answers_are_let_go_once_they_are_scored(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    alive: list[weakref.ref[Tensor]] = []
    predict = module.predict

    def watched(model: Any, query: Query) -> Answer:
        # That of the batch before lives on until this one takes its name.
        assert sum(each() is not None for each in alive) <= 1
        answer = predict(model, query)
        alive.append(weakref.ref(answer.probability))
        return answer

    monkeypatch.setattr(module, "predict", watched)
    job.run(job.model(CEILING, 16), name="ceiling@16", batch_size=1)
    assert len(alive) == 8
