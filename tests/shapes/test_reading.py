import base64
import json

import numpy as np
import pytest

from ige.base.errors import InputError
from ige.shapes import reading
from ige.shapes.loading import load_mesh_bytes


def gltf(nodes, roots=(0,)):
    corners = np.eye(3, dtype=np.float32).tobytes()
    header = {
        "asset": {"version": "2.0"},
        "scenes": [{"nodes": list(roots)}],
        "nodes": nodes,
        "meshes": [{"primitives": [{"attributes": {"POSITION": 0}}]}],
        "accessors": [{"bufferView": 0, "componentType": 5126, "count": 3, "type": "VEC3"}],
        "bufferViews": [{"buffer": 0, "byteLength": 36}],
        "buffers": [
            {
                "uri": f"data:application/octet-stream;base64,{base64.b64encode(corners).decode()}",
                "byteLength": 36,
            }
        ],
    }
    return json.dumps(header).encode()


def load(content, name):
    return load_mesh_bytes(content, name, up="z")


def test_a_mesh_placed_very_often_is_refused(monkeypatch):
    monkeypatch.setattr(reading, "_MOST_FACES", 10)
    assert len(load(gltf([{"mesh": 0}] * 10, range(10)), "a.gltf").faces) == 10
    with pytest.raises(InputError, match=r"^a\.gltf: too many triangles: expected at most 10, found 11$"):
        load(gltf([{"mesh": 0}] * 11, range(11)), "a.gltf")


@pytest.mark.parametrize(
    "nodes",
    [
        [{"children": [1, 1]}, {"mesh": 0}],
        [{"children": [1, 2]}, {"children": [2]}, {"mesh": 0}],
        [{"children": list(range(300))}] * 300,  # each above each: trimesh would take minutes
    ],
    ids=["twice", "of two", "of all"],
)
def test_nodes_below_several_others_are_refused(nodes):
    with pytest.raises(InputError, match=r"^a\.gltf: nodes below several others"):
        load(gltf(nodes), "a.gltf")


@pytest.mark.parametrize("word", [b"usemtl m%d\n", b" \tusemtl m%d\n"])
def test_very_many_materials_of_very_many_vertices_are_refused(monkeypatch, word):
    monkeypatch.setattr(reading, "_MOST_MATERIAL_VERTICES", 100)
    vertices = b"\nv 0 0 0\nv 1 0 0\nv 0 1 0\n"
    parts = b"".join(word % number + b"f 1 2 3\n" for number in range(40))
    with pytest.raises(InputError, match=r"^a\.obj: too many materials: found 40 of 3 vertices$"):
        load(vertices + parts, "a.obj")
    again = b"".join(word % (number % 30) + b"f 1 2 3\n" for number in range(60))
    assert len(load(vertices + again, "a.obj").faces) == 60
