from __future__ import annotations

import gzip
import hashlib
import io
from collections.abc import Callable
from pathlib import Path

import pytest
from shapenet_trees import write_shapenet

from ige.base.errors import InputError
from ige.doctor.check_data import check_sources

HEADER = "source,group,file,version,urls,sha256,bytes,access,secret,licence,citation,register,extracted,"
HEADER += "extracted_files,note\n"
SHA256 = hashlib.sha256(b"poses").hexdigest()
LIST = (
    HEADER
    + "h36m,official,S1.tgz,,https://a.org/1,,,registration,cookie:SECRET,academic,Ionescu,https://a.org,**/S1/*.cdf,2,\n"
    + "h36m,official,S11.tgz,,https://a.org/2,,5,registration,cookie:SECRET,academic,Ionescu,https://a.org,,,\n"
    + "h36m,metadata,metadata.xml,,,,,registration,,academic,Ionescu,https://a.org,,,in code.zip\n"
    + "mocap,open,a.bvh,,https://b.org/a,"
    + SHA256
    + ",5,open,,free,CMU,https://b.org,a.bvh.gz,1,\n"
    + "meshes,kenney,car.obj,,https://c.org/a,,,open,,CC0,Kenney,https://c.org,,,\n"
    + "shapenet,v1,ShapeNetCore.v1/02958343.zip,1,,,,registration,,terms,Chang,https://d.org,,,\n"
    + "shapenet,v1,ShapeNetCore.v1/03001627.zip,1,,,,registration,,terms,Chang,https://d.org,,,\n"
    + "shapenet,v2,02958343.zip,2,https://d.org/2,,,registration,bearer:TOKEN,terms,Chang,https://d.org,,,\n"
    + "shapenet,v2,03001627.zip,2,https://d.org/3,,,registration,bearer:TOKEN,terms,Chang,https://d.org,,,\n"
)
H36M = "run: one\nposes: {source: h36m, h36m: {positions: official, cameras: metadata}}\n"
SHAPES = (
    "run: one\nshapes: {source: shapenet, categories: [car, chair], shapenet: {version: %d, counts: part}}\n"
)

