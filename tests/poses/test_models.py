from __future__ import annotations

from pathlib import Path

import pytest
import torch

from ige.base.errors import InputError
from ige.params.models import IgeSettings, LifterSettings, MeanPoseSettings, NearestPoseSettings
from ige.poses.models import (
    Definition,
    PoseModel,
    build_model,
    family_of,
    is_root_relative,
    lift_in_batches,
    load_pose_model,
    multiply_adds,
    parameters,
    save_pose_model,
    scale_of,
    trained_steps,
)
from ige.storage.tensors import write_tensors


def build(definition: Definition, seed: int = 0) -> PoseModel:
    return build_model(definition, depth_bias_m=5.0, generator=torch.Generator().manual_seed(seed))


def lifter(width: int, blocks: int) -> LifterSettings:
    return LifterSettings(kind="lifter", width=width, blocks=blocks, dropout=0.5, initial=None, scale="free")


# Measured from the vector graphics of the poster
@pytest.mark.parametrize(
    ("width", "blocks", "count"),
    [
        (128, 1, 43_008),
        (256, 1, 151_552),
        (512, 1, 565_248),
        (1024, 1, 2_179_072),
        (128, 2, 75_776),
        (256, 2, 282_624),
        (512, 2, 1_089_536),
        (1024, 2, 4_276_224),
    ],
)
def test_published_costs_of_lifters(width: int, blocks: int, count: int) -> None:
    model = build(Definition(lifter(width, blocks), None))
    assert (parameters(model), multiply_adds(model)) == (count, count)


@pytest.mark.parametrize(
    ("steps", "count"),
    [
        (0, 43_008),
        (1, 123_904),
        (2, 204_800),
        (4, 366_592),
        (6, 528_384),
        (8, 690_176),
        (12, 1_013_760),
        (16, 1_337_344),
    ],
)
def test_published_costs_of_ige(ige_settings: IgeSettings, steps: int, count: int) -> None:
    settings = ige_settings.model_copy(update={"hidden": 64, "outputs": 8, "steps": max(steps, 1)})
    model = build(Definition(settings, lifter(128, 1)))
    assert parameters(model) == 83_456
    assert multiply_adds(model, steps) == count
    if steps:
        assert multiply_adds(model) == count


def test_an_energy_that_is_switched_off_costs_nothing(ige_settings: IgeSettings) -> None:
    settings = ige_settings.model_copy(update={"hidden": 64, "outputs": 8, "consistency": False})
    model = build(Definition(settings, lifter(128, 1)))
    assert parameters(model) == 43_008 + 8_192
    assert multiply_adds(model, 1) == 43_008 + 2 * 8_192


def test_baselines_have_no_published_costs() -> None:
    for settings in (MeanPoseSettings(kind="mean-pose"), NearestPoseSettings(kind="nearest-pose", bank=3)):
        model = build(Definition(settings, None))
        assert (parameters(model), multiply_adds(model), trained_steps(model)) == (None, None, None)
        assert family_of(model) == settings.kind


@pytest.mark.parametrize("kind", ["lifter", "metric-lifter", "ige", "mean-pose", "nearest-pose"])
def test_what_is_saved_is_loaded(
    tmp_path: Path, lifter_settings: LifterSettings, ige_settings: IgeSettings, kind: str
) -> None:
    definition = {
        "lifter": Definition(lifter_settings, None),
        "metric-lifter": Definition(lifter_settings.model_copy(update={"scale": "metric"}), None),
        "ige": Definition(ige_settings, lifter_settings),
        "mean-pose": Definition(MeanPoseSettings(kind="mean-pose"), None),
        "nearest-pose": Definition(NearestPoseSettings(kind="nearest-pose", bank=3), None),
    }[kind]
    model = build(definition).eval()
    for buffer in model.buffers():
        if buffer.is_floating_point():
            torch.nn.init.uniform_(buffer, 0.5, 1.5, generator=torch.Generator().manual_seed(1))
    model.load_state_dict(model.state_dict())
    save_pose_model(tmp_path / "model.pt", definition, model.state_dict(), {"name": "some", "seed": 3})
    found, attributes = load_pose_model(tmp_path / "model.pt")
    assert type(found) is type(model)
    assert not found.training
    assert (attributes["name"], attributes["seed"]) == ("some", 3)
    assert attributes["settings"] == definition.settings.subtree()
    state, found_state = model.state_dict(), found.state_dict()
    assert state.keys() == found_state.keys()
    assert all(torch.equal(state[name], found_state[name]) for name in state)
    assert scale_of(found) == ("free" if kind in ("lifter", "ige") else "metric")
    assert is_root_relative(found) == (kind == "metric-lifter")


def test_the_same_model_gives_the_same_bytes(tmp_path: Path, lifter_settings: LifterSettings) -> None:
    definition = Definition(lifter_settings, None)
    for name in ("one.pt", "other.pt"):
        save_pose_model(tmp_path / name, definition, build(definition).state_dict(), {"seed": 0})
    assert (tmp_path / "one.pt").read_bytes() == (tmp_path / "other.pt").read_bytes()


def test_a_file_of_another_kind_is_refused_in_one_line(tmp_path: Path) -> None:
    write_tensors(tmp_path / "other.pt", "checkpoint", {}, {})
    with pytest.raises(InputError, match=r"other\.pt.*expected pose-model, found checkpoint") as caught:
        load_pose_model(tmp_path / "other.pt")
    assert "\n" not in str(caught.value)


def test_a_file_that_this_version_cannot_build_is_refused(
    tmp_path: Path, lifter_settings: LifterSettings
) -> None:
    definition = Definition(lifter_settings, None)
    state = build(definition).state_dict()
    save_pose_model(tmp_path / "fewer.pt", definition, dict(list(state.items())[1:]), {})
    strange = {"settings": {"kind": "transformer"}, "lifter": None}
    write_tensors(tmp_path / "strange.pt", "pose-model", state, strange)
    write_tensors(tmp_path / "bare.pt", "pose-model", state, {})
    for name in ("fewer.pt", "strange.pt", "bare.pt"):
        with pytest.raises(InputError, match=f"{name}.*another version"):
            load_pose_model(tmp_path / name)


def test_ige_without_a_lifter_cannot_be_built(ige_settings: IgeSettings) -> None:
    with pytest.raises(ValueError, match="lifter"):
        build(Definition(ige_settings, None))


def test_lifting_does_not_depend_on_batches(
    ige_settings: IgeSettings, lifter_settings: LifterSettings
) -> None:
    model = build(Definition(ige_settings, lifter_settings)).eval()
    generator = torch.Generator().manual_seed(0)
    observed, distortion = torch.randn(7, 16, 2, generator=generator), torch.zeros(7, 5)
    whole = lift_in_batches(model, observed, distortion, steps=3, batch_size=100)
    parts = lift_in_batches(model, observed, distortion, steps=3, batch_size=2)
    assert whole.shape == (7, 16, 3)
    torch.testing.assert_close(parts, whole, rtol=1e-5, atol=1e-5)
