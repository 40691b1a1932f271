"""How long `snakemake -n` takes with 20 and with 500 models in params.yaml, and what its cache saves.

Checkouts whose `train.poses` holds that many lifters are planned by the real Snakefile: from nothing, and
when all is built and nothing is to be done. For that the rules run a stand-in for `ige` that writes made-up
files and true records: only the plan is measured. `ratio` is the time of a plan of 20 models from nothing
without the cache of the code's versions over the same with it; `growth` is the time for 500 models when
nothing is to be done over that for 20.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from machine import describe_machine, publish

from ige.workflow import code

MODELS = (20, 500)
REPEATS = 3
ROOT = Path(__file__).resolve().parents[1]
COPIED = ("Snakefile", "params.yaml", "ige", "workflow", "profiles")
CACHE = "ige-code.json"
LIFTER = {"kind": "lifter", "blocks": 1, "dropout": 0.5, "initial": None, "scale": "free"}
STAND_IN = """
import hashlib, json, os, sys
from pathlib import Path

rule, code, *files = sys.argv[1:]
inputs, outputs = files[: files.index("::")], files[files.index("::") + 1 :]
records = [Path(name) for name in outputs if name.endswith("run.json")]
made = [Path(name) for name in outputs if not name.endswith("run.json")]
for path in made:
    path.write_text(str(path))


def digests(files, folder):
    return {os.path.relpath(f, folder): hashlib.sha256(Path(f).read_bytes()).hexdigest() for f in files}


for place, record in enumerate(records):
    facts = {"stage": rule, "settings": {}, "code": code, "inputs": digests(inputs, record.parent)}
    facts["outputs"] = digests(made, record.parent) if place == 0 else {}
    form = json.dumps(facts, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    digest = hashlib.sha256(form.encode()).hexdigest()
    record.write_text(json.dumps({"made": facts, "digest": digest, "circumstances": {}}))
"""


def make_checkout(folder: Path, models: int) -> None:
    """Copy the project, select that many lifters, and let its rules call the stand-in."""
    for name in COPIED:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy2
        copy(ROOT / name, folder / name)
    lifters = {f"lifter-{16 + number}-1": {**LIFTER, "width": 16 + number} for number in range(models)}
    preset = {"run": "many", "models": {"poses": lifters}, "train": {"poses": [*lifters]}}
    (folder / "many.json").write_text(json.dumps(preset))
    (folder / "stand_in.py").write_text(STAND_IN)
    stand_in = '        "{sys.executable} stand_in.py {rule} {params.code} {input} :: {output} # '
    for rules in (folder / "workflow/rules").glob("[2-5]_*.smk"):
        rules.write_text(rules.read_text().replace('        "ige ', stand_in))


def snakemake(checkout: Path, *arguments: str) -> str:
    """Run Snakemake and return what it says."""
    command = [sys.executable, "-m", "snakemake", "--cores", "2", "--configfile", "many.json", *arguments]
    environment = {
        name: value for name, value in os.environ.items() if name not in ("IGE_REAL_DATA", "PYTHONPATH")
    }
    done = subprocess.run(command, cwd=checkout, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stdout[-2000:] + done.stderr[-4000:])
    return done.stdout + done.stderr


def best(call: Callable[[], object], before: Callable[[], object] = lambda: None) -> float:
    """Return the seconds of the fastest of some calls."""
    seconds = []
    for _ in range(REPEATS):
        before()
        started = time.perf_counter()
        call()
        seconds.append(time.perf_counter() - started)
    return round(min(seconds), 3)


def measure(models: int) -> dict[str, float]:
    """Plan one checkout: from nothing without and with the cache, and when all is built."""
    with tempfile.TemporaryDirectory() as temporary:
        checkout = Path(temporary)
        make_checkout(checkout, models)
        cache = checkout / ".snakemake" / CACHE
        without = best(lambda: snakemake(checkout, "-n", "-q", "all"), lambda: cache.unlink(missing_ok=True))
        result = {
            "models": models,
            "without_cache_s": without,
            "from_nothing_s": best(lambda: snakemake(checkout, "-n", "-q", "all")),
        }
        snakemake(checkout, "-q", "all")
        if "Nothing to be done" not in snakemake(checkout, "-n"):
            raise SystemExit("a built run has something to do")
        return result | {"nothing_to_do_s": best(lambda: snakemake(checkout, "-n", "-q", "all"))}


def measure_versions() -> dict[str, float]:
    """Hash the code of all stages without and with the cache, in fresh memory."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        parsed = best(lambda: code.versions(folder), lambda: (folder / CACHE).unlink(missing_ok=True))
        return {"parsed_s": parsed, "kept_s": best(lambda: code.versions(folder))}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, help="also write the JSON here")
    out = parser.parse_args().out
    few, many = (measure(models) for models in MODELS)
    result = {
        "benchmark": "plan_models",
        "ratio": round(few["without_cache_s"] / few["from_nothing_s"], 2),
        "growth": round(many["nothing_to_do_s"] / few["nothing_to_do_s"], 2),
        "ours": few["from_nothing_s"],
        "other": few["without_cache_s"],
        "cases": [few, many],
        "versions": measure_versions(),
        "machine": describe_machine(),
    }
    publish(result, out)


if __name__ == "__main__":
    main()
