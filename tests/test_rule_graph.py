import importlib.util
import re
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
FILES = {"1_one.smk": ["fetch", "check"], "2_two.smk": ["train", "score"], "3_three.smk": ["table"]}
EDGES = [("fetch", "check"), ("fetch", "train"), ("train", "train"), ("train", "score"), ("score", "table")]


@pytest.fixture(scope="module")
def graph():
    """The script that draws the graph."""
    spec = importlib.util.spec_from_file_location("draw_rules", ROOT / "docs/draw_rules.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def texts(svg):
    return [node.text for node in ET.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")]


def test_dot_is_read(graph):
    dot = '\t0[label = "all", style="rounded"];\n\t1[label = "train_a\\nx: 1"];\n\t1 -> 0\n\t1 -> 1\n}'
    assert graph.edges_of(dot) == {("train_a", "all"), ("train_a", "train_a")}


def test_arrows_that_follow_from_others_are_left_out(graph):
    assert graph.reduced([*EDGES, ("fetch", "score"), ("train", "table")]) == EDGES


def test_a_rule_stands_right_of_what_it_needs(graph):
    edges = [("a", "c"), ("b", "c"), ("a", "b"), ("c", "d")]
    assert graph.columns_of({"1.smk": ["c", "b", "a"], "2.smk": ["d"]}, edges) == {
        "c": 2,
        "b": 1,
        "a": 0,
        "d": 3,
    }


def test_columns_are_ordered_without_needless_crossings(graph):
    columns = {"a": 0, "b": 0, "c": 1, "d": 1}
    table, lines = graph.laid_out(columns, [("a", "d"), ("b", "c")])
    assert graph.crossings(table, lines) == 1
    assert graph.crossings(graph.ordered(table, lines), lines) == 0


def test_places_keep_their_order_and_leave_room(graph):
    column = [graph.Place(name, 0, True) for name in "abc"]
    step = graph.HEIGHT + graph.GAP
    assert graph.in_order([5.0, 5.0, 500.0], column) == [5.0 - step / 2, 5.0 + step / 2, 500.0]


def test_the_picture_names_each_rule_and_file_once_and_is_the_same_each_time(graph):
    svg = graph.drawn(FILES, EDGES)
    assert sorted(texts(svg)) == sorted([*FILES, *(rule for rules in FILES.values() for rule in rules)])
    assert svg == graph.drawn(FILES, EDGES)
    # An arrow for each edge, one for the loop among them; the line past `check` is drawn in parts.
    assert svg.count("marker-end") == len(EDGES)


def test_the_committed_picture_has_the_rules_of_today(graph):
    files = graph.rule_files(ROOT / "workflow/rules")
    drawn = set(texts(graph.OUT.read_text(encoding="utf-8")))
    assert drawn == {*files, *(rule for rules in files.values() for rule in rules)}, "run `make graph`"
    rules = "".join(file.read_text() for file in (ROOT / "workflow/rules").glob("*.smk"))
    assert drawn >= set(re.findall(r"^rule (\w+):(?=(?:\n(?!rule ).*)*?\n    shell:)", rules, re.M))


@pytest.mark.slow
def test_the_committed_picture_is_what_make_graph_draws(graph, tmp_path, monkeypatch):
    committed = graph.OUT.read_bytes()
    monkeypatch.setattr(graph, "OUT", tmp_path / "rules.svg")
    graph.main()
    assert (tmp_path / "rules.svg").read_bytes() == committed, "run `make graph`"
