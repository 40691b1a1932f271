import errno
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from ige.base.errors import InputError
from ige.cli import main
from ige.commands import memory
from ige.commands.memory import lack_of_memory
from ige.params.load import merge, validate, write_params
from ige.storage.shard_layout import zstd_plugin

# The limit is set once libraries are imported and have taken their buffers: they take gigabytes of addresses.
SCRIPT = """
import resource, sys
from pathlib import Path
import h5py, numpy, torch
import ige.poses.prepare, ige.shapes.prepare, ige.shapes.voxels.train
from ige.base.errors import InputError
from ige.cli import main
numpy.linalg.svd(numpy.ones((200, 200)))
pages = int(Path("/proc/self/statm").read_text().split()[0])
limit = pages * resource.getpagesize() + int(sys.argv[1]) * 2**20
resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
sys.exit(main(sys.argv[2:]))
"""
SHAPES = {
    "categories": ["car"],
    "procedural": {"models_per_category": 4},
    "views": {"random": {"count": 4}},
    "grids": {"resolutions": [128]},
    "images": {"pixels": 32},
}
DECONV = {"estimate": {"channels": 8, "side": 16}}
OVER = {
    "poses": {"procedural": {"subjects": ["S1"], "actions": ["Walking"], "takes": 1, "seconds": 1_000_000.0}},
    "shapes": SHAPES,
    "models": {"shapes": dict.fromkeys(("deconv", "deconv-long", "deconv-world"), DECONV)},
    "train": {"shapes": ["deconv"], "resolutions": [128]},
    "evaluation": {"shapes": {"resolution": 128, "references": []}},
}


@pytest.fixture
def call(tmp_path: Path, values):
    """Call `ige` with so many MiB more than it has taken when it starts."""
    settings = tmp_path / "params.json"
    write_params(settings, validate(merge(values, OVER)))

    def run(mebibytes: int, command: str, *arguments: object) -> subprocess.CompletedProcess[str]:
        words = [str(word) for word in ("--settings", settings, "--code", "none", *arguments)]
        return subprocess.run(
            [sys.executable, "-c", SCRIPT, str(mebibytes), command, *words],
            capture_output=True,
            text=True,
            check=False,
        )

    return run


def told(done: subprocess.CompletedProcess[str], command: str) -> str:
    """The one line of an error that a user can mend."""
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("ige ")]
    assert line.startswith(f"ige {command}: the memory does not suffice")
    return line


def test_numpy_without_memory_tells_what_to_lower(call, tmp_path):
    out = {name: tmp_path / name for name in ("clips.h5", "skipped.csv", "run.json")}
    paths = ["--out", out["clips.h5"], "--skipped", out["skipped.csv"], "--record", out["run.json"]]
    line = told(call(200, "prepare-clips", *paths), "prepare-clips")
    assert "no room for" in line
    assert "poses.procedural.takes" in line
    assert not out["clips.h5"].exists()