Check = Callable[..., tuple[int, str]]


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory with a list of sources, and without data."""
    (tmp_path / "workflow").mkdir()
    (tmp_path / "workflow/sources.csv").write_text(LIST)
    monkeypatch.chdir(tmp_path)
    for name in ("IGE_REAL_DATA", "SECRET", "TOKEN"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


@pytest.fixture
def check(place: Path, root: Path) -> Check:
    """Check the data that some parameters ask for; return the exit code and what was printed."""

    def run(
        over: str = "", *sources: str, folder: Path | None = None, hashes: bool = False
    ) -> tuple[int, str]:
        (place / "over.yaml").write_text(over or "run: one\n")
        out = io.StringIO()
        code = check_sources(
            settings=root / "params.yaml",
            presets=[place / "over.yaml"],
            sources=sources,
            folder=folder,
            hashes=hashes,
            out=out,
        )
        return code, out.getvalue()

    return run


TGZ, XML = b"\x1f\x8b345", b"<w0/>"  # of a tgz file the beginning alone, which is all that is looked at


def put(place: Path, name: str, content: bytes | None = None) -> Path:
    if content is None:
        content = TGZ if name.endswith(".tgz") else XML
    path = place / "data/sources" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def row(text: str, source: str, group: str) -> list[str]:
    """The cells of a group: state, source, group, found, needed."""
    found = [line.split() for line in text.splitlines() if line.split()[1:3] == [source, group]]
    assert len(found) == 1, f"{source} {group} in:\n{text}"
    return found[0]


def block(text: str, title: str) -> str:
    """What is to do about a group."""
    return next(part for part in text.split("\n\n") if part.startswith(title))


def test_generated_data_ask_for_nothing(check: Check) -> None:
    code, text = check()
    assert code == 0
    assert row(text, "h36m", "official") == ["missing", "h36m", "official", "2", "files"]
    assert "files  " not in text, "what is not needed is told in brief"
    assert text.endswith("lacks nothing: it asks for none of these.\n")


def test_missing_files_come_with_page_names_tree_and_place(check: Check) -> None:
    code, text = check(H36M)
    assert code == 2
    assert row(text, "h36m", "official") == ["missing", "h36m", "official", "2", "files", "yes"]
    lines = {line.split("  ")[1]: line for line in block(text, "h36m, official").splitlines()[1:]}
    assert lines["files"].endswith(" S{1,11}.tgz")
    assert lines["or, unpacked"].endswith(" S1/*.cdf")
    assert lines["size"].endswith(" at least 5 bytes")
    assert lines["into"].endswith(" data/sources/h36m/")
    assert lines["from"].endswith(" https://a.org (registration)")
    assert "SECRET=<your cookie" in lines["or set"]
    assert lines["licence"].endswith(" academic")
    assert "in code.zip" in block(text, "h36m, metadata")
    assert "licence" not in block(text, "h36m, metadata"), "said before"
    assert "lacks: h36m official, h36m metadata" in text
    needed = [line.endswith("yes") for line in text.split("\n\n")[0].splitlines()[1:]]
    assert needed == sorted(needed, reverse=True), "what is needed comes first"


def test_a_secret_makes_files_downloadable(
    check: Check, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET", "hidden-value")
    put(place, "h36m/metadata.xml")
    code, text = check(H36M)
    assert code == 0
    assert row(text, "h36m", "official")[0] == "downloadable"
    assert "hidden-value" not in text
    assert text.endswith("lacks nothing that the workflow cannot download.\n")


def test_present_files_and_an_unpacked_archive(check: Check, place: Path) -> None:
    for name in ("h36m/metadata.xml", "h36m/S11.tgz", "h36m/any/S1/a.cdf", "h36m/any/S1/b.cdf"):
        put(place, name)
    code, text = check(H36M)
    assert code == 0
    assert row(text, "h36m", "official")[0] == "present"
    assert text.endswith("lacks nothing.\n")


@pytest.mark.parametrize(
    ("name", "content", "state", "detail"),
    [
        ("h36m/S11.tgz", TGZ[:4], "wrong", "data/sources/h36m/S11.tgz: expected 5 bytes, found 4"),
        ("h36m/S11.tgz", b"<html>", "wrong", "S11.tgz: a page of HTML (did the site ask to log in?)"),
        ("h36m/S1/a.cdf", b"12", "incomplete", "expected 2 of **/S1/*.cdf, found 1"),
    ],
)
def test_what_is_wrong_is_told_with_expected_and_found(
    check: Check, place: Path, name: str, content: bytes, state: str, detail: str
) -> None:
    put(place, name, content)
    code, text = check(H36M)
    assert code == 2
    assert row(text, "h36m", "official")[0] == state
    assert detail in block(text, "h36m, official")


def test_one_source_in_full_whether_needed_or_not(check: Check) -> None:
    code, text = check("", "h36m")
    assert code == 0, "nothing asks for it"
    assert "mocap" not in text
    assert "S{1,11}.tgz" in block(text, "h36m, official")


def test_another_folder(check: Check, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/metadata.xml").write_text("<w0/>")
    _, text = check(H36M, "h36m", folder=tmp_path / "mine")
    assert row(text, "h36m", "metadata")[0] == "present"
    assert f"{tmp_path}/mine/" in block(text, "h36m, official")


@pytest.mark.parametrize("sources", [(), ("h36m", "mocap")])
def test_a_folder_belongs_to_one_source(check: Check, tmp_path: Path, sources: tuple[str, ...]) -> None:
    with pytest.raises(InputError, match="one source"):
        check("", *sources, folder=tmp_path)


def test_a_folder_that_is_not_there(check: Check, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"/nope: no such folder: expected the files of h36m"):
        check("", "h36m", folder=tmp_path / "nope")


def test_an_unknown_source(check: Check) -> None:
    with pytest.raises(InputError, match="expected h36m, mocap, meshes, shapenet, found zebra"):
        check("", "zebra")


def test_checksums_are_compared_where_they_are_known(check: Check, place: Path) -> None:
    put(place, "mocap/a.bvh", b"poses")
    _, text = check("", "mocap", hashes=True)
    assert "1 of 1 compared by SHA-256" in text
    put(place, "mocap/a.bvh", b"other")
    _, text = check("", "mocap")
    assert row(text, "mocap", "open")[0] == "present", "of the right length, and not read"
    _, text = check("", "mocap", hashes=True)
    assert row(text, "mocap", "open")[0] == "wrong"
    assert f"expected sha256 {SHA256}" in " ".join(block(text, "mocap, open").split())


def test_a_packed_file_is_compared_by_its_content(check: Check, place: Path) -> None:
    path = put(place, "mocap/a.bvh.gz", gzip.compress(b"poses"))
    _, text = check("", "mocap", hashes=True)
    assert "1 of 1 compared" in text
    path.write_bytes(gzip.compress(b"other"))
    _, text = check("", "mocap", hashes=True)
    assert row(text, "mocap", "open")[0] == "wrong"
    path.write_bytes(gzip.compress(b"poses" * 1000)[:-12])
    with pytest.raises(InputError, match=r"a\.bvh\.gz: cannot be unpacked"):
        check("", "mocap", hashes=True)


def test_files_without_a_checksum_are_compared_with_their_first_use(check: Check, place: Path) -> None:
    put(place, "meshes/car.obj", b"mesh")
    _, text = check("", "meshes", hashes=True)
    assert "0 of 1 compared" in text
    digest = hashlib.sha256(b"another").hexdigest()
    (place / "workflow/checksums.csv").write_text(f"source,file,sha256,bytes\nmeshes,car.obj,{digest},7\n")
    _, text = check("", "meshes", hashes=True)
    assert row(text, "meshes", "kenney")[0] == "wrong"
    told = " ".join(block(text, "meshes, kenney").split())
    assert "if you trust the new one, delete the line of car.obj in workflow/checksums.csv" in told


def test_what_nobody_knows_is_read_to_its_end(check: Check, place: Path) -> None:
    put(place, "h36m/S1.tgz", gzip.compress(bytes(10_000))[:-4])
    _, text = check("", "h36m", hashes=True)
    assert row(text, "h36m", "official")[0] == "wrong"
    assert "S1.tgz: damaged or cut off (" in block(text, "h36m, official")


def test_a_part_of_human36m_is_what_is_there(check: Check, place: Path) -> None:
    part = H36M.replace("metadata}", "metadata, frames: part}")
    put(place, "h36m/metadata.xml")
    assert check(part)[0] == 2, "nothing of the poses is there"
    put(place, "h36m/S1/Walking 1.cdf")
    code, text = check(part)
    assert code == 0
    assert row(text, "h36m", "official")[0] == "present"
    line = next(line for line in text.splitlines() if "official" in line)
    assert "part: 1 of 2 files; expected 2 of **/S1/*.cdf, found 1: without Directions of S1" in line
    assert "without S11.tgz" in line
    put(place, "h36m/S11.tgz", b"<html>")
    assert check(part)[0] == 2, "a part of the files, and no page of HTML"


def test_an_incomplete_tree_names_what_it_lacks(check: Check, place: Path) -> None:
    put(place, "h36m/S1/Walking 1.cdf")
    code, text = check(H36M)
    assert code == 2
    told = " ".join(block(text, "h36m, official").split())
    assert "found 1: without Directions of S1, Directions 1 of S1, Discussion" in told


def test_of_two_files_the_one_that_is_taken_is_told(check: Check, place: Path) -> None:
    put(place, "h36m/a/metadata.xml")
    put(place, "h36m/b/metadata.xml")
    _, text = check(H36M)
    folder = "data/sources/h36m"
    assert f"1 file; {folder}/a/metadata.xml is taken, not {folder}/b/metadata.xml" in text


def test_motion_files_of_your_own_are_enough(check: Check, place: Path) -> None:
    over = "run: one\nposes: {source: mocap, mocap: {fetch: %s}}\n"
    code, text = check(over % "[]")
    assert code == 2
    assert "no motion files" in text
    assert "docs/mocap.md" in block(text, "mocap, your own")
    code, text = check(over % "[open]")
    assert (code, row(text, "mocap", "open")[0]) == (0, "downloadable")
    put(place, "mocap/walk.bvh")
    code, text = check(over % "[open]")
    assert code == 0
    assert "1 motion files" in text
    assert row(text, "mocap", "open")[-1] != "yes"


def test_meshes_of_your_own(check: Check, place: Path) -> None:
    over = "run: one\nshapes: {source: folder}\n"
    assert check(over)[0] == 2
    put(place, "meshes/car/a.OBJ")
    code, text = check(over)
    assert code == 0
    assert "1 mesh files" in text


@pytest.mark.parametrize("version", [1, 2])
def test_shapenet_is_told_by_category(check: Check, place: Path, version: int) -> None:
    code, text = check(SHAPES % version)
    assert code == 2
    assert "0 of 2 categories" in text
    folder = place / "data/sources/shapenet"
    write_shapenet(folder, version=version, kind="zips", categories=["car"], models=2)
    code, text = check((SHAPES % version).replace("part", "full"))
    assert code == 2
    assert "03001627" in block(text, f"shapenet, v{version}")
    code, text = check(SHAPES % version)
    assert code == 0
    assert "part: 3 models in 1 of 2 categories; none of chair" in text
    write_shapenet(folder, version=version, kind="zips", categories=["chair"], models=2)
    code, text = check(SHAPES % version)
    assert code == 0
    assert row(text, "shapenet", f"v{version}")[-1] == "yes"
    assert "part: 5 models in 2 categories" in text


def test_too_few_models_of_a_category(check: Check, place: Path) -> None:
    write_shapenet(
        place / "data/sources/shapenet", version=1, kind="zips", categories=["car", "chair"], models=2
    )
    code, text = check((SHAPES % 1).replace("part", "full"))
    assert code == 2
    assert row(text, "shapenet", "v1")[0] == "incomplete"
    assert "chair: 2 of 6778 published models" in " ".join(block(text, "shapenet, v1").split())


def test_nothing_is_written(check: Check, place: Path) -> None:
    put(place, "mocap/a.bvh", b"poses")
    before = sorted(place.rglob("*"))
    check("", hashes=True)
    assert sorted(place.rglob("*")) == sorted([*before, place / "over.yaml"])


def test_a_table_on_a_terminal(place: Path, root: Path, terminal: io.StringIO) -> None:
    code = check_sources(
        settings=root / "params.yaml", presets=[], sources=(), folder=None, hashes=False, out=terminal
    )
    assert code == 0
    assert "needed" in terminal.getvalue()
