"""The version of a stage's code: a hash of its module and of all that it imports inside `ige`.

Comments, docstrings and layout do not count; files of data beside a module (tables, templates) do. So an
edit of a comment re-runs nothing, and an edit of code re-runs exactly the stages that import it.
"""

from __future__ import annotations

import ast
import hashlib
from dataclasses import dataclass
from pathlib import Path

PACKAGE = "ige"
_ROOT = Path(__file__).resolve().parents[2]
_DIGITS = 12
_DATA = frozenset({".json", ".csv", ".j2", ".yaml"})


@dataclass(frozen=True, slots=True)
class FileFacts:
    """What a Python file's bytes say, wherever it lies.

    Attributes:
        code: SHA-256 of its syntax tree without docstrings, hexadecimal.
        imports: names inside the package that it imports, anywhere; relative ones begin with their dots.
    """

    code: str
    imports: tuple[str, ...]


_seen: dict[str, FileFacts] = {}


class Package:
    """The package as it lies on disk now: each file is read once, and parsed once if its bytes are new."""

    def __init__(self, root: Path = _ROOT, known: dict[str, FileFacts] | None = None) -> None:
        """Look at the package below `root`.

        Args:
            root: the folder that holds the package.
            known: facts by the SHA-256 of the file's bytes; what is parsed is added. None: those that this
                process has seen.
        """
        self._root = root
        self._known = _seen if known is None else known
        self._files: dict[str, Path | None] = {}
        self._keys: dict[str, str] = {}
        self._hashes: dict[str, str] = {}
        self._data: dict[Path, bytes] = {}

    @property
    def used(self) -> dict[str, FileFacts]:
        """Return the facts of all files that were asked for."""
        return {key: self._known[key] for key in sorted(self._keys.values())}

    def version(self, module: str) -> str:
        """Hash the import closure of a module.

        Raises:
            ValueError: if there is no such module.
        """
        if self._file_of(module) is None:
            raise ValueError(f"no module {module} below {self._root}")
        digest = hashlib.sha256()
        for name in sorted(self.closure(module)):
            digest.update(f"{name} {self._hash_of(name)}\n".encode())
        return digest.hexdigest()[:_DIGITS]

    def closure(self, module: str) -> set[str]:
        """Name every module of the package that importing `module` may run, itself included."""
        found: set[str] = set()
        waiting = [module]
        while waiting:
            name = waiting.pop()
            if name in found or self._file_of(name) is None:
                continue
            found.add(name)
            waiting.extend(self._imports(name))
            # Importing a.b.c runs the packages a and a.b as well.
            waiting.extend(name.rsplit(".", depth)[0] for depth in range(1, name.count(".") + 1))
        return found

    def _file_of(self, module: str) -> Path | None:
        if module not in self._files:
            path = self._root.joinpath(*module.split("."))
            places = (path.with_suffix(".py"), path / "__init__.py")
            self._files[module] = next((file for file in places if file.is_file()), None)
        return self._files[module]

    def _existing(self, module: str) -> Path:
        file = self._file_of(module)
        assert file is not None
        return file

    def _facts(self, module: str) -> FileFacts:
        if module not in self._keys:
            content = self._existing(module).read_bytes()
            key = hashlib.sha256(content).hexdigest()
            if key not in self._known:
                self._known[key] = facts_of(content)
            self._keys[module] = key
        return self._known[self._keys[module]]

    def _imports(self, module: str) -> list[str]:
        is_package = self._existing(module).name == "__init__.py"
        package = module if is_package else module.rpartition(".")[0]
        return [_absolute(name, package) for name in self._facts(module).imports]

    def _hash_of(self, module: str) -> str:
        if module not in self._hashes:
            digest = hashlib.sha256(bytes.fromhex(self._facts(module).code))
            digest.update(self._data_in(self._existing(module).parent))
            self._hashes[module] = digest.hexdigest()
        return self._hashes[module]

    def _data_in(self, folder: Path) -> bytes:
        if folder not in self._data:
            files = (file for file in sorted(folder.iterdir()) if file.suffix in _DATA and file.is_file())
            self._data[folder] = b"".join(file.name.encode() + file.read_bytes() for file in files)
        return self._data[folder]


def code_version(module: str, root: Path = _ROOT) -> str:
    """Hash the import closure of a module, e.g. `ige.poses.train`.

    Args:
        module: dotted name of a module inside the package.
        root: the folder that holds the package.

    Raises:
        ValueError: if there is no such module.
    """
    return Package(root).version(module)


def import_closure(module: str, root: Path = _ROOT) -> set[str]:
    """Name every module of the package that importing `module` may run, itself included."""
    return Package(root).closure(module)


def facts_of(content: bytes) -> FileFacts:
    """Parse a Python file.

    Raises:
        SyntaxError: if it is none.
    """
    tree = ast.parse(content)
    imports: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            imports.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            imports.update(_named(node))
        elif isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            _drop_docstring(node)
    inside = sorted(name for name in imports if name.split(".")[0] in {PACKAGE, ""})
    return FileFacts(hashlib.sha256(ast.dump(tree).encode()).hexdigest(), tuple(inside))


def _named(node: ast.ImportFrom) -> list[str]:
    """Name what is imported from, and each thing: `from ige.poses import train` may name a module."""
    base = "." * node.level + (node.module or "")
    separator = "." if node.module else ""
    return [base, *(f"{base}{separator}{alias.name}" for alias in node.names)]


def _absolute(name: str, package: str) -> str:
    rest = name.lstrip(".")
    dots = len(name) - len(rest)
    if dots == 0:
        return name
    parent = package.split(".")[: package.count(".") + 2 - dots]
    return ".".join([*parent, rest] if rest else parent)


def _drop_docstring(node: ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) -> None:
    first = node.body[0] if node.body else None
    if (
        isinstance(first, ast.Expr)
        and isinstance(first.value, ast.Constant)
        and isinstance(first.value.value, str)
    ):
        node.body = node.body[1:]
