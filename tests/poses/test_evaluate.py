from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from ige.base.errors import InputError
from ige.geometry.skeletons import with_hip_midpoint
from ige.metrics.poses import (
    mean_by_action,
    mpjpe_mm,
    n_mpjpe_mm,
    negative_scales,
    pa_mpjpe_mm,
    pa_mpjpe_of_metric_mm,
)
from ige.params.models import IgeSettings, LifterSettings, MeanPoseSettings
from ige.params.stages import PoseScoringSettings
from ige.poses.evaluate import evaluate_poses
from ige.poses.lifters import Lifter
from ige.poses.lifting_set import LiftingSet, read_lifting_set
from ige.poses.models import Definition, PoseModel, build_model, save_pose_model
from ige.storage.arrays import Arrays, read_arrays
from ige.storage.provenance import check_outputs
from ige.storage.records import read_record

Edit = Callable[[PoseModel], None]


class Job:
    """A stage with all its paths, on models of random weights."""

    def __init__(self, folder: Path, test: Path) -> None:
        self.folder, self.test = folder, test
        self.content: LiftingSet = read_lifting_set(test)

    def model(self, name: str, definition: Definition, edit: Edit | None = None, seed: int = 0) -> Path:
        model = build_model(definition, depth_bias_m=5.0, generator=torch.Generator().manual_seed(seed))
        if edit is not None:
            with torch.no_grad():
                edit(model)
        path = self.folder / name / f"seed{seed}.pt"
        save_pose_model(path, definition, model.state_dict(), {"seed": seed})
        return path

    def run(self, *models: Path, name: str = "some", **changes: Any) -> list[dict[str, Any]]:
        settings = {"other_steps": (), "examples": 5, "batch_size": 7} | changes
        places = [path.with_suffix(".json") for path in models]
        evaluate_poses(
            name=name,
            test=self.test,
            models=models,
            scores=places,
            records=[path.with_suffix(".run.json") for path in models],
            predictions=self.folder / "examples.h5",
            settings=PoseScoringSettings(**settings),
            code="1",
            device="cpu",
        )
        return [read_record(place, "pose-scores") for place in places]

    @property
    def examples(self) -> Arrays:
        return read_arrays(self.folder / "examples.h5", "pose-examples")


@pytest.fixture
def job(tmp_path: Path, write_pairs: Callable[..., Path]) -> Job:
    return Job(tmp_path, write_pairs("test.h5", 24, split="test"))


@pytest.fixture
def ige(ige_settings: IgeSettings, lifter_settings: LifterSettings) -> Definition:
    return Definition(ige_settings, lifter_settings)


def answers_of(job: Job, model: Path) -> Any:
    from ige.poses.models import lift_in_batches, load_pose_model

    network = load_pose_model(model)[0]
    observed = torch.from_numpy(job.content.observed)
    distortion = torch.from_numpy(job.content.distortion())
    answers = lift_in_batches(network, observed, distortion, steps=None, batch_size=7)
    return with_hip_midpoint(answers.numpy()), with_hip_midpoint(job.content.poses_cam)


def test_rows_by_steps_and_subject(job: Job, ige: Definition) -> None:
    (score,) = job.run(job.model("ige", ige), other_steps=(1, 5, 2))
    assert [(row["steps"], row["subject"], row["frames"]) for row in score["rows"]] == [
        (steps, subject, frames)
        for steps in (1, 2, 5)
        for subject, frames in (("all", 24), ("S1", 18), ("S5", 6))
    ]
    costs = [row["multiply_adds"] for row in score["rows"][::3]]
    assert costs[1] - costs[0] == (costs[2] - costs[1]) / 3 == 2 * 8 * (120 + 496 + 2 * 4)
    assert (score["family"], score["trained_steps"], score["joints"]) == ("ige", 2, 17)
    assert score["subjects"] == ["S1", "S5"]
    assert score["observation"] == {"kind": "projection"}


