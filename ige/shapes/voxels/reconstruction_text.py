"""What is said of a reconstruction: as JSON, as a summary, and above its picture."""

from __future__ import annotations

from typing import Any

from ige.shapes.voxels.own_image import OwnImage
from ige.shapes.voxels.reconstruct import Reconstruction

_POOR_MATCH = 0.7  # IoU of the silhouettes


def facts(made: Reconstruction) -> dict[str, Any]:
    """Return what `--json` prints: JSON values, None where something does not apply."""
    own, surface, frustum = made.image, made.surface, made.frustum
    return {
        "model": str(made.model),
        "name": made.name,
        "kind": made.family,
        "categories": list(made.categories),
        "image": str(own.file),
        "image_pixels": [own.width, own.height],
        "background": own.background,
        "object_pixels": own.object_side,
        "object_cut": own.cut,
        "specks": own.specks,
        "seen_pixels": len(own.rgba),
        "resolution": len(made.occupancy),
        "coordinates": made.coordinates,
        "steps": made.steps,
        "threshold": made.threshold,
        "cells": made.cells,
        "occupied_share": made.cells / made.occupancy.size,
        "parts": made.parts,
        "silhouette_iou": made.silhouette_iou,
        "vertices": len(surface.vertices_world),
        "faces": len(surface.faces),
        "watertight": surface.watertight,
        "volume": surface.volume,
        "confidence": float(surface.confidence.mean()),
        "projection": frustum.projection,
        "camera": frustum.extrinsics.tolist(),
        "focal": frustum.focal,
        "near": frustum.near,
        "far": frustum.far,
    }


def headlines(made: Reconstruction) -> tuple[str, ...]:
    """Say in three lines, for a picture, what was made of what."""
    own = made.image
    return (
        f"{made.name}: {_kind_in_words(made)}; cells filled above {made.threshold:g}",
        f"{made.cells:,} cells in {_parts_in_words(made)}; {_match_in_words(made)}",
        f"{own.width} x {own.height} pixels, cut out by {_background_in_words(own)}",
    )


def summary(made: Reconstruction) -> str:
    """Say in a few lines what the mesh is, and what to be careful of."""
    own, surface = made.image, made.surface
    share = 100.0 * made.cells / made.occupancy.size
    frame = "before a camera at azimuth 0" if made.coordinates == "frustum" else "upright, in its own frame"
    lines = [
        f"image   {own.width} x {own.height} pixels, object {own.object_side} pixels large, "
        f"by {_background_in_words(own)}",
        f"model   {made.name}: {_kind_in_words(made)}, trained on {', '.join(made.categories)}",
        f"grid    {len(made.occupancy)} cells per side, {made.cells:,} filled ({share:.2f} %) above "
        f"{made.threshold:g}, {_parts_in_words(made)}",
        f"mesh    {len(surface.faces):,} faces, {'closed' if surface.watertight else 'NOT closed'}, {frame}",
        f"match   {_match_in_words(made)}",
    ]
    return "\n".join([*lines, *_cautions(made)])


def _kind_in_words(made: Reconstruction) -> str:
    return made.family if made.steps is None else f"{made.family}, {made.steps} steps"


def _background_in_words(own: OwnImage) -> str:
    return "its transparency" if own.background == "alpha" else "its plain background"


def _parts_in_words(made: Reconstruction) -> str:
    return "one part" if made.parts == 1 else f"{made.parts} parts"


def _match_in_words(made: Reconstruction) -> str:
    if made.silhouette_iou is None:
        return "not known: the model does not say from where it sees the object"
    return f"silhouette and mask agree to {100.0 * made.silhouette_iou:.1f} % (IoU)"


def _cautions(made: Reconstruction) -> list[str]:
    own, lines = made.image, []
    if own.cut:
        lines.append("cut     The object reaches the image's edge: what may lie beyond it is not seen.")
    if own.specks:
        lines.append(f"specks  {own.specks} small spots apart from the object were left out.")
    if made.silhouette_iou is not None and made.silhouette_iou < _POOR_MATCH:
        lines.append(
            "poor    The answer does not look like the image. Is the object of a kind that the model was "
            "trained on, seen from above at an angle, and rightly cut out (--picture)?"
        )
    return lines
