"""The profile for Kubernetes, with a stand-in for `kubectl` that runs the jobs on this machine.

Like a pod, a job there sees no variables but those of its image and of its manifest.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

PROFILE = Path("profiles/kubernetes")
RUN = ("--workflow-profile", str(PROFILE), "--seconds-between-status-checks", "1")
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
    environment = {{"PATH": os.defpath}} | {{each["name"]: each["value"] for each in container["env"]}}
    words = ["false"] if "JOBS_FAIL" in os.environ else container["command"]
    with (folder / "log").open("w") as log:
        subprocess.Popen(
            ["sh", "-c", script, str(folder), *words], cwd=container["workingDir"], env=environment,
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
    for name in ("IGE_REAL_DATA", "PYOPENGL_PLATFORM"):
        fresh.environment.pop(name, None)
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
    # Of a pod, from its start. That of the job would count the time in the queue and before a preemption.
    assert pod["activeDeadlineSeconds"] == 25 * 60
    assert "activeDeadlineSeconds" not in job["spec"]
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


def test_what_the_workflow_reads_of_the_environment_is_passed_on(fresh, cluster, tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    fresh.environment |= {"PYOPENGL_PLATFORM": "egl"}
    for given in (str(tmp_path / "real"), "../link"):
        fresh.environment["IGE_REAL_DATA"] = given
        done = script(fresh, "submit.sh", "1", "2000", "15", "0", "job.sh")
        assert done.returncode == 0, done.stderr
    for job in jobs_of(cluster):
        variables = job["spec"]["template"]["spec"]["containers"][0]["env"]
        assert {each["name"]: each["value"] for each in variables} == {
            "OMP_NUM_THREADS": "1",
            "IGE_REAL_DATA": str(tmp_path / "real"),
            "PYOPENGL_PLATFORM": "egl",
        }


def test_data_that_pods_do_not_see_is_told_in_one_line(fresh, cluster, tmp_path):
    (tmp_path / "link").symlink_to("/etc")
    fresh.environment["IGE_MOUNT"] = str(tmp_path)
    for given in (str(tmp_path / "link"), f"{tmp_path}-beside"):
        fresh.environment["IGE_REAL_DATA"] = given
        done = script(fresh, "submit.sh", "1", "2000", "15", "0", "job.sh")
        assert done.returncode == 2
        expected = f"a folder below {tmp_path} (IGE_MOUNT), found {given}\n"
        assert done.stderr == f"IGE_REAL_DATA is no place that pods see: expected {expected}"
    assert jobs_of(cluster) == []


def asked(job: dict) -> tuple[str, int, str]:
    """Memory, seconds and GPUs of a job."""
    pod = job["spec"]["template"]["spec"]
    limits = pod["containers"][0]["resources"]["limits"]
    return limits["memory"], pod["activeDeadlineSeconds"], limits.get("nvidia.com/gpu", "0")


@pytest.mark.slow
def test_the_workflow_runs_as_kubernetes_jobs(fresh, cluster, tmp_path):
    meshes = tmp_path / "real/meshes/car"
    meshes.mkdir(parents=True)
    for number in range(3):
        (meshes / f"{number}.obj").write_text("v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 3\n")
    fresh.environment["IGE_REAL_DATA"] = str(tmp_path / "real")
    (fresh.folder / "meshes.yaml").write_text("shapes: {source: folder}\n")
    targets = ["runs/small/scores/poses/lifter-128-1/seed0.json", "runs/small/data/shapes/manifest.csv"]
    defaults = ["mem_mb=2000", "runtime=15", "gpu=0", "slurm_partition=main"]
    options = ["train_poses:gpu=1", *(f"{rule}_poses:slurm_partition=long" for rule in ("train", "evaluate"))]
    done = fresh.call(
        *(*RUN, "--default-resources", *defaults, "--set-resources", *options, "--", *targets),
        configfiles=("small.yaml", "meshes.yaml"),
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-6000:]
    assert sorted(gpus for _, _, gpus in map(asked, jobs_of(cluster))) == ["0", "0", "1"]
    assert all((fresh.folder / target).is_file() for target in targets)


@pytest.mark.slow
def test_each_attempt_asks_for_more_also_where_a_rule_asks_for_nothing_itself(fresh, cluster):
    fresh.environment["JOBS_FAIL"] = "yes"
    done = fresh.call(*RUN, "--", "runs/small/data/shapes/manifest.csv")
    assert done.returncode == 1
    expected = [(f"{2000 * attempt}M", 15 * 60 * attempt, "0") for attempt in (1, 2, 3, 4)]
    assert sorted(map(asked, jobs_of(cluster))) == expected
