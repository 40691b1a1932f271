"""The settings that decide what a report shows: those of the stages and models that lead to it, no others.

Imports nothing heavy: the rule of the page carries them, so that a setting of a model that was not selected,
or of a source that was not chosen, does not write the page anew.
"""

from __future__ import annotations

from typing import Any

from ige.params import stages
from ige.params.initials import with_initials
from ige.params.params import Params


def deciding_settings(params: Params) -> dict[str, Any]:
    """Return, as JSON values, run, selection and what each stage reads on the way to the report."""
    needed = with_initials(params.train.poses, params.initial_of)
    names = [name for name in params.models.poses if name in needed]
    return {
        "run": params.run,
        "train": params.train.subtree(),
        "prepare_clips": stages.prepare_clips(params).subtree(),
        "prepare_lifting_set": _lifting(params),
        "training": params.training.poses.subtree(),
        "models": {name: params.models.poses[name].subtree() for name in names},
        "evaluation": {name: stages.evaluate_poses(params, name).subtree() for name in params.train.poses},
        "prepare_manifest": stages.prepare_manifest(params).subtree(),
        "prepare_shapes": _of_all_categories(params),
        **(_reconstructions(params) if params.train.shapes else {}),
    }


def _reconstructions(params: Params) -> dict[str, Any]:
    """Return what the stages of models of shapes read: of definitions the selected ones and their starts."""
    models = params.models.shapes
    needed = with_initials(params.train.shapes, lambda name: getattr(models[name], "initial", None))
    names = [name for name in models if name in needed]
    return {
        "training_shapes": params.training.shapes.subtree(),
        "models_shapes": {name: models[name].subtree() for name in names},
        "evaluation_shapes": params.evaluation.shapes.subtree(),
    }


def _lifting(params: Params) -> dict[str, Any]:
    """Return what `prepare_lifting_set` reads: what observations share once, then what each has."""
    sets = {name: stages.prepare_lifting_set(params, name).subtree() for name in params.train.observations}
    own = ("observation", "expected_pairs")
    shared = next(iter(sets.values()))
    return {
        **{name: value for name, value in shared.items() if name not in own},
        "observations": {name: {key: each[key] for key in own} for name, each in sets.items()},
    }


def _of_all_categories(params: Params) -> dict[str, Any]:
    """Return what `prepare_shapes` reads whatever the category; `prepare_manifest` names them."""
    of_one = stages.prepare_shapes(params, params.shapes.categories[0]).subtree()
    return {name: value for name, value in of_one.items() if name != "category"}
