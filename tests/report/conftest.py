import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ige.geometry.frustum import shape_view
from ige.geometry.skeletons import H36M_16
from ige.grids.bits import pack
from ige.grids.filled import FilledGrid
from ige.params import stages
from ige.params.naming import shape_trained_name, trained_name
from ige.params.params import Params
from ige.params.stages import PoseTableSettings, ShapeTableSettings, VoxelTableSettings
from ige.storage.array_rows import write_array_rows
from ige.storage.arrays import write_arrays
from ige.storage.records import write_record
from ige.storage.shard_writer import ShardHeader, write_shard
from ige.storage.tables import write_csv

SUBJECTS = ("S9", "S11")
PARAMETERS = {"lifter-128-1": 43_008, "lifter-1024-2": 4_276_224, "ige": 83_456}
# A standing person, 3 m before the camera: x right, y down, z forward.
HEIGHTS = {"Hip": 0.0, "Knee": 0.4, "Ankle": 0.8, "Spine": -0.2, "Neck": -0.5, "Head": -0.7, "Sho": -0.45}
SIDES = {"L": 0.15, "R": -0.15}


def standing() -> np.ndarray:
    """A pose (16, 3)."""
    joints = []
    for name in H36M_16.names:
        height = next((y for part, y in HEIGHTS.items() if part in name), -0.1)
        side = SIDES.get(name[0], 0.0) if name[1].isupper() else 0.0
        joints.append((side, height, 3.0 + 0.1 * (height > 0.5)))
    return np.array(joints)


ABOVE_PROCRUSTES = {"pa_mpjpe_mm": 0.0, "opt_scale_mm": 10.0, "n_mpjpe_mm": 5.0, "mpjpe_mm": 20.0}


def row(
    error: float | None,
    *,
    steps: int | None = None,
    subject: str = "all",
    lacks: Sequence[str] = ("mpjpe_mm",),
    actions: Sequence[str] = ("Walking", "Eating"),
    **over: Any,
) -> dict[str, Any]:
    """A row of a score; other errors follow from the Procrustes error, those of actions from their place."""

    def value(name: str, more: float) -> float | None:
        return None if error is None or name in lacks else error + ABOVE_PROCRUSTES[name] + more

    errors = {
        f"{name}_by_{kind}": value(name, more)
        for name in ABOVE_PROCRUSTES
        for kind, more in (("frame", 0.0), ("action", 1.0))
    }
    by_action = {
        action: {"frames": 10 + place, **{name: value(name, 0.1 * place) for name in ABOVE_PROCRUSTES}}
        for place, action in enumerate(actions)
    }
    frames = {"all": 300, "S9": 200, "S11": 100}[subject]
    adds = 43_008 + 80_896 * steps if steps is not None else 43_008
    facts = {"steps": steps, "subject": subject, "frames": frames, "multiply_adds": adds}
    return {**facts, **errors, "negative_scale_share": 0.0, "actions": by_action, **over}


