from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from ige.base.errors import InputError
from ige.params.models import (
    IgeSettings,
    LifterSettings,
    MeanPoseSettings,
    NearestPoseSettings,
    PoseModelSettings,
)
from ige.params.stages import PoseTrainingSettings
from ige.params.training import PoseTrainingBlock
from ige.poses import train
from ige.poses.body_size import total_bone_length
from ige.poses.ige_net import IgeNet
from ige.poses.lifters import Lifter
from ige.poses.lifting_set import read_lifting_set
from ige.poses.models import load_pose_model
from ige.poses.train import train_poses
from ige.storage.provenance import check_outputs, read_provenance
from ige.storage.tables import read_csv
from ige.storage.tensors import write_tensors


class Job:
    """A stage with all its paths; `run` returns the models that it wrote."""

    def __init__(self, folder: Path, write_pairs: Callable[..., Path], training: PoseTrainingBlock) -> None:
        self.folder, self.training = folder, training
        self.train = write_pairs("train.h5", 96)
        self.validation = write_pairs("validation.h5", 20, seed=1, split="validation")

    def run(
        self,
        name: str,
        model: PoseModelSettings,
        initials: list[Path] | None = None,
        *,
        seeds: tuple[int, ...] = (0,),
        code: str = "1",
        out: str = "runs",
        **changes: Any,
    ) -> list[Path]:
        learns = isinstance(model, LifterSettings | IgeSettings)
        training = self.training.model_copy(update=changes) if learns else None
        places = [self.folder / out / name / f"seed{seed}" for seed in seeds]
        train_poses(
            name=name,
            train=self.train,
            validation=self.validation,
            initials=initials or [],
            models=[place / "model.pt" for place in places],
            histories=[place / "history.csv" for place in places],
            records=[place / "run.json" for place in places],
            checkpoints=self.folder / out / "checkpoints" / name,
            settings=PoseTrainingSettings(model=model, seeds=seeds, training=training),
            code=code,
            device="cpu",
        )
        return [place / "model.pt" for place in places]


@pytest.fixture
def job(tmp_path: Path, write_pairs: Callable[..., Path], training: PoseTrainingBlock) -> Job:
    return Job(tmp_path, write_pairs, training)


def state_of(path: Path) -> dict[str, torch.Tensor]:
    return load_pose_model(path)[0].state_dict()


def differ(one: Path, other: Path) -> bool:
    first, second = state_of(one), state_of(other)
    return any(not torch.equal(first[name], second[name]) for name in first)


def test_training_lowers_loss_and_errors(job: Job, lifter_settings: LifterSettings) -> None:
    settings = lifter_settings.model_copy(update={"dropout": 0.0})
    (model,) = job.run("lifter", settings, epochs=12, learning_rate=0.01)
    rows = read_csv(model.parent / "history.csv")
    assert [row["epoch"] for row in rows] == [str(epoch) for epoch in range(1, 13)]
    for column in ("train_loss", "opt_scale_mm", "pa_mm"):
        assert float(rows[-1][column]) < 0.8 * float(rows[0][column])


def test_a_metric_lifter_learns_poses_about_the_hips(job: Job, lifter_settings: LifterSettings) -> None:
    settings = lifter_settings.model_copy(update={"dropout": 0.0, "scale": "metric"})
    (model,) = job.run("metric", settings, epochs=12, learning_rate=0.01)
    rows = read_csv(model.parent / "history.csv")
    for column in ("train_loss", "mpjpe_mm", "pa_mm"):
        assert float(rows[-1][column]) < 0.8 * float(rows[0][column])
    longer = settings.model_copy(update={"initial": "metric"})
    rate = {"learning_rate": 1e-12, "final_learning_rate": 1e-12}
    (still,) = job.run("long", longer, [model], epochs=1, **rate)
    for name in ("last.weight", "units.pose_spread", "units.observed_mean"):
        torch.testing.assert_close(state_of(still)[name], state_of(model)[name])


