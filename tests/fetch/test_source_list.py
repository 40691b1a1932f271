import subprocess
import sys

import pytest

from ige.base.errors import InputError
from ige.fetch.source_list import COLUMNS, find_file, read_source_list, select_files

ROW = {
    "source": "h36m",
    "group": "official",
    "file": "Poses_D3_Positions_S1.tgz",
    "urls": "https://a.example/S1.tgz  file:///mnt/S1.tgz",
    "sha256": "0" * 64,
    "bytes": "12",
    "access": "registration",
    "secret": "cookie:H36M_COOKIE",
    "extracted": "**/S1/*.cdf",
    "extracted_files": "30",
}


@pytest.fixture
def write(tmp_path):
    def write(*rows):
        lines = [",".join(COLUMNS)] + [
            ",".join({**ROW, **row}.get(name, "") for name in COLUMNS) for row in rows
        ]
        path = tmp_path / "sources.csv"
        path.write_text("\n".join(lines) + "\n")
        return path

    return write


def test_a_row_is_read(write):
    (file,) = read_source_list(write({}))
    assert file.urls == ("https://a.example/S1.tgz", "file:///mnt/S1.tgz")
    assert (file.bytes, file.extracted_files, file.sha256) == (12, 30, "0" * 64)
    assert file.secret_variable == "H36M_COOKIE"


def test_empty_cells_are_unknown(write):
    (file,) = read_source_list(
        write({"urls": "", "sha256": "", "bytes": "", "secret": "", "extracted_files": ""})
    )
    assert (file.urls, file.sha256, file.bytes, file.extracted_files) == ((), None, None, None)
    assert file.secret_variable == ""


def test_the_committed_list_can_be_read(root):
    for file in read_source_list(root / "workflow/sources.csv"):
        assert file.urls or file.register, f"{file.file}: neither an address nor a page"


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("source", "../h36m"),
        ("source", ""),
        ("group", "a b"),
        ("file", "../secret"),
        ("file", "/etc/passwd"),
        ("file", "a//b"),
        ("file", ".hidden"),
        ("file", ""),
        ("sha256", "0" * 63),
        ("sha256", "G" * 64),
        ("bytes", "-1"),
        ("bytes", "1e9"),
        ("bytes", "0"),
        ("extracted_files", "many"),
        ("access", "free"),
        ("secret", "token:NAME"),
        ("secret", "bearer:"),
        ("urls", "ftp://a.example/x"),
        ("urls", "https:///x"),
        ("urls", "http://a.example/x"),
        ("extracted", "/etc/*"),
        ("extracted", "../*"),
    ],
)
def test_a_cell_that_cannot_be_is_named(write, cell, value):
    with pytest.raises(InputError) as caught:
        read_source_list(write({}, {"file": "other", cell: value}))
    assert f"line 3: the cell {cell} cannot be: expected" in str(caught.value)


def test_a_file_stands_there_once(write):
    with pytest.raises(InputError, match=r"Poses_D3_Positions_S1\.tgz of h36m stands there twice"):
        read_source_list(write({}, {"group": "again"}))


def test_other_columns_are_refused(tmp_path):
    path = tmp_path / "sources.csv"
    path.write_text("source,file\nh36m,x\n")
    with pytest.raises(InputError, match="other columns than a list of sources has"):
        read_source_list(path)


def test_files_are_chosen_by_source_group_and_name(write):
    files = read_source_list(write({}, {"file": "b", "group": "metadata"}, {"file": "c", "source": "mocap"}))
    assert [file.file for file in select_files(files, "h36m")] == ["Poses_D3_Positions_S1.tgz", "b"]
    assert [file.file for file in select_files(files, "h36m", ["metadata"])] == ["b"]
    assert find_file(files, "mocap", "c").source == "mocap"
    with pytest.raises(InputError, match="no source is called 'h37m': expected h36m, mocap"):
        select_files(files, "h37m")
    with pytest.raises(InputError, match="no such group: expected metadata, official, found x"):
        select_files(files, "h36m", ["x"])
    with pytest.raises(InputError, match=r"source h36m has no such file: expected Poses\S+, b, found c"):
        find_file(files, "h36m", "c")


def test_what_the_workflow_imports_is_light(root):
    script = (
        "import sys, ige.fetch.presence, ige.fetch.source_list, ige.commands.fetch\n"
        "heavy = {'requests', 'numpy', 'h5py', 'pydantic', 'rich', 'torch'} & set(sys.modules)\n"
        "sys.exit(str(heavy) if heavy else 0)"
    )
    subprocess.run([sys.executable, "-c", script], check=True, cwd=root)
