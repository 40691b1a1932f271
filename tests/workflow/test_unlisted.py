from ige.workflow.unlisted import set_aside, take_back


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


def test_what_is_asked_for_again_is_taken_back(tmp_path):
    run = tmp_path / "runs/demo"
    paths = [run / f"scores/poses/{name}/seed0.json" for name in ("a", "b", "c")]
    for path in paths:
        path.parent.mkdir(parents=True)
        path.write_text("kept")
    set_aside(run, ["scores/poses"], set())
    paths[1].parent.mkdir(parents=True)
    paths[1].write_text("made anew")
    assert take_back(run, {str(paths[0]), str(paths[1])}) == [str(paths[0])]
    assert paths[0].read_text() == "kept"
    assert paths[1].read_text() == "made anew"
    assert not paths[2].exists()


def test_nothing_was_set_aside(tmp_path):
    assert take_back(tmp_path / "runs/demo", {str(tmp_path / "runs/demo/tables/poses.csv")}) == []
