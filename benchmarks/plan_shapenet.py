"""How long `snakemake -n` takes to plan ShapeNet: 44,000 models, 24 views, four resolutions.

Made-up ShapeNets of the real layout (a folder per model with model.obj and model.mtl, 13 categories of equal
size; or one zip file per category) are planned by the real Snakefile with workflow/presets/shapenet.yaml.
`ratio` is the time for all models over the time for a tenth of them: below 10 means that the plan costs less
than the models themselves. Without contents there is nothing to build: only the plan is measured.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

from machine import describe_machine, publish

MODELS = 44_000
SYNSETS = tuple(f"{number:08d}" for number in (2691156, 2828884, 2933112, 2958343, 3001627, 3211117, 3636649))
SYNSETS += tuple(f"{number:08d}" for number in (3691459, 4090263, 4256520, 4379243, 4401088, 4530566))
FILES = {"model.obj": b"mtllib model.mtl\n", "model.mtl": b""}
ROOT = Path(__file__).resolve().parents[1]
COPIED = ("Snakefile", "params.yaml", "ige", "workflow", "profiles")


def model_names(models: int) -> list[str]:
    """Return `<synset>/<id>` of made-up models; ids look like ShapeNet's."""
    return [f"{SYNSETS[number % 13]}/{number * 2654435761 % 2**32:032x}" for number in range(models)]


def make_folders(folder: Path, models: int) -> None:
    """Write the models as folders."""
    for name in model_names(models):
        (folder / name).mkdir(parents=True)
        for file, content in FILES.items():
            (folder / name / file).write_bytes(content)


def make_zips(folder: Path, models: int) -> None:
    """Write the models as a zip file per category."""
    folder.mkdir(parents=True)
    archives = {synset: zipfile.ZipFile(folder / f"{synset}.zip", "w") for synset in SYNSETS}
    for name in model_names(models):
        for file, content in FILES.items():
            archives[name.split("/")[0]].writestr(f"{name}/{file}", content)
    for archive in archives.values():
        archive.close()


def plan(checkout: Path) -> tuple[float, int]:
    """Return the seconds of `snakemake -n` and the number of shards it would make."""
    # Made-up numbers of models are not the published ones.
    part = ("--config", "shapes={shapenet: {counts: part}}")
    preset = ("--configfile", "workflow/presets/shapenet.yaml", *part, "--", "shapes")
    started = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "snakemake", "-n", "--cores", "2", *preset],
        cwd=checkout,
        env={name: value for name, value in os.environ.items() if name != "IGE_REAL_DATA"},
        capture_output=True,
        text=True,
        check=False,
    )
    seconds = time.perf_counter() - started
    if done.returncode:
        raise SystemExit(done.stdout[-2000:] + done.stderr[-4000:])
    return seconds, (done.stdout + done.stderr).count("rule prepare_shapes:")


def measure(layout: str, models: int) -> dict[str, float]:
    """Plan one made-up ShapeNet."""
    with tempfile.TemporaryDirectory() as temporary:
        checkout = Path(temporary)
        for name in COPIED:
            copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy2
            copy(ROOT / name, checkout / name)
        make = make_folders if layout == "folders" else make_zips
        make(checkout / "data/sources/shapenet", models)
        seconds, shards = plan(checkout)
    return {"models": models, "shards": shards, "seconds": round(seconds, 2)}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, help="also write the JSON here")
    out = parser.parse_args().out
    cases = {
        layout: [measure(layout, MODELS // 10), measure(layout, MODELS)] for layout in ("folders", "zips")
    }
    small, large = cases["folders"]
    result = {
        "benchmark": "plan_shapenet",
        "ratio": round(large["seconds"] / small["seconds"], 2),
        "ours": large["seconds"],
        "other": small["seconds"],
        "cases": cases,
        "machine": describe_machine(),
    }
    publish(result, out)


if __name__ == "__main__":
    main()
