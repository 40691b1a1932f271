"""What a user can get wrong before any job runs: one screen, exit code 2, no traceback."""

from __future__ import annotations

import pytest
import yaml

from ige.base.errors import SettingsError
from ige.params.load import merge, validate

FAULTS = {
    "unknown key": {"poses": {"lifting": {"frame_stepp": 2}}},
    "wrong type": {"poses": {"lifting": {"frame_step": "two"}}},
    "wrong choice": {"poses": {"source": "mocapp"}},
    "undefined model": {"train": {"poses": ["ige-t5"]}},
}


@pytest.mark.parametrize("fault", FAULTS)
def test_faults_of_the_parameters_end_the_workflow_with_the_text_of_ige(fresh, fault, values):
    (fresh.folder / "over.yaml").write_text(yaml.safe_dump(FAULTS[fault]))
    done = fresh.call("-n", configfiles=("over.yaml",))
    with pytest.raises(SettingsError) as caught:
        validate(merge(values, FAULTS[fault]))
    assert done.returncode == 2
    assert str(caught.value) in done.stderr
    assert "Traceback" not in done.stderr


def test_params_that_are_no_yaml_are_one_line_with_its_number(fresh):
    fresh.edit("params.yaml", "run: demo", "run demo")
    done = fresh.call("-n", configfiles=())
    assert done.returncode == 2
    lines = [line for line in done.stderr.splitlines() if line]
    assert lines[-1].startswith("params.yaml, line ")
    assert "is no valid YAML" in lines[-1]
    assert "Traceback" not in done.stderr


def test_a_missing_motion_folder_is_one_line(fresh):
    (fresh.folder / "over.yaml").write_text(yaml.safe_dump({"poses": {"source": "mocap"}}))
    fresh.environment.pop("IGE_REAL_DATA", None)
    done = fresh.call(configfiles=("over.yaml",))
    assert done.returncode == 2
    told = [
        line for line in done.stderr.splitlines() if line.startswith("data/sources/mocap: no motion files")
    ]
    assert len(told) == 1
    assert "docs/mocap.md" in told[0]


def test_unwritable_runs_are_one_line(fresh):
    (fresh.folder / "runs").write_text("a file where the folder should be")
    done = fresh.call("-n")
    assert done.returncode == 2
    assert "runs/small/locks: cannot be written" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.slow
def test_the_line_of_a_failed_job_reaches_the_terminal(fresh, tmp_path):
    motions = tmp_path / "real" / "mocap"
    motions.mkdir(parents=True)
    (motions / "broken.bvh").write_text("HIERARCHY\nROOT Hips\n{\nOFFSET 0 0 0\n")
    # The name alone tells no subject.
    mocap = {"source": "mocap", "mocap": {"files": [{"pattern": "broken.bvh", "subject": "S1"}]}}
    (fresh.folder / "over.yaml").write_text(yaml.safe_dump({"poses": mocap}))
    fresh.environment["IGE_REAL_DATA"] = str(tmp_path / "real")
    done = fresh.call(configfiles=("small.yaml", "over.yaml"))
    said = done.stdout + done.stderr
    assert done.returncode != 0
    told = [line for line in said.splitlines() if "ige prepare-clips: " in line]
    assert len(told) == 1, said
    assert "/mocap/broken.bvh: no MOTION section" in told[0]
    assert "Traceback" not in said
