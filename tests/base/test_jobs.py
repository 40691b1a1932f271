import os
import signal
import subprocess
import sys
import time

import pytest

from ige.base.errors import IgeError
from ige.base.jobs import LOCK_FOLDER, WORKFLOW_PID, only_holder, only_job_for

WATCHER = """
import time
from ige.base.jobs import end_with_workflow
end_with_workflow()
print("on", flush=True)
time.sleep(60)
"""


def test_a_job_ends_when_its_workflow_is_killed():
    workflow = subprocess.Popen(["sleep", "60"])
    environment = os.environ | {WORKFLOW_PID: str(workflow.pid)}
    job = subprocess.Popen([sys.executable, "-c", WATCHER], env=environment, stdout=subprocess.PIPE)
    assert job.stdout.readline() == b"on\n"
    workflow.send_signal(signal.SIGKILL)  # not reaped yet: the job must notice all the same
    try:
        assert job.wait(timeout=10) == -signal.SIGKILL
    finally:
        job.kill()
        job.stdout.close()
        workflow.wait()


def test_a_job_of_no_workflow_watches_nothing(monkeypatch):
    monkeypatch.delenv(WORKFLOW_PID, raising=False)
    script = "from ige.base.jobs import end_with_workflow; end_with_workflow()"
    environment = {name: value for name, value in os.environ.items() if name != WORKFLOW_PID}
    assert subprocess.run([sys.executable, "-c", script], env=environment, check=False).returncode == 0


def test_a_lock_is_held_once_and_freed_by_death(tmp_path):
    lock = tmp_path / "locks" / "a.lock"
    script = (
        "import sys, time; from pathlib import Path; from ige.base.jobs import only_holder\n"
        "with only_holder(Path(sys.argv[1]), 'x', 1.0): print('held', flush=True); time.sleep(60)"
    )
    other = subprocess.Popen([sys.executable, "-c", script, str(lock)], stdout=subprocess.PIPE)
    assert other.stdout.readline() == b"held\n"
    with pytest.raises(IgeError, match="the job is still running"), only_holder(lock, "the job", 0.1):
        pytest.fail("held twice")
    other.kill()
    other.wait()
    other.stdout.close()
    with only_holder(lock, "the job", 5.0):
        pass


def test_jobs_for_different_outputs_do_not_wait(tmp_path, monkeypatch):
    monkeypatch.setenv(LOCK_FOLDER, str(tmp_path / "locks"))
    started = time.monotonic()
    with only_job_for(tmp_path / "a"), only_job_for(tmp_path / "b"):
        assert time.monotonic() - started < 5
    assert len(list((tmp_path / "locks").iterdir())) == 2


def test_outside_a_workflow_there_is_no_lock(tmp_path, monkeypatch):
    monkeypatch.delenv(LOCK_FOLDER, raising=False)
    with only_job_for(tmp_path / "a"):
        assert list(tmp_path.iterdir()) == []


def test_a_lock_that_cannot_be_written_is_told_with_what_to_do(tmp_path):
    (tmp_path / "locks").write_text("a file where the folder should be")
    lock = tmp_path / "locks/run.lock"
    with (
        pytest.raises(IgeError, match=r"cannot be written: found .*\. Mend that"),
        only_holder(lock, "it", 0.0),
    ):
        pass
