import json

import pytest

from ige.base.errors import InputError
from ige.storage import file_digests
from ige.storage.provenance import check_outputs, read_provenance, write_provenance


@pytest.fixture
def record(tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "model").mkdir()
    (tmp_path / "data" / "in.h5").write_text("in")
    (tmp_path / "model" / "out.csv").write_text("out")
    path = tmp_path / "model" / "run.json"
    write_provenance(
        path,
        stage="train_poses",
        settings={"epochs": 2},
        code="abc",
        inputs=[tmp_path / "data" / "in.h5"],
        outputs=[tmp_path / "model" / "out.csv"],
    )
    return path


def test_made_is_the_same_wherever_and_whenever(record, tmp_path):
    made = read_provenance(record)
    assert set(made["inputs"]) == {"../data/in.h5"}
    assert set(made["outputs"]) == {"out.csv"}
    assert made["settings"] == {"epochs": 2}
    assert str(tmp_path) not in json.dumps(made)
    assert {"time", "host", "device", "git_commit"} <= set(json.loads(record.read_text())["circumstances"])


def test_circumstances_may_change_and_made_may_not(record):
    content = json.loads(record.read_text())
    content["circumstances"]["host"] = "elsewhere"
    record.write_text(json.dumps(content))
    read_provenance(record)
    content["made"]["code"] = "def"
    record.write_text(json.dumps(content))
    with pytest.raises(InputError, match="edited provenance"):
        read_provenance(record)


def test_an_edited_or_missing_output_is_named(record):
    check_outputs(record)
    (record.parent / "out.csv").write_text("edited")
    with pytest.raises(InputError, match=r"out\.csv: missing or edited"):
        check_outputs(record)
    (record.parent / "out.csv").unlink()
    with pytest.raises(InputError, match=r"out\.csv: missing or edited"):
        check_outputs(record)


def test_no_record(tmp_path):
    with pytest.raises(InputError, match="no readable provenance"):
        read_provenance(tmp_path / "run.json")


def test_no_record_tells_of_an_input_that_changed_meanwhile(tmp_path, monkeypatch):
    monkeypatch.setattr(file_digests, "_noted", {})
    (tmp_path / "in.obj").write_text("v 0 0 0")
    (tmp_path / "out.h5").write_text("grid")
    file_digests.note_states([tmp_path / "in.obj"])
    (tmp_path / "in.obj").write_text("v 1 1 1 1")
    with pytest.raises(InputError, match=r"in\.obj: changed while it was read"):
        write_provenance(
            tmp_path / "run.json",
            stage="prepare_shapes",
            settings={},
            code="abc",
            inputs=[tmp_path / "in.obj"],
            outputs=[tmp_path / "out.h5"],
        )
    assert not (tmp_path / "run.json").exists()
