"""Two clean builds of the tiny preset are byte-identical, and every part of the run is where it should be."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.slow


def test_two_clean_builds_of_the_tiny_preset_are_equal_to_the_byte(fresh):
    fresh.preset.write_text((fresh.folder / "workflow/presets/tiny.yaml").read_text())
    fresh.run_folder = fresh.folder / "runs/tiny"
    fresh.build()
    first = fresh.results()
    for name in ("runs", ".snakemake"):
        (fresh.folder / name).rename(fresh.folder / f"first-{name.strip('.')}")
    fresh.build()
    second = fresh.results()
    assert sorted(first) == sorted(second)
    different = [name for name in first if first[name] != second[name]]
    assert different == []
    tables = {"tables/shapes.csv", "tables/shapes-comparisons.csv", "tables/shapes.md", "tables/shapes.tex"}
    assert tables <= first.keys()
    # A model that all categories share, one of its refinements, and one of those that each category has.
    for name in ("deconv/16", "ige/16", "ige-1/16/chair"):
        assert f"models/shapes/{name}/seed0/model.pt" in first
        assert {f"scores/shapes/{name}/{file}" for file in ("seed0.json", "examples.h5")} <= first.keys()
    suffixes = {name.rsplit(".", 1)[1] for name in first}
    assert {"h5", "json", "csv", "md", "tex", "png", "svg", "html", "pt"} <= suffixes
