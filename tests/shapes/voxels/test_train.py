from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from pydantic import TypeAdapter

from ige.base.errors import InputError
from ige.params.shape_models import LearnedShapeSettings, ShapeModelSettings
from ige.params.shapes import (
    GridsSettings,
    ImagesSettings,
    ProceduralShapesSettings,
    RandomViews,
    TurntableViews,
)
from ige.params.stages import FreshViewsSettings, ShapeTrainingSettings
from ige.params.training import ShapeTrainingBlock
from ige.shapes.voxels import training_data
from ige.shapes.voxels.deconv import Deconv
from ige.shapes.voxels.ige_net import VoxelIgeNet
from ige.shapes.voxels.models import load_voxel_model
from ige.shapes.voxels.problem import VoxelProblem
from ige.shapes.voxels.train import train_shapes
from ige.storage.provenance import check_outputs, read_provenance
from ige.storage.tables import read_csv
from ige.training import loop

LOSS = {"alpha": 0.5, "focal": 0.0, "iou_share": 0.3, "iou_weights": "volume", "warm_up_epochs": 1}
DECONV = {
    "kind": "deconv",
    "scope": "all",
    "coordinates": "frustum",
    "backbone": {"name": "small", "pretrained": False},
    "estimate": {"channels": 8, "side": 16},
    "initial": None,
    "epochs": 2,
    "loss": LOSS,
}
REFINING = {"scope": "all", "initial": "deconv", "start": "joint", "pyramid": 8, "epochs": 2, "loss": LOSS}
IGE = {
    "kind": "ige",
    "steps": 1,
    "state": "logits",
    "energy": {"pooling": "average", "width": 8, "kernel_scale": None},
    "rule": {"rate": 1.0, "momentum": 0.1, "clip": 1.0},
    "backward": "unrolled",
    "iterate_decay": 0.9,
    **REFINING,
}
HEAD = {"kind": "head", "energy_width": 8, "silhouette": False, "iterate_decay": 0.9, **REFINING}
SLOW = {"learning_rate": 1e-12, "final_learning_rate": 1e-12}


def settings_of(values: dict[str, Any]) -> Any:
    return TypeAdapter(ShapeModelSettings).validate_python(values)


@pytest.fixture(scope="module")
def sets(make_shards: Any, tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Path]]:
    folders = {split: tmp_path_factory.mktemp(split) for split in ("train", "validation")}
    return {
        "train": make_shards(folders["train"], "train", (0, 1, 2)),
        "validation": make_shards(folders["validation"], "validation", (3,)),
    }


@pytest.fixture(scope="module")
def training() -> ShapeTrainingBlock:
    return ShapeTrainingBlock(
        seeds=(0,),
        batch_size=4,
        micro_batch=None,
        epoch_steps=None,
        learning_rate=3e-3,
        final_learning_rate=1e-3,
        backbone_rate=1.0,
        outer_clip=3.0,
        clip_window=10,
        precision="fp32",
        flips=True,
        fresh_views=False,
        validation_views="first",
        select="last",
    )


class Job:
    """A stage with all its paths; `run` returns the models that it wrote."""

    def __init__(self, folder: Path, sets: dict[str, list[Path]], training: ShapeTrainingBlock) -> None:
        self.folder, self.sets, self.training = folder, dict(sets), training

    def run(
        self,
        name: str,
        model: dict[str, Any],
        initials: list[Path] | None = None,
        *,
        seeds: tuple[int, ...] = (0,),
        out: str = "runs",
        code: str = "1",
        threshold: str = "validation",
        fresh: FreshViewsSettings | None = None,
        categories: tuple[str, ...] = ("car", "chair"),
        resolution: int = 16,
        **changes: Any,
    ) -> list[Path]:
        definition = settings_of(model)
        learns = isinstance(definition, LearnedShapeSettings)
        places = [self.folder / out / name / f"seed{seed}" for seed in seeds]
        train_shapes(
            name=f"{name}@{resolution}",
            **self.sets,
            initials=initials or [],
            models=[place / "model.pt" for place in places],
            histories=[place / "history.csv" for place in places],
            records=[place / "run.json" for place in places],
            checkpoints=self.folder / out / "checkpoints" / name,
            folder=None,
            settings=ShapeTrainingSettings(
                model=definition,
                resolution=resolution,
                categories=categories,
                seeds=seeds,
                threshold=threshold,
                validation_views="first",
                training=self.training.model_copy(update=changes) if learns else None,
                fresh=fresh,
            ),
            code=code,
            device="cpu",
        )
        return [place / "model.pt" for place in places]


