"""`ige reconstruct` as a user calls it, and each way in which a picture is refused."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import trimesh
from PIL import Image

from ige.cli import main
from ige.geometry.frustum import shape_view
from ige.params.shape_models import VisualHullSettings
from ige.shapes.voxels.models import Definition, build_voxel_model, save_voxel_model

Run = Callable[..., tuple[int, str, str]]
SIDE = 16


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """A visual hull: what it answers is known from the picture."""
    view = shape_view(0.0, math.radians(28.0))
    views = {"pixels": 32, "elevation_degrees": 28.0, "distance": float(view.extrinsics[2, 3])}
    views |= {"focal": view.focal, "near": view.near, "far": view.far, "box_side": 0.75, "box_row": 0.5}
    definition = Definition(VisualHullSettings(kind="visual-hull", scope="all"), None)
    state = build_voxel_model(definition, SIDE, torch.Generator()).state_dict()
    facts: dict[str, Any] = {"name": "hull@16", "categories": ["car"], "threshold": 0.5, "views": views}
    save_voxel_model(tmp_path / "model.pt", definition, SIDE, state, facts)
    return tmp_path / "model.pt"


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    pixels = np.full((60, 80, 3), 250, dtype=np.uint8)
    pixels[12:48, 20:56] = (40, 90, 160)
    Image.fromarray(pixels).save(tmp_path / "picture.png")
    return tmp_path / "picture.png"


@pytest.fixture
def run(model: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> Run:
    """Call `ige reconstruct`; give exit code, standard output and standard error."""

    def call(image: Path, *arguments: str | Path, out: str = "mesh.glb") -> tuple[int, str, str]:
        files = ["--model", str(model), "--image", str(image), "--out", str(tmp_path / out)]
        try:
            code = main(["reconstruct", *files, *map(str, arguments)])
        except SystemExit as exit:
            code = exit.code if isinstance(exit.code, int) else 1
        said = capfd.readouterr()
        return code, said.out, said.err

    return call


def test_mesh_grid_picture_and_summary(run: Run, picture: Path, tmp_path: Path) -> None:
    code, said, error = run(picture, "--grid", tmp_path / "g.npz", "--picture", tmp_path / "p.png")
    assert (code, error) == (0, "")
    assert "80 x 60 pixels, object 36 pixels large, by its plain background" in said
    assert "silhouette and mask agree to 100.0 % (IoU)" in said
    mesh = trimesh.load(tmp_path / "mesh.glb", force="mesh")
    assert mesh.is_watertight
    with np.load(tmp_path / "g.npz") as grid:
        assert grid["occupancy"].shape == (SIDE, SIDE, SIDE)
        assert grid["occupancy"].sum() == 12 * 12 * SIDE
        np.testing.assert_allclose(grid["camera"], shape_view(0.0, math.radians(28.0)).extrinsics)
    with Image.open(tmp_path / "p.png") as drawn:
        assert drawn.width > drawn.height > 300


def test_json_says_the_same_each_time(run: Run, picture: Path) -> None:
    said = [run(picture, "--json")[1] for _ in range(2)]
    assert said[0] == said[1]
    facts = json.loads(said[0])
    assert (facts["name"], facts["background"], facts["watertight"]) == ("hull@16", "plain", True)
    assert (facts["cells"], facts["silhouette_iou"]) == (12 * 12 * SIDE, 1.0)


def test_a_rendering_goes_in_as_it_is(run: Run, tmp_path: Path) -> None:
    """`ige render` and this tool agree about cameras: the hull of a rendering holds the object."""
    box = trimesh.creation.box([0.6, 0.4, 0.3])
    box.export(tmp_path / "box.stl")
    view = ["--azimuth", "0", "--elevation", "28", "--pixels", "96"]
    assert main(["render", str(tmp_path / "box.stl"), "--out", str(tmp_path / "box.png"), *view]) == 0
    assert run(tmp_path / "box.png", "--keep-framing", "--grid", tmp_path / "g.npz", out="mesh.ply")[0] == 0
    corners = box.vertices / np.linalg.norm(np.ptp(box.vertices, axis=0))
    rows, columns, _ = shape_view(0.0, math.radians(28.0)).to_grid(corners, SIDE).T
    with np.load(tmp_path / "g.npz") as grid:
        filled_rows, filled_columns, _ = np.nonzero(grid["occupancy"])
    for places, cells in ((rows, filled_rows), (columns, filled_columns)):
        assert abs(places.min() - cells.min()) < 1.0
        assert abs(places.max() - (cells.max() + 1)) < 1.0
    # The mesh is at least as large: what one picture admits reaches through the whole frustum.
    hull = trimesh.load(tmp_path / "mesh.ply", force="mesh")
    assert (hull.bounds[0] < corners.min(axis=0)).all()
    assert (hull.bounds[1] > corners.max(axis=0)).all()


def encoded(tmp_path: Path, name: str) -> Path:
    """Write a picture that is refused."""
    path = tmp_path / f"refused-{name}"
    colours = np.full((40, 40, 3), 255, dtype=np.uint8)
    colours[10:30, 10:30] = (200, 30, 20)
    image = Image.fromarray(colours)
    match name:
        case "empty":
            path.write_bytes(b"")
        case "text":
            path.write_text("no image")
        case "truncated":
            image.save(path, "PNG")
            path.write_bytes(path.read_bytes()[:-40])
        case "animated":
            image.save(
                path,
                "WEBP",
                save_all=True,
                append_images=[image.resize((20, 20)).resize((40, 40)), Image.new("RGB", (40, 40))],
            )
        case "small":
            image.resize((40, 15)).save(path, "PNG")
        case "deep":
            Image.fromarray(np.arange(1600, dtype=np.uint16).reshape(40, 40)).save(path, "PNG")
        case "cmyk":
            image.convert("CMYK").save(path, "JPEG")
        case "background":
            Image.new("RGB", (40, 40), "white").save(path, "PNG")
        case "transparent":
            Image.new("RGBA", (40, 40)).save(path, "PNG")
        case "photograph":
            Image.fromarray(np.random.default_rng(0).integers(0, 256, (40, 40, 3), np.uint8)).save(
                path, "PNG"
            )
    return path


REFUSED = {
    "empty": "an empty file",
    "missing": "no such file",
    "text": "no image that can be read",
    "truncated": "a damaged or truncated image",
    "animated": "an animation or several pages",
    "small": "too small an image",
    "deep": "too many bits a channel",
    "cmyk": "colours of a kind that is not read",
    "background": "nothing but background",
    "transparent": "nothing but background",
    "photograph": "no plain background",
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_refused_picture_is_one_line_and_nothing_is_written(name: str, run: Run, tmp_path: Path) -> None:
    path = encoded(tmp_path, name)
    code, said, error = run(path, "--grid", tmp_path / "g.h5", "--picture", tmp_path / "p.png")
    assert (code, said, error.count("\n")) == (2, "", 1)
    assert error.startswith(f"ige reconstruct: {path}: {REFUSED[name]}")
    assert not [made for made in ("mesh.glb", "g.h5", "p.png") if (tmp_path / made).exists()]


@pytest.mark.parametrize(
    ("arguments", "out", "said"),
    [
        ((), "mesh.obj", "unknown suffix: expected .glb or .ply, found .obj"),
        (("--grid", "g.txt"), "mesh.glb", "unknown suffix: expected .npz or .h5, found .txt"),
        (("--picture", "p.jpg"), "mesh.glb", "unknown suffix: expected .png or .svg, found .jpg"),
        (("--threshold", "1"), "mesh.glb", "no such threshold: expected 0.01 to 0.99, found 1.0"),
        (("--steps", "2"), "mesh.glb", "a model of kind visual-hull takes no steps"),
        (("--device", "tpu"), "mesh.glb", "invalid choice: 'tpu'"),
        (("--background", "alpha"), "mesh.glb", "no pixel is transparent"),
    ],
)
def test_wrong_arguments_are_one_line(
    arguments: tuple[str, ...], out: str, said: str, run: Run, picture: Path, tmp_path: Path
) -> None:
    words = [tmp_path / word if "." in word else word for word in arguments]
    code, printed, error = run(picture, *words, out=out)
    assert (code, printed, error.count("\n")) == (2, "", 1)
    assert said in error


def test_no_file_is_written_over(run: Run, picture: Path, tmp_path: Path) -> None:
    before = picture.read_bytes()
    link = tmp_path / "link.png"
    link.symlink_to(picture)
    (tmp_path / "below").mkdir()
    for name in (picture, link, tmp_path / "below" / ".." / picture.name):
        code, _, error = run(picture, "--picture", name)
        assert (code, error.count("\n")) == (2, 1), name
        assert "one file for two things" in error
        assert picture.read_bytes() == before


def test_a_file_that_is_no_model_is_one_line(picture: Path, tmp_path: Path, capfd: Any) -> None:
    files = ["--image", str(picture), "--out", str(tmp_path / "mesh.glb")]
    assert main(["reconstruct", "--model", str(picture), *files]) == 2
    assert capfd.readouterr().err.count("\n") == 1
