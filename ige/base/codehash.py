"""The version of a stage's code: a hash of its module and of all that it imports inside `ige`.

Comments, docstrings and layout do not count; files of data beside a module (tables, templates) do. So an
edit of a comment re-runs nothing, and an edit of code re-runs exactly the stages that import it.
"""

from __future__ import annotations

import ast
import hashlib
from functools import cache
from pathlib import Path

PACKAGE = "ige"
_ROOT = Path(__file__).resolve().parents[2]
_DIGITS = 12


def code_version(module: str, root: Path = _ROOT) -> str:
    """Hash the import closure of a module, e.g. `ige.poses.train`.

    Args:
        module: dotted name of a module inside the package.
        root: the folder that holds the package.

    Raises:
        ValueError: if there is no such module.
    """
    if _file_of(module, root) is None:
        raise ValueError(f"no module {module} below {root}")
    digest = hashlib.sha256()
    for name in sorted(import_closure(module, root)):
        digest.update(f"{name} {_hash_of_module(name, root)}\n".encode())
    return digest.hexdigest()[:_DIGITS]


def import_closure(module: str, root: Path = _ROOT) -> set[str]:
    """Name every module of the package that importing `module` may run, itself included."""
    found: set[str] = set()
    waiting = [module]
    while waiting:
        name = waiting.pop()
        if name in found or _file_of(name, root) is None:
            continue
        found.add(name)
        waiting.extend(_imports(name, root))
        # Importing a.b.c runs the packages a and a.b as well.
        waiting.extend(name.rsplit(".", depth)[0] for depth in range(1, name.count(".") + 1))
    return found


def _file_of(module: str, root: Path) -> Path | None:
    path = root.joinpath(*module.split("."))
    for file in (path.with_suffix(".py"), path / "__init__.py"):
        if file.is_file():
            return file
    return None


def _imports(module: str, root: Path) -> tuple[str, ...]:
    file = _file_of(module, root)
    assert file is not None
    package = module if file.name == "__init__.py" else module.rpartition(".")[0]
    return _imports_of(file, file.stat().st_mtime_ns, package)


@cache
def _imports_of(file: Path, changed: int, package: str) -> tuple[str, ...]:
    names = []
    for node in ast.walk(ast.parse(file.read_bytes())):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = _absolute(node, package)
            names.append(base)
            # `from ige.poses import train` may name a module, not only a thing inside one.
            names += [f"{base}.{alias.name}" for alias in node.names]
    return tuple(name for name in names if name.split(".")[0] == package.split(".")[0])


def _absolute(node: ast.ImportFrom, package: str) -> str:
    if node.level == 0:
        return node.module or ""
    parent = package.split(".")[: package.count(".") + 2 - node.level]
    return ".".join([*parent, node.module] if node.module else parent)


def _hash_of_module(module: str, root: Path) -> str:
    file = _file_of(module, root)
    assert file is not None
    digest = hashlib.sha256(_code_of(file, file.stat().st_mtime_ns))
    for data in sorted(file.parent.iterdir()):
        if data.is_file() and data.suffix in {".json", ".csv", ".j2", ".yaml"}:
            digest.update(data.name.encode() + data.read_bytes())
    return digest.hexdigest()


@cache
def _code_of(file: Path, changed: int) -> bytes:
    """Hash a file's code; many stages share most files, so each is read once."""
    tree = ast.parse(file.read_bytes())
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            _drop_docstring(node)
    return hashlib.sha256(ast.dump(tree).encode()).digest()


def _drop_docstring(node: ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) -> None:
    first = node.body[0] if node.body else None
    if (
        isinstance(first, ast.Expr)
        and isinstance(first.value, ast.Constant)
        and isinstance(first.value.value, str)
    ):
        node.body = node.body[1:]
