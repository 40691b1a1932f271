import io
import json
import logging
import zipfile

import numpy as np
import pytest
import trimesh
from PIL import Image

from ige.base.errors import InputError
from ige.shapes.loading import load_mesh, load_mesh_bytes, load_mesh_in
from ige.shapes.stores import ZipStore

FORMATS = ["obj", "ply", "stl", "off", "gltf", "glb", "dae"]
BOX = (1.0, 2.0, 4.0)
DIAGONAL = 21**0.5


def box_bytes(suffix):
    """A box of 1 x 2 x 4 as a file of each format, and the files beside it."""
    box = trimesh.creation.box(extents=BOX)
    if suffix == "gltf":
        files = trimesh.Scene(box).export(file_type="gltf")
        return files.pop("model.gltf"), files
    content = box.export(file_type=suffix)
    return content.encode() if isinstance(content, str) else content, {}


def load_box(suffix, **options):
    content, beside = box_bytes(suffix)
    return load_mesh_bytes(content, f"box.{suffix}", side_file=beside.get, **options)


def extents(mesh):
    return np.ptp(mesh.vertices[mesh.faces].reshape(-1, 3), axis=0)


def obj(text, **options):
    return load_mesh_bytes(text.encode(), "a.obj", **({"up": "z", "keep_scale": True} | options))


@pytest.mark.parametrize("suffix", FORMATS)
def test_each_format_gives_the_same_box(suffix):
    mesh = load_box(suffix, up="z")
    assert len(mesh.faces) == 12
    np.testing.assert_allclose(extents(mesh), np.array(BOX) / DIAGONAL, atol=1e-6)
    np.testing.assert_allclose(mesh.vertices.min(axis=0), -mesh.vertices.max(axis=0), atol=1e-6)
    corners = mesh.vertices[mesh.faces]
    volume = np.einsum("ij,ij->i", corners[:, 0], np.cross(corners[:, 1], corners[:, 2])).sum() / 6
    assert volume == pytest.approx(8 / DIAGONAL**3, rel=1e-5)


@pytest.mark.parametrize("suffix", FORMATS)
def test_y_up_turns_to_z_up(suffix):
    upright, turned = load_box(suffix, up="z"), load_box(suffix, up="y")
    x, y, z = upright.vertices.T
    np.testing.assert_allclose(turned.vertices, np.stack([x, -z, y], axis=1), atol=1e-12)


@pytest.mark.parametrize("suffix", FORMATS)
def test_kept_coordinates_are_those_of_the_file(suffix):
    for up in ("y", "z"):
        mesh = load_box(suffix, up=up, keep_scale=True)
        np.testing.assert_allclose(extents(mesh), BOX, atol=1e-6)


@pytest.mark.parametrize("suffix", FORMATS)
def test_the_scene_lies_where_the_mesh_does(suffix):
    for options in ({"up": "y"}, {"up": "z"}, {"up": "z", "keep_scale": True}):
        mesh = load_box(suffix, materials=True, **options)
        np.testing.assert_allclose(
            mesh.scene.bounds, [mesh.vertices.min(axis=0), mesh.vertices.max(axis=0)], atol=1e-9
        )
    assert load_box(suffix, up="y").scene is None


def test_suffixes_may_be_in_capitals(tmp_path):
    (tmp_path / "A.StL").write_bytes(box_bytes("stl")[0])
    assert len(load_mesh(tmp_path / "A.StL", up="z").faces) == 12


def test_a_path_may_be_text(tmp_path):
    (tmp_path / "a.stl").write_bytes(box_bytes("stl")[0])
    assert len(load_mesh(str(tmp_path / "a.stl"), up="z").faces) == 12


def test_missing_side_files_are_told_once(tmp_path, caplog):
    triangle = "v 0 0 0\nv 1 0 0\nv 0 1 0\nvt 0 0\n{}usemtl m\nf 1/1 2/1 3/1\n"
    (tmp_path / "a.obj").write_text(triangle.format("mtllib gone.mtl\n"))
    (tmp_path / "b.obj").write_text(triangle.format("mtllib b.mtl\n"))
    (tmp_path / "b.mtl").write_text("newmtl m\nmap_Kd lost.png\n")
    (tmp_path / "c.obj").write_text(triangle.format(""))
    for name in "abc":
        for _ in range(2):
            load_mesh(tmp_path / f"{name}.obj", up="z")
    assert [(line.levelname, line.name) for line in caplog.records] == [("WARNING", "ige.shapes.loading")] * 2
    for text, name, missing in zip(caplog.messages, "ab", ("gone.mtl", "lost.png"), strict=True):
        assert text.startswith(f"{tmp_path / name}.obj: without ")
        assert text.endswith(f"not found: {missing}")


