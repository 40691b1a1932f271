"""From a picture to a mesh, with models whose answers are known."""

import json
import math

import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose, assert_array_equal
from PIL import Image

from ige.base.errors import InputError
from ige.geometry.frustum import object_box, shape_view
from ige.params.shape_models import (
    BackboneSettings,
    CeilingSettings,
    DeconvSettings,
    EnergySettings,
    EstimateSettings,
    IgeShapeSettings,
    MeanShapeSettings,
    ShapeLossSettings,
    VisualHullSettings,
)
from ige.params.step_rule import StepRuleSettings
from ige.shapes.voxels.models import Definition, build_voxel_model, save_voxel_model
from ige.shapes.voxels.reconstruct import reconstruct
from ige.shapes.voxels.reconstruction_text import facts, headlines, summary

SIDE = 16
VIEWS = {
    "pixels": 32,
    "elevation_degrees": 28.0,
    "distance": math.sqrt(1.36),
    "focal": 35.0 / 32.0,
    "near": math.sqrt(1.36) - 0.5,
    "far": math.sqrt(1.36) + 0.5,
    "box_side": 0.75,
    "box_row": 0.5,
}
FACTS = {"name": "model@16", "categories": ["car", "chair"], "threshold": 0.4, "views": VIEWS}
LOSS = ShapeLossSettings(alpha=0.0, focal=0.0, iou_share=0.0, iou_weights="none", warm_up_epochs=0)


def deconv(coordinates="frustum"):
    return DeconvSettings(
        kind="deconv",
        scope="all",
        coordinates=coordinates,
        backbone=BackboneSettings(name="small", pretrained=False),
        estimate=EstimateSettings(channels=8, side=16),
        initial=None,
        epochs=1,
        loss=LOSS,
    )


