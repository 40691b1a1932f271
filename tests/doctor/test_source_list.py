"""The committed list of external files: what can be known of it without a network."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from ige.fetch.presence import look
from ige.fetch.source_list import SourceFile, read_source_list
from ige.params.load import read_params
from ige.shapes.shapenet import SYNSETS
from ige.workflow.sources import detection_group, pose_groups


@pytest.fixture(scope="module")
def files(root: Path) -> list[SourceFile]:
    """All external files."""
    return read_source_list(root / "workflow/sources.csv")


def groups(files: list[SourceFile], source: str) -> Counter[str]:
    return Counter(file.group for file in files if file.source == source)


def test_human36m_has_a_group_for_every_layout_and_detector(files: list[SourceFile]) -> None:
    assert groups(files, "h36m") == {
        "official": 7,
        **dict.fromkeys(
            ("metadata", "martinez", "sh-ft", "videopose3d", "vp3d-sh-pt", "vp3d-sh-ft", "vp3d-cpn-ft"), 1
        ),
        "vp3d-gt": 1,
    }


def test_every_group_that_the_paper_asks_for_exists(files: list[SourceFile], root: Path) -> None:
    paper = read_params(root / "params.yaml", [root / "workflow/presets/paper.yaml"])
    asked = [detection_group(paper, name) for name in paper.train.observations]
    assert {*pose_groups(paper), *filter(None, asked)} <= set(groups(files, "h36m"))


def test_shapenet_has_every_category_in_both_versions(files: list[SourceFile]) -> None:
    for group in ("v1", "v2"):
        named = {Path(file.file).stem for file in files if (file.source, file.group) == ("shapenet", group)}
        assert named == set(SYNSETS.values())


def test_the_groups_that_presets_fetch_can_be_fetched(files: list[SourceFile], root: Path) -> None:
    preset = read_params(root / "params.yaml", [root / "workflow/presets/open.yaml"])
    fetched = [file for file in files if file.source == "mocap" and file.group in preset.poses.mocap.fetch]
    assert len(fetched) == 36
    assert all(file.urls and file.sha256 and file.bytes for file in fetched)


def test_every_file_has_a_licence_a_citation_and_a_page(files: list[SourceFile]) -> None:
    for file in files:
        assert file.licence, file.file
        assert file.citation, file.file
        assert urlsplit(file.register).scheme in ("http", "https"), file.file


def test_open_files_need_no_secret_and_gated_ones_do(files: list[SourceFile]) -> None:
    for file in files:
        if file.urls:
            assert bool(file.secret) == (file.access == "registration"), file.file


def test_what_has_no_address_says_where_it_comes_from(files: list[SourceFile]) -> None:
    assert [file.file for file in files if not file.urls and not file.note] == []


def test_urls_at_github_name_a_commit(files: list[SourceFile]) -> None:
    raw = [url for file in files for url in file.urls if "raw.githubusercontent.com" in url]
    assert len(raw) > 90
    for url in raw:
        commit = urlsplit(url).path.split("/")[3]
        assert len(commit) == 40, url
        assert " " not in url


def test_the_trees_of_archives_are_found(files: list[SourceFile], tmp_path: Path) -> None:
    official = next(file for file in files if file.file == "Poses_D3_Positions_S11.tgz")
    poses = tmp_path / "h36m/unpacked/S11/MyPoseFeatures/D3_Positions"
    poses.mkdir(parents=True)
    for number in range(29):
        (poses / f"{number}.cdf").touch()
    assert look(official, tmp_path / "h36m", {}).state == "incomplete"
    (poses / "29.cdf").touch()
    assert look(official, tmp_path / "h36m", {}).state == "present"


@pytest.mark.parametrize(
    ("name", "observation"), [("h36m.zip", "sh"), ("stacked_hourglass_fined_tuned_240.tar.gz", "sh-ft")]
)
def test_detections_that_nobody_offers_come_with_a_way_out(
    files: list[SourceFile], name: str, observation: str
) -> None:
    file = next(file for file in files if file.file == name)
    assert file.note.endswith(f"without it, leave {observation} out of train.observations")
