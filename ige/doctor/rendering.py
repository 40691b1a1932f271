"""Whether meshes can be rendered: by `raster` always, by `pyrender` through EGL or OSMesa.

Poses need no rendering, and `raster` is the default: what is missing here is a warning.
"""

from __future__ import annotations

import subprocess

from ige.doctor.check import Check
from ige.shapes.gl_platform import Platform, fault, missing_packages

SECONDS = 10.0  # a probe takes two
_OTHERWISE = "one of EGL and OSMesa is enough, for renderer pyrender alone; raster needs neither"


def check_raster() -> Check:
    """Tell that the default renderer needs no graphics."""
    return Check("raster", "ok", "renders meshes without EGL, OSMesa or a GPU (images.renderer: raster)")


def check_platform(platform: Platform, probe: subprocess.Popen[str], seconds: float = SECONDS) -> Check:
    """Wait for a probe, at most so long, and tell what it found."""
    found = fault(probe, seconds)
    if found is None:
        return Check(platform.name, "ok", "renders a test image (images.renderer: pyrender)")
    if "No module named" in found:
        advice = "Install pyrender to show materials and textures; raster and poses do not need it"
        return Check(platform.name, "warning", found, advice)
    lacking = missing_packages(platform.packages)
    if not lacking:
        return Check(platform.name, "warning", found, f"The libraries are there; {_OTHERWISE}")
    return Check(platform.name, "warning", found, f"apt-get install {' '.join(lacking)}; {_OTHERWISE}")
