"""Draws docs/images/rules.svg: which rule needs results of which, from `snakemake --rulegraph`.

`make graph`, or `python docs/draw_rules.py`. Asked are several presets, in a copy without any data or results,
since each builds from other sources; drawn is what any of them needs. What follows from other arrows has none
of its own. Needs no graphviz: columns are the files of rules, the order within them has few crossings.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from statistics import fmean

ROOT = Path(__file__).resolve().parents[1]
OUT = ROOT / "docs/images/rules.svg"
COPIED = ("Snakefile", "params.yaml", "ige", "workflow", "profiles")
PRESETS = ("params.yaml", *(f"workflow/presets/{name}.yaml" for name in ("open", "paper", "shapenet")))

Edge = tuple[str, str]
SWEEPS = 24
LETTER, HEIGHT, GAP, BETWEEN = 7.0, 26.0, 12.0, 44.0  # of a letter, a box, between rows, between columns
MARGIN, HEAD = 16.0, 46.0
FILLS = ("#f2f2f2", "#e6f4ea", "#fff3d6", "#e3ecf7", "#fbe9e1")
INK, LINE = "#22262b", "#8a94a0"
FONT = "ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace"


@dataclass(frozen=True, slots=True)
class Place:
    """A box of a rule in a column, or the point where the arrows of a rule cross that column."""

    rule: str
    column: int
    is_box: bool


def main() -> None:
    """Draw the graph."""
    files = rule_files(ROOT / "workflow/rules")
    with tempfile.TemporaryDirectory() as temporary:
        copy_into(Path(temporary))
        edges = {edge for preset in PRESETS for edge in edges_of(rule_graph(Path(temporary), preset))}
    known = [rule for rules in files.values() for rule in rules]
    OUT.write_text(
        drawn(files, [edge for edge in sorted(edges) if set(edge) <= set(known)]), encoding="utf-8"
    )


def rule_files(folder: Path) -> dict[str, list[str]]:
    """Return the rules of each file that run a command, in their order."""
    found = {}
    for file in sorted(folder.glob("[0-9]_*.smk")):
        blocks = re.split(r"^rule ", file.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
        rules = [block.partition(":")[0] for block in blocks if "\n    shell:" in block]
        if rules:
            found[file.name] = rules
    return found


def copy_into(folder: Path) -> None:
    """Copy what Snakemake reads."""
    for name in COPIED:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy2
        copy(ROOT / name, folder / name)


def rule_graph(checkout: Path, preset: str) -> str:
    """Ask Snakemake for the graph of a preset, as dot."""
    command = [sys.executable, "-m", "snakemake", "--rulegraph", "--configfile", preset]
    environment = {name: value for name, value in os.environ.items() if name != "IGE_REAL_DATA"}
    done = subprocess.run(command, cwd=checkout, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stdout[-2000:] + done.stderr[-4000:])
    return done.stdout


def edges_of(dot: str) -> set[Edge]:
    """Read the arrows between rules."""
    names = dict(re.findall(r'^\s*(\d+)\[label = "(\w+)', dot, re.MULTILINE))
    pairs = re.findall(r"^\s*(\d+) -> (\d+)", dot, re.MULTILINE)
    return {(names[one], names[other]) for one, other in pairs if one in names and other in names}


def reduced(edges: Iterable[Edge]) -> list[Edge]:
    """Leave out arrows that follow from others; a rule that needs its own results keeps its loop."""
    after: dict[str, set[str]] = {}
    for one, other in edges:
        if one != other:
            after.setdefault(one, set()).add(other)

    def reached(rule: str) -> set[str]:
        return after.get(rule, set()).union(*(reached(each) for each in after.get(rule, ())))

    return [
        (one, other)
        for one, other in edges
        if one == other or not any(other in reached(each) for each in after[one] - {other})
    ]


def columns_of(files: Mapping[str, Sequence[str]], edges: Sequence[Edge]) -> dict[str, int]:
    """Give each rule a column: those of its file, further right if it needs one of the same file."""
    columns: dict[str, int] = {}
    first = 0
    for rules in files.values():
        inside = [edge for edge in edges if edge[0] != edge[1] and set(edge) <= set(rules)]
        depth = dict.fromkeys(rules, 0)
        for _ in rules:
            depth |= {other: max(depth[other], depth[one] + 1) for one, other in inside}
        columns |= {rule: first + depth[rule] for rule in rules}
        first += max(depth.values()) + 1
    return columns


def laid_out(
    columns: Mapping[str, int], edges: Sequence[Edge]
) -> tuple[list[list[Place]], list[tuple[Place, Place]]]:
    """Return the places of each column and the lines between neighbouring columns.

    All arrows of a rule share one line as far as they go the same way.
    """
    table = [
        [Place(rule, column, True) for rule in columns if columns[rule] == column]
        for column in range(max(columns.values()) + 1)
    ]
    lines = []
    for rule in columns:
        targets = [other for one, other in edges if one == rule and other != rule]
        last = Place(rule, columns[rule], True)
        for column in range(columns[rule] + 1, max((columns[each] for each in targets), default=0) + 1):
            lines += [(last, Place(each, column, True)) for each in targets if columns[each] == column]
            if any(columns[each] > column for each in targets):
                point = Place(rule, column, False)
                table[column].append(point)
                lines.append((last, point))
                last = point
    return table, lines


def ordered(table: list[list[Place]], lines: Sequence[tuple[Place, Place]]) -> list[list[Place]]:
    """Order each column by the mean place of its neighbours, to and fro; keep the order with fewest crossings."""
    best = table
    for sweep in range(SWEEPS):
        forth = sweep % 2 == 0
        rank = {place: float(row) for column in table for row, place in enumerate(column)}
        following = []
        for column in table if forth else reversed(table):
            near = {
                place: [one if place == other else other for one, other in lines if place in (one, other)]
                for place in column
            }
            sides = {
                place: [rank[each] for each in near[place] if (each.column < place.column) == forth]
                for place in column
            }
            column = sorted(column, key=lambda place: fmean(sides[place]) if sides[place] else rank[place])
            rank |= {place: float(row) for row, place in enumerate(column)}
            following.append(column)
        table = following if forth else following[::-1]
        if crossings(table, lines) < crossings(best, lines):
            best = table
    return best


def crossings(table: Sequence[Sequence[Place]], lines: Sequence[tuple[Place, Place]]) -> int:
    """Count the pairs of lines that cross."""
    rank = {place: row for column in table for row, place in enumerate(column)}
    ends = [(one.column, rank[one], rank[other]) for one, other in lines]
    return sum(a[0] == b[0] and a[1] < b[1] and a[2] > b[2] for a in ends for b in ends)


def heights(table: Sequence[Sequence[Place]], lines: Sequence[tuple[Place, Place]]) -> dict[Place, float]:
    """Choose the middle of each place: near its neighbours, in order, without overlaps."""
    y = {place: HEIGHT * row for column in table for row, place in enumerate(column)}
    for _ in range(SWEEPS):
        for column in table:
            wanted = [
                fmean(
                    [y[one if place == other else other] for one, other in lines if place in (one, other)]
                    or [y[place]]
                )
                for place in column
            ]
            y |= dict(zip(column, in_order(wanted, column), strict=True))
    top = min(y[place] - half(place) for place in y)
    return {place: value - top + HEAD for place, value in y.items()}


def in_order(wanted: Sequence[float], column: Sequence[Place]) -> list[float]:
    """Return the nearest heights that keep their order and leave room between places."""
    offsets = [0.0]
    for above, below in zip(column, column[1:], strict=False):
        offsets.append(offsets[-1] + half(above) + GAP + half(below))
    blocks: list[list[float]] = []
    for value, offset in zip(wanted, offsets, strict=True):
        blocks.append([value - offset])
        while len(blocks) > 1 and fmean(blocks[-2]) > fmean(blocks[-1]):
            blocks[-2:] = [blocks[-2] + blocks[-1]]
    levels = [fmean(block) for block in blocks for _ in block]
    return [level + offset for level, offset in zip(levels, offsets, strict=True)]


def half(place: Place) -> float:
    """Return half the height of a place."""
    return HEIGHT / 2 if place.is_box else 0.0


def drawn(files: Mapping[str, Sequence[str]], edges: Sequence[Edge]) -> str:
    """Return the picture."""
    kept = reduced(edges)
    columns = columns_of(files, kept)
    table, lines = laid_out(columns, kept)
    table = ordered(table, lines)
    y = heights(table, lines)
    widths = [max(LETTER * len(place.rule) + 16 for place in column if place.is_box) for column in table]
    lefts = [MARGIN + sum(widths[:number]) + BETWEEN * number for number in range(len(widths))]
    size = lefts[-1] + widths[-1] + MARGIN, max(y[place] + half(place) for place in y) + MARGIN
    loops = [one for one, other in kept if one == other]
    parts = [
        *head(size, "Which rule needs results of which"),
        *(line_between(one, other, y, lefts, widths) for one, other in lines),
        *(across(place, y, lefts, widths) for column in table for place in column if not place.is_box),
        *(
            box(place, files, y, lefts, widths, place.rule in loops)
            for column in table
            for place in column
            if place.is_box
        ),
        *titles(files, columns, lefts, widths),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def head(size: tuple[float, float], label: str) -> list[str]:
    """Begin a picture."""
    width, height = size
    return [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" font-family="{FONT}"'
        f' font-size="11.5" role="img" aria-label="{escape(label)}">',
        '<defs><marker id="a" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7" orient="auto">'
        f'<path d="M0 0 L10 5 L0 10 z" fill="{LINE}"/></marker></defs>',
        f'<rect width="{width:.0f}" height="{height:.0f}" fill="#ffffff"/>',
    ]


def line_between(
    one: Place, other: Place, y: Mapping[Place, float], lefts: Sequence[float], widths: Sequence[float]
) -> str:
    """Draw an arrow, or a part of one, across the space between two columns."""
    start = lefts[one.column] + (LETTER * len(one.rule) + 16 if one.is_box else widths[one.column])
    end = lefts[other.column]
    bend = lefts[one.column] + widths[one.column]
    middle = (bend + end) / 2
    marker = ' marker-end="url(#a)"' if other.is_box else ""
    return (
        f'<path d="M{start:.1f} {y[one]:.1f} L{bend:.1f} {y[one]:.1f} C{middle:.1f} {y[one]:.1f} {middle:.1f} {y[other]:.1f}'
        f' {end:.1f} {y[other]:.1f}" fill="none" stroke="{LINE}" stroke-width="1.3"{marker}/>'
    )


def across(place: Place, y: Mapping[Place, float], lefts: Sequence[float], widths: Sequence[float]) -> str:
    """Draw the part of an arrow that crosses a column."""
    left = lefts[place.column]
    return f'<path d="M{left:.1f} {y[place]:.1f} h{widths[place.column]:.1f}" stroke="{LINE}" stroke-width="1.3"/>'


def box(
    place: Place,
    files: Mapping[str, Sequence[str]],
    y: Mapping[Place, float],
    lefts: Sequence[float],
    widths: Sequence[float],
    has_loop: bool,
) -> str:
    """Draw a rule; a mark tells that some of its jobs need others."""
    fill = next(fill for fill, rules in zip(FILLS, files.values(), strict=True) if place.rule in rules)
    left, middle = lefts[place.column], y[place]
    width = LETTER * len(place.rule) + 16
    loop = (
        f'<path d="M{left + width - 12:.1f} {middle - HEIGHT / 2:.1f} c0 -15 -24 -15 -24 -1" fill="none" stroke="{LINE}"'
        ' stroke-width="1.3" marker-end="url(#a)"/>'
        if has_loop
        else ""
    )
    return (
        f'{loop}<rect x="{left:.1f}" y="{middle - HEIGHT / 2:.1f}" width="{width:.1f}" height="{HEIGHT:.0f}" rx="6"'
        f' fill="{fill}" stroke="#44546a"/><text x="{left + width / 2:.1f}" y="{middle + 4:.1f}"'
        f' text-anchor="middle" fill="{INK}">{escape(place.rule)}</text>'
    )


def titles(
    files: Mapping[str, Sequence[str]],
    columns: Mapping[str, int],
    lefts: Sequence[float],
    widths: Sequence[float],
) -> list[str]:
    """Name the files of rules above their columns."""
    texts = []
    for file, rules in files.items():
        mine = sorted(columns[rule] for rule in rules)
        start, end = lefts[mine[0]], lefts[mine[-1]] + widths[mine[-1]]
        texts.append(f'<text x="{start:.1f}" y="18" fill="#6b7177">{escape(file)}</text>')
        texts.append(f'<path d="M{start:.1f} 25 H{end:.1f}" stroke="#44546a"/>')
    return texts


if __name__ == "__main__":
    main()
