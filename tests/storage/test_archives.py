import gzip
import io
import random
import stat
import struct
import tarfile
import warnings
import zipfile

import pytest

from ige.base.errors import InputError
from ige.storage import members
from ige.storage.archives import open_archive

FORMATS = [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT]
CONTENTS = {"S1/Directions 1.cdf": b"one" * 1000, f"S1/{'long' * 20}/{'b' * 90}": b"", "S1/ü.cdf": b"three"}


def tgz(path, entries, mode="w:gz", form=tarfile.PAX_FORMAT):
    with tarfile.open(path, mode, format=form) as archive:
        for entry, content in entries:
            info = tarfile.TarInfo(entry) if isinstance(entry, str) else entry
            if content is not None:
                info.size = len(content)
            archive.addfile(info, None if content is None else io.BytesIO(content))
    return path


def zipped(path, entries):
    with warnings.catch_warnings(), zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        warnings.simplefilter("ignore")  # duplicates
        for entry, content in entries:
            archive.writestr(entry, content)
    return path


def special(name, kind, target=""):
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info


def read_all(path, **limits):
    with open_archive(path, **limits) as archive:
        return dict(archive.iterate())


def refusal(path, **limits):
    with pytest.raises(InputError) as caught:
        read_all(path, **limits)
    text = str(caught.value)
    assert str(path) in text
    assert "\n" not in text
    return text


@pytest.mark.parametrize("mode", ["w", "w:gz"])
@pytest.mark.parametrize("form", FORMATS)
def test_tar_files_of_all_formats_are_read(tmp_path, mode, form):
    path = tgz(tmp_path / "a.tgz", CONTENTS.items(), mode, form)
    with open_archive(path) as archive:
        assert archive.names == tuple(CONTENTS)
        assert dict(archive.iterate()) == CONTENTS
        assert archive.read("S1/ü.cdf") == b"three"
        with pytest.raises(InputError, match=r"a\.tgz/gone: no such file in the archive"):
            archive.read("gone")


def test_zip_files_are_read_in_the_order_of_their_members(tmp_path):
    path = zipped(tmp_path / "a.zip", CONTENTS.items())
    with open_archive(path) as archive:
        assert archive.names == tuple(CONTENTS)
        assert list(archive.iterate(lambda name: name.endswith(".cdf"))) == [
            (name, CONTENTS[name]) for name in CONTENTS if name.endswith(".cdf")
        ]
        assert archive.read("S1/Directions 1.cdf") == b"one" * 1000


LITTER = ["__MACOSX/S1/._a", "S1/.DS_Store", "S1/._b"]


def test_names_are_normalised_and_litter_is_no_member(tmp_path):
    entries = [("./S1//a", b"1"), *((name, b"2") for name in LITTER), ("b/./c", b"3")]
    folders = [special("./", tarfile.DIRTYPE), special("S1", tarfile.DIRTYPE)]
    archives = [
        tgz(tmp_path / "a.tgz", [*((folder, None) for folder in folders), *entries]),
        zipped(tmp_path / "a.zip", [("./", b""), ("S1/", b""), *entries]),
    ]
    for path in archives:
        assert read_all(path) == {"S1/a": b"1", "b/c": b"3"}


UNSAFE = {
    "../up": "leads out",
    "a/../../up": "leads out",
    "/etc/passwd": "absolute",
    "C:/x": "absolute",
    "c:x": "absolute",
    "\\\\server\\x": "backslashes",
    "a\\..\\..\\x": "backslashes",
    "a\nb": "cannot be printed",
    "a\x1b[2J": "cannot be printed",
}


@pytest.mark.parametrize("name", UNSAFE)
def test_names_that_lead_out_are_refused(tmp_path, name):
    entries = [("first", b"1"), (name, b"2")]
    assert UNSAFE[name] in refusal(tgz(tmp_path / "a.tgz", entries))
    assert UNSAFE[name] in refusal(zipped(tmp_path / "a.zip", entries))


@pytest.mark.parametrize(
    ("kind", "word"),
    [
        (tarfile.SYMTYPE, "symbolic link"),
        (tarfile.LNKTYPE, "hard link"),
        (tarfile.CHRTYPE, "character device"),
        (tarfile.BLKTYPE, "block device"),
        (tarfile.FIFOTYPE, "pipe"),
        (tarfile.GNUTYPE_SPARSE, "sparse"),
        (b"Z", "unknown kind"),
    ],
)
def test_whatever_is_no_file_in_a_tar_file_is_refused(tmp_path, kind, word):
    text = refusal(tgz(tmp_path / "a.tgz", [("a", b"1"), (special("b/evil", kind, "/etc/passwd"), None)]))
    assert "b/evil" in text
    assert word in text


