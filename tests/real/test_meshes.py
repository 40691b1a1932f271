"""Every real mesh: read with the faces it is known to have, or refused; upright as the preset says."""

from __future__ import annotations

import csv
import os
from pathlib import Path

import numpy as np
import pytest

from ige.base.errors import InputError
from ige.params import stages
from ige.params.load import read_params
from ige.params.stages import ShapeManifestSettings
from ige.shapes.loading import load_mesh
from ige.shapes.manifest import list_shapes
from ige.shapes.sources import open_source

if "IGE_REAL_DATA" not in os.environ:
    pytest.skip("IGE_REAL_DATA does not say where the real data is", allow_module_level=True)

FOLDER = Path(os.environ["IGE_REAL_DATA"]) / "meshes"
FACTS = list(csv.DictReader((FOLDER / "meshes.csv").read_text().splitlines()))


@pytest.fixture(scope="module")
def settings(root: Path) -> ShapeManifestSettings:
    presets = root / "workflow" / "presets"
    return stages.prepare_manifest(read_params(root / "params.yaml", [presets / "meshes.yaml"]))


@pytest.mark.parametrize("facts", FACTS, ids=lambda facts: facts["file"])
def test_each_file_has_its_faces_or_is_refused(facts: dict[str, str]) -> None:
    file = FOLDER / facts["file"]
    if facts["load"] != "ok":
        with pytest.raises(InputError, match=r"no faces|cannot be read"):
            load_mesh(file, up="y")
        return
    mesh = load_mesh(file, up="y", materials=True)
    assert len(mesh.faces) == int(facts["faces"])
    assert np.linalg.norm(np.ptp(mesh.vertices, axis=0)) == pytest.approx(1.0)
    np.testing.assert_allclose(
        mesh.scene.bounds, [mesh.vertices.min(axis=0), mesh.vertices.max(axis=0)], atol=1e-6
    )
    extents = [float(each) for each in facts["extents"].split(" x ")]
    # (x, y, z) with y up turns to (x, -z, y).
    expected = np.array([extents[0], extents[2], extents[1]]) / np.linalg.norm(extents)
    np.testing.assert_allclose(np.ptp(mesh.vertices, axis=0), expected, atol=1e-3)


def test_every_mesh_of_a_category_is_listed_once(settings: ShapeManifestSettings) -> None:
    manifest = list_shapes(settings, FOLDER)
    expected = {facts["file"] for facts in FACTS if not facts["file"].startswith("ugly/")}
    assert {entry.origin for entry in manifest.entries} == expected
    assert manifest.skipped == ()


def test_cars_planes_and_sofas_of_the_preset_lie_flat(settings: ShapeManifestSettings) -> None:
    source = open_source(settings.source, FOLDER)
    entries = list_shapes(settings, FOLDER).entries
    flat = [entry for entry in entries if entry.category in ("car", "plane", "sofa", "bench")]
    heights = {}
    for entry in flat:
        extents = np.ptp(source.load(entry.category, entry.id).vertices, axis=0)
        heights[entry.origin] = extents[2] / extents[:2].max()
    # A bench with a back is as high as it is wide; a car that stood on its nose would be twice that.
    assert {name: height for name, height in heights.items() if height > 1.2} == {}
    planes = {name: height for name, height in heights.items() if name.startswith("plane/")}
    assert max(planes.values()) < 0.5


def test_files_of_the_models_are_there(settings: ShapeManifestSettings) -> None:
    source = open_source(settings.source, FOLDER)
    files = {
        path.relative_to(FOLDER).as_posix()
        for entry in list_shapes(settings, FOLDER).entries
        for path in source.files_of(entry.category, entry.id)
    }
    shipped = {path.relative_to(FOLDER).as_posix() for path in FOLDER.glob("*/*.mtl")}
    assert shipped <= files
    assert all((FOLDER / name).is_file() for name in files)