@pytest.mark.slow
def test_torch_without_memory_tells_what_to_lower(call, tmp_path):
    shards = []
    for split, number in (("train", 0), ("validation", 1)):
        shards.append(tmp_path / f"{split}.h5")
        made = call(
            *(4096, "prepare-shapes", "--category", "car", "--split", split),
            *("--models", *(f"car-{2 * number + place:04d}" for place in range(2))),
            *("--out", shards[-1], "--skipped", tmp_path / "skipped.csv", "--record", f"{shards[-1]}.json"),
        )
        assert made.returncode == 0, made.stderr
    outputs = [("--models", "model.pt"), ("--histories", "history.csv"), ("--records", "run.json")]
    done = call(
        *(150, "train-shapes", "--model", "deconv@128", "--train", shards[0], "--validation", shards[1]),
        *(word for option, name in outputs for word in (option, tmp_path / name)),
        *("--initials", "--checkpoints", tmp_path / "checkpoints"),
    )
    line = told(done, "train-shapes")
    assert "training.shapes.micro_batch" in line


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        OSError(errno.ENOMEM, "Cannot allocate memory"),
        torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 MiB. GPU 0 has a total ..."),
        RuntimeError("DataLoader worker (pid 7) is killed by signal: Killed."),
        RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`"),
    ],
    ids=["python", "system", "gpu", "worker", "cublas"],
)
def test_want_of_memory_is_known_by_many_names(error):
    found = lack_of_memory("evaluate-poses", error)
    assert found is not None
    assert "evaluation.poses.batch_size" in str(found)


def test_the_amount_is_told_where_it_is_known():
    error = torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 MiB. GPU 0 has ...")
    assert "found no room for 20.00 MiB more" in str(lack_of_memory("train-poses", error))


def test_a_cause_counts_as_well():
    error = ValueError("no result")
    error.__cause__ = MemoryError()
    assert lack_of_memory("train-poses", error) is not None


@pytest.mark.parametrize("error", [RuntimeError("shapes differ"), OSError(errno.EIO, "broken"), KeyError(1)])
def test_other_errors_are_none_of_memory(error):
    assert lack_of_memory("train-poses", error) is None


@pytest.fixture(params=[None, 2_000_000_000], ids=["no limit", "limit"])
def limit(request, monkeypatch):
    """No limit of the address space, then one as clusters have it."""
    monkeypatch.setattr(memory, "_limit", lambda: request.param)
    return request.param


def test_a_library_that_finds_no_room_is_want_of_memory(limit):
    error = ImportError("libtorch_cpu.so: failed to map segment from shared object")
    assert lack_of_memory("train-poses", error) is not None


@pytest.mark.parametrize("text", ["can't start new thread", "could not create a primitive"])
def test_what_finds_no_room_is_want_of_memory_where_there_is_a_limit(limit, text):
    error = RuntimeError(text)
    assert (lack_of_memory("train-poses", error) is not None) == (limit is not None)


@pytest.mark.parametrize(
    "error",
    [
        ModuleNotFoundError("No module named 'timm'"),
        ImportError("cannot import name 'Zstd' from 'hdf5plugin'"),
        ImportError("libGL.so.1: cannot open shared object file: No such file or directory"),
    ],
    ids=["missing", "other version", "no library"],
)
def test_a_package_that_is_not_there_is_no_want_of_memory(limit, error):
    assert lack_of_memory("train-poses", error) is None


def test_a_missing_package_that_is_told_already_stays_told(limit, monkeypatch):
    monkeypatch.setitem(sys.modules, "hdf5plugin", None)
    with pytest.raises(InputError, match="pip install hdf5plugin") as raised:
        zstd_plugin("car.h5")
    assert lack_of_memory("prepare-shapes", raised.value) is None


def led_to(last: Exception, *causes: Exception) -> Exception:
    """An error, and what led to it, one raised from the other."""
    error = last
    for cause in causes:
        error.__cause__ = cause
        error = cause
    return last


@pytest.mark.parametrize(
    "cause",
    [
        MemoryError(),
        OSError(errno.ENOMEM, "Cannot allocate memory"),
        RuntimeError("[enforce fail at alloc_cpu.cpp:127] DefaultCPUAllocator: can't allocate memory"),
    ],
    ids=["python", "system", "torch"],
)
def test_an_error_of_ours_is_one_if_want_of_memory_led_to_it_directly(limit, cause):
    assert lack_of_memory("train-poses", led_to(InputError("a damaged file"), cause)) is not None
    twice = led_to(InputError("no model"), InputError("a damaged file"), cause)
    assert lack_of_memory("train-poses", twice) is not None
    farther = led_to(InputError("a damaged file"), ValueError("a damaged pickle"), cause)
    assert lack_of_memory("train-poses", farther) is None


def test_an_error_of_ours_that_nothing_led_to_stands(limit):
    try:
        raise MemoryError
    except MemoryError:
        with pytest.raises(InputError) as raised:
            raise InputError("no such model") from None
    assert lack_of_memory("train-poses", raised.value) is None


def test_what_led_to_an_error_counts_as_well():
    error = RuntimeError("the file cannot be closed")
    error.__context__ = MemoryError()
    assert lack_of_memory("train-poses", error) is not None


def test_a_limit_too_low_for_the_libraries_is_told_before_they_are_loaded(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(memory, "_limit", lambda: 500_000_000)
    paths = [word for name in ("out", "skipped", "record") for word in (f"--{name}", str(tmp_path / name))]
    assert main(["prepare-clips", "--settings", "none.json", "--code", "none", *paths]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "found a limit of 0.50 GB. Raise it (`ulimit -v`)" in line