def test_nothing_is_merged_or_removed():
    mesh = obj("v 0 0 0\nv 1 0 0\nv 0 1 0\nv 0 0 0\nf 1 2 3\nf 1 2 3\nf 3 2 1\nf 1 1 2\nf 1 2 4\n")
    assert mesh.faces.tolist() == [[0, 1, 2], [0, 1, 2], [2, 1, 0], [0, 0, 1], [0, 1, 3]]


def test_vertices_of_no_face_do_not_count():
    mesh = obj("v 9 9 9\nv 0 0 0\nv 1 0 0\nv 0 1 0\nv nan 0 0\nf 2 3 4\n")
    assert mesh.vertices.tolist() == [[0, 0, 0], [1, 0, 0], [0, 1, 0]]


def test_polygons_become_triangles_inside_their_outline():
    arrow = obj("v 0 0 0\nv 4 0 0\nv 1 1 0\nv 0 4 0\nv 0 2 0\nf 1 2 3 4 5\n")
    corners = arrow.vertices[arrow.faces]
    areas = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])[:, 2] / 2
    assert len(areas) == 3
    assert (areas >= 0).all()
    assert areas.sum() == pytest.approx(4.0)


def test_points_and_lines_are_ignored():
    text = "v 0 0 0\nv 1 0 0\nv 0 1 0\nv 5 5 5\np 4\nl 1 4\nf 1 2 3\n"
    assert len(obj(text).vertices) == 3
    with pytest.raises(InputError, match=r"a\.obj: no faces"):
        obj("v 0 0 0\nv 1 0 0\np 1\nl 1 2\n")


def gltf(nodes, meshes=None, **more):
    """A triangle of unit legs as glTF, in nodes that place it."""
    points = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0]], dtype="<f4").tobytes()
    primitive = {"attributes": {"POSITION": 0}}
    header = {
        "asset": {"version": "2.0"},
        "scene": 0,
        "scenes": [{"nodes": [0]}],
        "nodes": nodes,
        "meshes": meshes or [{"primitives": [primitive]}],
        "buffers": [{"byteLength": len(points), "uri": "points.bin"}],
        "bufferViews": [{"buffer": 0, "byteLength": len(points)}],
        "accessors": [{"bufferView": 0, "componentType": 5126, "count": 3, "type": "VEC3"}],
    } | more
    return load_mesh_bytes(
        json.dumps(header).encode(), "a.gltf", up="z", keep_scale=True, side_file={"points.bin": points}.get
    )


def test_instances_are_placed_by_all_their_nodes():
    nodes = [
        {"children": [1, 2], "translation": [10, 0, 0]},
        {"mesh": 0, "scale": [2, 2, 2]},
        {"children": [3], "rotation": [0, 0, 2**-0.5, 2**-0.5]},
        {"mesh": 0, "translation": [1, 0, 0]},
    ]
    mesh = gltf(nodes)
    placed = sorted(tuple(np.round(points.mean(axis=0) * 3, 6)) for points in mesh.vertices[mesh.faces])
    # Scaled by 2 at (10, 0, 0); and shifted, then turned by 90 degrees, then moved: (x, y) -> (10 - y, x).
    assert placed == [(29.0, 4.0, 0.0), (32.0, 2.0, 0.0)]


def test_lines_in_a_scene_are_ignored():
    triangle, lines = {"attributes": {"POSITION": 0}}, {"attributes": {"POSITION": 0}, "mode": 1}
    assert len(gltf([{"mesh": 0}], [{"primitives": [lines, triangle]}]).faces) == 1
    with pytest.raises(InputError, match="no faces"):
        gltf([{"mesh": 0}], [{"primitives": [lines]}])


@pytest.mark.parametrize("nodes", [[{"children": [0]}, {"mesh": 0}], [{"mesh": 0, "children": [0]}]])
def test_scenes_without_an_end_are_refused(nodes):
    with pytest.raises(InputError, match=r"a\.gltf: "):
        gltf(nodes)


def test_a_node_below_itself_is_refused():
    with pytest.raises(InputError, match="nodes that hang in a circle"):
        gltf([{"children": [1]}, {"mesh": 0, "children": [0]}])


