import subprocess
import sys

import pytest

from ige.base.errors import InputError
from ige.params import stages
from ige.shapes.listing import Model, number_of, open_listing


@pytest.fixture
def procedural(params):
    return open_listing(stages.prepare_manifest(params).source, None)


def test_generated_shapes_are_numbered(changed):
    few = changed({"shapes": {"procedural": {"models_per_category": 2}}})
    listing = open_listing(stages.prepare_manifest(few).source, None)
    models, skipped = listing.models(["car", "sofa"])
    assert [model.id for model in models] == ["car-0000", "car-0001", "sofa-0000", "sofa-0001"]
    assert models[0] == Model("car-0000", "car", "MIT", "z", "procedural") == listing.model("car", "car-0000")
    assert skipped == []
    assert listing.files_of("car", "car-0000") == []
    with pytest.raises(InputError, match=r"no model car-0002: expected a number below 2 .*manifest"):
        listing.model("car", "car-0002")


@pytest.mark.parametrize("id", ["car-1", "bus-0001", "car-0001.obj", "car-", "../car-0001"])
def test_other_ids_are_refused(id):
    with pytest.raises(InputError, match="expected an id like car-0007"):
        number_of("car", id)


def test_a_category_without_a_generator_is_named(procedural):
    with pytest.raises(InputError, match=r"no generator for the category tree: expected one of .*car"):
        procedural.models(["car", "tree"])


@pytest.mark.parametrize("source", ["folder", "shapenet"])
def test_sources_of_files_need_a_folder(changed, tmp_path, source):
    settings = stages.prepare_manifest(changed({"shapes": {"source": source}})).source
    with pytest.raises(InputError, match="--folder"):
        open_listing(settings, None)
    with pytest.raises(InputError, match=r"gone: no such folder"):
        open_listing(settings, tmp_path / "gone")


def test_listing_loads_no_heavy_library():
    program = (
        "import sys; import ige.shapes.manifest, ige.shapes.sources, ige.shapes.folder, ige.shapes.shapenet;"
        "print([name for name in ('torch', 'numba', 'trimesh', 'PIL', 'collada') if name in sys.modules])"
    )
    out = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"
