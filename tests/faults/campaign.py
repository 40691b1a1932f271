"""A campaign of faults: `python tests/faults/campaign.py --seed 0 --faults 200 --out tally.json`.

Each fault strikes a copy of one built project; then the user runs the same command again. Afterwards all
results must equal those of an undisturbed run. docs/faults.md tells what is injected.
"""

from __future__ import annotations

import argparse
import itertools
import json
import random
import shutil
import subprocess
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from fault_kinds import KINDS, NEED_MOUNTS
from fault_mounts import may_mount
from fault_stand import MORE_EPOCHS, PROJECTS, ROOT, Failure, Missed, Stand

RECOVERED, TOLD, FAILED = "recovered", "told, then recovered", "failed"
MISSED, SKIPPED = "missed", "skipped"  # what was not injected: it did not happen, or may not be done here
INJECTED = (RECOVERED, TOLD, FAILED)
COLUMNS = ("injected", *INJECTED, MISSED, SKIPPED)
ATTEMPTS = 8  # at a fault that is missed again and again


@dataclass(frozen=True)
class Fault:
    """One fault of the plan; its number, the attempt and the campaign's seed draw all the rest."""

    number: int
    kind: str
    seed: int
    attempt: int = 0

    def rng(self) -> random.Random:
        return random.Random(f"{self.seed} {self.number} {self.kind} {self.attempt}")


@dataclass
class Outcome:
    """How one fault ended."""

    number: int
    kind: str
    verdict: str
    attempt: int = 0
    why: str = ""
    drawn: dict[str, Any] = field(default_factory=dict)
    seconds: float = 0.0


def plan(seed: int) -> Iterator[Fault]:
    """Draw the faults of a campaign without end: round after round, each kind once, in a random order.

    A number is the same fault whatever else is injected, or may be.
    """
    for number in itertools.count():
        begun, place = divmod(number, len(KINDS))
        kinds = random.Random(f"{seed} {begun}").sample(list(KINDS), len(KINDS))
        yield Fault(number, kinds[place], seed)


def chosen(seed: int, faults: int, kinds: Collection[str], only: int | None = None) -> list[Fault]:
    """The first faults of a campaign that are of these kinds; or the one of this number."""
    if only is not None:
        return list(itertools.islice(plan(seed), only, only + 1))
    return list(itertools.islice((fault for fault in plan(seed) if fault.kind in kinds), faults))


def inject_until_it_happens(fault: Fault, base: Stand, kept: Path) -> list[Outcome]:
    """Inject a fault, drawn anew for as long as it is missed."""
    outcomes: list[Outcome] = []
    while len(outcomes) < ATTEMPTS and all(outcome.verdict == MISSED for outcome in outcomes):
        outcomes.append(_told(inject(replace(fault, attempt=len(outcomes)), base, kept)))
    return outcomes


def inject(fault: Fault, base: Stand, kept: Path) -> Outcome:
    """Inject one fault into a copy of the base, let the user go on, and judge; keep what failed."""
    began = time.monotonic()
    scratch = base.scratch / f"{fault.number:03d}"
    scratch.mkdir()
    folder = scratch / "project"
    subprocess.run(["cp", "-a", str(base.folder), str(folder)], check=True)
    stand = Stand(PROJECTS.Project(folder), scratch, base.expected)
    outcome = Outcome(fault.number, fault.kind, FAILED, fault.attempt)
    try:
        struck = KINDS[fault.kind](stand, fault.rng())
        outcome.drawn = struck.drawn
        told = [*stand.finish(struck.command), *([struck.line] if struck.judge() else [])]
        stand.check(struck.command)
        outcome.verdict = TOLD if told else RECOVERED
        if not stand.wait_until_idle():
            raise Failure("a process outlives its run")
    except Missed as missed:
        outcome.verdict, outcome.why = MISSED, str(missed)
    except Failure as failure:
        outcome.verdict, outcome.why = FAILED, str(failure)
    except Exception:
        outcome.verdict, outcome.why = FAILED, "the campaign itself: " + traceback.format_exc()
    finally:
        outcome.seconds = round(time.monotonic() - began, 1)
        if outcome.verdict == FAILED:
            _keep(stand, outcome, kept / f"{fault.number:03d}")
        stand.end_all()
        shutil.rmtree(scratch, ignore_errors=True)
    return outcome


def _keep(stand: Stand, outcome: Outcome, place: Path) -> None:
    place.mkdir(parents=True, exist_ok=True)
    facts = json.dumps(asdict(outcome), indent=1)
    (place / "transcript.txt").write_text("\n".join([facts, *stand.transcript]) + "\n")
    subprocess.run(["cp", "-a", str(stand.folder), str(place / "project")], check=False)