def test_deep_scenes_take_no_time_to_speak_of():
    depth = 3000
    nodes = [{"mesh": 0, "translation": [1, 0, 0], "children": [n + 1]} for n in range(depth)]
    mesh = gltf([*nodes, {"mesh": 0}])
    assert len(mesh.faces) == depth + 1
    assert mesh.vertices.max() == depth + 1


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"extensionsRequired": ["KHR_draco_mesh_compression"]}, "compressed geometry"),
        ({"accessors": [{"componentType": 5126, "count": 10**12, "type": "VEC3"}]}, "claims more than it"),
        ({"meshes": [{"primitives": [{"attributes": {"POSITION": 0}, "mode": 6}]}]}, "triangle fans"),
        (
            {"accessors": [{"sparse": {}, "componentType": 5126, "count": 3, "type": "VEC3"}]},
            "sparse accessors",
        ),
        ({"asset": {"version": "1.0"}}, "cannot be read: .*only GLTF 2 is supported"),
    ],
)
def test_gltf_that_would_be_read_wrongly_is_refused(change, message):
    with pytest.raises(InputError, match=rf"^a\.gltf: {message}"):
        gltf([{"mesh": 0}], **change)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"<!DOCTYPE x [<!ENTITY a 'b'>]><COLLADA/>", "entities"),
        (b"<COLLADA><instance_controller url='#a'/></COLLADA>", "skinned or morphed parts"),
        (b"<COLLADA", "cannot be read: expected a whole dae file"),
    ],
)
def test_dae_that_would_be_read_wrongly_is_refused(text, message):
    with pytest.raises(InputError, match=rf"^a\.dae: {message}"):
        load_mesh_bytes(text, "a.dae", up="z")


def test_a_zipped_dae_is_not_unpacked():
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("a.dae", box_bytes("dae")[0])
    with pytest.raises(InputError, match="a zip file"):
        load_mesh_bytes(stream.getvalue(), "a.dae", up="z")


def test_files_that_are_missing_or_of_other_formats_are_named(tmp_path):
    with pytest.raises(InputError, match=r"gone\.obj: no such file"):
        load_mesh(tmp_path / "gone.obj", up="z")
    (tmp_path / "folder.obj").mkdir()
    with pytest.raises(InputError, match=r"folder\.obj: no such file"):
        load_mesh(tmp_path / "folder.obj", up="z")
    for name in ("a.fbx", "a", "a.obj.bak"):
        with pytest.raises(InputError, match=r"no format that is read: expected one of \.obj, \.ply"):
            load_mesh(tmp_path / name, up="z")


@pytest.mark.parametrize("suffix", FORMATS)
@pytest.mark.parametrize(
    "content",
    [b"", b"\0" * 100, b"no mesh at all\n", b"\xff\xfe\xfd" * 50],
    ids=["empty", "zeros", "text", "bytes"],
)
def test_what_is_no_mesh_is_one_line(suffix, content):
    with pytest.raises(InputError) as error:
        load_mesh_bytes(content, f"a.{suffix}", up="z")
    assert str(error.value).startswith(f"a.{suffix}: ")
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("v 0 0 0\nv 1 0 0\nf 1 2 3\n", "cannot be read"),
        ("v 0 0 0\nv 1 0 0\nv 0 nan 0\nf 1 2 3\n", "coordinates that are no numbers"),
        ("v 0 0 0\nv 1 0 0\nv 0 inf 0\nf 1 2 3\n", "coordinates that are no numbers"),
        ("v 0 0 0\nv 0 0 0\nv 0 0 0\nf 1 2 3\n", "all vertices of faces lie at one point"),
        ("v 0 0\nv 0 1\nv 1 0\nf 1 2 3\n", "vertices without three coordinates"),
        ("v 0 0 0\nv 1 0 0\nv 0 1 0\nf 0 1 2\n", "cannot be read: .*vertex 0, the first is 1"),
    ],
)
def test_geometry_that_cannot_be_is_refused(text, message):
    with pytest.raises(InputError, match=f"^a.obj: {message}"):
        obj(text)


def test_indices_out_of_range_are_refused_in_ply():
    content = trimesh.creation.box().export(file_type="ply", encoding="ascii").decode()
    head, body = content.split("end_header\n")
    last = body.rstrip().rsplit("\n", 1)[0] + "\n3 0 1 8\n"
    with pytest.raises(InputError, match="a face names a vertex that is not there: expected 0 to 7, found 8"):
        load_mesh_bytes(f"{head}end_header\n{last}".encode(), "a.ply", up="z")


def broken(content, rng):
    """Cut a file short, or write other bytes into it."""
    spoilt = bytearray(content)
    if rng.random() < 0.3:
        return bytes(spoilt[: rng.integers(len(spoilt))])
    for place in rng.integers(len(spoilt), size=rng.choice([1, 3, 20])):
        spoilt[place] = rng.choice([rng.integers(256), rng.choice(list(b'0123456789-.e /{}[]",<>'))])
    return bytes(spoilt)