@pytest.fixture
def job(tmp_path: Path, sets: dict[str, list[Path]], training: ShapeTrainingBlock) -> Job:
    return Job(tmp_path, sets, training)


def state_of(path: Path) -> dict[str, torch.Tensor]:
    return load_voxel_model(path)[0].state_dict()


@pytest.fixture(scope="module")
def deconv(
    sets: dict[str, list[Path]], training: ShapeTrainingBlock, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """A deconvolution to start from."""
    (path,) = Job(tmp_path_factory.mktemp("deconv"), sets, training).run("deconv", DECONV)
    return path


def differ(one: Path, other: Path) -> bool:
    first, second = state_of(one), state_of(other)
    return any(not torch.equal(first[name], second[name]) for name in first)


def fresh_views(views: Any = None) -> FreshViewsSettings:
    lens = {"distance": 1.36**0.5, "focal": 35.0 / 32.0}
    random = RandomViews(kind="random", seed=0, count=1, elevation_degrees=(25.0, 30.0), **lens)
    return FreshViewsSettings(
        source=ProceduralShapesSettings(seed=0, models_per_category=8, open_share=0.0),
        views=views or random,
        grids=GridsSettings(resolutions=(16, 32), fill="auto", surface="auto"),
        images=ImagesSettings(renderer="raster", pixels=32, supersample=1),
    )


def test_training_lowers_loss_and_errors(job: Job) -> None:
    plain = LOSS | {"iou_share": 0.0}
    (model,) = job.run("deconv", DECONV | {"epochs": 8, "loss": plain}, learning_rate=0.02)
    rows = read_csv(model.parent / "history.csv")
    assert list(rows[0])[-4:] == ["one_minus_iou", "cross_entropy", "silhouette_error", "threshold"]
    for column in ("train_loss", "one_minus_iou", "cross_entropy"):
        assert float(rows[-1][column]) < 0.9 * float(rows[0][column])


def test_energies_and_heads_start_from_the_deconvolution(job: Job, deconv: Path) -> None:
    first = state_of(deconv)
    for kind, model in (("ige", IGE), ("head", HEAD)):
        (still,) = job.run(kind, model, [deconv], **SLOW)
        network, attributes = load_voxel_model(still)
        assert attributes["initial"] == settings_of(DECONV).subtree()
        for name, tensor in network.deconv.state_dict().items():
            if "running" not in name and "tracked" not in name:
                torch.testing.assert_close(tensor, first[name])
    (longer,) = job.run("long", DECONV | {"initial": "deconv"}, [deconv], **SLOW)
    assert all(
        torch.allclose(tensor, first[name])
        for name, tensor in state_of(longer).items()
        if name.endswith("weight")
    )


def test_a_frozen_start_stays_as_it_is(job: Job, deconv: Path) -> None:
    (path,) = job.run("frozen", IGE | {"start": "frozen"}, [deconv], backbone_rate=0.1)
    frozen = load_voxel_model(path)[0]
    assert isinstance(frozen, VoxelIgeNet)
    first = state_of(deconv)
    assert all(torch.equal(tensor, first[name]) for name, tensor in frozen.deconv.state_dict().items())
    joint = load_voxel_model(*job.run("joint", IGE, [deconv]))[0]
    trained = joint.deconv.state_dict()
    assert not any(
        torch.equal(trained[name], first[name]) for name in first if name.endswith(("weight", "running_mean"))
    )


CASES: dict[str, tuple[dict[str, Any], int, dict[str, Any]]] = {
    "kept": (DECONV, 4, {}),
    "streamed": (DECONV, 2, {}),
    "fresh": (DECONV, 4, {"fresh": fresh_views()}),
    "micro-batches": (IGE, 9, {"micro_batch": 3, "backbone_rate": 0.1}),
}


@pytest.mark.parametrize("case", CASES)
def test_a_killed_job_ends_as_an_undisturbed_one(
    job: Job, deconv: Path, monkeypatch: pytest.MonkeyPatch, case: str
) -> None:
    model, dies, how = CASES[case]
    if case == "streamed":
        monkeypatch.setattr(training_data, "keep_if_small", lambda views: views)
    monkeypatch.setattr(loop, "_SECONDS_BETWEEN_CHECKPOINTS", 0.0)
    monkeypatch.setattr(loop, "_SHARE_OF_TIME_FOR_CHECKPOINTS", 1e9)
    initials = [deconv] if model is IGE else []
    (whole,) = job.run("model", model, initials, **how)
    calls = 0
    loss = VoxelProblem.loss

    def failing(self: VoxelProblem, batch: torch.Tensor) -> torch.Tensor:
        nonlocal calls
        calls += 1
        if calls == dies + 1:
            raise KeyboardInterrupt
        return loss(self, batch)

    monkeypatch.setattr(VoxelProblem, "loss", failing)
    with pytest.raises(KeyboardInterrupt):
        job.run("model", model, initials, out="again", **how)
    calls = 100
    (resumed,) = job.run("model", model, initials, out="again", **how)
    # Three batches of four views in each of two epochs, or twice as many parts, the second of which died.
    assert calls - 100 == (6 - dies if model is DECONV else 12 - dies + 1)
    assert resumed.read_bytes() == whole.read_bytes()
    assert (resumed.parent / "history.csv").read_bytes() == (whole.parent / "history.csv").read_bytes()


def test_streamed_views_train_as_kept_ones_do(
    job: Job, deconv: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(training_data, "keep_if_small", lambda views: views)
    (streamed,) = job.run("deconv", DECONV, out="streamed")
    assert streamed.read_bytes() == deconv.read_bytes()


def test_flips_fresh_views_and_rates_change_the_result(job: Job, deconv: Path) -> None:
    others: list[dict[str, Any]] = [
        {"flips": False},
        {"fresh": fresh_views()},
        {"backbone_rate": 0.5},
        {"micro_batch": 2},
    ]
    for number, change in enumerate(others):
        (other,) = job.run("deconv", DECONV, out=str(number), **change)
        assert differ(deconv, other)


def test_a_checkpoint_of_other_code_or_data_is_not_used(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    steps: list[int] = []
    loss = VoxelProblem.loss

    def counted(self: VoxelProblem, batch: torch.Tensor) -> torch.Tensor:
        steps.append(len(batch))
        return loss(self, batch)

    monkeypatch.setattr(VoxelProblem, "loss", counted)

    def made(**changes: Any) -> int:
        steps.clear()
        job.run("deconv", DECONV, **changes)
        return len(steps)

    assert made() == 6
    assert made() == 0
    assert made(code="2") == 6
    assert made(code="2", flips=False) == 6
    assert made(code="2", flips=False, fresh=fresh_views()) == 6
    job.sets["validation"] = job.sets["train"]
    assert made(code="2", flips=False, fresh=fresh_views()) == 6
    job.sets["train"] = job.sets["train"][::-1]
    assert made(code="2", flips=False, fresh=fresh_views()) == 6


def test_the_threshold_is_that_of_the_weights_that_are_kept(
    job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    def scripted(self: VoxelProblem) -> dict[str, float]:
        error, threshold = next(rows)
        return {"one_minus_iou": error, "threshold": threshold}

    with monkeypatch.context() as patch:
        patch.setattr(VoxelProblem, "validate", scripted)
        made = {}
        for select in ("best", "last"):
            rows = iter([(0.5, 0.3), (0.2, 0.4), (0.4, 0.7)])
            (made[select],) = job.run("deconv", DECONV | {"epochs": 3}, out=select, select=select)
    thresholds = {select: load_voxel_model(path)[1]["threshold"] for select, path in made.items()}
    assert thresholds == {"best": 0.4, "last": 0.7}
    assert differ(made["best"], made["last"])
    (half,) = job.run("half", DECONV, threshold="half")
    assert load_voxel_model(half)[1]["threshold"] == 0.5
    assert {row["threshold"] for row in read_csv(half.parent / "history.csv")} == {"0.5"}


def test_seeds_attributes_and_provenance(job: Job) -> None:
    deconvs = job.run("deconv", DECONV, seeds=(0, 3))
    assert differ(*deconvs)
    alone = job.run("deconv", DECONV, seeds=(3,), out="alone")
    assert not differ(alone[0], deconvs[1])
    both = job.run("ige", IGE, deconvs, seeds=(0, 3))
    network, attributes = load_voxel_model(both[1])
    assert network.training is False
    expected = {"name": "ige@16", "seed": 3, "resolution": 16, "categories": ["car", "chair"], "steps": 1}
    assert {name: attributes[name] for name in expected} == expected
    assert attributes["coordinates"] == "frustum"
    assert attributes["threshold"] in {round(0.05 * step, 2) for step in range(1, 20)}
    assert attributes["data"] == {
        "source": {"seed": 0, "models_per_category": 8, "open_share": 0.0},
        "models": {"car": 3, "chair": 3},
        "views": 12,
        "validation_models": 2,
        "validation_views": 2,
    }
    assert attributes["views"]["pixels"] == 32
    assert attributes["training"]["batch_size"] == 4
    assert attributes["parameters"] == sum(p.numel() for p in network.parameters())
    made = read_provenance(both[1].parent / "run.json")
    assert made["stage"] == "train_shapes"
    assert sorted(Path(name).name for name in made["inputs"]) == [
        *("car.h5", "car.h5", "chair.h5", "chair.h5", "model.pt")
    ]
    check_outputs(both[1].parent / "run.json")


@pytest.mark.parametrize(
    "model",
    [
        {"kind": "mean-shape", "scope": "all"},
        {"kind": "nearest-image", "scope": "all", "by": "silhouette", "bank": 5},
        {"kind": "ceiling", "scope": "all"},
    ],
    ids=lambda model: model["kind"],
)
def test_models_without_training_go_the_same_way(job: Job, model: dict[str, Any]) -> None:
    (path,) = job.run("baseline", model)
    (row,) = read_csv(path.parent / "history.csv")
    assert (row["epoch"], row["step"]) == ("0", "0")
    assert 0 <= float(row["one_minus_iou"]) < 1
    assert (float(row["one_minus_iou"]) == 0) == (model["kind"] == "ceiling")
    assert load_voxel_model(path)[1]["threshold"] == float(row["threshold"])
    again = job.run("baseline", model, out="again")
    assert again[0].read_bytes() == path.read_bytes()


def test_a_model_of_the_world(job: Job, deconv: Path) -> None:
    (world,) = job.run("world", DECONV | {"coordinates": "world"})
    network, attributes = load_voxel_model(world)
    assert isinstance(network, Deconv)
    assert (network.coordinates, attributes["coordinates"]) == ("world", "world")
    assert differ(world, deconv)


def test_what_cannot_be_is_refused(job: Job) -> None:
    with pytest.raises(InputError, match="1, one deconv per seed, found 0"):
        job.run("ige", IGE)
    (mean,) = job.run("mean-shape", {"kind": "mean-shape", "scope": "all"})
    with pytest.raises(InputError, match=r"no deconvolution to start from.*found mean-shape"):
        job.run("ige", IGE, [mean])
    (wide,) = job.run("wide", DECONV | {"estimate": {"channels": 16, "side": 16}})
    with pytest.raises(InputError, match="another encoder or size"):
        job.run("long", DECONV | {"initial": "wide"}, [wide])
    with pytest.raises(InputError, match="another category"):
        job.run("deconv", DECONV, categories=("car",))
    with pytest.raises(InputError, match="no grids of this resolution"):
        job.run("deconv", DECONV, resolution=64)
    turntable = TurntableViews(kind="turntable", count=2, elevation_degrees=30.0, distance=1.2, focal=1.1)
    with pytest.raises(InputError, match=r"expected shapes\.views\.kind: random"):
        job.run("deconv", DECONV, fresh=fresh_views(turntable))
    with pytest.raises(InputError, match="one image at a time leaves batch normalisation a single value"):
        job.run("deconv", DECONV, micro_batch=1)
    job.sets["train"] = []
    with pytest.raises(InputError, match="no views"):
        job.run("deconv", DECONV)
