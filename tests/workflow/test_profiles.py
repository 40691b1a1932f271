import os
import re
import subprocess
import sys

import pytest
import yaml

CLUSTERS = ("slurm", "kubernetes")
ASK_THEMSELVES = {
    *("prepare_clips", "prepare_detections", "prepare_lifting_set", "prepare_shapes"),
    *("train_poses", "train_shapes", "evaluate_poses", "evaluate_shapes"),
}


@pytest.fixture
def profile(root):
    return lambda name: yaml.safe_load((root / "profiles" / name / "config.yaml").read_text())


@pytest.mark.parametrize("name", CLUSTERS)
def test_a_cluster_does_all_that_one_machine_does(profile, name):
    # A profile takes the place of the default one and adds nothing to it.
    default = profile("default")
    assert {key: profile(name).get(key) for key in default} == default


def test_jobs_go_together_alike_on_all_clusters(profile):
    slurm, kubernetes = (profile(name)["groups"] for name in CLUSTERS)
    assert slurm == kubernetes


@pytest.fixture
def rules(root):
    """The text of each rule that makes something."""
    text = "\n".join(path.read_text() for path in (root / "workflow/rules").glob("[1-5]_*.smk"))
    return dict(re.findall(r"^rule (\w+):\n((?:    .*\n|\n)+)", text, re.MULTILINE))


def test_every_rule_that_works_is_grouped(profile, rules):
    groups = profile("slurm")["groups"]
    assert set(groups) <= set(rules)
    assert set(rules) - set(groups) == {"fetch_file", "check_source"}


def test_what_grows_with_the_parameters_asks_for_it(rules):
    asked = {
        name: set(re.findall(r'(mem_mb|runtime|gpu)=\w+_of\("(\w+)"\)', body)) for name, body in rules.items()
    }
    assert {name for name in rules if asked[name]} == ASK_THEMSELVES
    for name in ASK_THEMSELVES:
        kinds = (
            {"mem_mb", "runtime", "gpu"} if name.startswith(("train", "evaluate")) else {"mem_mb", "runtime"}
        )
        assert asked[name] == {(kind, name) for kind in kinds}


@pytest.mark.parametrize("name", CLUSTERS)
def test_other_rules_get_more_at_each_attempt(profile, name):
    asked = profile(name)["default-resources"]
    assert (asked["mem_mb"], asked["runtime"]) == ("attempt * 2000", "attempt * 15")


def test_the_guide_moves_whole_groups_to_another_partition(profile, root):
    # Snakemake refuses a group whose jobs do not all ask for the same word.
    groups = profile("slurm")["groups"]
    for row in (root / "docs/clusters.md").read_text().splitlines():
        for rule, word in re.findall(r"(\w+):slurm_partition=(\w+)", row):
            for other in (name for name in groups if groups[name] == groups[rule]):
                assert f"{other}:slurm_partition={word}" in row
    assert "train_shapes:slurm_partition=" in (root / "docs/clusters.md").read_text()


@pytest.mark.parametrize(("promised", "code", "told"), [(None, 0, "skipped"), ("yes", 1, "error")])
def test_a_slurm_that_was_promised_must_be_there(root, tmp_path, promised, code, told):
    environment = {name: value for name, value in os.environ.items() if name != "SLURM_IS_THERE"}
    environment |= {"PATH": str(tmp_path)} | ({"SLURM_IS_THERE": promised} if promised else {})
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/cluster"],
        cwd=root,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == code, done.stdout
    assert re.search(rf"^3 {told}", done.stdout, re.MULTILINE), done.stdout
