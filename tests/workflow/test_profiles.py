import re

import pytest
import yaml

CLUSTERS = ("slurm", "kubernetes")


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


def test_every_rule_that_works_is_grouped_or_asks_itself(profile, root):
    text = "\n".join(path.read_text() for path in (root / "workflow/rules").glob("[1-5]_*.smk"))
    rules = dict(re.findall(r"^rule (\w+):\n((?:    .*\n|\n)+)", text, re.MULTILINE))
    assert set(profile("slurm")["groups"]) <= set(rules)
    alone = {name for name in rules if name not in profile("slurm")["groups"]}
    assert alone == {"fetch_file", "check_source"}
    for name, body in rules.items():
        asked = set(re.findall(r'(?:memory|minutes|gpus)_of\("(\w+)"\)', body))
        assert asked <= {name}