def test_errors_are_those_of_the_metrics(job: Job, ige: Definition) -> None:
    model = job.model("ige", ige)
    (score,) = job.run(model)
    predicted, true = answers_of(job, model)
    of_all, first, second = score["rows"]
    pa = pa_mpjpe_mm(predicted, true)
    assert of_all["pa_mpjpe_mm_by_frame"] == pytest.approx(pa.mean())
    assert of_all["pa_mpjpe_mm_by_action"] == pytest.approx(mean_by_action(pa, job.content.action))
    chosen = job.content.subject == 1
    assert second["n_mpjpe_mm_by_frame"] == pytest.approx(n_mpjpe_mm(predicted, true)[chosen].mean())
    weighted = (18 * first["opt_scale_mm_by_frame"] + 6 * second["opt_scale_mm_by_frame"]) / 24
    assert of_all["opt_scale_mm_by_frame"] == pytest.approx(weighted)


def test_each_action_stands_by_itself(job: Job, ige: Definition) -> None:
    model = job.model("ige", ige)
    (score,) = job.run(model)
    predicted, true = answers_of(job, model)
    pa = pa_mpjpe_mm(predicted, true)
    for row, chosen in zip(score["rows"][:2], (pa > 0, job.content.subject == 0), strict=True):
        assert list(row["actions"]) == ["Eating", "Walking"]
        for number, errors in enumerate(row["actions"].values()):
            of_action = pa[chosen & (job.content.action == number)]
            assert errors["frames"] == len(of_action)
            assert errors["pa_mpjpe_mm"] == pytest.approx(of_action.mean())
            assert errors["mpjpe_mm"] is None, "free in scale"
        for name in ("pa_mpjpe_mm", "opt_scale_mm", "n_mpjpe_mm"):
            means = [errors[name] for errors in row["actions"].values()]
            assert row[f"{name}_by_action"] == pytest.approx(np.mean(means))


def test_a_metric_lifter_has_p1_and_no_optimal_scale(job: Job, lifter_settings: LifterSettings) -> None:
    def behind(model: PoseModel) -> None:
        assert isinstance(model, Lifter)
        model.last.bias.view(16, 3)[:, 2] = -2.0

    definition = Definition(lifter_settings.model_copy(update={"scale": "metric"}), None)
    model = job.model("metric", definition, behind)
    (score,) = job.run(model)
    predicted, true = answers_of(job, model)
    assert negative_scales(predicted, true).any(), "which must not matter: they lie about the hips"
    row = score["rows"][0]
    assert score["scale"] == "metric"
    assert row["mpjpe_mm_by_frame"] == pytest.approx(mpjpe_mm(predicted, true).mean())
    assert row["mpjpe_mm_by_action"] == pytest.approx(
        mean_by_action(mpjpe_mm(predicted, true), job.content.action)
    )
    assert row["pa_mpjpe_mm_by_frame"] == pytest.approx(pa_mpjpe_of_metric_mm(predicted, true).mean())
    assert row["n_mpjpe_mm_by_frame"] <= row["mpjpe_mm_by_frame"] + 1e-9
    assert (
        row["opt_scale_mm_by_frame"] is row["opt_scale_mm_by_action"] is row["negative_scale_share"] is None
    )


def test_only_poses_in_metres_have_p1(job: Job, ige: Definition, lifter_settings: LifterSettings) -> None:
    free = (job.model("ige", ige), job.model("lifter", Definition(lifter_settings, None)))
    for model in free:
        (score,) = job.run(model)
        assert score["scale"] == "free"
        assert score["rows"][0]["mpjpe_mm_by_frame"] is None
    definition = Definition(MeanPoseSettings(kind="mean-pose"), None)
    truth = torch.from_numpy(job.content.poses_cam)
    (score,) = job.run(job.model("mean", definition, lambda network: network.fill(truth)))  # type: ignore[union-attr, operator]
    row = score["rows"][0]
    assert score["scale"] == "metric"
    assert None not in (row["mpjpe_mm_by_frame"], row["opt_scale_mm_by_frame"], row["negative_scale_share"])


