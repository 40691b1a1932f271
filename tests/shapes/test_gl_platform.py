from __future__ import annotations

import sys
import time

import pytest

from ige.base.errors import InputError
from ige.shapes import gl_platform
from ige.shapes.gl_platform import PLATFORMS, Platform, fault, missing_packages, start_probe, working_platform

EGL, OSMESA = PLATFORMS


def probed(code: str, seconds: float = 10.0, platform: Platform = EGL) -> str | None:
    return fault(start_probe(platform, (sys.executable, "-c", code)), seconds)


def test_the_platform_is_set_before_anything_is_imported() -> None:
    code = "import os, sys; sys.exit(os.environ['PYOPENGL_PLATFORM'] != 'osmesa')"
    assert probed(code, platform=OSMESA) is None
    assert probed(code) is not None


def test_the_last_line_of_a_failure() -> None:
    found = probed("raise ImportError('Unable to load EGL library')")
    assert found == "no test image: ImportError: Unable to load EGL library"


def test_a_driver_that_hangs_costs_no_more_than_the_limit() -> None:
    start = time.monotonic()
    assert probed("import time; time.sleep(60)", seconds=0.3) == "no test image within 0.3 s"
    assert time.monotonic() - start < 10.0


def test_a_driver_that_ends_the_process() -> None:
    found = probed("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)")
    assert found == "no test image: the process ended with -11"


def test_packages_are_asked_of_dpkg(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gl_platform.shutil, "which", lambda _: None)
    assert missing_packages(("a", "b")) == ("a", "b")


def test_packages_that_dpkg_knows() -> None:
    if gl_platform.shutil.which("dpkg-query") is None:
        pytest.skip("no dpkg on this machine")
    assert missing_packages(("dpkg", "no-such-package")) == ("no-such-package",)


@pytest.fixture
def faults(monkeypatch: pytest.MonkeyPatch) -> dict[str, str | None]:
    """What the probes of the platforms find, by name; nothing is started."""
    found: dict[str, str | None] = {"EGL": None, "OSMesa": None}
    monkeypatch.setattr(gl_platform, "start_probe", lambda platform: platform)
    monkeypatch.setattr(gl_platform, "fault", lambda platform: found[platform.name])
    monkeypatch.delenv("PYOPENGL_PLATFORM", raising=False)
    monkeypatch.setattr(gl_platform, "working_platform", working_platform.__wrapped__)
    return found


def test_the_first_platform_that_works_is_taken(faults: dict[str, str | None]) -> None:
    assert gl_platform.working_platform() is EGL
    faults["EGL"] = "no test image: broken driver"
    assert gl_platform.working_platform() is OSMESA


def test_the_platform_that_the_user_names_is_the_only_one(
    faults: dict[str, str | None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYOPENGL_PLATFORM", "osmesa")
    assert gl_platform.working_platform() is OSMESA
    faults["OSMesa"] = "no test image: broken driver"
    with pytest.raises(InputError, match="Install libosmesa6 "):
        gl_platform.working_platform()
    monkeypatch.setenv("PYOPENGL_PLATFORM", "glx")
    with pytest.raises(InputError, match="expected egl or osmesa, found glx"):
        gl_platform.working_platform()


def test_where_none_works_the_error_says_what_to_install(faults: dict[str, str | None]) -> None:
    faults.update(EGL="no test image: no EGL", OSMesa="no test image: no OSMesa")
    with pytest.raises(InputError) as error:
        gl_platform.working_platform()
    text = str(error.value)
    assert "EGL: no test image: no EGL; OSMesa: no test image: no OSMesa" in text
    assert "Install libegl1 libgl1 libgl1-mesa-dri libgles2 or libosmesa6" in text
    assert "renderer raster, which needs nothing" in text


def test_without_pyrender_the_error_says_to_install_it(faults: dict[str, str | None]) -> None:
    faults.update(dict.fromkeys(faults, "no test image: ModuleNotFoundError: No module named 'pyrender'"))
    with pytest.raises(InputError, match="Install pyrender "):
        gl_platform.working_platform()


def test_a_real_image_where_the_libraries_are() -> None:
    pytest.importorskip("pyrender", reason="pyrender is not installed")
    if missing_packages(EGL.packages):
        pytest.skip(f"not installed: {', '.join(missing_packages(EGL.packages))}")
    assert fault(start_probe(EGL), seconds=60.0) is None
