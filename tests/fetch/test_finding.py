import pytest

from ige.base.codehash import import_closure
from ige.fetch.finding import find_copies, find_extracted, locate, own_files
from ige.params.stages import MODULES


def put(folder, *names):
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")


def test_a_tree_deeper_than_wrappers_or_without_leave_is_not_found(tmp_path):
    put(tmp_path, "a/b/c/d/S1/Poses/a.cdf")
    assert find_extracted(tmp_path, "**/S1/Poses/*.cdf") == []
    assert find_extracted(tmp_path / "a/b/c/d", "S1/Poses/*.cdf")
    assert find_extracted(tmp_path / "a/b/c", "S1/Poses/*.cdf") == []
    assert find_extracted(tmp_path / "none", "**/*.cdf") == []


def test_patterns_may_name_folders_and_have_more_wildcards(tmp_path):
    put(
        tmp_path,
        "v1/02691156/m1/model.obj",
        "v1/02691156/m2/model.obj",
        "v1/02691156/list.txt",
        "v1/taxonomy.json",
    )
    assert len(find_extracted(tmp_path, "**/02691156/*/model.obj")) == 2
    assert len(find_extracted(tmp_path, "**/026*/m?")) == 2
    assert find_extracted(tmp_path, "**/taxonomy.json") == [tmp_path / "v1/taxonomy.json"]


@pytest.mark.parametrize("wrapper", ["", "h36m/", "a/b/c/"])
@pytest.mark.parametrize("name", ["S1.tgz", "v1/0269.zip"])
def test_a_file_is_found_up_to_three_folders_deeper(tmp_path, wrapper, name):
    put(tmp_path, f"a/b/c/d/{name}", f".hidden/{name}", f"{wrapper}downloaded/{name}")
    assert locate(tmp_path, name) == (None if wrapper else tmp_path / "downloaded" / name)
    put(tmp_path, f"{wrapper}{name}")
    assert locate(tmp_path, name) == tmp_path / f"{wrapper}{name}"


def test_the_least_deep_file_counts_and_all_equally_deep_are_told(tmp_path):
    put(tmp_path, "z/S1.tgz", "a/S1.tgz", "a/b/S1.tgz")
    assert find_copies(tmp_path, "S1.tgz") == [tmp_path / "a/S1.tgz", tmp_path / "z/S1.tgz"]
    put(tmp_path, "S1.tgz")
    assert find_copies(tmp_path, "S1.tgz") == [tmp_path / "S1.tgz"]
    assert find_copies(tmp_path / "none", "S1.tgz") == []


def test_folders_of_data_are_not_searched_for_files(tmp_path):
    put(tmp_path, *(f"many/{number}/x" for number in range(501)), "many/7/S1.tgz")
    assert locate(tmp_path, "S1.tgz") is None


def test_folders_of_data_are_not_searched_for_trees(tmp_path):
    put(tmp_path, *(f"many/{number}/x" for number in range(501)), "many/7/S1/Poses/a.cdf")
    assert find_extracted(tmp_path, "**/S1/Poses/*.cdf") == []


def test_what_was_downloaded_is_nobody_s_own(tmp_path):
    put(
        tmp_path, "b/x.bvh", "a.bvh", "downloaded/y.bvh", ".download/y.bvh", "b/._x.bvh", "b/downloaded/z.bvh"
    )
    own = [path.relative_to(tmp_path).as_posix() for path in own_files(tmp_path)]
    assert own == ["a.bvh", "b/downloaded/z.bvh", "b/x.bvh"]
    assert [path.name for path in own_files(tmp_path / "downloaded")] == ["y.bvh"]


@pytest.mark.parametrize("stage", ["prepare_clips", "prepare_detections"])
def test_readers_of_data_do_not_hang_on_the_words_of_downloads_and_checks(stage):
    used = {name for name in import_closure(MODULES[stage]) if name.startswith("ige.fetch.")}
    assert used == {"ige.fetch.finding"}
