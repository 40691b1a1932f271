"""ShapeNetCore as its users get it, with procedural shapes in place of its models.

| kind | below the folder |
| --- | --- |
| folders | `02958343/<id>/...` |
| zips | `02958343.zip` with `02958343/<id>/...` |
| archive | `ShapeNetCore.v1.zip` with `ShapeNetCore.v1/02958343/<id>/...` |
| nested | `ShapeNetCore.v1.zip` with `ShapeNetCore.v1/02958343.zip`, stored, with `02958343/<id>/...` |

Version 1: `<id>/model.obj`, `model.mtl`, `images/`. Version 2: `<id>/models/model_normalized.obj`, `.mtl`,
`.json`, `<id>/images/`. Meshes are y up, of unit diagonal. Like the real set, some models lack their
materials or textures, some name none, and some ids have 31 digits.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Literal, Protocol

import numpy as np
from PIL import Image

from ige.shapes.mesh import Mesh
from ige.shapes.procedural.generate import generate
from ige.shapes.shapenet import SYNSETS

Kind = Literal["folders", "zips", "archive", "nested"]

EMPTY_RIFLE = "4a32519f44dc84aabafe26e2eb69ebf4"
FAULTY_CAR = "f9c1d7748c15499c6f2bd1c4e9adb41"
WITHOUT_MTL, WITHOUT_MATERIALS, WITHOUT_TEXTURE = 1, 2, 3  # number of a model, modulo 4
_OPEN_SHARE = 0.2
_SPLIT_OF_TEN = ("train",) * 7 + ("val",) + ("test",) * 2


class _Put(Protocol):
    def __call__(self, path: str, content: bytes) -> None: ...


def model_id(category: str, number: int, seed: int = 0) -> str:
    """Return an id that looks like ShapeNet's: 32 hexadecimal digits, now and then 31."""
    digits = hashlib.md5(f"{seed}/{category}/{number}".encode(), usedforsecurity=False).hexdigest()
    return digits[1:] if number % 8 == 5 else digits


def write_shapenet(
    folder: Path, *, version: Literal[1, 2], kind: Kind, categories: Sequence[str], models: int, seed: int = 0
) -> dict[str, list[str]]:
    """Write a ShapeNetCore of so many models per category and return their ids, in order of the ids.

    With rifles comes the one without geometry, and with cars the one that is known to be faulty (here with
    faces without area); both are written besides the others, and only the car is among the ids.
    """
    ids: dict[str, list[str]] = {}
    for category in categories:
        with _target(folder, version, kind, category) as put:
            ids[category] = sorted(_write_category(put, category, version, models, seed))
    return ids


def _write_category(
    put: _Put, category: str, version: Literal[1, 2], models: int, seed: int
) -> Iterator[str]:
    for number in range(models):
        id = model_id(category, number, seed)
        write_model(put, f"{SYNSETS[category]}/{id}", version, generate_one(category, number, seed), number)
        yield id
    if category == "car":
        mesh = generate_one(category, models, seed)
        flat = np.stack([mesh.faces[:, 0]] * 3, axis=1)[:5]
        faulty = Mesh(
            mesh.vertices,
            np.concatenate([mesh.faces, flat]),
            np.concatenate([mesh.face_colours, mesh.face_colours[:5]]),
        )
        write_model(put, f"{SYNSETS[category]}/{FAULTY_CAR}", version, faulty, 0)
        yield FAULTY_CAR
    if category == "rifle":
        obj, mtl, _ = _names(version)
        base = f"{SYNSETS[category]}/{EMPTY_RIFLE}"
        put(f"{base}/{obj}", b"mtllib %s\nvt 0.0 0.0\nvt 1.0 0.0\n" % Path(mtl).name.encode())
        put(f"{base}/{mtl}", b"newmtl material_0\nKd 0.5 0.5 0.5\n")


def generate_one(category: str, number: int, seed: int) -> Mesh:
    """Make the shape that a model of this number is written from: z up, of unit diagonal."""
    return generate(category, number, seed, _OPEN_SHARE)


def write_model(put: _Put, base: str, version: Literal[1, 2], mesh: Mesh, number: int) -> None:
    """Write the files of one model; its number says what it lacks."""
    lacks = number % 4
    obj, mtl, images = _names(version)
    put(f"{base}/{obj}", obj_text(mesh, None if lacks == WITHOUT_MATERIALS else Path(mtl).name).encode())
    if lacks not in (WITHOUT_MTL, WITHOUT_MATERIALS):
        to_texture = "images/texture0.jpg" if version == 1 else "../images/texture0.jpg"
        put(f"{base}/{mtl}", _mtl_text(mesh, to_texture).encode())
        if lacks != WITHOUT_TEXTURE:
            put(f"{base}/{images}/texture0.jpg", _texture())
    if version == 2:
        facts = {"id": base.split("/")[-1], "numVertices": len(mesh.vertices), "min": [-0.5] * 3}
        put(f"{base}/models/model_normalized.json", json.dumps(facts).encode())


