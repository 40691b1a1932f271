from __future__ import annotations

import sys

import pytest

from ige.doctor import rendering
from ige.doctor.check import Check
from ige.doctor.rendering import check_platform, check_raster
from ige.shapes.gl_platform import PLATFORMS, start_probe

EGL = PLATFORMS[0]


def probed(code: str) -> Check:
    return check_platform(EGL, start_probe(EGL, (sys.executable, "-c", code)))


def test_raster_needs_nothing() -> None:
    check = check_raster()
    assert check.status == "ok"
    assert "without EGL, OSMesa" in check.found


def test_a_platform_that_renders() -> None:
    check = probed("pass")
    assert check.status == "ok"
    assert "pyrender" in check.found


def test_the_packages_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rendering, "missing_packages", lambda _: ("libegl1",))
    check = probed("raise ImportError('Unable to load EGL library')")
    assert check.status == "warning"
    assert check.found == "no test image: ImportError: Unable to load EGL library"
    assert check.advice.startswith("apt-get install libegl1;")
    assert "raster needs neither" in check.advice


def test_a_broken_driver_with_all_libraries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rendering, "missing_packages", lambda _: ())
    assert probed("raise ImportError('broken')").advice.startswith("The libraries are there")


def test_without_pyrender_the_advice_is_pyrender() -> None:
    check = probed("import no_such_module")
    assert check.status == "warning"
    assert "Install pyrender" in check.advice