class Folder:
    """Writes what the evaluation writes."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def score(
        self, model: str, seed: int, rows: Sequence[dict[str, Any]], *, name: str = "", **over: Any
    ) -> Path:
        family = next((each for each in ("lifter", "ige") if model.startswith(each)), model)
        trained = trained_name(model, over.get("observation_name", "projection"))
        path = self.root / "scores" / (name or f"{trained}-{seed}.json")
        content = {
            "model": model,
            "family": family,
            "scale": "metric" if family in ("mean-pose", "nearest-pose") else "free",
            "seed": seed,
            "data": "procedural",
            "observation_name": "projection",
            "observation": {"kind": "projection"},
            "protocol": "17 joints, after Procrustes.",
            "joints": 17,
            "parameters": PARAMETERS.get(
                model, PARAMETERS.get(family, 43_008 if family == "lifter" else None)
            ),
            "trained_steps": rows[0]["steps"],
            "subjects": list(SUBJECTS),
            "rows": list(rows),
        }
        write_record(path, "pose-scores", content | over)
        return path

    def examples(
        self,
        model: str,
        steps: int | None,
        *,
        count: int = 3,
        spoilt: Sequence[int] = (),
        observation: str = "projection",
    ) -> Path:
        truth = np.stack([standing() + np.array([0.2 * number, 0.0, 0.0]) for number in range(count)])
        noise = np.random.default_rng(0).normal(size=truth.shape)
        iterates = np.stack([2.0 * (truth + 0.1 * 0.5**step * noise) for step in range((steps or 0) + 1)])
        iterates[-1, list(spoilt)] = np.nan
        lists = {
            name: [f"{name}{number}" for number in range(count)] for name in ("subject", "action", "camera")
        }
        path = self.root / "scores" / f"{trained_name(model, observation)}-examples.h5"
        arrays = {"truth": truth.astype(np.float32), "iterates": iterates.astype(np.float32)}
        arrays["observed"] = (truth[..., :2] / truth[..., 2:]).astype(np.float32)
        facts = {"model": model, "observation_name": observation, "family": "", "steps": steps}
        facts |= {"frame": list(range(count)), **lists}
        write_arrays(path, "pose-examples", arrays, facts)
        return path

    def history(self, model: str, seed: int, errors: Sequence[float], column: str = "pa_mm") -> Path:
        path = self.root / "models" / f"{model}-{seed}.csv"
        rows = [{"epoch": epoch, column: error} for epoch, error in enumerate(errors, start=1)]
        write_csv(path, ["epoch", column], rows)
        return path

    def skipped(self, name: str, rows: Sequence[tuple[str, int, str]]) -> Path:
        path = self.root / "data" / name
        columns = ["id", "frames", "reason"]
        write_csv(path, columns, [dict(zip(columns, row, strict=True)) for row in rows])
        return path


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


@pytest.fixture
def make_row() -> Callable[..., dict[str, Any]]:
    return row


@pytest.fixture
def pose_settings(params: Params) -> PoseTableSettings:
    """Of the committed parameters."""
    return stages.tabulate_poses(params)


@pytest.fixture
def shape_settings(params: Params) -> ShapeTableSettings:
    """Of the committed parameters."""
    return stages.tabulate_shape_sets(params)


@pytest.fixture
def pose() -> np.ndarray:
    return standing()


@pytest.fixture
def two_seeds(folder: Folder) -> list[Path]:
    """Scores of three models and two seeds, with every sort of row."""
    mean = row(130.0, multiply_adds=None, lacks=())
    scores = [folder.score("mean-pose", seed, [mean]) for seed in (0, 1)]
    for seed, error in ((0, 80.0), (1, 82.0)):
        subjects = [row(error + 3.0, subject="S9"), row(error - 6.0, subject="S11")]
        scores.append(folder.score("lifter-128-1", seed, [row(error), *subjects]))
    for seed, error in ((0, 50.0), (1, 53.0)):
        other = row(error + 2.0, steps=1)
        subjects = [row(error + 4.0, steps=2, subject="S9"), row(error - 8.0, steps=2, subject="S11")]
        rows = [row(error, steps=2, negative_scale_share=0.01), *subjects, other]
        scores.append(folder.score("ige-t2", seed, rows))
    return scores


def ball(resolution: int, radius: float) -> np.ndarray:
    """A ball about the middle of a grid; a radius of 0 is empty."""
    places = (np.arange(resolution) + 0.5) / resolution - 0.5
    squares = sum(np.meshgrid(places**2, places**2, places**2, indexing="ij"))
    return np.asarray(squares < radius**2)


def balls(radius: float, level: str, leak: bool, resolutions: Sequence[int]) -> dict[int, FilledGrid]:
    """Return balls by resolution."""
    return {
        size: FilledGrid(
            bits=pack(ball(size, radius)),
            resolution=size,
            level=level,  # type: ignore[arg-type]
            closed=level == "exact",
            leak=leak,
            retries=0,
            volume=0.1,
        )
        for size in resolutions
    }


def shard(
    path: Path,
    *,
    category: str = "car",
    split: str = "test",
    resolutions: Sequence[int] = (8, 16),
    models: Sequence[str] = ("a.obj", "b.obj"),
    radii: Sequence[float] = (0.3, 0.2),
    levels: Sequence[str] = ("exact", "tolerant"),
    leaks: Sequence[bool] = (False, True),
) -> Path:
    """Write a shard of balls: of each model one view for each radius, level and flag."""
    header = ShardHeader(category, split, tuple(resolutions), 16, "gzip", {"note": "test"})
    path.parent.mkdir(parents=True, exist_ok=True)
    with write_shard(path, header) as writer:
        for id in models:
            with writer.model(id, "CC0-1.0", balls(radii[0], levels[0], leaks[0], resolutions)):
                for number, (radius, level, leak) in enumerate(zip(radii, levels, leaks, strict=True)):
                    image = np.zeros((16, 16, 4), dtype=np.uint8)
                    image[ball(16, radius).any(axis=2)] = (200, 80, 40, 255)
                    grids = balls(radius, level, leak, resolutions)
                    writer.add_view(number, shape_view(0.3 + number, 0.4), image, grids)
    return path


@pytest.fixture
def make_shard() -> Callable[..., Path]:
    return shard


VOXEL_FAMILIES = {"mean-shape": "mean-shape", "nearest-silhouette": "nearest-image", "ceiling": "ceiling"}
VOXEL_METRICS = ("iou_frustum_weighted", "iou_frustum", "iou_world", "silhouette_iou", "f_score")
VOXEL_MORE = {"iou_frustum": 0.01, "iou_world": 0.02, "silhouette_iou": 0.2, "f_score": -0.1}
SHAPES = (("car", "a", 0), ("car", "b", 0), ("plane", "c", 0), ("plane", "d", 0))


def step_rows(steps: Sequence[tuple[float, float | None]]) -> list[dict[str, Any]]:
    return [{"step": step, "iou_frustum": iou, "energy": energy} for step, (iou, energy) in enumerate(steps)]


class VoxelFolder:
    """Writes what the evaluation of models of shapes writes."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def score(
        self,
        model: str,
        seed: int,
        ious: Sequence[float | None],
        *,
        keys: Sequence[tuple[str, str, int]] = SHAPES,
        resolution: int = 32,
        category: str | None = None,
        steps: Sequence[tuple[float, float | None]] = (),
        steps_of: Mapping[str, Sequence[tuple[float, float | None]]] | None = None,
        name: str = "",
        **over: Any,
    ) -> Path:
        """A score of the given IoUs by volume; other measures follow from them."""
        trained = shape_trained_name(model, resolution, category)
        family = VOXEL_FAMILIES.get(model, model.split("-")[0])
        measures: dict[str, list[float | None]] = {
            name: [None if iou is None else iou + VOXEL_MORE.get(name, 0.0) for iou in ious]
            for name in VOXEL_METRICS
        }
        for error, share in (("missed", 0.5), ("false_inside", 0.4), ("false_outside", 0.1)):
            measures[error] = [None if iou is None else share * (1.0 - iou) for iou in ious]
        columns = dict(zip(("category", "id", "view"), map(list, zip(*keys, strict=True)), strict=True))
        learns = family in ("deconv", "head", "ige")
        content = {
            "model": model,
            "trained": trained,
            "family": family,
            "coordinates": "frustum",
            "resolution": resolution,
            "category": category,
            "seed": seed,
            "threshold": 0.4,
            "evaluation_resolution": 64,
            "views": "first",
            "data": "procedural",
            "protocol": "IoU of cells.",
            "parameters": 1_234_567 if learns else None,
            "multiply_adds": 61_000_000 if learns else None,
            "trained_steps": 2 if family == "ige" else None,
            "initial": "deconv" if family in ("head", "ige") or model == "deconv-long" else None,
            "empty_truths": 0,
            "examples": columns | measures,
            "steps": step_rows(steps),
            "steps_by_category": {each: step_rows(rows) for each, rows in (steps_of or {}).items()},
        }
        path = self.root / "scores" / (name or f"{trained}-{seed}.json")
        write_record(path, "shape-scores", content | over)
        return path

    def examples(
        self,
        model: str,
        *,
        radii: Sequence[float] = (0.25,),
        keys: Sequence[tuple[str, str, int]] = SHAPES,
        resolution: int = 16,
        category: str | None = None,
        coordinates: str = "frustum",
    ) -> Path:
        """Balls of radius 0.25 as the truth, and iterates of the given radii."""
        count, fine = len(keys), 2 * resolution
        image = np.zeros((16, 16, 4), dtype=np.uint8)
        image[ball(16, 0.25).any(axis=2)] = (200, 80, 40, 255)
        shown = {
            "rgba": image,
            "truth": pack(ball(resolution, 0.25)),
            "truth_fine": pack(ball(fine, 0.25)),
            **{f"iterates/{step}": pack(ball(resolution, radius)) for step, radius in enumerate(radii)},
        }
        trained = shape_trained_name(model, resolution, category)
        facts = {
            "name": trained,
            "model": model,
            "family": VOXEL_FAMILIES.get(model, model.split("-")[0]),
            "seed": 0,
            "data": "procedural",
            "coordinates": coordinates,
            "threshold": 0.4,
            "resolution": resolution,
            "evaluation_resolution": fine,
            "steps": len(radii) - 1,
            **dict(zip(("category", "id", "view"), map(list, zip(*keys, strict=True)), strict=True)),
            "iou_frustum": [0.5] * count,
        }
        path = self.root / "scores" / f"{trained}-examples.h5"
        with write_array_rows(path, "shape-examples", count) as rows:
            for place in range(count):
                view = shape_view(0.3 + place, 0.4)
                lens = {name: np.float64(getattr(view, name)) for name in ("focal", "near", "far")}
                rows.put(place, shown | {"camera": view.extrinsics} | lens)
            rows.attributes = facts
        return path

    def history(
        self, trained: str, seed: int, errors: Sequence[float], column: str = "one_minus_iou"
    ) -> Path:
        path = self.root / "models" / f"{trained}-{seed}.csv"
        write_csv(
            path,
            ["epoch", column],
            [{"epoch": epoch, column: error} for epoch, error in enumerate(errors, start=1)],
        )
        return path


