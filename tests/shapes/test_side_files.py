import json
import struct

import pytest

from ige.shapes.side_files import gltf_header, side_files
from ige.shapes.stores import FolderStore


def glb(header):
    text = json.dumps(header).encode()
    return struct.pack("<4sIIII", b"glTF", 2, 20 + len(text), len(text), 0x4E4F534A) + text


@pytest.fixture
def put(tmp_path):
    def put_file(name, content=b""):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(content)

    return put_file


def found(tmp_path, name):
    return side_files(FolderStore(tmp_path), name)


def test_an_obj_brings_its_materials_and_their_textures(tmp_path, put):
    put("car/a.obj", b"# a car\r\nmtllib mats/a one.mtl\r\nv 0 0 0\n mtllib gone.mtl\n")
    put(
        "car/mats/a one.mtl",
        b"newmtl x\nmap_Kd t.png\r\nMAP_KD ../u.jpg\nmap_Kd /etc/passwd\nmap_Kd ../../../x\n",
    )
    put("car/mats/t.png")
    put("car/u.jpg")
    put("car/other.png")
    assert found(tmp_path, "car/a.obj") == ["car/mats/a one.mtl", "car/mats/t.png", "car/u.jpg"]


@pytest.mark.parametrize("name", ["a.gltf", "a.GLB"])
def test_a_gltf_brings_buffers_and_images(tmp_path, put, name):
    header = {
        "buffers": [{"uri": "a.bin"}, {"uri": "data:application/octet-stream;base64,AA=="}, {}],
        "images": [{"uri": "pic%20tures/t.png"}, {"uri": "gone.png"}, {"bufferView": 0}],
    }
    put(name, glb(header) if name == "a.GLB" else json.dumps(header).encode())
    put("a.bin")
    put("pic tures/t.png")
    assert found(tmp_path, name) == ["a.bin", "pic tures/t.png"]


def test_a_dae_and_a_ply_bring_pictures(tmp_path, put):
    put("a.dae", b"<image><init_from>./t.png</init_from></image><init_from>\n <ref>u.png</ref></init_from>")
    put(
        "a.ply",
        b"ply\nformat ascii 1.0\ncomment TextureFile t.png\r\nend_header\ncomment TextureFile u.png\n",
    )
    put("t.png")
    put("u.png")
    assert found(tmp_path, "a.dae") == ["t.png", "u.png"]
    assert found(tmp_path, "a.ply") == ["t.png"]


def test_lines_of_blanks_take_no_time(tmp_path, put):
    """An expression that leaves blanks out takes the square of their number, here a day."""
    blanks = b" " * 3_000_000
    put("a.obj", b"mtllib" + blanks + b"a.mtl" + blanks + b"x\nmtllib a.mtl" + blanks + b"\r\n")
    put("a.mtl", b"map_Kd" + blanks + b"t.png" + blanks + b"\nmap_Kd \nmap_Kd t.png\t\n")
    put("a.dae", b"<init_from>" + blanks + b"<ref>" + blanks + b"t.png" + blanks + b"<init_from>" + blanks)
    put("t.png")
    assert found(tmp_path, "a.obj") == ["a.mtl"]  # 6 MB are no file of materials
    assert found(tmp_path, "a.dae") == ["t.png"]


def test_of_very_many_references_the_first_count(tmp_path, put):
    put("a.obj", b"".join(b"mtllib %d.mtl\n" % number for number in range(20_000)))
    put("999.mtl", b"".join(b"map_Kd %d.png\n" % number for number in range(20_000)))
    put("1000.mtl", b"map_Kd t.png\n")
    for name in ("999.png", "1000.png", "t.png"):
        put(name)
    assert found(tmp_path, "a.obj") == ["999.mtl", "999.png"]


def test_materials_that_name_themselves_or_each_other_end(tmp_path, put):
    put("a.obj", b"mtllib a.obj\nmtllib a.mtl\nmtllib b.mtl\n")
    put("a.mtl", b"mtllib b.mtl\nmap_Kd a.mtl\nmap_Kd a.obj\nmap_Kd b.mtl\n")
    put("b.mtl", b"mtllib a.mtl\nmap_Kd a.mtl\n")
    assert found(tmp_path, "a.obj") == ["a.mtl", "b.mtl"]


@pytest.mark.parametrize("name", ["a.stl", "a.off"])
def test_other_formats_stand_alone(tmp_path, put, name):
    put(name, b"mtllib a.mtl\n")
    put("a.mtl")
    assert found(tmp_path, name) == []


@pytest.mark.parametrize(
    "content",
    [b"", b"glTF", b"[]", b"{", b"\xff\xfe", glb([1])[:25], b"[" * 100_000, b'{"buffers": 3, "images": [1]}'],
)
def test_a_broken_gltf_brings_nothing(tmp_path, put, content):
    put("a.gltf", content)
    assert found(tmp_path, "a.gltf") == []
    assert isinstance(gltf_header(content), dict)
