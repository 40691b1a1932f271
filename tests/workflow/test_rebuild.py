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
    suffixes = {name.rsplit(".", 1)[1] for name in first}
    assert {"h5", "json", "csv", "md", "tex", "png", "svg", "html", "pt"} <= suffixes