@pytest.fixture
def voxels(tmp_path: Path) -> VoxelFolder:
    return VoxelFolder(tmp_path)


@pytest.fixture
def voxel_settings(params: Params) -> VoxelTableSettings:
    """Of the committed parameters, with references of the tests' own."""
    settings = stages.tabulate_shapes(params).subtree()
    settings["references"] = ["deconv-long", "head"]
    settings["bootstrap"] = {"samples": 200, "seed": 0}
    return VoxelTableSettings.model_validate_json(json.dumps(settings))


@pytest.fixture
def published_settings(voxel_settings: VoxelTableSettings) -> VoxelTableSettings:
    """Of a run whose values stand beside the published ones."""
    settings = voxel_settings.subtree()
    shapenet = {"version": 1, "counts": "full", "skip_ids": {}, "repairs": {}}
    settings |= {"source": "shapenet", "shapenet": shapenet, "resolution": 256, "views": "first"}
    settings["splits"]["lists"] = "r2n2"
    return VoxelTableSettings.model_validate_json(json.dumps(settings))


@pytest.fixture
def voxel_scores(voxels: VoxelFolder) -> list[Path]:
    """Scores of five models and two seeds."""
    by_seed = [[0.4, 0.6, 0.3, 0.5], [0.42, 0.62, 0.32, 0.52]]
    above = {"mean-shape": -0.2, "deconv-long": 0.0, "head": 0.02, "ige": 0.05, "ceiling": 0.3}
    steps = [(0.50, 3.0), (0.52, 2.5), (0.53, None)]
    return [
        voxels.score(
            model,
            seed,
            [iou + more for iou in by_seed[seed if model not in VOXEL_FAMILIES else 0]],
            steps=steps if model == "ige" else (),
        )
        for model, more in above.items()
        for seed in (0, 1)
    ]


@pytest.fixture
def make_ball() -> Callable[..., np.ndarray]:
    return ball
