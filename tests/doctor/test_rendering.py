from __future__ import annotations

import sys
import time

import pytest

from ige.doctor import rendering
from ige.doctor.check import Check
from ige.doctor.rendering import PLATFORMS, Platform, check_platform, missing_packages, start_probe

EGL = PLATFORMS[0]


def probed(code: str, seconds: float = 10.0, platform: Platform = EGL) -> Check:
    return check_platform(platform, start_probe(platform, (sys.executable, "-c", code)), seconds)


@pytest.fixture
def lacking(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without one of the libraries."""
    monkeypatch.setattr(rendering, "missing_packages", lambda _: ("libegl1",))


def test_the_platform_is_set_before_anything_is_imported() -> None:
    code = "import os, sys; sys.exit(os.environ['PYOPENGL_PLATFORM'] != 'osmesa')"
    assert probed(code, platform=PLATFORMS[1]).status == "ok"
    assert probed(code).status == "warning"


@pytest.mark.usefixtures("lacking")
def test_the_last_line_of_a_failure_and_the_packages_to_install() -> None:
    check = probed("raise ImportError('Unable to load EGL library')")
    assert check.status == "warning"
    assert check.found == "no test image: ImportError: Unable to load EGL library"
    assert check.advice.startswith("apt-get install libegl1;")


def test_a_driver_that_hangs_costs_no_more_than_the_limit() -> None:
    start = time.monotonic()
    check = probed("import time; time.sleep(60)", seconds=0.3)
    assert time.monotonic() - start < 10.0
    assert check.found == "no test image within 0.3 s"


def test_a_driver_that_ends_the_process() -> None:
    check = probed("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)")
    assert check.found == "no test image: the process ended with -11"


def test_without_pyrender_the_advice_is_pyrender() -> None:
    check = probed("import no_such_module")
    assert check.status == "warning"
    assert "Install pyrender" in check.advice


def test_packages_are_asked_of_dpkg(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rendering.shutil, "which", lambda _: None)
    assert missing_packages(("a", "b")) == ("a", "b")


def test_packages_that_dpkg_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    if rendering.shutil.which("dpkg-query") is None:
        pytest.skip("no dpkg on this machine")
    assert missing_packages(("dpkg", "no-such-package")) == ("no-such-package",)


def test_a_real_image_where_the_libraries_are() -> None:
    pytest.importorskip("pyrender", reason="pyrender is not installed")
    if missing_packages(EGL.packages):
        pytest.skip(f"not installed: {', '.join(missing_packages(EGL.packages))}")
    check = check_platform(EGL, start_probe(EGL), seconds=60.0)
    assert (check.status, check.found) == ("ok", "renders a test image")
