"""Pairs per second of the stage `prepare_lifting_set`, and the memory that it and the training loop take.

As many pairs as Human3.6M's training subjects have (1.56 million: generated clips, four cameras, every frame
with all joints in the image), from the file of clips to the lifting set on the disk. Ours is the stage; the
other is the same work as people write it: all 32 joints of a view at once, by the functions of
`ige.geometry`, parts in lists, joined at the end. Each runs in a process of its own, which imports what it
needs alone, by turns; `ratio` is the median over the rounds of the other's seconds over ours, whole
processes. `differing_values` counts the numbers in which the two files differ: both are rounded to single
precision, after sums in another order. `training` is the stage `train_poses` for an epoch on our file:
`peak_mb` of the process, and `resident_mb` that it takes for most of the time beyond the `libraries_mb` of
Python and torch.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

from ige.geometry.cameras import in_image, project, world_to_camera
from ige.geometry.rotations import about_vertical
from ige.geometry.skeletons import H36M_16, MPII_16
from ige.params.load import read_params
from ige.params.poses import LiftingSettings
from ige.poses.clips import Clip, read_clip_file, write_clips
from ige.poses.lifting import prepare_lifting_set
from ige.poses.lifting_set import LiftingSet, Split, read_lifting_set, write_lifting_set
from ige.poses.procedural.source import make_clip
from ige.poses.rigs import rig_cameras

ROOT = Path(__file__).parent.parent
PAIRS = 1_560_000
FPS = 50.0
TAKES = 2
MODEL = "lifter-128-1"
SEEN_JOINTS = sorted({*H36M_16.source, *MPII_16.source})


def lifting_settings() -> LiftingSettings:
    """Return those of params.yaml for projections, with every frame of every training clip."""
    changes = {"frame_step": 1, "validation_held_out": False, "expected_pairs": {}}
    lifting = read_params(ROOT / "params.yaml", []).poses.lifting.of("projection")
    return lifting.model_copy(update=changes)


def make_clips(path: Path, pairs: int) -> None:
    """Write procedural clips of so many pairs before four cameras."""
    params = read_params(ROOT / "params.yaml", []).poses
    names = list(product(params.lifting.splits.train, params.procedural.actions, range(1, TAKES + 1)))
    frames = pairs // len(rig_cameras(lifting_settings().rig)) // len(names)
    clips = [make_clip(0, *subject_action, take, frames / FPS, FPS) for *subject_action, take in names]
    write_clips(path, clips, "procedural")


def plain(clips: Path, out: Path, settings: LiftingSettings) -> None:
    """Do what the stage does, as people write it."""
    content = read_clip_file(clips)
    cameras = rig_cameras(settings.rig)
    parts: list[dict[str, Any]] = []
    order = sorted(range(len(content.clips)), key=lambda number: content.clips[number].name)
    for number in order:
        clip = content.clips[number]
        joints_world = clip.positions_world.astype(np.float64)
        turns = about_vertical(np.radians(settings.yaws_degrees))
        for (yaw, turn), (index, camera) in product(enumerate(turns), enumerate(cameras)):
            joints_cam = world_to_camera(joints_world @ turn.T, camera.extrinsics)
            is_shown = in_image(joints_cam[:, SEEN_JOINTS], camera, settings.rig.image_pixels)
            is_seen = is_shown.all(axis=-1)
            image = project(MPII_16.select(joints_cam[is_seen]), camera.radial, camera.tangential)
            parts.append(
                {
                    "observed": image.astype(np.float32),
                    "poses_cam": H36M_16.select(joints_cam[is_seen]).astype(np.float32),
                    "frame": np.flatnonzero(is_seen).astype(np.int32),
                    **of_view(clip, is_seen.sum(), number, yaw, index),
                }
            )
    write_lifting_set(out, joined(parts, settings))


def of_view(clip: Clip, count: int, number: int, yaw: int, camera: int) -> dict[str, Any]:
    """Return what is the same for all pairs of a view."""
    numbers = {"clip": np.int32(number), "yaw": np.uint8(yaw), "camera": np.uint8(camera)}
    texts = {fact: getattr(clip, fact) for fact in ("subject", "action", "take")}
    return {name: np.repeat(value, count) for name, value in (numbers | texts).items()}


def joined(parts: list[dict[str, Any]], settings: LiftingSettings) -> LiftingSet:
    """Return the lifting set of the parts."""
    arrays = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    names: dict[str, tuple[str, ...]] = {}
    for fact in ("subject", "action", "take"):
        values, indices = np.unique(arrays[fact], return_inverse=True)
        names[f"{fact}s"], arrays[fact] = tuple(values.tolist()), indices.astype(np.int16)
    return LiftingSet(
        **arrays,
        **names,
        cameras=rig_cameras(settings.rig),
        yaws_degrees=settings.yaws_degrees,
        split="train",
        source="procedural",
        observation=settings.observation.subtree(),
    )


def train(folder: Path) -> dict[str, float]:
    """Train a lifter for an epoch by the stage; return the memory that this takes."""
    import torch  # noqa: F401 (its memory is that of a library, not of pairs)

    from ige.params import stages
    from ige.poses.train import train_poses

    before = memory_mb("VmRSS")
    settings = stages.train_poses(read_params(ROOT / "params.yaml", []), MODEL)
    if settings.training is None:
        raise ValueError(f"{MODEL} does not learn")
    once = settings.training.model_copy(update={"epochs": 1})
    paths = {name: [folder / f"training-{name}"] for name in ("models", "histories", "records")}
    samples: list[float] = []
    finished = threading.Event()
    watch = threading.Thread(target=sample_memory, args=(samples, finished))
    watch.start()
    train_poses(
        name=MODEL,
        train=folder / "ours.h5",
        validation=folder / "validation.h5",
        initials=[],
        **paths,
        checkpoints=folder / "checkpoints",
        settings=settings.model_copy(update={"seeds": (0,), "training": once}),
        code="",
        device="cpu",
    )
    finished.set()
    watch.join()
    return {
        "resident_mb": round(statistics.median(samples) - before, 1),
        "peak_mb": memory_mb("VmHWM"),
        "libraries_mb": before,
    }


def sample_memory(samples: list[float], finished: threading.Event) -> None:
    """Append what this process has in memory, ten times a second."""
    while not finished.wait(0.1):
        samples.append(memory_mb("VmRSS"))


def memory_mb(field: str) -> float:
    """Return what this process has in memory (VmRSS) or had at most (VmHWM), as Linux tells."""
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    (value,) = (line.split()[1] for line in lines if line.startswith(f"{field}:"))
    return round(int(value) * 1024 / 1e6, 1)


def prepare(clips: Path, out: Path, split: Split) -> None:
    """Let the stage write a lifting set."""
    prepare_lifting_set(
        clips=clips,
        detections=None,
        split=split,
        out=out,
        skipped=out.with_suffix(".csv"),
        settings=lifting_settings(),
    )


def work(task: str, folder: Path) -> dict[str, float]:
    """Do the task of a child process; return what it measures of itself."""
    clips, out = folder / "clips.h5", folder / f"{task}.h5"
    if task == "training":
        prepare(clips, folder / "validation.h5", "validation")
        return train(folder)
    if task == "ours":
        prepare(clips, out, "train")
    else:
        plain(clips, out, lifting_settings())
    return {"peak_mb": memory_mb("VmHWM")}


def timed(task: str, folder: Path) -> dict[str, float]:
    """Let a process of its own do a task; return the seconds and what it measures of itself."""
    command = [sys.executable, __file__, "--task", task, "--folder", str(folder)]
    start = time.perf_counter()
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return {"seconds": round(time.perf_counter() - start, 2), **json.loads(done.stdout)}


def differing_values(one: LiftingSet, other: LiftingSet) -> int:
    """Count the coordinates in which two lifting sets differ."""
    return sum(int((getattr(one, name) != getattr(other, name)).sum()) for name in ("observed", "poses_cam"))


def measure(pairs: int, rounds: int, folder: Path) -> dict[str, Any]:
    """Return the result of the module's docstring."""
    from machine import describe_machine

    make_clips(folder / "clips.h5", pairs)
    runs = [{task: timed(task, folder) for task in ("ours", "other")} for _ in range(rounds)]
    contents = [read_lifting_set(folder / f"{task}.h5") for task in ("ours", "other")]
    count = len(contents[0].observed)
    seconds = {task: [run[task]["seconds"] for run in runs] for task in ("ours", "other")}
    return {
        "benchmark": "prepare_pairs",
        "ratio": round(statistics.median(b / a for a, b in zip(*seconds.values(), strict=True)), 2),
        **{task: round(count / statistics.median(times)) for task, times in seconds.items()},
        "unit": "pairs per second, from clips.h5 to the lifting set, whole processes",
        "pairs": count,
        "peak_mb": {task: max(run[task]["peak_mb"] for run in runs) for task in seconds},
        "file_mb": {
            name: round((folder / f"{name}.h5").stat().st_size / 1e6, 1) for name in ("clips", "ours")
        },
        "values": contents[0].observed.size + contents[0].poses_cam.size,
        "differing_values": differing_values(*contents),
        "training": {"model": MODEL, "epochs": 1, **timed("training", folder)},
        "rounds": rounds,
        "machine": describe_machine(),
    }


def main() -> None:
    """Print the result as one JSON object, and write it where asked."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pairs", type=int, default=PAIRS, help="about so many")
    parser.add_argument("--rounds", type=int, default=3, help="rounds that count")
    parser.add_argument("--out", type=Path, help="also write the result to this file")
    parser.add_argument("--task", choices=("ours", "other", "training"), help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.task is not None:
        print(json.dumps(work(arguments.task, arguments.folder)))
        return
    from machine import publish

    with tempfile.TemporaryDirectory() as folder:
        publish(measure(arguments.pairs, arguments.rounds, Path(folder)), arguments.out)


if __name__ == "__main__":
    main()
