"""The profile for Kubernetes, with a stand-in for `kubectl` that runs the jobs on this machine."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

PROFILE = Path("profiles/kubernetes")
KUBECTL = """\
#!{python}
import json, os, subprocess, sys
from pathlib import Path

cluster = Path(os.environ["CLUSTER"])
command, *arguments = sys.argv[1:]
if command == "create":
    job = json.load(sys.stdin)
    name = f"job.batch/{{job['metadata']['generateName']}}{{os.getpid()}}"
    folder = cluster / name
    folder.mkdir(parents=True)
    (folder / "job.json").write_text(json.dumps(job))
    container = job["spec"]["template"]["spec"]["containers"][0]
    script = '"$@"; echo $? >"$0/code.tmp"; mv "$0/code.tmp" "$0/code"'
    with (folder / "log").open("w") as log:
        subprocess.Popen(
            ["sh", "-c", script, str(folder), *container["command"]], cwd=container["workingDir"],
            stdout=log, stderr=log, start_new_session=True,
        )
    print(name)
elif command == "get":
    folder = cluster / arguments[0]
    if folder.is_dir():
        code = folder / "code"
        kinds = {{"0": "SuccessCriteriaMet Complete"}} if code.exists() else {{}}
        print("Job", kinds.get(code.read_text().strip(), "FailureTarget Failed") if code.exists() else "")
else:
    sys.exit(f"no {{command}} here")
"""


@pytest.fixture
def cluster(fresh, tmp_path: Path) -> Path:
    """The folder of a stand-in's jobs; its `kubectl` is first in the path of the checkout."""
    kubectl = tmp_path / "bin/kubectl"
    kubectl.parent.mkdir()
    kubectl.write_text(KUBECTL.format(python=sys.executable))
    kubectl.chmod(0o755)
    fresh.environment |= {
        "PATH": os.pathsep.join([str(kubectl.parent), fresh.environment["PATH"]]),
        "CLUSTER": str(tmp_path / "cluster"),
        "IGE_IMAGE": "python:3.11",
        "IGE_CLAIM": "shared",
    }
    return tmp_path / "cluster"


def script(fresh, name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(PROFILE / name), *arguments],
        cwd=fresh.folder,
        env=fresh.environment,
        capture_output=True,
        text=True,
        check=False,
    )


def jobs_of(cluster: Path) -> list[dict]:
    return [json.loads(path.read_text()) for path in sorted(cluster.rglob("job.json"))]


@pytest.mark.parametrize(("code", "status"), [(None, "running"), ("0", "success"), ("1", "failed")])
def test_what_becomes_of_a_job_is_told(fresh, cluster, code, status):
    (cluster / "job.batch/ige-1").mkdir(parents=True)
    if code is not None:
        (cluster / "job.batch/ige-1/code").write_text(code)
    assert script(fresh, "status.sh", "job.batch/ige-1").stdout == f"{status}\n"


def test_a_job_that_is_gone_has_failed(fresh, cluster):
    assert script(fresh, "status.sh", "job.batch/ige-1").stdout == "failed\n"


def test_a_cluster_that_does_not_answer_leaves_jobs_running(fresh, cluster, tmp_path):
    (tmp_path / "bin/kubectl").write_text("#!/bin/sh\nexit 1\n")
    assert script(fresh, "status.sh", "job.batch/ige-1").stdout == "running\n"


def test_a_job_asks_for_what_its_rule_needs(fresh, cluster):
    (fresh.folder / "a job.sh").write_text("true\n")
    done = script(fresh, "submit.sh", "1", "3400", "25", "1", str(fresh.folder / "a job.sh"))
    assert done.stdout.startswith("job.batch/ige-")
    (job,) = jobs_of(cluster)
    pod = job["spec"]["template"]["spec"]
    assert job["spec"]["activeDeadlineSeconds"] == 25 * 60
    assert pod["containers"][0]["resources"]["limits"] == {"memory": "3400M", "nvidia.com/gpu": "1"}
    assert pod["containers"][0]["command"] == ["sh", str(fresh.folder / "a job.sh")]
    assert pod["containers"][0]["volumeMounts"][0]["mountPath"] == str(fresh.folder.parent)
    assert pod["volumes"][0]["persistentVolumeClaim"] == {"claimName": "shared"}


@pytest.mark.parametrize("missing", ["IGE_IMAGE", "IGE_CLAIM"])
def test_what_is_not_set_is_told(fresh, cluster, missing):
    del fresh.environment[missing]
    done = script(fresh, "submit.sh", "1", "2000", "15", "0", "job.sh")
    assert done.returncode != 0
    assert missing in done.stderr
    assert jobs_of(cluster) == []


@pytest.mark.slow
def test_the_workflow_runs_as_kubernetes_jobs(fresh, cluster):
    target = "runs/small/scores/poses/lifter-128-1/seed0.json"
    fresh.build("--workflow-profile", str(PROFILE), "--", target)
    data, model = jobs_of(cluster)
    limits = [
        job["spec"]["template"]["spec"]["containers"][0]["resources"]["limits"] for job in (data, model)
    ]
    assert sorted("nvidia.com/gpu" in limit for limit in limits) == [False, True]
    assert (fresh.folder / target).is_file()