def test_ige_starts_from_the_lifter_and_improves_it(
    job: Job, lifter_settings: LifterSettings, ige_settings: IgeSettings
) -> None:
    lifters = job.run("lifter", lifter_settings, epochs=3)
    rate = {"learning_rate": 1e-12, "final_learning_rate": 1e-12}
    (still,) = job.run("still", ige_settings, lifters, epochs=1, **rate)
    network, attributes = load_pose_model(still)
    first = load_pose_model(lifters[0])[0]
    assert isinstance(network, IgeNet)
    assert isinstance(first, Lifter)
    torch.testing.assert_close(network.lifter.last.weight, first.last.weight)
    assert attributes["lifter"] == lifter_settings.subtree()
    (trained,) = job.run("ige", ige_settings, lifters, epochs=4)
    rows = read_csv(trained.parent / "history.csv")
    assert float(rows[-1]["train_loss"]) < float(rows[0]["train_loss"])
    network = load_pose_model(trained)[0]
    assert isinstance(network, IgeNet)
    assert float(network.rule.rate.detach()) != 1.0


def test_a_lifter_may_go_on_from_another_one(job: Job, lifter_settings: LifterSettings) -> None:
    first = job.run("lifter", lifter_settings)
    longer = lifter_settings.model_copy(update={"initial": "lifter"})
    rate = {"learning_rate": 1e-12, "final_learning_rate": 1e-12}
    (still,) = job.run("long", longer, first, epochs=1, **rate)
    torch.testing.assert_close(state_of(still)["last.weight"], state_of(first[0])["last.weight"])


def test_a_killed_job_ends_as_an_undisturbed_one(
    job: Job, lifter_settings: LifterSettings, ige_settings: IgeSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    lifters = job.run("lifter", lifter_settings)
    (whole,) = job.run("ige", ige_settings, lifters)
    steps = 0
    forward = IgeNet.forward

    def dies(self: IgeNet, *arguments: Any) -> Any:
        nonlocal steps
        steps += self.training
        if steps == 9:  # six steps an epoch
            raise KeyboardInterrupt
        return forward(self, *arguments)

    monkeypatch.setattr(IgeNet, "forward", dies)
    with pytest.raises(KeyboardInterrupt):
        job.run("ige", ige_settings, lifters, out="again")
    (resumed,) = job.run("ige", ige_settings, lifters, out="again")
    assert steps == 9 + 6
    assert resumed.read_bytes() == whole.read_bytes()
    assert (resumed.parent / "history.csv").read_bytes() == (whole.parent / "history.csv").read_bytes()


def test_a_checkpoint_of_other_code_is_not_used(job: Job, lifter_settings: LifterSettings) -> None:
    (model,) = job.run("lifter", lifter_settings)
    trained = model.read_bytes()
    calls: list[int] = []
    forward = Lifter.forward

    def counted(self: Lifter, *arguments: Any) -> Any:
        calls.append(int(self.training))
        return forward(self, *arguments)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Lifter, "forward", counted)
        job.run("lifter", lifter_settings)
        assert sum(calls) == 0
        job.run("lifter", lifter_settings, code="2")
        assert sum(calls) == 12
    assert model.read_bytes() == trained


def test_seeds_give_other_models_and_each_its_own_initial(
    job: Job, lifter_settings: LifterSettings, ige_settings: IgeSettings
) -> None:
    lifters = job.run("lifter", lifter_settings, seeds=(0, 4))
    assert differ(*lifters)
    alone = job.run("lifter", lifter_settings, seeds=(4,), out="alone")
    assert not differ(alone[0], lifters[1])
    both = job.run("ige", ige_settings, lifters, seeds=(0, 4))
    assert [load_pose_model(path)[1]["seed"] for path in both] == [0, 4]
    assert differ(*both)