@pytest.mark.parametrize(
    ("mode", "word"), [(stat.S_IFLNK, "link"), (stat.S_IFIFO, "pipe"), (stat.S_IFBLK, "device")]
)
def test_whatever_is_no_file_in_a_zip_file_is_refused(tmp_path, mode, word):
    info = zipfile.ZipInfo("b/evil")
    info.external_attr = (mode | 0o777) << 16
    text = refusal(zipped(tmp_path / "a.zip", [(info, b"/etc/passwd")]))
    assert "b/evil" in text
    assert word in text


def test_names_given_twice_are_refused(tmp_path):
    entries = [("a", b"1"), ("./a", b"2")]
    assert "two members of this name" in refusal(tgz(tmp_path / "a.tgz", entries))
    assert "two members of this name" in refusal(zipped(tmp_path / "a.zip", entries))


def test_names_that_are_not_utf_8_are_refused(tmp_path):
    path = tgz(tmp_path / "a.tar", [("S1/ab", b"1")], "w", tarfile.USTAR_FORMAT)
    content = bytearray(path.read_bytes())
    content[3] = 0xFF
    content[148:156] = b"%06o\0 " % (sum(content[:148]) + 8 * 32 + sum(content[156:512]))
    path.write_bytes(content)
    assert "not UTF-8" in refusal(path)
    for flagged in (0, 0x800):
        zip_path = zipped(tmp_path / "a.zip", [("S1/ab", b"1")])
        content = bytearray(zip_path.read_bytes().replace(b"S1/ab", b"S1/\xffb"))
        for head, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
            struct.pack_into("<H", content, content.index(head) + place, flagged)
        zip_path.write_bytes(content)
        assert "not UTF-8" in refusal(zip_path)


def test_utf_8_that_a_zip_file_does_not_tell_of_is_read(tmp_path):
    path = zipped(tmp_path / "a.zip", [("ü", b"1")])
    content = bytearray(path.read_bytes())
    for head, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        struct.pack_into("<H", content, content.index(head) + place, 0)
    path.write_bytes(content)
    assert read_all(path) == {"ü": b"1"}


