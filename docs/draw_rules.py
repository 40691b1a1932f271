"""Draws docs/images/rules.svg: which rule needs results of which, from `snakemake --rulegraph`.

`make graph`, or `python docs/draw_rules.py`. Several presets are asked, in a copy without data or results,
since each builds from other sources: drawn is what any of them needs. An arrow that follows from others is
left out. Needs no graphviz: columns are the files of rules, ordered so that few arrows cross.
"""

from __future__ import annotations

import itertools
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
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
INK, MUTED, EDGE, LINE = "#22262b", "#6b7177", "#44546a", "#8a94a0"
LABEL = "Which rule needs results of which, by the files of rules, from sources on the left to the report"
FONT = "ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace"


@dataclass(frozen=True, slots=True)
class Place:
    """A box of a rule in a column, or the point where the arrows of a rule cross that column."""

    rule: str
    column: int
    is_box: bool


Table = list[list[Place]]
Line = tuple[Place, Place]


def main() -> None:
    """Draw the graph."""
    files = rule_files(ROOT / "workflow/rules")
    known = {rule for rules in files.values() for rule in rules}
    with tempfile.TemporaryDirectory() as temporary:
        copy_into(Path(temporary))
        edges = {edge for preset in PRESETS for edge in edges_of(rule_graph(Path(temporary), preset))}
    inside = sorted(edge for edge in edges if known.issuperset(edge))
    OUT.write_text(drawn(files, inside), encoding="utf-8")


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
        for _, (one, other) in itertools.product(rules, inside):
            depth[other] = max(depth[other], depth[one] + 1)
        columns |= {rule: first + depth[rule] for rule in rules}
        first += max(depth.values()) + 1
    return columns


