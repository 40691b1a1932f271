# Where the code is found, and that params.yaml can be read: before Snakemake reads it in its own way.

import os
import sys
from pathlib import Path

ROOT = Path(workflow.basedir)
# The code beside this Snakefile is the code that runs, in this process and in every job.
sys.path.insert(0, str(ROOT))
os.environ["PYTHONPATH"] = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
# `ige` is found also where the environment was not activated.
os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])

from ige.params.load import read_yaml
from ige.workflow import run

run.or_exit(lambda: read_yaml(Path("params.yaml")))
