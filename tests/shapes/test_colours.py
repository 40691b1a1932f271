import io
import json

import numpy as np
import pytest
import trimesh
from PIL import Image

from ige.shapes import colours
from ige.shapes.colours import GREY
from ige.shapes.loading import load_mesh_bytes

SQUARE = "v 0 0 0\nv 1 0 0\nv 1 1 0\nv 0 1 0\n"


def load(content, name, **side_files):
    content = content.encode() if isinstance(content, str) else content
    by_name = {key.replace("__", "."): value for key, value in side_files.items()}
    return load_mesh_bytes(content, name, up="z", side_file=by_name.get).face_colours.tolist()


def png(*pixels, mode="RGB"):
    """A picture of one row."""
    image = Image.new(mode, (len(pixels), 1))
    image.putdata(pixels)
    stream = io.BytesIO()
    image.save(stream, "png")
    return stream.getvalue()


def obj(mtl, uv=((0, 0), (0, 0), (0, 0)), **side_files):
    text = "mtllib a.mtl\nusemtl m\n" + SQUARE + "".join(f"vt {u} {v}\n" for u, v in uv) + "f 1/1 2/2 3/3\n"
    (colour,) = load(text, "a.obj", a__mtl=mtl.encode(), **side_files)
    return tuple(colour)


def test_a_face_without_any_colour_is_grey():
    assert load(SQUARE + "f 1 2 3\n", "a.obj") == [list(GREY)]
    assert load(trimesh.creation.box().export(file_type="stl"), "a.stl") == [list(GREY)] * 12


def test_materials_give_their_diffuse_colour_opaque():
    assert obj("newmtl m\nKd 1 0.5 0\nd 0.2\n") == (255, 128, 0, 255)


@pytest.mark.parametrize(
    "mtl",
    ["", "newmtl other\nKd 1 0 0\n", "newmtl m\nNs 3\n", "newmtl m\nKd 1\n", "newmtl m\nKd a b c\n", "\xff"],
)
def test_a_material_that_is_missing_or_broken_is_grey(mtl):
    assert obj(mtl) == GREY


def test_a_texture_is_sampled_at_the_centre_of_a_face_and_repeats():
    texture = {"t__png": png((255, 0, 0), (0, 255, 0), (0, 0, 255), (9, 9, 9))}
    mtl = "newmtl m\nKd 0 0 0\nmap_Kd t.png\n"
    for shift in (0, 1, -3):
        uv = [(shift + 0.2, 0.5), (shift + 0.4, 0.5), (shift + 0.6, 0.5)]
        assert obj(mtl, uv, **texture) == (0, 255, 0, 255)


def test_the_first_row_of_a_picture_is_its_top():
    image = Image.new("RGB", (1, 2), (255, 0, 0))
    image.putpixel((0, 1), (0, 0, 255))
    stream = io.BytesIO()
    image.save(stream, "png")
    assert obj("newmtl m\nmap_Kd t.png\n", [(0, 0.9)] * 3, t__png=stream.getvalue()) == (255, 0, 0, 255)


@pytest.mark.parametrize("mode", ["L", "LA", "P", "1", "RGBA"])
def test_textures_may_be_of_any_mode(mode):
    image = Image.new("RGB", (2, 2), (255, 255, 255)).convert(mode)
    stream = io.BytesIO()
    image.save(stream, "png")
    assert obj("newmtl m\nmap_Kd t.png\n", t__png=stream.getvalue()) == (255, 255, 255, 255)


