"""An OBJ file of 100 MB is loaded in a process of its own, whose peak of memory is bounded."""

import json
import subprocess
import sys

import numpy as np
import pytest

MEGABYTES = 100
MOST_GIGABYTES = 2.5
PROGRAM = """
import json, resource, sys
from ige.shapes.loading import load_mesh
mesh = load_mesh(sys.argv[1], up="y")
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
print(json.dumps([len(mesh.faces), peak]))
"""


def write_surface(path, corners):
    """A wavy sheet with normals and texture coordinates in four materials; returns its triangles."""
    side = int((MEGABYTES * 1e6 / (105 if corners == 4 else 145)) ** 0.5)
    x, y = np.meshgrid(np.linspace(-0.5, 0.5, side), np.linspace(-0.5, 0.5, side))
    points = np.stack([x.ravel(), y.ravel(), 0.1 * np.sin(9 * x).ravel()], axis=1)
    index = np.arange(1, side * side + 1).reshape(side, side)
    faces = np.stack([index[:-1, :-1], index[:-1, 1:], index[1:, 1:], index[1:, :-1]], axis=-1).reshape(-1, 4)
    if corners == 3:
        faces = np.concatenate([faces[:, [0, 1, 2]], faces[:, [0, 2, 3]]])
    with path.open("w") as stream:
        stream.writelines(f"v {x:.6f} {y:.6f} {z:.6f}\n" for x, y, z in points.tolist())
        stream.writelines(f"vt {x:.4f} {y:.4f}\n" for x, y, _ in points.tolist())
        for number, group in enumerate(np.array_split(faces, 4)):
            stream.write(f"usemtl material_{number}\n")
            line = "f" + " %d/%d" * corners + "\n"
            stream.writelines(line % tuple(face) for face in np.repeat(group, 2, axis=1).tolist())
    return len(faces) * (corners - 2)


@pytest.mark.slow
@pytest.mark.parametrize("corners", [3, 4])
def test_a_large_file_loads_in_bounded_memory(tmp_path, corners):
    path = tmp_path / "model.obj"
    triangles = write_surface(path, corners)
    assert path.stat().st_size > 0.9 * MEGABYTES * 1e6
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(path)], capture_output=True, text=True, check=True
    )
    faces, peak = json.loads(done.stdout)
    assert faces == triangles
    assert peak < MOST_GIGABYTES * 1e9
