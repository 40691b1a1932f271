"""What a model is called once it is trained, and its folder below models/<task> and scores/<task>.

Poses: `ige-t4`, or `ige-t4@sh` where it saw another observation than projections. Shapes: `ige@32` by the
resolution of its grids, `ige-1@32@car` where there is one model per category. Folders are nested,
`ige-1/32/car`, so that all that is trained of a model lies in one folder, which DVC can own.
"""

from __future__ import annotations

PLAIN = "projection"  # the observation that is not named


def trained_name(model: str, observation: str) -> str:
    """Name a model that was trained on an observation."""
    return model if observation == PLAIN else f"{model}@{observation}"


def folder_of(trained: str) -> str:
    """Return the folder of a trained model below models/<task> and scores/<task>."""
    return trained.replace("@", "/")


def trained_in(folder: str) -> str:
    """Return the name of the trained model whose folder this is."""
    return folder.replace("/", "@")


def split_trained(trained: str) -> tuple[str, str]:
    """Return the names of the model and of the observation."""
    model, _, observation = trained.partition("@")
    return model, observation or PLAIN


def shape_trained_name(model: str, resolution: int, category: str | None) -> str:
    """Name a model of shapes that was trained at a resolution, on one category or (None) on all."""
    return f"{model}@{resolution}" + (f"@{category}" if category is not None else "")


def split_shape_trained(trained: str) -> tuple[str, int, str | None]:
    """Return the name of the model, the resolution, and the category if it was trained on one alone.

    Raises:
        ValueError: if this is no such name.
    """
    model, resolution, *category = trained.split("@")
    if len(category) > 1:
        raise ValueError(f"{trained} is no name of a trained model of shapes")
    return model, int(resolution), category[0] if category else None
