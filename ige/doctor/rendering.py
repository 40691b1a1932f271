"""Whether meshes can be rendered without a display, through EGL and through OSMesa.

Poses need no rendering: what is missing here is a warning.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass

from ige.doctor.check import Check

PROBE = (sys.executable, "-m", "ige.doctor.rendering_probe")
SECONDS = 10.0  # a probe takes two
_ADVICE_OTHER = "one of EGL and OSMesa is enough, and poses need neither"


@dataclass(frozen=True, slots=True)
class Platform:
    """A way to render without a display: PYOPENGL_PLATFORM, and the Debian packages that it takes."""

    name: str
    variable: str
    packages: tuple[str, ...]


PLATFORMS = (
    Platform("EGL", "egl", ("libegl1", "libgl1", "libgl1-mesa-dri", "libgles2")),
    Platform("OSMesa", "osmesa", ("libosmesa6",)),
)


def start_probe(platform: Platform, command: tuple[str, ...] = PROBE) -> subprocess.Popen[str]:
    """Start rendering a test image in a process of its own, so that platforms are tried at the same time."""
    return subprocess.Popen(
        command,
        env={**os.environ, "PYOPENGL_PLATFORM": platform.variable, "LP_NUM_THREADS": "1"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )


def check_platform(platform: Platform, probe: subprocess.Popen[str], seconds: float = SECONDS) -> Check:
    """Wait for a probe, at most so long, and tell what it found."""
    try:
        _, complaint = probe.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        probe.kill()
        probe.communicate()
        return _failed(platform, f"no test image within {seconds:g} s")
    if probe.returncode == 0:
        return Check(platform.name, "ok", "renders a test image")
    lines = complaint.strip().splitlines()
    reason = lines[-1] if lines else f"the process ended with {probe.returncode}"
    return _failed(platform, f"no test image: {reason}")


def _failed(platform: Platform, found: str) -> Check:
    if "No module named" in found:
        return Check(
            platform.name, "warning", found, "Install pyrender to render meshes; poses do not need it"
        )
    lacking = missing_packages(platform.packages)
    if not lacking:
        return Check(platform.name, "warning", found, f"The libraries are there; {_ADVICE_OTHER}")
    return Check(platform.name, "warning", found, f"apt-get install {' '.join(lacking)}; {_ADVICE_OTHER}")


def missing_packages(packages: tuple[str, ...]) -> tuple[str, ...]:
    """Return those Debian packages that are not installed; all of them where dpkg cannot tell."""
    if shutil.which("dpkg-query") is None:
        return packages
    query = ("dpkg-query", "--show", "--showformat", "${Package} ${db:Status-Status}\n", *packages)
    answer = subprocess.run(query, capture_output=True, text=True, check=False).stdout
    installed = {line.split()[0] for line in answer.splitlines() if line.endswith(" installed")}
    return tuple(package for package in packages if package not in installed)