def test_a_texture_that_is_missing_or_damaged_leaves_the_stated_colour_or_grey():
    whole = png(*[(0, 0, 0)] * 500)
    assert obj("newmtl m\nmap_Kd t.png\n") == GREY
    assert obj("newmtl m\nKd 1 0 0\nmap_Kd t.png\n") == (255, 0, 0, 255)
    assert obj("newmtl m\nmap_Kd t.png\n", t__png=b"no picture") == GREY
    assert obj("newmtl m\nmap_Kd t.png\n", t__png=whole[: len(whole) // 2]) == GREY


def test_a_texture_too_large_to_decode_is_grey(monkeypatch):
    monkeypatch.setattr(colours, "MOST_TEXELS", 3)
    assert obj("newmtl m\nmap_Kd t.png\n", t__png=png(*[(1, 2, 3)] * 4)) == GREY
    assert obj("newmtl m\nmap_Kd t.png\n", t__png=png(*[(1, 2, 3)] * 3)) == (1, 2, 3, 255)


def of_materials(names, **side_files):
    """Colours of triangles, each of a material of its own with the texture of this name."""
    text = "mtllib a.mtl\n" + SQUARE + "vt 0 0\n"
    text += "".join(f"usemtl m{number}\nf 1/1 2/1 3/1\n" for number in range(len(names)))
    mtl = "".join(f"newmtl m{number}\nmap_Kd {name}\n" for number, name in enumerate(names))
    return load(text, "a.obj", a__mtl=mtl.encode(), **side_files)


def test_a_texture_of_many_materials_is_decoded_once(monkeypatch):
    decoded, decode = [], colours._decoded
    monkeypatch.setattr(colours, "_decoded", lambda image: decoded.append(image) or decode(image))
    found = of_materials(["t.png"] * 20 + ["u.png"], t__png=png((255, 0, 0)), u__png=png((0, 255, 0)))
    assert len(decoded) == 2
    assert found.count([255, 0, 0, 255]) == 20
    assert found.count([0, 255, 0, 255]) == 1


def test_textures_are_decoded_up_to_a_limit_and_few_are_kept(monkeypatch):
    monkeypatch.setattr(colours, "_MOST_TEXELS_DECODED", 10)
    monkeypatch.setattr(colours, "_MOST_TEXELS_KEPT", 4)
    pictures = {f"t{number}__png": png(*[(number, 0, 0)] * 3) for number in range(1, 7)}
    found = of_materials([f"t{number}.png" for number in range(1, 7)], **pictures)
    coloured = [colour for colour in found if tuple(colour) != GREY]
    assert len(coloured) == 3
    assert {tuple(colour) for colour in coloured} <= {(number, 0, 0, 255) for number in range(1, 7)}


def test_vertex_colours_are_averaged_and_face_colours_taken():
    box = trimesh.creation.box()
    box.visual.vertex_colors = np.arange(32).reshape(8, 4) * 3
    expected = np.floor(box.visual.vertex_colors[box.faces].mean(axis=1) + 0.5)
    expected[:, 3] = 255
    assert load(box.export(file_type="ply"), "a.ply") == expected.tolist()
    box = trimesh.creation.box()
    box.visual.face_colors = np.arange(48).reshape(12, 4) * 5
    found = np.array(load(box.export(file_type="ply"), "a.ply"))
    np.testing.assert_array_equal(found[:, :3], np.arange(48).reshape(12, 4)[:, :3] * 5)


def gltf(material, attributes=None, **more):
    points = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0]], dtype="<f4")
    paint = np.full((3, 3), 0.5, dtype="<f4")
    uv = np.full((3, 2), 0.25, dtype="<f4")
    blob = points.tobytes() + paint.tobytes() + uv.tobytes()
    views = [(0, 36), (36, 36), (72, 24)]
    primitive = {"attributes": {"POSITION": 0} | (attributes or {})} | ({"material": 0} if material else {})
    header = {
        "asset": {"version": "2.0"},
        "scene": 0,
        "scenes": [{"nodes": [0]}],
        "nodes": [{"mesh": 0}],
        "meshes": [{"primitives": [primitive]}],
        "materials": [material] if material else [],
        "buffers": [{"byteLength": len(blob), "uri": "b.bin"}],
        "bufferViews": [{"buffer": 0, "byteOffset": start, "byteLength": size} for start, size in views],
        "accessors": [
            {"bufferView": view, "componentType": 5126, "count": 3, "type": kind}
            for view, kind in enumerate(("VEC3", "VEC3", "VEC2"))
        ],
        "images": [{"uri": "t.png"}],
        "textures": [{"source": 0}],
    }
    (colour,) = load(json.dumps(header), "a.gltf", b__bin=blob, **more)
    return tuple(colour)


def test_factors_of_gltf_are_linear_light():
    # 0.2140 of the light of white is half of its sRGB value.
    assert gltf({"pbrMetallicRoughness": {"baseColorFactor": [0.2140, 1, 0, 0.5]}}) == (128, 255, 0, 255)


def test_vertex_colours_of_gltf_multiply_the_material():
    linear_half = round(255 * (1.055 * 0.5 ** (1 / 2.4) - 0.055))
    assert gltf(None, {"COLOR_0": 1}) == pytest.approx((linear_half,) * 3 + (255,), abs=1)
    material = {"pbrMetallicRoughness": {"baseColorFactor": [1, 0, 0, 1]}}
    assert gltf(material, {"COLOR_0": 1}) == pytest.approx((linear_half, 0, 0, 255), abs=1)


def test_textures_of_gltf_are_srgb_and_multiplied_by_the_factor():
    material = {"pbrMetallicRoughness": {"baseColorTexture": {"index": 0}, "baseColorFactor": [1, 1, 0, 1]}}
    texture = {"t__png": png((200, 100, 50))}
    assert gltf(material, {"TEXCOORD_0": 2}, **texture) == (200, 100, 0, 255)
    assert gltf({"pbrMetallicRoughness": {"baseColorTexture": {"index": 0}}}, {"TEXCOORD_0": 2}) == GREY


def test_a_dae_whose_texture_is_missing_is_grey_and_a_white_one_white():
    box = trimesh.creation.box()
    box.visual = trimesh.visual.TextureVisuals(
        material=trimesh.visual.material.PBRMaterial(baseColorFactor=[255, 255, 255, 255])
    )
    white = box.export(file_type="dae")
    assert load(white, "a.dae") == [[255, 255, 255, 255]] * 12
    assert load(white.replace(b"</COLLADA>", b"<!-- <texture --></COLLADA>"), "a.dae") == [list(GREY)] * 12
