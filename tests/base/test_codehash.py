import pytest

from ige.base.codehash import code_version, import_closure


@pytest.fixture
def package(tmp_path):
    files = {
        "ige/__init__.py": "",
        "ige/low.py": '"""Doc."""\n\n\ndef f(x):\n    """Doc."""\n    return x + 1\n',
        "ige/other.py": "VALUE = 1\n",
        "ige/rooms/__init__.py": "",
        "ige/rooms/stage.py": "from ige.low import f\nfrom . import near\n\nprint(f(1), near)\n",
        "ige/rooms/near.py": "def g():\n    from ige import lazy\n    return lazy\n",
        "ige/rooms/table.json": "[1]",
        "ige/lazy.py": "import os\n",
    }
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path


def edit(root, name, old, new):
    text = (root / name).read_text()
    assert old in text
    (root / name).write_text(text.replace(old, new))


def test_the_closure_holds_relative_lazy_and_package_imports(package):
    assert import_closure("ige.rooms.stage", package) == {
        "ige",
        "ige.low",
        "ige.lazy",
        "ige.rooms",
        "ige.rooms.near",
        "ige.rooms.stage",
    }


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("ige/low.py", '"""Doc."""', '"""Another text, of two words."""'),
        ("ige/low.py", "return x + 1", "return x + 1  # one more"),
        ("ige/low.py", "return x + 1", "return (x\n        + 1)"),
        ("ige/other.py", "1", "2"),
    ],
)
def test_what_does_not_count(package, name, old, new):
    before = code_version("ige.rooms.stage", package)
    edit(package, name, old, new)
    assert code_version("ige.rooms.stage", package) == before


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("ige/low.py", "x + 1", "x + 2"),
        ("ige/lazy.py", "import os", "import sys"),
        ("ige/rooms/near.py", "g", "h"),
        ("ige/rooms/table.json", "1", "2"),
        ("ige/rooms/__init__.py", "", "A = 1\n"),
    ],
)
def test_what_counts(package, name, old, new):
    before = code_version("ige.rooms.stage", package)
    edit(package, name, old, new)
    assert code_version("ige.rooms.stage", package) != before


def test_an_unknown_module_is_refused(package):
    with pytest.raises(ValueError, match=r"no module ige\.nothing"):
        code_version("ige.nothing", package)


def test_every_import_of_a_stage_is_in_its_closure(root):
    """The closure is static; here it is held against what importing a stage really loads."""
    import subprocess
    import sys

    from ige.params.stages import MODULES

    script = "import sys, importlib; importlib.import_module(sys.argv[1]); print(*sys.modules)"
    for module in set(MODULES.values()):
        done = subprocess.run(
            [sys.executable, "-c", script, module], capture_output=True, text=True, check=True, cwd=root
        )
        loaded = {name for name in done.stdout.split() if name.split(".")[0] == "ige"}
        assert loaded <= import_closure(module, root), module
