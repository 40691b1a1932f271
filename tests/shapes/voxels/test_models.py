from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from ige.base.errors import InputError
from ige.descent import Checkpointed, Unrolled
from ige.params.shape_models import (
    BackboneSettings,
    CeilingSettings,
    DeconvSettings,
    EnergySettings,
    EstimateSettings,
    HeadSettings,
    IgeShapeSettings,
    MeanShapeSettings,
    NearestImageSettings,
    OracleSettings,
    ShapeLossSettings,
    VisualHullSettings,
)
from ige.params.step_rule import StepRuleSettings
from ige.shapes.voxels import backbones
from ige.shapes.voxels.deconv import Deconv
from ige.shapes.voxels.head import Head
from ige.shapes.voxels.ige_net import VoxelIgeNet
from ige.shapes.voxels.images import network_input
from ige.shapes.voxels.models import (
    Definition,
    VoxelModel,
    build_voxel_model,
    coordinates_of,
    family_of,
    load_voxel_model,
    predict,
    save_voxel_model,
    start_from,
    trained_steps,
)
from ige.shapes.voxels.query import Query
from ige.storage.tensors import write_tensors

R = 16
LOSS = ShapeLossSettings(alpha=0.0, focal=0.0, iou_share=0.0, iou_weights="none", warm_up_epochs=0)
FIRST = DeconvSettings(
    kind="deconv",
    scope="all",
    epochs=1,
    loss=LOSS,
    coordinates="frustum",
    backbone=BackboneSettings(name="small", pretrained=False),
    estimate=EstimateSettings(channels=8, side=16),
    initial=None,
)
REFINING: dict[str, Any] = {
    "scope": "all",
    "epochs": 1,
    "loss": LOSS,
    "initial": "deconv",
    "start": "joint",
    "pyramid": 8,
}
HEAD = HeadSettings(kind="head", energy_width=8, silhouette=True, iterate_decay=0.9, **REFINING)
IGE = IgeShapeSettings(
    kind="ige",
    steps=2,
    state="logits",
    energy=EnergySettings(pooling="average", width=8, kernel_scale=None),
    rule=StepRuleSettings(rate=1.0, momentum=0.1, clip=1.0),
    backward="unrolled",
    iterate_decay=0.9,
    **REFINING,
)
MAX = IGE.model_copy(update={"energy": EnergySettings(pooling="max", width=8, kernel_scale=None)})
SQUASHED = IGE.model_copy(
    update={
        "state": "squashed",
        "backward": "checkpointed",
        "energy": EnergySettings(pooling="silhouette", width=8, kernel_scale=None),
    }
)
DEFINITIONS = {
    "deconv": Definition(FIRST, None),
    "deconv-long": Definition(FIRST.model_copy(update={"initial": "deconv"}), None),
    "deconv-world": Definition(FIRST.model_copy(update={"coordinates": "world"}), None),
    "head": Definition(HEAD, FIRST),
    "head-frozen": Definition(HEAD.model_copy(update={"start": "frozen"}), FIRST),
    "ige": Definition(IGE, FIRST),
    "ige-frozen": Definition(IGE.model_copy(update={"start": "frozen"}), FIRST),
    "ige-max": Definition(MAX, FIRST),
    "ige-squashed": Definition(SQUASHED, FIRST),
    "ige-probabilities": Definition(IGE.model_copy(update={"state": "probabilities"}), FIRST),
    "mean-shape": Definition(MeanShapeSettings(kind="mean-shape", scope="all"), None),
    "nearest-pixels": Definition(
        NearestImageSettings(kind="nearest-image", scope="all", by="pixels", bank=3), None
    ),
    "nearest-silhouette": Definition(
        NearestImageSettings(kind="nearest-image", scope="each", by="silhouette", bank=3), None
    ),
    "oracle": Definition(OracleSettings(kind="oracle", scope="all", bank=3), None),
    "visual-hull": Definition(VisualHullSettings(kind="visual-hull", scope="all"), None),
    "ceiling": Definition(CeilingSettings(kind="ceiling", scope="all"), None),
}
LEARNED = [name for name in DEFINITIONS if name.startswith(("deconv", "head", "ige"))]
BASELINES = [name for name in DEFINITIONS if name not in LEARNED]
REFINERS = [name for name in LEARNED if not name.startswith("deconv")]


