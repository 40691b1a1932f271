import pytest

from ige.base.errors import InputError
from ige.fetch.finding import locate
from ige.fetch.presence import compact, look, missing_screen, readable_bytes, take_part
from ige.fetch.source_list import SourceFile


def put(folder, *names, content=b"\x1f\x8b123"):
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def s1(**cells):
    cells = {
        "extracted": "**/S1/Poses/*.cdf",
        "extracted_files": 3,
        "register": "https://ask.example/",
    } | cells
    return SourceFile("h36m", "official", "S1.tgz", **cells)


def state(file, folder, **environment):
    return look(file, folder, environment).state


def test_the_users_file_comes_before_ours(tmp_path):
    assert locate(tmp_path, "S1.tgz") is None
    put(tmp_path, "downloaded/S1.tgz")
    assert locate(tmp_path, "S1.tgz") == tmp_path / "downloaded/S1.tgz"
    put(tmp_path, "S1.tgz")
    assert look(s1(), tmp_path, {}).paths == (tmp_path / "S1.tgz",)


def test_a_file_of_another_length_is_wrong(tmp_path):
    put(tmp_path, "S1.tgz")
    assert state(s1(bytes=5), tmp_path) == "present"
    presence = look(s1(bytes=6000), tmp_path, {})
    assert (presence.state, presence.detail) == ("wrong", "expected 6,000 bytes, found 5")
    put(tmp_path, "S1.tgz", content=b"")
    assert state(s1(), tmp_path) == "wrong"


def test_a_page_of_a_login_is_wrong(tmp_path):
    put(tmp_path, "S1.tgz", content=b"<!DOCTYPE html><html></html>")
    presence = look(s1(), tmp_path, {})
    assert (presence.state, presence.paths) == ("wrong", (tmp_path / "S1.tgz",))
    assert presence.detail == "a page of HTML (did the site ask to log in?)"


def test_of_two_files_equally_deep_the_first_is_taken_and_told(tmp_path):
    put(tmp_path, "two/S1.tgz", "one/S1.tgz", "one/deeper/S1.tgz")
    presence = look(s1(), tmp_path, {})
    assert (presence.state, presence.paths) == ("present", (tmp_path / "one/S1.tgz",))
    assert presence.detail == f"{tmp_path}/one/S1.tgz is taken, not {tmp_path}/two/S1.tgz"


def test_a_part_is_what_is_there(tmp_path):
    files = [s1(), SourceFile("h36m", "official", "S5.tgz"), SourceFile("h36m", "official", "S6.tgz")]

    def states():
        return [
            (look.file.file, look.state) for look in take_part([look(file, tmp_path, {}) for file in files])
        ]

    assert states() == [("S1.tgz", "missing"), ("S5.tgz", "missing"), ("S6.tgz", "missing")]
    put(tmp_path, "S1/Poses/a.cdf")
    assert states() == [("S1.tgz", "present")]
    put(tmp_path, "S6.tgz", content=b"")
    assert states() == [("S1.tgz", "present"), ("S6.tgz", "wrong")]


@pytest.mark.parametrize("wrapper", ["", "h36m/", "a/b/c/"])
def test_an_extracted_archive_counts_wherever_it_was_extracted(tmp_path, wrapper):
    put(tmp_path, *(f"{wrapper}S1/Poses/{name}" for name in ("a.cdf", "b.cdf", "note.txt", ".c.cdf")))
    presence = look(s1(), tmp_path, {})
    assert (presence.state, presence.detail) == ("incomplete", "expected 3 of **/S1/Poses/*.cdf, found 2")
    put(tmp_path, f"{wrapper}S1/Poses/c.cdf")
    presence = look(s1(), tmp_path, {})
    assert presence.state == "present"
    assert [path.name for path in presence.paths] == ["a.cdf", "b.cdf", "c.cdf"]


def test_two_halves_are_no_whole(tmp_path):
    put(tmp_path, "one/S1/Poses/a.cdf", "one/S1/Poses/b.cdf", "two/S1/Poses/c.cdf")
    assert state(s1(), tmp_path) == "incomplete"


