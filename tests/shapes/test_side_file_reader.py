import pytest

from ige.base.errors import InputError
from ige.shapes import side_file_reader
from ige.shapes.loading import load_mesh_bytes
from ige.shapes.side_file_reader import SideFiles

TRIANGLE = b"v 0 0 0\nv 1 0 0\nv 0 1 0\nvt 0 0\nusemtl m0\nf 1/1 2/1 3/1\n"


def refusal(mtl, content=b"mtllib a.mtl\n" + TRIANGLE, texture=None):
    with pytest.raises(InputError, match=r"^a\.obj: refers to too much: found ") as caught:
        load_mesh_bytes(content, "a.obj", up="z", side_file=lambda name: mtl if name == "a.mtl" else texture)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_each_file_is_read_once():
    asked = []
    files = SideFiles(lambda name: asked.append(name) or (None if name == "gone" else name.encode()))
    for _ in range(3):
        assert files.get("a") == b"a"
        with pytest.raises(FileNotFoundError):
            files.get("gone")
    files.check()
    assert asked == ["a", "gone"]


@pytest.mark.parametrize("texture", [None, b"x"])
def test_materials_that_name_very_many_files_are_refused(texture):
    mtl = b"".join(b"newmtl m%d\nmap_Kd t%d.png\n" % (number, number) for number in range(2000))
    assert "references to more than 1000 files" in refusal(mtl, texture=texture)


def test_very_many_materials_of_one_texture_are_refused():
    mtl = b"".join(b"newmtl m%d\nmap_Kd t.png\n" % number for number in range(20_001))
    assert "more than 20000 materials with textures" in refusal(mtl)


def test_a_file_of_materials_that_is_huge_is_refused():
    assert "a file of materials of 5242880 bytes" in refusal(b"#" * (5 << 20))


def test_textures_that_are_huge_together_are_refused(monkeypatch):
    monkeypatch.setattr(side_file_reader, "_MOST_BYTES", 5000)
    mtl = b"".join(b"newmtl m%d\nmap_Kd t%d.png\n" % (number, number) for number in range(10))
    assert "references to files of more than 5000 bytes" in refusal(mtl, texture=bytes(1000))


def test_very_many_files_of_materials_are_refused():
    content = b"".join(b"mtllib m%d.mtl\n" % number for number in range(5000)) + TRIANGLE
    assert "5000 files of materials" in refusal(b"", content)


def test_materials_that_include_themselves_are_no_harm():
    content = b"mtllib a.obj\nmtllib a.mtl\n" + TRIANGLE
    mtl = b"mtllib a.mtl\nnewmtl m0\nmap_Kd a.mtl\nmap_Kd a.obj\n"
    files = {"a.obj": content, "a.mtl": mtl}
    assert len(load_mesh_bytes(content, "a.obj", up="z", side_file=files.get).faces) == 1
