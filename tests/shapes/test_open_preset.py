"""What the open preset downloads, by name: the same mesh must not train and test."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from ige.fetch.source_list import read_source_list
from ige.params import stages
from ige.params.load import read_params
from ige.shapes.manifest import ShapeEntry, list_shapes

# The same kart with another driver: 0.996 IoU at 32 cells per side.
SAME = {"kenney_kart-oozi": "kenney_kart-oobi"}


@pytest.fixture
def entries(root: Path, tmp_path: Path) -> list[ShapeEntry]:
    """The meshes of the preset, as if downloaded; nothing of a mesh is read for a list."""
    params = read_params(root / "params.yaml", [root / "workflow/presets/open.yaml"])
    folder, fetched = tmp_path / "downloaded", params.shapes.folder.fetch
    for file in read_source_list(root / "workflow/sources.csv"):
        if file.source == "meshes" and file.group in fetched:
            path = folder / file.file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
    listed = list_shapes(stages.prepare_manifest(params), folder).entries
    return [entry for entry in listed if entry.origin != "procedural"]


def test_no_mesh_stands_twice_in_another_format_or_colour(entries: list[ShapeEntry]) -> None:
    stems = [Path(entry.id).stem for entry in entries]
    counts = Counter(
        (entry.category, SAME.get(stem, stem)) for entry, stem in zip(entries, stems, strict=True)
    )
    assert len(counts) > 50
    assert counts.most_common(1)[0][1] == 1, counts.most_common(2)