def test_a_file_with_an_address_can_be_downloaded_if_its_secret_is_set(tmp_path):
    assert state(s1(), tmp_path) == "missing"
    assert state(s1(urls=("https://a.example/S1.tgz",)), tmp_path) == "downloadable"
    gated = s1(urls=("https://a.example/S1.tgz",), secret="cookie:H36M_COOKIE")
    assert look(gated, tmp_path, {}).detail == "not there, and H36M_COOKIE is not set"
    assert state(gated, tmp_path, H36M_COOKIE="") == "missing"
    assert state(gated, tmp_path, H36M_COOKIE="x") == "downloadable"


def test_a_folder_that_cannot_be_read_is_one_line(tmp_path, monkeypatch):
    def denied(path):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr("os.listdir", denied)
    with pytest.raises(InputError, match="cannot be read: found Permission denied"):
        look(s1(), tmp_path, {})


def test_nothing_missing_no_screen(tmp_path):
    put(tmp_path, "h36m/S1.tgz")
    looks = [
        look(s1(), tmp_path / "h36m", {}),
        look(s1(urls=("https://a.example/x",)), tmp_path / "none", {}),
    ]
    assert missing_screen(looks, tmp_path) == ""


def test_the_screen_says_what_where_from_and_where_to(tmp_path):
    page = "https://ask.example/"
    files = [
        SourceFile(
            *("h36m", "official", f"Poses_S{subject}.tgz"),
            urls=("https://a.example/x",),
            secret="cookie:H36M_COOKIE",
            bytes=300_000_000,
            register=page,
            licence="research alone",
            extracted=f"**/S{subject}/Poses/*.cdf",
            extracted_files=2,
        )
        for subject in (1, 5, 11)
    ]
    files.append(SourceFile("h36m", "metadata", "metadata.xml", bytes=10, register=page))
    files.append(SourceFile("shapenet", "v1", "v1.zip", register="https://shapes.example/", note="a big one"))
    put(tmp_path, "h36m/S5/Poses/a.cdf", "h36m/metadata.xml", content=b"<w0/>")
    screen = missing_screen([look(file, tmp_path / file.source, {}) for file in files], tmp_path)
    assert screen == (
        "Data are missing. Put the files where it says, then run the same command again.\n"
        "\n"
        f"h36m, official: 3 files, 900 MB, into {tmp_path}/h36m/\n"
        "  get at     https://ask.example/\n"
        "  files      Poses_S{1,11}.tgz\n"
        "  or tree    S{1,11}/Poses/*.cdf\n"
        "  or set     H36M_COOKIE=<your cookie of the page>, then the workflow downloads them\n"
        "  incomplete Poses_S5.tgz: expected 2 of **/S5/Poses/*.cdf, found 1\n"
        "  licence    research alone\n"
        "\n"
        f"h36m, metadata: 1 file, 10 bytes, into {tmp_path}/h36m/\n"
        "  get at     https://ask.example/\n"
        "  wrong      metadata.xml: expected 10 bytes, found 5\n"
        "\n"
        f"shapenet, v1: 1 file, size unknown, into {tmp_path}/shapenet/\n"
        "  get at     https://shapes.example/\n"
        "  files      v1.zip\n"
        "  note       a big one\n"
    )


def test_the_screen_is_one_screen(tmp_path):
    files = [SourceFile("s", "g", f"{k}.zip", register=f"https://page{k}.example/") for k in range(30)]
    screen = missing_screen([look(file, tmp_path, {}) for file in files], tmp_path)
    assert screen.count("\n") == 40
    assert screen.endswith("... and 82 more lines: `ige check-data` shows all\n")


@pytest.mark.parametrize(
    ("names", "text"),
    [
        ([], ""),
        (["a"], "a"),
        (["a", "a"], "a"),
        (["S1.tgz", "S5.tgz", "S11.tgz"], "S{1,5,11}.tgz"),
        (["S1.tgz", "S11.tgz"], "S{1,11}.tgz"),
        (["02691156/*", "02828884/*"], "{02691156,02828884}/*"),
        (["data_2d_gt.npz", "data_2d_sh.npz"], "data_2d_{gt,sh}.npz"),
        (["alpha", "beta"], "alpha, beta"),
    ],
)
def test_names_in_one_line(names, text):
    assert compact(names) == text


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0 bytes"),
        (999, "999 bytes"),
        (1234, "1.2 kB"),
        (123_456_789, "123 MB"),
        (3.1e10, "31.0 GB"),
        (2e12, "2.0 TB"),
    ],
)
def test_bytes_for_people(count, text):
    assert readable_bytes(count) == text
