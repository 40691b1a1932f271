import pickle

import numpy as np
import pytest

from ige.base.errors import InputError
from ige.params import stages
from ige.shapes.sources import open_source

TETRAHEDRON = "v 0 0 0\nv 1 0 0\nv 0 2 0\nv 0 0 3\nf 1 3 2\nf 1 2 4\nf 2 3 4\nf 3 1 4\n"


@pytest.fixture
def open_changed(changed):
    def open_with(place, **shapes):
        return open_source(stages.prepare_manifest(changed({"shapes": shapes})).source, place)

    return open_with


def extents(mesh):
    return np.ptp(mesh.vertices, axis=0) * 14**0.5


def test_the_up_axis_of_the_source_is_applied(open_changed, tmp_path):
    for name in ("y.obj", "z.obj"):
        (tmp_path / "car").mkdir(exist_ok=True)
        (tmp_path / "car" / name).write_text(TETRAHEDRON)
    folder = {"up": "y", "files": [{"pattern": "*/z.obj", "up": "z"}]}
    source = open_changed(tmp_path, source="folder", folder=folder)
    np.testing.assert_allclose(extents(source.load("car", "y.obj")), [1, 3, 2])
    np.testing.assert_allclose(extents(source.load("car", "z.obj")), [1, 2, 3])
    assert source.files_of("car", "y.obj") == [tmp_path / "car/y.obj"]
    with pytest.raises(InputError, match=r"no mesh x\.obj of the category car"):
        source.load("car", "x.obj")


def test_shapenet_is_read_with_y_up_and_its_materials(open_changed, tmp_path):
    model = tmp_path / "02958343" / "abc"
    model.mkdir(parents=True)
    (model / "model.obj").write_text("mtllib model.mtl\nusemtl red\n" + TETRAHEDRON)
    (model / "model.mtl").write_text("newmtl red\nKd 1 0 0\n")
    mesh = open_changed(tmp_path, source="shapenet", shapenet={"version": 1}).load("car", "abc")
    np.testing.assert_allclose(extents(mesh), [1, 3, 2])
    assert (mesh.face_colours == [255, 0, 0, 255]).all()


def test_generated_shapes_are_of_unit_size_and_the_same_in_each_process(open_changed):
    source = open_changed(None, source="procedural", procedural={"models_per_category": 2})
    mesh = source.load("table", "table-0001")
    again = pickle.loads(pickle.dumps(source)).load("table", "table-0001")
    assert np.linalg.norm(np.ptp(mesh.vertices, axis=0)) == pytest.approx(1.0)
    np.testing.assert_array_equal(mesh.vertices, again.vertices)
    with pytest.raises(InputError, match="no model table-0002"):
        source.load("table", "table-0002")
