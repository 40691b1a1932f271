from argparse import Namespace
from pathlib import Path

import pytest

from ige.base.errors import InputError
from ige.base.jobs import WORKFLOW_PID
from ige.commands.arguments import guarded
from ige.storage import file_digests
from ige.workflow.code import versions


@pytest.fixture
def options(tmp_path, monkeypatch):
    """What a job is called with, in the folder of its workflow."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(file_digests, "_noted", {})
    Path("a.obj").write_text("v 0 0 0")
    Path("b.obj").write_text("v 0 0 0")
    return Namespace(
        command="draw-poses",
        code="0123456789ab",
        out=Path("out"),
        table=Path("a.obj"),
        inputs=[Path("b.obj")],
    )


def test_a_job_of_the_workflow_begins_with_the_planned_code_alone(options, monkeypatch):
    called = []
    call = guarded(called.append, 0)
    call(options)
    monkeypatch.setenv(WORKFLOW_PID, "1")
    with pytest.raises(InputError, match="its code was edited after this run had been planned"):
        call(options)
    options.code = versions()["draw_poses"]
    call(options)
    assert called == [options, options]


@pytest.mark.parametrize("name", ["a.obj", "b.obj"])
def test_files_are_noted_before_the_stage_reads_them(options, name):
    def stage(_):
        Path(name).write_text("edited")
        file_digests.require_unchanged(Path(name))

    with pytest.raises(InputError, match=f"{name}: changed while it was read"):
        guarded(stage, 0)(options)
