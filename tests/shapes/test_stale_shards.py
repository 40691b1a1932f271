from ige.shapes.stale_shards import remove_stale_shards


def put(folder, *names):
    for name in names:
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).touch()


def names_in(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_shards_that_no_list_names_any_more_go_and_all_else_stays(tmp_path, caplog):
    kept = [
        "car/train-000.h5",
        "car/train-000-skipped.csv",
        "car/train-000.run.json",
        "car/notes.txt",
        "table/test-000.h5",
        "manifest.csv",
    ]
    stale = ["car/validation-000.h5", "car/validation-000-skipped.csv", "car/train-001.h5"]
    stale += ["car/validation-000.run.json"]
    put(tmp_path, *kept, *stale)
    remove_stale_shards([tmp_path / "car/train-000.h5", tmp_path / "car/test-000.h5"])
    assert names_in(tmp_path) == sorted(kept)
    assert "car/train-001.h5, car/validation-000.h5" in caplog.text


def test_nothing_stale_is_nothing_told(tmp_path, caplog):
    put(tmp_path, "car/train-000.h5")
    remove_stale_shards([tmp_path / "car/train-000.h5", tmp_path / "chair/train-000.h5"])
    assert names_in(tmp_path) == ["car/train-000.h5"]
    assert not caplog.text
