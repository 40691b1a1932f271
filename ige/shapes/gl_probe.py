"""Render a triangle without a display: run as a process of its own, with PYOPENGL_PLATFORM set.

A process, because the choice of platform counts once, before the first import, and because a broken driver
may hang or end the process. Prints nothing; ends with 0 if the triangle is in the image, else tells why on
stderr.
"""

from __future__ import annotations

import sys

import numpy as np
import pyrender

_PIXELS = 32
_DEPTH = 3.0


def main() -> int:
    """Render a triangle and look for it in the depth image."""
    corners = np.array([[-1, -1, -_DEPTH], [1, -1, -_DEPTH], [0, 1, -_DEPTH]], dtype=np.float32)
    triangle = pyrender.Primitive(positions=corners, mode=pyrender.constants.GLTF.TRIANGLES)
    scene = pyrender.Scene()
    scene.add(pyrender.Mesh([triangle]))
    scene.add(pyrender.PerspectiveCamera(yfov=1.0))
    renderer = pyrender.OffscreenRenderer(_PIXELS, _PIXELS)
    depth = renderer.render(scene, flags=pyrender.RenderFlags.DEPTH_ONLY)
    middle = float(depth[_PIXELS // 2, _PIXELS // 2])
    if abs(middle - _DEPTH) > 0.01 * _DEPTH:
        sys.stderr.write(f"the middle of the image has depth {middle}, not {_DEPTH}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
