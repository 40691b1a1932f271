"""Which packages are installed, without importing any of them."""

from __future__ import annotations

import platform
from dataclasses import dataclass
from importlib import metadata

from ige.doctor.check import Check, Status

_INSTALL = "make demo installs everything from the lock; README.md tells how to do it by hand"


@dataclass(frozen=True, slots=True)
class Package:
    """A package, and what cannot be done without it; `needed`: a run cannot start."""

    name: str
    needed: bool
    purpose: str


PACKAGES = (
    Package("ige", True, "itself"),
    Package("torch", True, "training and lifting"),
    Package("numpy", True, "everything"),
    Package("h5py", True, "files of arrays"),
    Package("pydantic", True, "reading params.yaml"),
    Package("numba", True, "grids and images of meshes"),
    Package("trimesh", True, "reading meshes"),
    Package("pycollada", False, "reading .dae meshes"),
    Package("pillow", True, "pictures and textures"),
    Package("hdf5plugin", True, "shape sets with zstd"),
    Package("matplotlib", True, "figures"),
    Package("timm", True, "image encoders"),
    Package("scikit-image", True, "meshes of reconstructions"),
    Package("jinja2", True, "the report"),
    Package("snakemake", True, "running the workflow"),
    Package("dvc", False, "dvc repro, push and pull"),
    Package("pyrender", False, "images with materials and textures"),
)


def check_python() -> Check:
    """Tell the version of Python; installation has checked it."""
    return Check("python", "ok", f"{platform.python_version()} on {platform.system()} {platform.machine()}")


def check_package(package: Package) -> Check:
    """Tell the version of a package."""
    try:
        return Check(package.name, "ok", metadata.version(package.name))
    except metadata.PackageNotFoundError:
        status: Status = "missing" if package.needed else "warning"
        return Check(package.name, status, f"not installed, needed for {package.purpose}", _INSTALL)
