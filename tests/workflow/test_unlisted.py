from ige.workflow.unlisted import set_aside


def test_what_nobody_asks_for_moves_with_its_folders(tmp_path):
    run = tmp_path / "runs/demo"
    kept, gone = run / "models/poses/a/seed0/model.pt", run / "models/poses/b/seed0/model.pt"
    other = run / "data/poses/clips.h5"
    for path in (kept, gone, other):
        path.parent.mkdir(parents=True)
        path.write_text(path.parts[-3])
    assert set_aside(run, ["models/poses"], {str(kept)}) == [str(gone)]
    assert not (run / "models/poses/b").exists()
    assert (run / "unlisted/models/poses/b/seed0/model.pt").read_text() == "b"
    assert kept.is_file()
    assert other.is_file()


def test_what_was_set_aside_before_is_replaced(tmp_path):
    run = tmp_path / "runs/demo"
    for content in ("first", "second"):
        path = run / "scores/poses/b/seed0.json"
        path.parent.mkdir(parents=True)
        path.write_text(content)
        set_aside(run, ["scores/poses"], set())
    assert (run / "unlisted/scores/poses/b/seed0.json").read_text() == "second"


def test_folders_of_one_beginning_are_told_apart(tmp_path):
    path = tmp_path / "run/models/shapes2/model.pt"
    path.parent.mkdir(parents=True)
    path.write_text("")
    assert set_aside(tmp_path / "run", ["models/shapes"], set()) == []