@pytest.mark.parametrize("suffix", ["off", "ply"])
@pytest.mark.parametrize("lines", [1, 2, 14])
def test_text_that_ends_early_is_refused_where_its_header_counts(suffix, lines):
    whole = trimesh.creation.box().export(
        file_type=suffix, **({"encoding": "ascii"} if suffix == "ply" else {})
    )
    whole = whole.encode() if isinstance(whole, str) else whole
    assert len(load_mesh_bytes(whole, f"a.{suffix}", up="z").faces) == 12
    cut = b"\n".join(whole.rstrip().split(b"\n")[:-lines])
    with pytest.raises(InputError, match=rf"^a\.{suffix}: cannot be read"):
        load_mesh_bytes(cut, f"a.{suffix}", up="z")


@pytest.mark.parametrize(
    "head", ["OFF 3 1 0\n", "OFF\n# a comment\n\n3 1 0\n", "OFF3 1 0 # as some write it\n"]
)
def test_off_files_may_begin_in_several_ways(head):
    content = f"{head}0 0 0\n1 0 0 # the second\n0 1 0\n3 0 1 2\n".encode()
    assert len(load_mesh_bytes(content, "a.off", up="z").faces) == 1


def loaded(content, suffix, beside):
    """The mesh of a file, or the line that says why there is none."""
    try:
        return load_mesh_bytes(content, f"a.{suffix}", up="y", side_file=beside.get)
    except InputError as error:
        return str(error)


@pytest.mark.parametrize("suffix", FORMATS)
def test_spoilt_files_give_a_mesh_or_one_line(suffix):
    content, beside = box_bytes(suffix)
    rng = np.random.default_rng(FORMATS.index(suffix))
    results = [loaded(broken(content, rng), suffix, beside) for _ in range(40)]
    lines = [result for result in results if isinstance(result, str)]
    assert lines
    assert not any("\n" in line for line in lines)
    for mesh in results:
        if not isinstance(mesh, str):
            assert np.isfinite(mesh.vertices).all()
            assert np.linalg.norm(extents(mesh)) == pytest.approx(1.0)


@pytest.fixture
def textured(tmp_path):
    """A square with a texture of two colours below the folder of the mesh, and a secret outside."""
    (tmp_path / "secret.png").write_bytes(b"")
    image = Image.new("RGB", (2, 1), (255, 0, 0))
    image.putpixel((1, 0), (0, 0, 255))
    (tmp_path / "car" / "maps").mkdir(parents=True)
    image.save(tmp_path / "car" / "maps" / "t.png")
    image.save(tmp_path / "secret.png")
    (tmp_path / "car" / "a.obj").write_text(
        "mtllib maps/a.mtl\nusemtl m\nv 0 0 0\nv 1 0 0\nv 0 1 0\nv 1 1 0\n"
        "vt 0 0\nvt 0.4 0\nvt 0.6 1\nvt 1 1\nf 1/1 2/2 3/1\nf 2/3 4/4 3/4\n"
    )
    (tmp_path / "car" / "maps" / "a.mtl").write_text("newmtl m\nKd 0 1 0\nmap_Kd t.png\n")
    return tmp_path


def test_textures_are_found_beside_the_material_file(textured):
    assert load_mesh(textured / "car/a.obj", up="z").face_colours.tolist() == [
        [255, 0, 0, 255],
        [0, 0, 255, 255],
    ]


def test_textures_are_read_from_zip_files(textured):
    with zipfile.ZipFile(textured / "all.zip", "w") as archive:
        for name in ("a.obj", "maps/a.mtl", "maps/t.png"):
            archive.write(textured / "car" / name, f"deep/{name}")
    mesh = load_mesh_in(ZipStore(textured / "all.zip"), "deep/a.obj", up="z")
    assert mesh.face_colours.tolist() == [[255, 0, 0, 255], [0, 0, 255, 255]]


@pytest.mark.parametrize("name", ["gone.png", "../../secret.png", "{root}/secret.png", "a.mtl"])
def test_textures_elsewhere_are_not_read(textured, name):
    text = f"newmtl m\nmap_Kd {name.format(root=textured)}\n"
    (textured / "car" / "maps" / "a.mtl").write_text(text)
    assert (load_mesh(textured / "car/a.obj", up="z").face_colours == [180, 180, 180, 255]).all()


def test_libraries_keep_quiet_and_their_loggers_stay_as_they_were(textured, caplog, capfd):
    (textured / "car" / "maps" / "t.png").write_bytes(b"no picture")
    level = logging.getLogger("trimesh").level
    load_mesh(textured / "car/a.obj", up="z")
    content = (
        trimesh.creation.box()
        .export(file_type="ply")
        .replace(b"\nelement", b"\ncomment TextureFile x.png\nelement", 1)
    )
    load_mesh_bytes(content, "a.ply", up="z", side_file={"x.png": b"no picture"}.get)
    assert caplog.records == []
    assert capfd.readouterr() == ("", "")
    assert logging.getLogger("trimesh").level == level
