from __future__ import annotations

import platform
from importlib import metadata

import numpy as np

from ige.doctor.software import PACKAGES, Package, check_package, check_python


def test_python_and_an_installed_package() -> None:
    assert platform.python_version() in check_python().found
    check = check_package(Package("numpy", True, "everything"))
    assert (check.status, check.found) == ("ok", np.__version__)


def test_a_package_that_lacks_stops_a_run_only_if_it_is_needed() -> None:
    needed = check_package(Package("no-such-package", True, "all"))
    optional = check_package(Package("no-such-package", False, "some"))
    assert (needed.status, optional.status) == ("missing", "warning")
    assert "some" in optional.found
    assert optional.advice


def test_what_is_called_needed_is_what_the_project_declares() -> None:
    declared = {text.split(">")[0].split(";")[0].strip() for text in metadata.requires("ige") or ()}
    assert {package.name for package in PACKAGES} - {"ige"} <= declared
