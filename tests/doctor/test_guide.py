"""docs/data.md: its commands are commands, and no file that has to be brought is left out."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from ige.cli import build_parser
from ige.fetch.source_list import read_source_list
from ige.poses.h36m.counts import known_frames


@pytest.fixture(scope="module")
def guide(root: Path) -> str:
    """The guide to external data."""
    return (root / "docs/data.md").read_text(encoding="utf-8")


def test_its_commands_are_understood(guide: str) -> None:
    blocks = re.findall(r"^```\n(.*?)^```", guide, re.MULTILINE | re.DOTALL)
    commands = [
        line.split("#")[0]
        for block in blocks
        for line in block.replace("\\\n", "").splitlines()
        if line.startswith("ige ")
    ]
    assert len(commands) >= 2
    for command in commands:
        build_parser().parse_args(shlex.split(command)[1:])


def test_it_names_the_files_of_gated_sets_and_their_pages(guide: str, root: Path) -> None:
    for file in read_source_list(root / "workflow/sources.csv"):
        if file.source == "h36m" and file.group != "official":
            assert f"`{file.file}`" in guide
        if file.source == "shapenet" and file.group.endswith("-archive"):
            assert f"`{file.file}`" in guide
        if file.source in ("h36m", "shapenet"):
            assert file.register in guide, file.file
        if file.secret:
            assert f"export {file.secret_variable}=" in guide


def test_its_counts_are_those_that_are_asserted(guide: str) -> None:
    frames = {subject: 0 for subject, _, _ in known_frames()}
    for (subject, _, _), count in known_frames().items():
        frames[subject] += count
    tested = 4 * (frames["S9"] + frames["S11"])
    everything = sum(frames.values())
    for number in (everything, tested, 4 * everything - tested):
        assert f"{number:,}" in guide