def build(scratch: Path, folder: Path) -> Stand:
    """Build the project that all faults strike copies of, with both tools; one that is there is renewed."""
    if folder.is_dir():
        for name in {*PROJECTS.COPIED} - {"params.yaml"}:
            subprocess.run(["cp", "-a", "--no-target-directory", ROOT / name, folder / name], check=True)
        project = PROJECTS.Project(folder.resolve())
    else:
        project = PROJECTS.make_project(ROOT, folder.resolve(), MORE_EPOCHS)
    stand = Stand(project, scratch, {})
    for command in (("snakemake", "--cores", "2"), ("dvc", "repro")):
        said = stand.run(command)
        if said.code != 0:
            raise SystemExit(said.text)
    project.commit()
    stand.expected = project.results()
    stand.check(("dvc", "repro"))
    return stand


def tally(outcomes: Sequence[Outcome]) -> dict[str, dict[str, int]]:
    """Count the verdicts of each kind."""
    counts: dict[str, Counter[str]] = {kind: Counter() for kind in KINDS}
    for outcome in outcomes:
        counts[outcome.kind][outcome.verdict] += 1
        counts[outcome.kind]["injected"] += outcome.verdict in INJECTED
    return {kind: {column: count[column] for column in COLUMNS} for kind, count in counts.items()}


def table(counts: dict[str, dict[str, int]]) -> str:
    """The tally for the terminal."""
    total = {column: sum(count[column] for count in counts.values()) for column in COLUMNS}
    rows = [("", *COLUMNS)]
    rows += [(kind, *map(str, count.values())) for kind, count in [*counts.items(), ("all", total)]]
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if place == 0 else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a campaign; return 1 if a fault was not met as it should be, or never happened."""
    options = _options(arguments)
    began = time.monotonic()
    kinds = [kind for kind in KINDS if not options.kinds or any(word in kind for word in options.kinds)]
    faults = chosen(options.seed, options.faults, kinds, options.only)
    kept = options.out.with_suffix(".failures")
    if options.work is not None:
        options.work.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="ige-faults-", dir=options.work) as name:
        scratch = Path(name).resolve()
        allowed = [fault for fault in faults if fault.kind not in NEED_MOUNTS or may_mount(scratch)]
        skipped = [fault for fault in faults if fault not in allowed]
        base = build(scratch, options.base or scratch / "base")
        _say(f"the base is built: {time.monotonic() - began:.0f} s")
        with ThreadPoolExecutor(options.workers) as pool:
            tried = list(pool.map(lambda fault: inject_until_it_happens(fault, base, kept), allowed))
    missed = [attempts[-1].number for attempts in tried if attempts[-1].verdict == MISSED]
    outcomes = [outcome for attempts in tried for outcome in attempts]
    why = "it needs the right to mount file systems"
    outcomes += [_told(Outcome(fault.number, fault.kind, SKIPPED, why=why)) for fault in skipped]
    counts = tally(outcomes)
    failed = any(outcome.verdict == FAILED for outcome in outcomes)
    minutes = round((time.monotonic() - began) / 60, 1)
    content = {
        "seed": options.seed,
        "minutes": minutes,
        "tally": counts,
        "never happened": missed,
        "faults": list(map(asdict, outcomes)),
    }
    options.out.write_text(json.dumps(content, indent=1) + "\n")
    _say(f"{table(counts)}\n{minutes} minutes" + (f"; failures are kept in {kept}" if failed else ""))
    if missed:
        _say(f"never happened, in {ATTEMPTS} attempts: {', '.join(map(str, missed))}")
    return int(failed or bool(missed))


def _told(outcome: Outcome) -> Outcome:
    drawn = ", ".join(f"{name}: {value}" for name, value in outcome.drawn.items())
    text = f"{outcome.number:03d} {outcome.kind}: {outcome.verdict} ({outcome.seconds:.0f} s; {drawn})"
    _say(f"{text}\n    {outcome.why}" if outcome.why else text)
    return outcome


def _say(text: str) -> None:
    print(text, flush=True)  # noqa: T201


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seed", type=int, default=0, help="of all that is drawn")
    parser.add_argument("--faults", type=int, default=200, help="how many")
    parser.add_argument("--only", type=int, help="the fault of this number alone, to look into it")
    parser.add_argument("--kinds", nargs="*", metavar="WORDS", help="the kinds whose name holds these words")
    parser.add_argument("--workers", type=int, default=2, help="faults at the same time")
    parser.add_argument("--work", type=Path, help="folder for the copies (default: that of temporary files)")
    parser.add_argument("--base", type=Path, help="folder that keeps the built project for the next campaign")
    parser.add_argument("--out", type=Path, required=True, help="the tally to write, JSON")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
