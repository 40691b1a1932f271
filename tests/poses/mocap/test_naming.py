from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from ige.base.errors import InputError
from ige.params.poses import FilePattern
from ige.poses.mocap.naming import (
    Claim,
    claim_of,
    first_match,
    is_motion,
    natural,
    read_manifest,
    require_used,
)

FOLDER = Path("motions")


@pytest.mark.parametrize(
    ("file", "claim"),
    [
        ("02_05.amc", ("2", "02_05", "5")),
        ("cmu/002_05.bvh.gz", ("2", "02_05", "5")),
        ("143_12.BVH", ("143", "143_12", "12")),
    ],
)
def test_cmu_names_tell_all(file: str, claim: tuple[str, str, str]) -> None:
    assert claim_of(FOLDER, file, None, None) == Claim(*claim)


@pytest.mark.parametrize(
    ("file", "facts", "claim"),
    [
        ("salsa_05.bvh.gz", {"subject": "60"}, ("60", "salsa", "5")),
        ("salsa_05.bvh.gz", {"subject": "60", "action": "dance"}, ("60", "dance", "5")),
        ("b/slow-walk12.bvh", {"subject": "anna"}, ("anna", "slow-walk", "12")),
        ("walk.bvh", {"subject": "anna"}, ("anna", "walk", "1")),
        ("7.bvh", {"subject": "anna", "action": "run"}, ("anna", "run", "7")),
        ("02_05.amc", {"action": "punch"}, ("2", "punch", "5")),
        ("02_05.amc", {"subject": "S2"}, ("S2", "02_05", "5")),
    ],
)
def test_patterns_complete_and_override_names(
    file: str, facts: dict[str, str], claim: tuple[str, str, str]
) -> None:
    assert claim_of(FOLDER, file, FilePattern(pattern="*", **facts), None) == Claim(*claim)


@pytest.mark.parametrize(
    ("file", "facts", "lacks"), [("walk_1.bvh", None, "subject"), ("7.bvh", {"subject": "a"}, "action")]
)
def test_a_name_that_tells_too_little_is_refused(file: str, facts: dict[str, str] | None, lacks: str) -> None:
    pattern = None if facts is None else FilePattern(pattern="*", **facts)
    with pytest.raises(InputError, match=f"motions/{file}: cannot tell the {lacks} .* Write a manifest"):
        claim_of(FOLDER, file, pattern, None)


def test_the_manifest_goes_before_the_name_and_patterns_before_both() -> None:
    manifest = {"02_05.bvh": Claim("anna", "box", "a")}
    assert claim_of(FOLDER, "02_05.bvh", None, manifest) == Claim("anna", "box", "a")
    pattern = FilePattern(pattern="*", action="fight")
    assert claim_of(FOLDER, "02_05.bvh", pattern, manifest) == Claim("anna", "fight", "a")
    with pytest.raises(InputError, match=r"02_06\.bvh: a motion file that the manifest does not name"):
        claim_of(FOLDER, "02_06.bvh", None, manifest)


def test_a_manifest_is_read(tmp_path: Path) -> None:
    (tmp_path / "m.csv").write_text(
        "file,subject,action,take,notes\na/x.bvh, anna ,walk,1,\ny.amc.gz,bert,run,2,fast\n"
    )
    claims = read_manifest(tmp_path / "m.csv", ["a/x.bvh", "y.amc.gz", "z.bvh"])
    assert claims == {"a/x.bvh": Claim("anna", "walk", "1"), "y.amc.gz": Claim("bert", "run", "2")}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "file,subject,action,take\nx.bvh,a,b,1\nlost.bvh,a,b,2\n",
            r"m\.csv, line 3: the manifest names 'lost\.bvh', which is no",
        ),
        (
            "file,subject,action,take\nx.bvh,a,b,1\nx.bvh,a,b,2\n",
            r"line 3: the manifest names 'x\.bvh' twice",
        ),
        (
            "file,subject,action,take\nx.bvh,a,,1\n",
            "line 2: the manifest has no action: expected file, subject, action, take",
        ),
        ("file,subject,action\nx.bvh,a,b\n", "line 2: the manifest has no take"),
    ],
)
def test_a_wrong_manifest_is_one_line(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "m.csv").write_text(text)
    with pytest.raises(InputError, match=message):
        read_manifest(tmp_path / "m.csv", ["x.bvh"])


def test_the_first_pattern_that_fits_counts() -> None:
    patterns = [FilePattern(pattern="a/x*", subject="1"), FilePattern(pattern="a/*", subject="2")]
    assert first_match(patterns, "a/xy.bvh") is patterns[0]
    assert first_match(patterns, "a/y.bvh") is patterns[1]
    assert first_match(patterns, "b/x.bvh") is None


def test_a_pattern_that_fits_nothing_is_refused() -> None:
    require_used(FOLDER, "files", ["a/*"], ["a/x.bvh"])
    with pytest.raises(
        InputError, match=r"pattern 'A/\*' of poses\.mocap\.files fits no motion file: expected .*'a/x\.bvh'"
    ):
        require_used(FOLDER, "files", ["A/*"], ["a/x.bvh"])


@pytest.mark.parametrize(
    ("name", "expected"),
    [("a.bvh", True), ("a.AMC.GZ", True), ("a.asf", False), ("a.gz", False), ("bvh", False)],
)
def test_motions_are_known_by_their_ending(name: str, expected: bool) -> None:
    assert is_motion(name) is expected


@pytest.mark.parametrize("key", [natural])
def test_numbers_sort_by_value(key: Callable[[str], object]) -> None:
    names = ["S11", "S9", "10", "9", "05_10", "05_9", "walk", ""]
    assert sorted(names, key=key) == ["", "05_9", "05_10", "9", "10", "S9", "S11", "walk"]
