import ast
import os
import pwd
import shutil
import subprocess
import sys
import tempfile

import pytest

from ige.grids import kernel_cache

SOURCE = """
from ige.grids.kernel import kernel

@kernel
def twice(value):
    return {factor} * value
"""
CALL = "import {name}; print({name}.twice(21), sum({name}.twice.stats.cache_hits.values()))"


def call(folder, name, cache):
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(folder), os.getcwd()])}
    environment |= {"NUMBA_CACHE_DIR": str(cache)}
    done = subprocess.run(
        [sys.executable, "-c", CALL.format(name=name)],
        cwd=folder,  # first on the path
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.split()


def test_the_same_source_elsewhere_finds_the_machine_code_and_an_edited_one_does_not(tmp_path):
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "doubling.py").write_text(SOURCE.format(factor=2))
    assert call(tmp_path / "a", "doubling", tmp_path / "cache") == ["42", "0"]
    assert call(tmp_path / "b", "doubling", tmp_path / "cache") == ["42", "1"]
    (tmp_path / "b" / "doubling.py").write_text(SOURCE.format(factor=3))
    assert call(tmp_path / "b", "doubling", tmp_path / "cache") == ["63", "0"]


@pytest.fixture
def homeless(tmp_path, monkeypatch):
    for name in ("NUMBA_CACHE_DIR", "XDG_CACHE_HOME", "HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(pwd, "getpwuid", {}.__getitem__)  # a user without a name
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    kernel_cache._temporary_folder.cache_clear()
    yield tmp_path
    kernel_cache._temporary_folder.cache_clear()


def test_a_user_without_a_home_keeps_kernels_in_a_temporary_folder(homeless):
    folder = kernel_cache._writable_folder()
    assert folder == homeless / f"ige-kernels-{os.getuid()}"
    assert folder.stat().st_mode & 0o777 == 0o700
    kernel_cache._temporary_folder.cache_clear()
    assert kernel_cache._writable_folder() == folder


def test_machine_code_of_others_is_not_run(homeless):
    (homeless / "theirs").mkdir()
    (homeless / f"ige-kernels-{os.getuid()}").symlink_to(homeless / "theirs")
    folder = kernel_cache._writable_folder()
    assert folder.parent == homeless
    assert folder.resolve() == folder
    assert folder.name != "theirs"
    assert kernel_cache._writable_folder() == folder


CALLER = """
from ige.grids.cells import first_centre
from ige.grids.kernel import kernel

@kernel
def twice(value):
    return 2 * first_centre(value + 0.0, 100)
"""


def test_an_edit_of_a_kernel_that_another_file_calls_is_noticed(root, tmp_path):
    for name in ("grids", "geometry"):
        shutil.copytree(root / "ige" / name, tmp_path / "ige" / name)
    shutil.copy(root / "ige/__init__.py", tmp_path / "ige")
    (tmp_path / "calling.py").write_text(CALLER)
    assert call(tmp_path, "calling", tmp_path / "cache") == ["42", "0"]
    assert call(tmp_path, "calling", tmp_path / "cache") == ["42", "1"]
    cells = tmp_path / "ige/grids/cells.py"
    cells.write_text(cells.read_text().replace("x - 0.5", "x - 12.5"))
    assert call(tmp_path, "calling", tmp_path / "cache") == ["18", "0"]


def test_no_kernel_is_compiled_in_another_way(root):
    for path in (root / "ige").rglob("*.py"):
        if path.name != "kernel.py":
            assert "njit" not in path.read_text(), f"{path}: use ige.grids.kernel"


def test_nothing_lets_bytes_differ(root):
    options = {
        word.arg for word in ast.walk(ast.parse((root / "ige/grids/kernel.py").read_text()))
        if isinstance(word, ast.keyword)
    }  # fmt: skip
    assert options == {"bound", "cache", "error_model", "nogil"}, "no fast mathematics, nothing in parallel"
