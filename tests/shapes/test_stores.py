import os
import pickle
import random
import struct
import tracemalloc
import zipfile

import pytest

from ige.base.errors import InputError
from ige.shapes import stores
from ige.shapes.stores import FolderStore, ZipStore, find_beside


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "secret.png").write_bytes(b"secret")
    root = tmp_path / "meshes"
    for name in ("car/a.obj", "car/a b.png", "shared/t.png", "secret2.png"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(name.encode())
    return root


@pytest.fixture
def archive(folder):
    path = folder.parent / "all.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name in ("car/a.obj", "car/a b.png", "shared/t.png", "../secret.png"):
            file.writestr(name, name.encode())
    return path


@pytest.mark.parametrize("kind", ["folder", "zip"])
def test_both_kinds_find_what_a_mesh_refers_to(folder, archive, kind):
    store = FolderStore(folder) if kind == "folder" else ZipStore(archive)
    found = {
        "a b.png": "car/a b.png",
        " 'a b.png' ": "car/a b.png",
        "a%20b.png": "car/a b.png",
        "./a b.png": "car/a b.png",
        "../shared/t.png": "shared/t.png",
        "..\\shared\\t.png": "shared/t.png",
        "C:\\Users\\me\\a b.png": "car/a b.png",
        "file:///home/me/a b.png": "car/a b.png",
        "missing.png": None,
        "../../secret.png": None,
        "../../../../etc/passwd": None,
        "/etc/passwd": None,
        "..": None,
        "": None,
        "a\0b": None,
        "data:image/png;base64,AAAA": None,
        "x" * 5000: None,
    }
    assert {name: find_beside(store, "car/a.obj", name) for name in found} == found
    assert store.read("shared/t.png") == b"shared/t.png"


def test_nothing_outside_a_folder_is_read(folder):
    with pytest.raises(InputError, match="no such file"):
        FolderStore(folder).read("../secret.png")
    with pytest.raises(InputError, match="no such file"):
        FolderStore(folder).read(os.fspath(folder.parent / "secret.png"))
    with pytest.raises(InputError, match="no such file"):
        FolderStore(folder).read("car")


def test_what_is_too_large_is_not_read(folder, archive, monkeypatch):
    monkeypatch.setattr(stores, "MOST_BYTES", 5)
    with pytest.raises(InputError, match=r"a\.obj: too large: expected at most 5 bytes"):
        FolderStore(folder).read("car/a.obj")
    with pytest.raises(InputError, match=r"all\.zip/car/a\.obj: too large"):
        ZipStore(archive).read("car/a.obj")


def changed_list(archive, place, layout, value):
    """Change a number of the first member in the list at a zip file's end."""
    content = bytearray(archive.read_bytes())
    struct.pack_into(layout, content, content.index(b"PK\x01\x02") + place, value)
    archive.write_bytes(content)


def test_a_limit_of_the_reader_holds(folder, archive):
    for store in (FolderStore(folder), ZipStore(archive)):
        assert store.read("car/a.obj", 9) == b"car/a.obj"
        with pytest.raises(InputError, match=r"a\.obj: too large: expected at most 8 bytes, found 9 bytes"):
            store.read("car/a.obj", 8)


def test_a_member_that_unpacks_to_more_than_it_states_costs_no_memory(tmp_path):
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("a.obj", bytes(200 << 20))
    changed_list(path, 24, "<I", 100)
    tracemalloc.start()
    with pytest.raises(InputError, match=r"bomb\.zip/a\.obj: cannot be unpacked"):
        ZipStore(path).read("a.obj")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 16 << 20


def test_a_bomb_is_not_unpacked(tmp_path):
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("a.obj", bytes(65 << 20))
        file.writestr("b.obj", bytes(64 << 20))
    with pytest.raises(InputError, match=r"bomb\.zip/a\.obj: cannot be unpacked: .* a decompression bomb"):
        ZipStore(path).read("a.obj")
    assert len(ZipStore(path).read("b.obj")) == 64 << 20


def test_members_with_a_password_and_links_are_not_read(archive):
    changed_list(archive, 8, "<H", 1)
    with pytest.raises(InputError, match=r"a\.obj: cannot be unpacked: .* an encrypted member"):
        ZipStore(archive).read("car/a.obj")
    changed_list(archive, 8, "<H", 0)
    changed_list(archive, 38, "<I", 0o120777 << 16)
    with pytest.raises(InputError, match=r"a\.obj: cannot be unpacked: .* a symbolic link"):
        ZipStore(archive).read("car/a.obj")


def test_a_zip_file_whose_members_share_bytes_is_refused(archive):
    changed_list(archive, 20, "<I", 200)
    with pytest.raises(InputError, match=r"all\.zip: no zip file: .*'car/a\.obj' overlaps another member"):
        ZipStore(archive).has("car/a.obj")


def test_a_damaged_member_is_one_line(archive):
    content = bytearray(archive.read_bytes())
    start = content.index(b"car/a.obj") + len("car/a.obj")
    content[start : start + 4] = b"\xff\xff\xff\xff"
    archive.write_bytes(content)
    with pytest.raises(InputError, match=r"all\.zip/car/a\.obj: cannot be unpacked"):
        ZipStore(archive).read("car/a.obj")
    assert ZipStore(archive).read("shared/t.png") == b"shared/t.png"


def test_what_is_no_zip_file_says_so(tmp_path):
    for content in (b"", b"PK\3\4 no such thing"):
        (tmp_path / "a.zip").write_bytes(content)
        with pytest.raises(InputError, match=r"a\.zip: no zip file"):
            ZipStore(tmp_path / "a.zip").has("x")
    zipfile.ZipFile(tmp_path / "b.zip", "w").close()
    with pytest.raises(InputError, match="no such file in the zip file"):
        ZipStore(tmp_path / "b.zip").read("x")


def test_a_zip_file_goes_to_workers(archive):
    store = ZipStore(archive)
    assert store.has("car/a.obj")
    assert pickle.loads(pickle.dumps(store)).read("car/a.obj") == b"car/a.obj"


@pytest.fixture
def nested(archive, folder):
    """A zip file that lies stored inside another one, between other members."""
    path = folder.parent / "outer.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as file:
        file.writestr("before.txt", b"before")
        file.writestr("a/all.zip", archive.read_bytes())
        file.writestr("behind.txt", b"behind")
    return path


def test_a_zip_file_inside_a_zip_file_is_read_in_place(nested, archive):
    store = ZipStore(nested, "a/all.zip")
    assert store.names == ZipStore(archive).names
    assert store.stem == "all"
    for name in ("car/a.obj", "shared/t.png"):
        assert store.read(name) == name.encode()
        assert pickle.loads(pickle.dumps(store)).read(name) == name.encode()
    assert find_beside(store, "car/a.obj", "../shared/t.png") == "shared/t.png"
    assert find_beside(store, "car/a.obj", "../../before.txt") is None
    with pytest.raises(InputError, match=r"outer\.zip/a/all\.zip/car/b\.obj: no such file"):
        store.read("car/b.obj")
    assert ZipStore(nested).is_stored("a/all.zip")
    assert not ZipStore(archive).is_stored("car/a.obj")


def test_a_zip_file_inside_a_zip_file_costs_no_memory(tmp_path):
    with zipfile.ZipFile(tmp_path / "inner.zip", "w") as file:
        file.writestr("large", bytes(32 << 20))
        file.writestr("small", b"small")
    with zipfile.ZipFile(tmp_path / "outer.zip", "w") as file:
        file.write(tmp_path / "inner.zip", "inner.zip")
    tracemalloc.start()
    assert ZipStore(tmp_path / "outer.zip", "inner.zip").read("small") == b"small"
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1 << 20


def test_what_is_no_nested_zip_file_says_so(nested):
    for name in ("before.txt", "c.zip"):
        with pytest.raises(InputError, match=rf"outer\.zip/{name}: no zip file"):
            ZipStore(nested, name).has("car/a.obj")


def test_nested_zip_files_that_share_bytes_are_refused(nested):
    content = bytearray(nested.read_bytes())
    row = content.rindex(b"PK\x01\x02")  # of behind.txt: now where the zip file begins, or in the midst of it
    for place in (content.index(b"a/all.zip") - 30, content.index(b"a/all.zip") + 100):
        struct.pack_into("<I", content, row + 42, place)
        nested.write_bytes(content)
        with pytest.raises(
            InputError, match=r"outer\.zip/a/all\.zip: no zip file: .* overlaps another member"
        ):
            ZipStore(nested, "a/all.zip").has("car/a.obj")


@pytest.mark.parametrize("damage", ["flip", "cut"])
def test_damaged_nested_zip_files_are_read_or_are_one_line(nested, damage):
    content = nested.read_bytes()
    rng = random.Random(0)
    whole = ends = 0
    for _ in range(300):
        damaged = bytearray(content)
        if damage == "cut":
            del damaged[rng.randrange(len(content)) :]
        else:
            damaged[rng.randrange(len(content))] = rng.choice((0, 1, 127, 128, 255))
        nested.write_bytes(damaged)
        try:
            whole += ZipStore(nested, "a/all.zip").read("car/a.obj") == b"car/a.obj"
        except InputError:
            ends += 1
    assert whole + ends == 300
    assert ends > 50
