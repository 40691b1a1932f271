import json
import os

from ige.params.stages import MODULES
from ige.workflow.code import versions, write_versions


def test_the_committed_versions_are_true(root):
    committed = json.loads((root / "workflow/code.json").read_text())
    assert committed == versions(), "run `snakemake -n` and commit workflow/code.json"


def test_every_stage_has_a_version_and_the_file_is_left_alone(tmp_path):
    found = versions()
    assert set(found) == set(MODULES)
    path = tmp_path / "code.json"
    write_versions(path, found)
    os.utime(path, (1, 1))
    write_versions(path, found)
    assert path.stat().st_mtime == 1
    write_versions(path, found | {"train_poses": "other"})
    assert json.loads(path.read_text())["train_poses"] == "other"