def test_errors_do_not_depend_on_the_parts(
    job: Job, ige: Definition, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = job.model("ige", ige)
    (whole,) = job.run(model, batch_size=5)
    monkeypatch.setattr("ige.poses.evaluate._POSES_AT_ONCE", 12)
    (parts,) = job.run(model, batch_size=5)
    assert parts == whole


def test_a_name_tells_model_and_observation(job: Job, ige: Definition) -> None:
    model = job.model("ige", ige)
    for name, told in (("ige-t2", ("ige-t2", "projection")), ("ige-t2@sh", ("ige-t2", "sh"))):
        (score,) = job.run(model, name=name)
        assert (score["model"], score["observation_name"]) == told
        facts = job.examples.attributes
        assert (facts["model"], facts["observation_name"]) == told


def test_share_of_negative_scales(job: Job, lifter_settings: LifterSettings) -> None:
    def behind(model: Any) -> None:
        model.last.weight.zero_()
        model.last.bias.view(16, 3)[:, 2] = -5.0

    definition = Definition(lifter_settings, None)
    (score,) = job.run(job.model("behind", definition, behind))
    assert [row["negative_scale_share"] for row in score["rows"]] == [1.0, 1.0, 1.0]
    assert [row["steps"] for row in score["rows"]] == [None, None, None]
    (score,) = job.run(job.model("front", definition))
    model = job.model("front", definition)
    assert score["rows"][0]["negative_scale_share"] == negative_scales(*answers_of(job, model)).mean()


def test_answers_that_are_not_finite_get_no_errors(job: Job, ige: Definition) -> None:
    def explodes(model: Any) -> None:
        model.rule.rate.fill_(math.inf)

    (score,) = job.run(job.model("ige", ige, explodes), other_steps=(0,))
    guess, after = score["rows"][0], score["rows"][3]
    assert guess["pa_mpjpe_mm_by_frame"] > 0
    assert after["frames"] == 24
    assert after["pa_mpjpe_mm_by_frame"] is None
    assert after["negative_scale_share"] is None
    assert after["actions"]["Eating"] == {
        "frames": int((job.content.action == 0).sum()),
        **dict.fromkeys(["pa_mpjpe_mm", "opt_scale_mm", "n_mpjpe_mm", "mpjpe_mm"]),
    }


def test_examples_are_spread_and_keep_their_iterates(job: Job, ige: Definition) -> None:
    job.run(job.model("ige", ige), job.model("ige", ige, seed=1), examples=3)
    found = job.examples
    assert found.attributes["frame"] == [4, 9, 22]
    assert found.attributes["steps"] == 2
    assert found.arrays["iterates"].shape == (3, 3, 16, 3)
    np.testing.assert_array_equal(found.arrays["truth"], job.content.poses_cam[[4, 9, 22]])
    np.testing.assert_array_equal(found.arrays["observed"], job.content.observed[[4, 9, 22]])
    predicted, _ = answers_of(job, job.folder / "ige" / "seed0.pt")
    np.testing.assert_allclose(found.arrays["iterates"][-1], predicted[[4, 9, 22], :16], atol=1e-5)
    assert [found.attributes[name][0] for name in ("subject", "action", "camera")] == [
        "S5",
        "Eating",
        job.content.cameras[job.content.camera[4]].name,
    ]


def test_more_examples_than_poses(job: Job) -> None:
    definition = Definition(MeanPoseSettings(kind="mean-pose"), None)
    model = job.model("mean", definition, lambda network: network.pose.normal_())  # type: ignore[union-attr, operator]
    job.run(model, examples=100)
    assert job.examples.arrays["iterates"].shape == (1, 24, 16, 3)


def test_the_same_model_gives_the_same_bytes_and_provenance(job: Job, ige: Definition) -> None:
    model = job.model("ige", ige)
    job.run(model)
    first = model.with_suffix(".json").read_bytes(), (job.folder / "examples.h5").read_bytes()
    job.run(model)
    assert (model.with_suffix(".json").read_bytes(), (job.folder / "examples.h5").read_bytes()) == first
    check_outputs(model.with_suffix(".run.json"))


def test_a_lifting_set_is_no_model(job: Job) -> None:
    with pytest.raises(InputError, match=r"test\.h5"):
        job.run(job.test)