def obj_text(mesh: Mesh, library: str | None) -> str:
    """Write a mesh y up as OBJ, its faces in groups of one material for each colour."""
    corners = mesh.vertices[mesh.faces]
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    normals /= np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-12)
    lines = [] if library is None else [f"mtllib {library}"]
    lines += [f"v {x!r} {y!r} {z!r}" for x, y, z in _y_up(mesh.vertices)]
    lines += ["vt 0.0 0.0", "vt 1.0 0.0", "vt 0.0 1.0"]
    lines += [f"vn {x:.6f} {y:.6f} {z:.6f}" for x, y, z in _y_up(normals)]
    colours, of_face = np.unique(mesh.face_colours, axis=0, return_inverse=True)
    for material in range(len(colours)):
        lines.append(f"g mesh{material}")
        if library is not None:
            lines.append(f"usemtl material_{material}")
        for face in np.flatnonzero(of_face == material):
            a, b, c = (int(vertex) + 1 for vertex in mesh.faces[face])
            lines.append(f"f {a}/1/{face + 1} {b}/2/{face + 1} {c}/3/{face + 1}")
    return "\n".join([*lines, ""])


def write_shrec16(
    folder: Path, ids: Mapping[str, Sequence[str]], *, padded: bool = True
) -> dict[str, dict[str, list[str]]]:
    """Write all.csv of SHREC16 and return the ids by category and by its word for the split.

    Args:
        folder: of ShapeNet.
        ids: by category.
        padded: synset ids with their leading zero; copies of the file have lost it.
    """
    splits: dict[str, dict[str, list[str]]] = {}
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(["id", "synsetId", "subSynsetId", "modelId", "split"])
    writer.writerow(["000001", "02747177" if padded else "2747177", "2747177", "f" * 32, "train"])
    row = 1
    for category, members in ids.items():
        splits[category] = {"train": [], "val": [], "test": []}
        synset = SYNSETS[category] if padded else SYNSETS[category].lstrip("0")
        for number, id in enumerate(members):
            row += 1
            split = _SPLIT_OF_TEN[(7 * number) % 10]
            splits[category][split].append(id)
            writer.writerow([f"{row:06d}", synset, synset, id, split])
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "all.csv").write_text(stream.getvalue())
    return splits


@contextmanager
def _target(folder: Path, version: int, kind: Kind, category: str) -> Iterator[_Put]:
    folder.mkdir(parents=True, exist_ok=True)
    if kind == "folders":

        def put(path: str, content: bytes) -> None:
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(content)

        yield put
        return
    release = f"ShapeNetCore.v{version}"
    if kind == "nested":
        inner = io.BytesIO()
        with _packing(inner, "") as put:
            yield put
        with zipfile.ZipFile(folder / f"{release}.zip", "a") as archive:
            archive.writestr(zipfile.ZipInfo(f"{release}/{SYNSETS[category]}.zip"), inner.getvalue())
        return
    name, prefix = (SYNSETS[category], "") if kind == "zips" else (release, f"{release}/")
    with _packing(folder / f"{name}.zip", prefix) as put:
        yield put


@contextmanager
def _packing(file: Path | io.BytesIO, prefix: str) -> Iterator[_Put]:
    with zipfile.ZipFile(file, "a", zipfile.ZIP_DEFLATED) as archive:

        def pack(path: str, content: bytes) -> None:
            # Of a fixed date: the same bytes whenever it is written.
            archive.writestr(zipfile.ZipInfo(prefix + path), content, zipfile.ZIP_DEFLATED)

        yield pack


def _names(version: int) -> tuple[str, str, str]:
    if version == 1:
        return "model.obj", "model.mtl", "images"
    return "models/model_normalized.obj", "models/model_normalized.mtl", "images"


def _y_up(points: np.ndarray) -> list[tuple[float, float, float]]:
    return [(float(x), float(z), float(-y) + 0.0) for x, y, z in points]


def _mtl_text(mesh: Mesh, texture: str) -> str:
    """One material for each colour; the last has a texture, too."""
    colours = np.unique(mesh.face_colours, axis=0)
    lines = []
    for material, (red, green, blue, _) in enumerate(colours):
        lines += [f"newmtl material_{material}", f"Kd {red / 255:.6f} {green / 255:.6f} {blue / 255:.6f}"]
    return "\n".join([*lines, f"map_Kd {texture}", ""])


def _texture() -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", (8, 8), (200, 180, 160)).save(stream, "JPEG")
    return stream.getvalue()