class Views:
    """Random images and grids."""

    resolution = R

    def __init__(self, count: int) -> None:
        generator = torch.Generator().manual_seed(3)
        self.image = torch.randint(256, (count, 4, 32, 32), generator=generator).byte()
        self.bits = torch.randint(256, (count, R, R, R // 8), generator=generator).byte()

    def __len__(self) -> int:
        return len(self.image)

    def __getitem__(self, index: list[int], /) -> dict[str, Tensor]:
        zeros = torch.zeros(len(index), dtype=torch.int64)
        return {"image": self.image[index], "bits": self.bits[index], "category": zeros}


def build(name: str, seed: int = 0) -> VoxelModel:
    return build_voxel_model(DEFINITIONS[name], R, torch.Generator().manual_seed(seed))


def ready(name: str) -> VoxelModel:
    """A model that answers something of its own."""
    model = build(name).eval()
    if isinstance(model, Deconv | Head | VoxelIgeNet):
        generator = torch.Generator().manual_seed(1)
        for buffer in model.buffers():
            if buffer.is_floating_point():
                torch.nn.init.uniform_(buffer, 0.5, 1.5, generator=generator)
        for weight in model.parameters():
            if weight.ndim > 1 and not bool(weight.any()):
                torch.nn.init.normal_(weight, std=0.1, generator=generator)
    else:
        model.fill(Views(7))
    return model


@pytest.fixture
def query() -> Query:
    return Query.of(Views(9)[[7, 8]])


def equal(one: dict[str, Tensor], other: dict[str, Tensor]) -> bool:
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)


@pytest.mark.parametrize("name", DEFINITIONS)
def test_what_is_saved_is_loaded(tmp_path: Path, name: str, query: Query) -> None:
    model, definition = ready(name), DEFINITIONS[name]
    facts = {"seed": 3, "threshold": 0.35, "categories": ["car"]}
    save_voxel_model(tmp_path / "model.pt", definition, R, model.state_dict(), facts)
    found, attributes = load_voxel_model(tmp_path / "model.pt")
    assert type(found) is type(model)
    assert not found.training
    assert {key: attributes[key] for key in facts} == facts
    assert attributes["resolution"] == R
    assert attributes["settings"] == definition.settings.subtree()
    assert attributes["initial"] == (None if definition.initial is None else FIRST.subtree())
    assert equal(found.state_dict(), model.state_dict())
    assert family_of(found) == definition.settings.kind
    assert coordinates_of(found) == coordinates_of(model)
    assert torch.equal(predict(found, query).probability, predict(model, query).probability)


@pytest.mark.parametrize("name", DEFINITIONS)
def test_every_model_answers_probabilities(name: str, query: Query) -> None:
    model = ready(name)
    with torch.enable_grad():
        answer = predict(model, query)
    assert answer.probability.shape == (2, R, R, R)
    assert answer.probability.dtype == torch.float32
    assert not answer.probability.requires_grad
    assert 0 <= answer.probability.min() <= answer.probability.max() <= 1
    assert (answer.refinement is None) == (name in BASELINES)
    if answer.refinement is not None:
        assert torch.equal(answer.probability, answer.refinement.last.sigmoid())


@pytest.mark.parametrize("name", DEFINITIONS)
def test_answers_do_not_depend_on_batches(name: str, query: Query) -> None:
    model = ready(name)
    whole = predict(model, query).probability
    parts = [
        predict(model, Query(query.rgba[at], query.bits[at], query.category[at])).probability
        for at in (slice(0, 1), slice(1, 2))
    ]
    torch.testing.assert_close(torch.cat(parts), whole, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("name", ["ige", "ige-max", "ige-squashed", "ige-probabilities"])
def test_steps_are_those_of_training_unless_a_call_says_it(name: str, query: Query) -> None:
    model = ready(name)
    assert isinstance(model, VoxelIgeNet)
    assert trained_steps(model) == 2
    for steps, taken in ((None, 2), (0, 0), (3, 3)):
        refinement = predict(model, query, steps).refinement
        assert refinement is not None
        assert len(refinement.iterates) == taken + 1
        assert refinement.energies is not None
        assert refinement.energies.shape == (taken + 1, 2)
    guess = model.deconv(network_input(query.rgba)).last
    torch.testing.assert_close(predict(model, query, 0).probability, guess.sigmoid())
    assert not torch.equal(predict(model, query, 1).probability, guess.sigmoid())


@pytest.mark.parametrize("name", ["deconv", "head", *BASELINES])
def test_models_without_descent_take_no_steps(name: str, query: Query) -> None:
    model = ready(name)
    assert trained_steps(model) is None
    with pytest.raises(InputError, match="takes no steps"):
        predict(model, query, 1)


def test_settings_of_the_descent_reach_the_network() -> None:
    plain, squashed = build("ige"), build("ige-squashed")
    assert isinstance(plain, VoxelIgeNet)
    assert isinstance(squashed, VoxelIgeNet)
    assert (plain.state, plain.backward) == ("logits", Unrolled())
    assert (squashed.state, squashed.backward) == ("squashed", Checkpointed())
    rule = IGE.rule.model_copy(update={"rate": 2.0, "momentum": 0.3, "clip": 0.5})
    settings = IGE.model_copy(update={"rule": rule})
    other = build_voxel_model(Definition(settings, FIRST), R, torch.Generator())
    assert isinstance(other, VoxelIgeNet)
    values = {name: round(float(value), 6) for name, value in other.rule.state_dict().items()}
    assert values == {"rate": 2.0, "momentum": 0.3, "clip": 0.5}


def test_only_a_deconvolution_may_answer_in_the_world() -> None:
    found = {name: coordinates_of(build(name)) for name in DEFINITIONS}
    assert found.pop("deconv-world") == "world"
    assert set(found.values()) == {"frustum"}
    world = FIRST.model_copy(update={"coordinates": "world"})
    for settings in (HEAD, IGE):
        with pytest.raises(InputError, match="coordinates: frustum, found coordinates: world"):
            build_voxel_model(Definition(settings, world), R, torch.Generator())


def test_first_weights_follow_the_generator() -> None:
    for name in LEARNED:
        assert equal(build(name, 5).state_dict(), build(name, 5).state_dict())
        assert not equal(build(name, 5).state_dict(), build(name, 6).state_dict())


@pytest.mark.parametrize("name", [*REFINERS, "deconv-long"])
def test_a_network_starts_from_the_weights_of_its_deconvolution(name: str, query: Query) -> None:
    first, model = ready("deconv"), build(name)
    assert isinstance(model, Deconv | Head | VoxelIgeNet)
    start_from(model, first, Path("first.pt"))
    deconv = model if isinstance(model, Deconv) else model.deconv
    assert equal(deconv.state_dict(), first.state_dict())
    refinement = predict(model.eval(), query).refinement
    assert refinement is not None
    torch.testing.assert_close(refinement.iterates[0].sigmoid(), predict(first, query).probability)


def test_what_cannot_be_started_from_is_refused_in_one_line() -> None:
    wider = FIRST.model_copy(update={"estimate": EstimateSettings(channels=16, side=16)})
    others = {
        "no deconvolution.*found oracle": build("oracle"),
        "found resolution 16, world": build("deconv-world"),
        "expected resolution 16.*found resolution 8": build_voxel_model(
            DEFINITIONS["deconv"], 8, torch.Generator()
        ),
        "another encoder or size": build_voxel_model(Definition(wider, None), R, torch.Generator()),
    }
    model = build("ige")
    assert isinstance(model, VoxelIgeNet)
    for message, other in others.items():
        with pytest.raises(InputError, match=f"first.pt.*{message}") as caught:
            start_from(model, other, Path("first.pt"))
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", REFINERS)
def test_a_frozen_start_trains_what_refines_alone(name: str, query: Query) -> None:
    model = build(name)
    assert isinstance(model, Head | VoxelIgeNet)
    start_from(model, ready("deconv"), Path("first.pt"))
    model.train()
    before = {key: value.clone() for key, value in model.deconv.state_dict().items()}
    trained = [weight for weight in model.parameters() if weight.requires_grad]
    optimiser = torch.optim.SGD(trained, lr=0.1)
    model(network_input(query.rgba)).last.square().mean().backward()
    optimiser.step()
    assert model.pyramid.training
    assert all(weight.requires_grad for weight in model.pyramid.parameters())
    frozen = name.endswith("frozen")
    assert equal(before, model.deconv.state_dict()) == frozen
    assert all(weight.requires_grad != frozen for weight in model.deconv.parameters())
    assert model.deconv.backbone.training != frozen


def test_no_weights_are_downloaded_that_come_from_a_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    pretrained = FIRST.model_copy(update={"backbone": BackboneSettings(name="some-net", pretrained=True)})
    asked: list[bool] = []

    def of_timm(settings: BackboneSettings) -> backbones.Backbone:
        asked.append(settings.pretrained)
        return backbones.make_backbone(FIRST.backbone, torch.Generator())

    monkeypatch.setattr(backbones, "_of_timm", of_timm)
    first = build_voxel_model(Definition(pretrained, None), R, torch.Generator())
    assert asked == [True]
    longer = pretrained.model_copy(update={"initial": "deconv"})
    for definition in (Definition(longer, None), Definition(HEAD, pretrained), Definition(IGE, pretrained)):
        build_voxel_model(definition, R, torch.Generator())
    save_voxel_model(tmp_path / "model.pt", Definition(pretrained, None), R, first.state_dict(), {})
    attributes = load_voxel_model(tmp_path / "model.pt")[1]
    assert asked == [True, False, False, False, False]
    assert attributes["settings"]["backbone"]["pretrained"]


def test_a_first_guess_is_needed() -> None:
    for settings in (HEAD, IGE):
        with pytest.raises(ValueError, match="first guess"):
            build_voxel_model(Definition(settings, None), R, torch.Generator())


@pytest.mark.parametrize("name", ["ige", "oracle"])
def test_the_same_model_gives_the_same_bytes(tmp_path: Path, name: str) -> None:
    for file in ("one.pt", "other.pt"):
        save_voxel_model(tmp_path / file, DEFINITIONS[name], R, ready(name).state_dict(), {"seed": 0})
    assert (tmp_path / "one.pt").read_bytes() == (tmp_path / "other.pt").read_bytes()


def test_damaged_and_foreign_files_are_refused_in_one_line(tmp_path: Path) -> None:
    save_voxel_model(tmp_path / "whole.pt", DEFINITIONS["deconv"], R, build("deconv").state_dict(), {})
    whole = (tmp_path / "whole.pt").read_bytes()
    (tmp_path / "half.pt").write_bytes(whole[: len(whole) // 2])
    place = len(whole) // 2
    changed = whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :]
    (tmp_path / "changed.pt").write_bytes(changed)
    (tmp_path / "text.pt").write_text("no model")
    write_tensors(tmp_path / "pose.pt", "pose-model", {}, {})
    for name in ("half", "changed", "text", "pose", "missing"):
        with pytest.raises(InputError, match=f"{name}.pt") as caught:
            load_voxel_model(tmp_path / f"{name}.pt")
        assert "\n" not in str(caught.value)


def test_a_file_that_this_version_cannot_build_is_refused(tmp_path: Path) -> None:
    state = build("ige").state_dict()
    whole = {"settings": IGE.subtree(), "initial": FIRST.subtree(), "resolution": R}
    write_tensors(tmp_path / "whole.pt", "voxel-model", state, whole)
    load_voxel_model(tmp_path / "whole.pt")
    spoilt = {
        "fewer": (dict(list(state.items())[1:]), whole),
        "strange": (state, {**whole, "settings": {"kind": "transformer"}}),
        "bare": (state, {}),
        "unfounded": (state, {**whole, "initial": None}),
        "other-size": (state, {**whole, "resolution": 32}),
        "no-size": (state, {**whole, "resolution": "large"}),
        "unknown-encoder": (
            state,
            {**whole, "initial": {**FIRST.subtree(), "backbone": {"name": "small", "pretrained": 3}}},
        ),
    }
    for name, (tensors, attributes) in spoilt.items():
        write_tensors(tmp_path / f"{name}.pt", "voxel-model", tensors, attributes)
        with pytest.raises(InputError, match=f"{name}.pt.*another version"):
            load_voxel_model(tmp_path / f"{name}.pt")
