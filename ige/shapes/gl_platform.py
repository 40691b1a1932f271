"""Ways to render through OpenGL without a display, EGL and OSMesa: which works here, what the others lack.

Each is tried in a process of its own, because PyOpenGL chooses once, when it is first imported, and because a
broken driver may hang or end the process. Needs nothing but Python.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from functools import cache

from ige.base.errors import InputError

VARIABLE = "PYOPENGL_PLATFORM"
PROBE = (sys.executable, "-m", "ige.shapes.gl_probe")
SECONDS = 20.0  # a probe takes two


@dataclass(frozen=True, slots=True)
class Platform:
    """A way to render without a display: its value of PYOPENGL_PLATFORM, and the Debian packages it takes."""

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
        env={**os.environ, VARIABLE: platform.variable, "LP_NUM_THREADS": "1"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )


def fault(probe: subprocess.Popen[str], seconds: float = SECONDS) -> str | None:
    """Wait for a probe, at most so long; return why it made no image, None if it made one."""
    try:
        _, complaint = probe.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        probe.kill()
        probe.communicate()
        return f"no test image within {seconds:g} s"
    if probe.returncode == 0:
        return None
    lines = complaint.strip().splitlines()
    reason = lines[-1] if lines else f"the process ended with {probe.returncode}"
    return f"no test image: {reason}"


def missing_packages(packages: tuple[str, ...]) -> tuple[str, ...]:
    """Return those Debian packages that are not installed; all of them where dpkg cannot tell."""
    if shutil.which("dpkg-query") is None:
        return packages
    query = ("dpkg-query", "--show", "--showformat", "${Package} ${db:Status-Status}\n", *packages)
    answer = subprocess.run(query, capture_output=True, text=True, check=False).stdout
    installed = {line.split()[0] for line in answer.splitlines() if line.endswith(" installed")}
    return tuple(package for package in packages if package not in installed)


@cache
def working_platform() -> Platform:
    """Return the first platform that renders; only the one that PYOPENGL_PLATFORM names, if it does.

    Raises:
        InputError: if none works.
    """
    wanted = os.environ.get(VARIABLE)
    candidates = [platform for platform in PLATFORMS if wanted in (None, "", platform.variable)]
    if not candidates:
        known = " or ".join(platform.variable for platform in PLATFORMS)
        raise InputError(f"no such platform in {VARIABLE}", expected=known, found=wanted)
    faults = []
    for platform in candidates:
        reason = fault(start_probe(platform))
        if reason is None:
            return platform
        faults.append(f"{platform.name}: {reason}")
    packages = " or ".join(" ".join(platform.packages) for platform in candidates)
    if any("No module named" in reason for reason in faults):
        packages, faults = "pyrender", faults[:1]
    raise InputError(
        "renderer pyrender does not work here",
        found="; ".join(faults),
        next_step=f"Install {packages} (ige doctor tells more), or use renderer raster, which needs nothing",
    )