def ige():
    return IgeShapeSettings(
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


def save(tmp_path, settings, change=None, initial=None, **facts):
    """Write a model whose state `change` has altered; give its path."""
    definition = Definition(settings, initial)
    model = build_voxel_model(definition, SIDE, torch.Generator().manual_seed(0))
    state = model.state_dict()
    if change is not None:
        change(state)
    path = tmp_path / f"{settings.kind}.pt"
    save_voxel_model(path, definition, SIDE, state, {**FACTS, **facts})
    return path


def mean_shape(tmp_path, grid, **facts):
    """A model that answers a grid, whatever the picture."""
    settings = MeanShapeSettings(kind="mean-shape", scope="all")
    return save(
        tmp_path, settings, lambda state: state.update(mean=torch.tensor(grid, dtype=torch.float32)), **facts
    )


@pytest.fixture
def picture(tmp_path):
    """A square of 48 pixels in the middle of 64: of 24 pixels in the middle of 32, of 12 cells in 16."""
    pixels = np.zeros((64, 64, 4), dtype=np.uint8)
    pixels[8:56, 8:56] = (90, 120, 200, 255)
    pixels[20:40, 20:30, :3] = 30
    path = tmp_path / "picture.png"
    Image.fromarray(pixels).save(path)
    return path


def made_of(model, picture, **options):
    options = {
        "background": "auto",
        "keep_framing": False,
        "threshold": None,
        "steps": None,
        "device": "cpu",
        **options,
    }
    return reconstruct(model, picture, **options)


def block():
    grid = np.zeros((SIDE, SIDE, SIDE))
    grid[2:14, 2:8, 5:9] = 0.9
    grid[2:14, 8:14, 5:9] = 0.45
    return grid


def test_the_mesh_stands_where_the_grid_stands_in_the_mean_camera(tmp_path, picture):
    made = made_of(mean_shape(tmp_path, block()), picture)
    view = shape_view(0.0, math.radians(28.0))
    assert_allclose(made.frustum.extrinsics, view.extrinsics, atol=1e-12)
    assert_array_equal(made.occupancy, block() > 0.4)
    assert (made.coordinates, made.family, made.name, made.steps) == (
        "frustum",
        "mean-shape",
        "model@16",
        None,
    )
    points = view.to_grid(made.surface.vertices_world, SIDE)
    assert_allclose(points[:, 0].min(), 2.0, atol=0.1)
    assert_allclose(points[:, 2].max(), 9.0, atol=0.1)
    assert made.surface.watertight
    assert made.camera.extrinsics is made.frustum.extrinsics


def test_cells_are_filled_above_the_threshold_of_the_model_or_the_user(tmp_path, picture):
    model = mean_shape(tmp_path, block())
    assert made_of(model, picture).cells == 12 * 12 * 4
    high = made_of(model, picture, threshold=0.5)
    assert (high.threshold, high.cells) == (0.5, 12 * 6 * 4)


def test_the_silhouette_is_compared_with_the_mask(tmp_path, picture):
    model = mean_shape(tmp_path, block())
    assert made_of(model, picture).silhouette_iou == 1.0
    assert made_of(model, picture, threshold=0.5).silhouette_iou == 0.5


def test_the_answer_depends_on_the_picture_and_its_framing(tmp_path, picture):
    hull = save(tmp_path, VisualHullSettings(kind="visual-hull", scope="all"))
    made = made_of(hull, picture)
    assert_array_equal(np.argwhere(made.occupancy).min(axis=0), (2, 2, 0))
    assert_array_equal(np.argwhere(made.occupancy).max(axis=0), (13, 13, 15))
    pixels = np.zeros((64, 64, 4), dtype=np.uint8)
    pixels[32:, :16] = 255
    Image.fromarray(pixels).save(picture)
    kept = made_of(hull, picture, keep_framing=True)
    assert_array_equal(np.argwhere(kept.occupancy).min(axis=0), (8, 0, 0))
    assert_array_equal(np.argwhere(kept.occupancy).max(axis=0), (15, 3, 15))
    assert kept.image.cut


def test_a_network_is_asked_what_the_picture_shows(tmp_path, picture):
    """Its answer to the framed picture is that of the network itself."""
    from ige.shapes.voxels.images import network_input
    from ige.shapes.voxels.models import load_voxel_model

    path = save(tmp_path, ige(), initial=deconv())
    made = made_of(path, picture, threshold=0.02)
    network, _ = load_voxel_model(path)
    rgba = torch.from_numpy(made.image.rgba.transpose(2, 0, 1).copy())[None]
    with torch.no_grad():
        expected = network(network_input(rgba)).last.sigmoid()[0]
        other = network(network_input(rgba), 0).last.sigmoid()[0]
    assert_array_equal(made.occupancy, expected.numpy() > 0.02)
    assert made.steps == 2
    none = made_of(path, picture, threshold=0.02, steps=0)
    assert_array_equal(none.occupancy, other.numpy() > 0.02)
    assert none.steps == 0


def test_a_model_in_the_world_answers_in_the_box_and_has_no_silhouette(tmp_path, picture):
    made = made_of(save(tmp_path, deconv("world")), picture, threshold=0.01)
    assert made.coordinates == "world"
    assert_array_equal(made.frustum.extrinsics, object_box().extrinsics)
    assert made.silhouette_iou is None
    assert facts(made)["projection"] == "orthographic"
    assert "not known" in summary(made)


def test_the_same_picture_gives_the_same_mesh(tmp_path, picture):
    model = save(tmp_path, deconv())
    first, second = (made_of(model, picture, threshold=0.02).surface for _ in range(2))
    assert_array_equal(first.vertices_world, second.vertices_world)
    assert_array_equal(first.faces, second.faces)


def test_facts_are_json_and_say_what_was_made(tmp_path, picture):
    made = made_of(mean_shape(tmp_path, block()), picture)
    said = json.loads(json.dumps(facts(made), allow_nan=False))
    expected = {
        "name": "model@16",
        "kind": "mean-shape",
        "image_pixels": [64, 64],
        "background": "alpha",
        "object_pixels": 48,
        "object_cut": False,
        "threshold": 0.4,
        "cells": 576,
        "parts": 1,
        "silhouette_iou": 1.0,
        "watertight": True,
        "steps": None,
        "resolution": 16,
    }
    assert {name: said[name] for name in expected} == expected
    assert said["volume"] == pytest.approx(made.surface.volume)
    assert not [name for name in said if "second" in name or "time" in name]
    assert made.grid_file().camera.tolist() == said["camera"]


def test_the_summary_warns_where_care_is_needed(tmp_path, picture):
    good = summary(made_of(mean_shape(tmp_path, block()), picture))
    assert good.splitlines()[3].startswith("mesh    ")
    assert "closed" in good
    assert "poor" not in good
    assert "cut  " not in good
    grid = block()
    grid[:, 4:] = 0.0
    grid[0, 15, 0] = 0.9
    made = made_of(mean_shape(tmp_path, grid), picture)
    assert "poor" in summary(made)
    assert "2 parts" in summary(made)
    assert len(headlines(made)) == 3


def refusal(model, picture, **options):
    with pytest.raises(InputError) as caught:
        made_of(model, picture, **options)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_model_that_fills_nothing_is_told(tmp_path, picture):
    said = refusal(mean_shape(tmp_path, 0.25 * np.ones((SIDE,) * 3)), picture)
    assert "the model fills no cell: expected probabilities above 0.4, found 0.25 at most" in said
    assert "Lower --threshold" in said


def test_a_model_that_answers_nan_is_told(tmp_path, picture):
    said = refusal(mean_shape(tmp_path, np.full((SIDE,) * 3, np.nan)), picture)
    assert "numbers without sense" in said


def test_models_that_must_know_the_truth_are_refused(tmp_path, picture):
    model = save(tmp_path, CeilingSettings(kind="ceiling", scope="all"))
    assert "a model of kind ceiling, which must be told the truth" in refusal(model, picture)


def test_models_without_facts_are_refused(tmp_path, picture):
    said = refusal(mean_shape(tmp_path, block(), views={"pixels": 32}), picture)
    assert "a model of another version of ige" in said


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"threshold": 0.0}, "no such threshold: expected 0.01 to 0.99, found 0.0"),
        ({"threshold": float("nan")}, "no such threshold"),
        ({"steps": -1}, "a number of steps that cannot be"),
        ({"steps": 3}, "a model of kind mean-shape takes no steps"),
    ],
)
def test_arguments_that_cannot_be_are_refused(tmp_path, picture, options, said):
    assert said in refusal(mean_shape(tmp_path, block()), picture, **options)