def test_encrypted_members_are_refused(tmp_path):
    path = zipped(tmp_path / "a.zip", [("secret", b"1")])
    content = bytearray(path.read_bytes())
    content[content.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(content)
    text = refusal(path)
    assert "a.zip/secret" in text
    assert "encrypted" in text


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_packing_of_other_kinds_is_refused(tmp_path, method):
    with zipfile.ZipFile(tmp_path / "a.zip", "w", method) as archive:
        archive.writestr("a", b"1")
    assert "neither stored nor deflated" in refusal(tmp_path / "a.zip")


def test_a_bomb_is_stopped_while_it_is_read(tmp_path, monkeypatch):
    monkeypatch.setattr(members, "RATIO_FROM", 1 << 20)
    zeros = bytes(8 << 20)
    pack = tgz(tmp_path / "a.tgz", [("honest", b"1"), ("bomb", zeros), ("rest", zeros)])
    text = refusal(pack)
    assert "a.tgz/bomb: " in text
    # Stopped within a piece of the limit, not at the end.
    assert "a decompression bomb: 2 MiB or more" in text
    assert "bomb" in refusal(zipped(tmp_path / "a.zip", [("bomb", zeros)]))


def test_many_members_may_be_a_bomb_together(tmp_path, monkeypatch):
    monkeypatch.setattr(members, "RATIO_FROM", 1 << 20)
    entries = [(f"{number}", bytes(1 << 19)) for number in range(8)]
    assert "decompression bomb" in refusal(tgz(tmp_path / "a.tgz", entries))
    assert "decompression bomb" in refusal(zipped(tmp_path / "a.zip", entries))


def test_a_bomb_is_stopped_though_nothing_of_it_is_wanted(tmp_path, monkeypatch):
    monkeypatch.setattr(members, "RATIO_FROM", 1 << 20)
    with pytest.raises(InputError, match="decompression bomb"):
        _ = open_archive(tgz(tmp_path / "a.tgz", [("bomb", bytes(8 << 20))])).names


def test_sizes_are_limited(tmp_path):
    entries = [("a", bytes(600)), ("b", bytes(600))]
    for path in (tgz(tmp_path / "a.tgz", entries), zipped(tmp_path / "a.zip", entries)):
        assert f"{path}/a" in refusal(path, most_bytes=599)
        assert "in all" in refusal(path, most_total=1199)
        assert read_all(path, most_bytes=600, most_total=20_000)["a"] == bytes(600)


def test_zip_members_that_lie_about_their_size_are_refused(tmp_path):
    for stated in (10, 2000):
        path = zipped(tmp_path / "a.zip", [("a", b"x" * 1000)])
        content = bytearray(path.read_bytes())
        struct.pack_into("<I", content, content.index(b"PK\x01\x02") + 24, stated)
        path.write_bytes(content)
        assert "a.zip/a: refused" in refusal(path)


def test_zip_members_that_share_bytes_are_refused(tmp_path):
    path = zipped(tmp_path / "a.zip", [("a", b"x" * 1000), ("b", b"y" * 1000)])
    content = bytearray(path.read_bytes())
    second = content.index(b"PK\x01\x02", content.index(b"PK\x01\x02") + 1)
    struct.pack_into("<I", content, second + 42, 0)
    path.write_bytes(content)
    assert "overlaps another" in refusal(path)


def test_a_tar_header_that_claims_everything_is_refused(tmp_path):
    for kind in (b"L", b"x", b"0"):
        info = special("a", kind)
        info.size = 1 << 40
        path = tmp_path / "a.tar"
        path.write_bytes(info.tobuf(tarfile.GNU_FORMAT) + bytes(1024))
        assert "1048576 MiB" in (text := refusal(path)) or "a header of" in text


@pytest.mark.parametrize(
    "field", [b"\xff" * 12, b"\x80" + b"\xff" * 11, b"7" * 12, b"-0000000001\0", b"abcdefghijkl"]
)
def test_impossible_sizes_are_refused(tmp_path, field):
    header = bytearray(tarfile.TarInfo("a").tobuf(tarfile.USTAR_FORMAT))
    header[124:136] = field
    header[148:156] = b"%06o\0 " % (sum(header[:148]) + 8 * 32 + sum(header[156:512]))
    (tmp_path / "a.tar").write_bytes(bytes(header) + bytes(2048))
    refusal(tmp_path / "a.tar")


@pytest.mark.parametrize(
    "records",
    [b"5 path=x\n", b"99999 path=x\n", b"path=x\n", b"9 path=x", b"0 path=x\n", b" =\n"],
)
def test_damaged_extended_headers_are_refused(tmp_path, records):
    info = special("x", b"x")
    info.size = len(records)
    plain = tarfile.TarInfo("a").tobuf(tarfile.USTAR_FORMAT)
    extended = info.tobuf(tarfile.USTAR_FORMAT) + records.ljust(512, b"\0")
    (tmp_path / "a.tar").write_bytes(extended + plain + bytes(1024))
    assert "extended headers" in refusal(tmp_path / "a.tar")


def test_one_name_for_all_members_is_refused(tmp_path):
    info = special("g", b"g")
    records = b"16 path=../../x\n"
    info.size = len(records)
    (tmp_path / "a.tar").write_bytes(
        info.tobuf(tarfile.USTAR_FORMAT) + records.ljust(512, b"\0") + bytes(1024)
    )
    assert "for all members" in refusal(tmp_path / "a.tar")


def test_content_after_the_end_is_refused(tmp_path):
    path = tgz(tmp_path / "a.tar", [("a", b"1")], "w")
    path.write_bytes(path.read_bytes() + b"hidden")
    assert "after the mark of the end" in refusal(path)


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"", "empty"),
        (b"<!DOCTYPE html><html>", "HTML"),
        (b"\n<HTML><body>", "HTML"),
        (b"Rar!\x1a\x07", "Rar!"),
    ],
)
def test_what_is_no_archive_says_so(tmp_path, content, found):
    (tmp_path / "a.zip").write_bytes(content)
    assert found in refusal(tmp_path / "a.zip")


def test_a_missing_archive_is_named(tmp_path):
    assert "no such file" in refusal(tmp_path / "a.zip")
    assert "no such file" in refusal(tmp_path)


def mangled(content, chance):
    """Cut a file off, or change some of its bytes."""
    if chance.random() < 0.3:
        return content[: chance.randrange(len(content))]
    changed = bytearray(content)
    for _ in range(chance.choice((1, 2, 8))):
        changed[chance.randrange(len(changed))] = chance.choice((0, 0xFF, chance.randrange(256)))
    return bytes(changed)


@pytest.mark.parametrize("name", ["a.zip", "a.tgz", "a.tar", "changed.tgz"])
def test_damage_ends_in_the_contents_or_in_one_line(tmp_path, name):
    path = tmp_path / name
    entries = list(CONTENTS.items())
    if name == "a.zip":
        zipped(path, entries)
    else:
        tgz(path, entries, "w:gz" if name == "a.tgz" else "w")
    whole = path.read_bytes()
    chance = random.Random(name)
    refused = 0
    for _ in range(300):
        content = mangled(whole, chance)
        path.write_bytes(gzip.compress(content, 1) if name == "changed.tgz" else content)
        found = outcome(path)
        # A zip file tells damage of contents by checksums, a tar.gz file that of everything.
        if isinstance(found, str):
            refused += 1
            assert found.count("\n") == 0
        elif name == "a.zip":
            assert set(found.values()) <= set(CONTENTS.values())
        elif name == "a.tgz":
            assert found == CONTENTS
    assert refused > 100


def outcome(path):
    try:
        return read_all(path)
    except InputError as error:
        return str(error)
