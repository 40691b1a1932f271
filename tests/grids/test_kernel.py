import ast
import os
import pwd
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


def kernels_of(tree):
    return {
        node.name
        for node in tree.body
        if isinstance(node, ast.FunctionDef)
        and any(isinstance(mark, ast.Name) and mark.id == "kernel" for mark in node.decorator_list)
    }


def test_kernels_call_kernels_of_their_own_file_alone(root):
    trees = {path.stem: ast.parse(path.read_text()) for path in (root / "ige/grids").glob("*.py")}
    all_kernels = set().union(*map(kernels_of, trees.values()))
    for name, tree in trees.items():
        own = kernels_of(tree)
        imported = {
            alias.asname or alias.name
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom)
            for alias in node.names
            if alias.name in all_kernels
        }
        for function in tree.body:
            if isinstance(function, ast.FunctionDef) and function.name in own:
                called = {node.id for node in ast.walk(function) if isinstance(node, ast.Name)}
                assert not called & imported, f"{name}.{function.name} calls a kernel of another file"


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
