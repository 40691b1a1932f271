"""What a model is called once it is trained: `ige-t4`, or `ige-t4@sh` where it saw another observation."""

from __future__ import annotations

PLAIN = "projection"  # the observation that is not named


def trained_name(model: str, observation: str) -> str:
    """Name a model that was trained on an observation: the folder below models/poses and scores/poses."""
    return model if observation == PLAIN else f"{model}@{observation}"


def split_trained(trained: str) -> tuple[str, str]:
    """Return the names of the model and of the observation."""
    model, _, observation = trained.partition("@")
    return model, observation or PLAIN