def laid_out(columns: Mapping[str, int], edges: Sequence[Edge]) -> tuple[Table, list[Line]]:
    """Return the places of each column, and the lines between neighbouring columns.

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


def neighbours(table: Table, lines: Sequence[Line]) -> dict[Place, list[Place]]:
    """Return the places that each place has lines to."""
    found: dict[Place, list[Place]] = {place: [] for column in table for place in column}
    for one, other in lines:
        found[one].append(other)
        found[other].append(one)
    return found


def ordered(table: Table, lines: Sequence[Line]) -> Table:
    """Order each column by the mean place of its neighbours, to and fro, and keep the best order of all."""
    near, best = neighbours(table, lines), table
    for sweep in range(SWEEPS):
        step = -1 if sweep % 2 else 1
        rank = {place: float(row) for column in table for row, place in enumerate(column)}
        following = []
        for column in table[::step]:
            wish = {}
            for place in column:
                before = [rank[each] for each in near[place] if each.column == place.column - step]
                wish[place] = fmean(before) if before else rank[place]
            following.append(sorted(column, key=wish.__getitem__))
            rank |= {place: float(row) for row, place in enumerate(following[-1])}
        table = following[::step]
        best = min(best, table, key=lambda each: crossings(each, lines))
    return best


def crossings(table: Table, lines: Sequence[Line]) -> int:
    """Count the pairs of lines that cross."""
    rank = {place: row for column in table for row, place in enumerate(column)}
    ends = [(one.column, rank[one], rank[other]) for one, other in lines]
    return sum(a[0] == b[0] and a[1] < b[1] and a[2] > b[2] for a in ends for b in ends)


def heights(table: Table, lines: Sequence[Line]) -> dict[Place, float]:
    """Choose the middle of each place: near its neighbours, in order, without overlaps."""
    near = neighbours(table, lines)
    y = {place: HEIGHT * row for column in table for row, place in enumerate(column)}
    for _ in range(SWEEPS):
        for column in table:
            wishes = [fmean([y[each] for each in near[place]] or [y[place]]) for place in column]
            y |= dict(zip(column, in_order(wishes, column), strict=True))
    top = min(y[place] - half(place) for place in y)
    return {place: value - top + HEAD for place, value in y.items()}


def in_order(wishes: Sequence[float], column: Sequence[Place]) -> list[float]:
    """Return the nearest heights that keep their order and leave room between places."""
    offsets = [0.0]
    for above, below in itertools.pairwise(column):
        offsets.append(offsets[-1] + half(above) + GAP + half(below))
    blocks: list[list[float]] = []
    for wish, offset in zip(wishes, offsets, strict=True):
        blocks.append([wish - offset])
        while len(blocks) > 1 and fmean(blocks[-2]) > fmean(blocks[-1]):
            blocks[-2:] = [blocks[-2] + blocks[-1]]
    levels = [fmean(block) for block in blocks for _ in block]
    return [level + offset for level, offset in zip(levels, offsets, strict=True)]


def half(place: Place) -> float:
    """Return half the height of a place."""
    return HEIGHT / 2 if place.is_box else 0.0


def width_of(place: Place) -> float:
    """Return the width that a place asks for."""
    return LETTER * len(place.rule) + 16.0 if place.is_box else 0.0


def drawn(files: Mapping[str, Sequence[str]], edges: Iterable[Edge]) -> str:
    """Return the picture as SVG."""
    kept = reduced(edges)
    columns = columns_of(files, kept)
    table, lines = laid_out(columns, kept)
    table = ordered(table, lines)
    widths = [max(map(width_of, column)) for column in table]
    lefts = [MARGIN + sum(widths[:number]) + BETWEEN * number for number in range(len(widths))]
    picture = Picture(heights(table, lines), lefts, widths)
    loops = [one for one, other in kept if one == other]
    fills = {
        rule: fill
        for fill, rules in zip(itertools.cycle(FILLS), files.values(), strict=False)
        for rule in rules
    }
    places = [place for column in table for place in column]
    parts = [
        *picture.head(),
        *(picture.line(one, other) for one, other in lines),
        *(picture.across(place) for place in places if not place.is_box),
        *(picture.loop(place) for place in places if place.is_box and place.rule in loops),
        *(picture.box(place, fills[place.rule]) for place in places if place.is_box),
        *(picture.title(file, {columns[rule] for rule in rules}) for file, rules in files.items()),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


@dataclass(frozen=True, slots=True)
class Picture:
    """Writes the parts of the picture.

    Attributes:
        y: the middle of each place.
        lefts: of the columns.
        widths: of the columns.
    """

    y: Mapping[Place, float]
    lefts: Sequence[float]
    widths: Sequence[float]

    def head(self) -> list[str]:
        """Begin the picture."""
        width = self.lefts[-1] + self.widths[-1] + MARGIN
        height = max(middle + half(place) for place, middle in self.y.items()) + MARGIN
        return [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}"'
            f' font-family="{FONT}" font-size="11.5" role="img" aria-label="{LABEL}">',
            '<defs><marker id="a" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7"'
            f' orient="auto"><path d="M0 0 L10 5 L0 10 z" fill="{LINE}"/></marker></defs>',
            f'<rect width="{width:.0f}" height="{height:.0f}" fill="#ffffff"/>',
        ]

    def line(self, one: Place, other: Place) -> str:
        """Draw an arrow, or a part of one, from column to column."""
        left, right = self.lefts[one.column], self.lefts[one.column] + self.widths[one.column]
        start, end = (left + width_of(one) if one.is_box else right), self.lefts[other.column]
        middle, y, z = (right + end) / 2, self.y[one], self.y[other]
        curve = (
            f"M{start:.1f} {y:.1f} H{right:.1f} C{middle:.1f} {y:.1f} {middle:.1f} {z:.1f} {end:.1f} {z:.1f}"
        )
        return _stroke(curve, has_head=other.is_box)

    def across(self, place: Place) -> str:
        """Draw the part of an arrow that crosses a column."""
        start = self.lefts[place.column]
        return _stroke(f"M{start:.1f} {self.y[place]:.1f} h{self.widths[place.column]:.1f}")

    def loop(self, place: Place) -> str:
        """Tell that jobs of a rule need others of the same rule."""
        right, top = self.lefts[place.column] + width_of(place) - 12.0, self.y[place] - half(place)
        return _stroke(f"M{right:.1f} {top:.1f} c2 -16 -24 -16 -22 0", has_head=True)

    def box(self, place: Place, fill: str) -> str:
        """Draw a rule."""
        left, top, width = self.lefts[place.column], self.y[place] - half(place), width_of(place)
        return (
            f'<rect x="{left:.1f}" y="{top:.1f}" width="{width:.1f}" height="{HEIGHT:.0f}" rx="6"'
            f' fill="{fill}" stroke="{EDGE}"/><text x="{left + width / 2:.1f}" y="{self.y[place] + 4:.1f}"'
            f' text-anchor="middle" fill="{INK}">{place.rule}</text>'
        )

    def title(self, file: str, columns: Collection[int]) -> str:
        """Name a file of rules above its columns."""
        start, end = self.lefts[min(columns)], self.lefts[max(columns)] + self.widths[max(columns)]
        text = f'<text x="{start:.1f}" y="18" fill="{MUTED}">{file}</text>'
        return f'{text}<path d="M{start:.1f} 25 H{end:.1f}" stroke="{EDGE}"/>'


def _stroke(path: str, has_head: bool = False) -> str:
    marker = ' marker-end="url(#a)"' if has_head else ""
    return f'<path d="{path}" fill="none" stroke="{LINE}" stroke-width="1.3"{marker}/>'


if __name__ == "__main__":
    main()