def test_attributes_and_provenance(
    job: Job, ige_settings: IgeSettings, lifter_settings: LifterSettings
) -> None:
    lifters = job.run("lifter", lifter_settings)
    (model,) = job.run("ige", ige_settings, lifters)
    attributes = load_pose_model(model)[1]
    assert attributes["name"] == "ige"
    assert attributes["steps"] == 2
    assert attributes["data"]["subjects"] == ["S1", "S5"]
    assert attributes["data"]["pairs"] == 96
    assert 2.0 < attributes["bone_length_m"] < 20.0
    made = read_provenance(model.parent / "run.json")
    assert made["stage"] == "train_poses"
    assert sorted(Path(name).name for name in made["inputs"]) == ["model.pt", "train.h5", "validation.h5"]
    check_outputs(model.parent / "run.json")


def test_the_best_weights_are_kept_where_asked(job: Job, lifter_settings: LifterSettings) -> None:
    rates = {"learning_rate": 0.5, "final_learning_rate": 0.5, "epochs": 4}
    (last,) = job.run("lifter", lifter_settings, **rates)
    rows = read_csv(last.parent / "history.csv")
    errors = [float(row["opt_scale_mm"]) for row in rows]
    assert min(errors) < errors[-1]
    (best,) = job.run("lifter", lifter_settings, select="best", out="best", **rates)
    assert differ(best, last)
    (early,) = job.run(
        "lifter", lifter_settings, out="early", **{**rates, "epochs": 1 + errors.index(min(errors))}
    )
    assert not differ(best, early)


def test_bone_length_is_the_mean_of_all_pairs_whatever_is_summed_at_once(
    job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(train, "_POSES_AT_ONCE", 7)
    (model,) = job.run("baseline", MeanPoseSettings(kind="mean-pose"))
    poses_cam = read_lifting_set(job.train).poses_cam.astype(np.float64)
    assert load_pose_model(model)[1]["bone_length_m"] == total_bone_length(poses_cam).mean()


@pytest.mark.parametrize(
    "settings", [MeanPoseSettings(kind="mean-pose"), NearestPoseSettings(kind="nearest-pose", bank=50)]
)
def test_models_without_training_go_the_same_way(job: Job, settings: PoseModelSettings) -> None:
    (model,) = job.run("baseline", settings)
    rows = read_csv(model.parent / "history.csv")
    assert [row["epoch"] for row in rows] == ["0"]
    assert 0 < float(rows[0]["pa_mm"]) < 200
    assert load_pose_model(model)[1]["bone_length_m"] > 0
    again = job.run("baseline", settings, out="again")
    assert again[0].read_bytes() == model.read_bytes()


def test_wrong_models_to_start_from(
    job: Job, ige_settings: IgeSettings, lifter_settings: LifterSettings, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match="1, one lifter per seed, found 0"):
        job.run("ige", ige_settings)
    (mean,) = job.run("mean-pose", MeanPoseSettings(kind="mean-pose"))
    with pytest.raises(InputError, match="no lifter to start from"):
        job.run("ige", ige_settings, [mean])
    other = tmp_path / "other.pt"
    write_tensors(other, "checkpoint", {}, {})
    with pytest.raises(InputError, match=r"other\.pt.*pose-model.*checkpoint"):
        job.run("ige", ige_settings, [other])
    (wide,) = job.run("wide", lifter_settings.model_copy(update={"width": 24}))
    longer = lifter_settings.model_copy(update={"initial": "wide"})
    with pytest.raises(InputError, match="another width"):
        job.run("long", longer, [wide])
    (metric,) = job.run("metric", lifter_settings.model_copy(update={"scale": "metric"}))
    with pytest.raises(InputError, match=r"metric lifter to start from.*expected scale: free"):
        job.run("ige", ige_settings, [metric])
    with pytest.raises(InputError, match="another width, number of blocks or scale"):
        job.run("long", lifter_settings.model_copy(update={"initial": "metric"}), [metric])
