import signal
import subprocess
import sys

import pytest

from ige.base.errors import InputError
from ige.cli import build_parser, main

ORDER = [
    "prepare-clips",
    "prepare-lifting-set",
    "train-poses",
    "evaluate-poses",
    "prepare-manifest",
    "prepare-shapes",
    "train-shapes",
    "evaluate-shapes",
    "tabulate-poses",
    "draw-poses",
    "tabulate-shape-sets",
    "draw-shape-sets",
    "tabulate-shapes",
    "draw-shapes",
    "write-page",
    "voxelise",
    "render",
    "inspect",
    "reconstruct",
    "explain",
    "verify",
    "lift",
    "doctor",
    "headline",
    "merge-params",
    "schema",
]


def test_help_lists_the_stages_in_flow_order():
    text = build_parser().format_help()
    places = [text.index(f"    {name}") for name in ORDER]
    assert places == sorted(places)


@pytest.mark.parametrize("name", ORDER)
def test_every_command_explains_itself(name, capsys):
    with pytest.raises(SystemExit) as caught:
        main([name, "--help"])
    assert caught.value.code == 0
    assert len(capsys.readouterr().out) > 100


def test_help_imports_nothing_heavy(root):
    script = (
        "import sys; from ige.cli import build_parser; build_parser().format_help()\n"
        "heavy = {'torch', 'numpy', 'numba', 'trimesh', 'h5py', 'pydantic'}\n"
        "heavy |= {'matplotlib', 'pandas', 'rich', 'yaml'}\n"
        "sys.exit(str(heavy & set(sys.modules)) if heavy & set(sys.modules) else 0)"
    )
    subprocess.run([sys.executable, "-c", script], check=True, cwd=root)


def test_an_interrupt_is_one_line_and_exit_code_130():
    script = (
        "import signal, sys, time; import ige.commands.tools, ige.cli as cli\n"
        "def call(options): print('running', flush=True); time.sleep(60)\n"
        "parser = cli.build_parser()\n"
        "parse = parser.parse_args\n"
        "def parsed(arguments):\n"
        "    options = parse(arguments); options.call = call; return options\n"
        "parser.parse_args = parsed; cli.build_parser = lambda: parser\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "sys.exit(cli.main(['doctor']))"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout.readline() == "running\n"
    process.send_signal(signal.SIGINT)
    rest, told = process.communicate(timeout=30)
    assert (process.returncode, rest) == (130, "")
    assert told == "ige doctor: interrupted; run the same command again\n"


def test_an_error_of_the_user_is_one_line_and_exit_code_2(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "ige", "headline", str(tmp_path / "nothing.csv")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("ige headline: ")
    assert done.stderr.count("\n") == 1


def test_a_bug_is_a_traceback_and_exit_code_1(root):
    script = (
        "import sys; import ige.params.load as load; load.schema_text = lambda: 1 / 0\n"
        "from ige.cli import main; sys.exit(main(['schema', '--out', '/dev/null/x']))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "ZeroDivisionError" in done.stderr


def test_faults_of_the_parameters_are_the_same_text_as_from_the_workflow(tmp_path, root, values, capsys):
    import json

    from ige.base.errors import SettingsError
    from ige.params.load import validate

    values["poses"]["source"] = "mocapp"
    (tmp_path / "p.json").write_text(json.dumps(values))
    code = main(
        [
            "prepare-clips",
            "--settings",
            str(tmp_path / "p.json"),
            "--out",
            str(tmp_path / "a"),
            "--skipped",
            "b",
            "--record",
            "c",
        ]
    )
    with pytest.raises(SettingsError) as caught:
        validate(values)
    assert code == 2
    assert str(caught.value) in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["prepare-clip"], "prepare-clips"),
        (["headline"], "csv"),
        (["voxelise", "a.obj", "--resolution", "x"], "--resolution"),
        (["voxelise", "a.obj", "--fill", "all"], "tolerant"),
        (["doctor", "--what"], "--what"),
    ],
)
def test_arguments_that_cannot_be_are_one_line(arguments, told, capsys):
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    said = capsys.readouterr().err
    assert caught.value.code == 2
    assert said.startswith("ige")
    assert said.count("\n") == 1
    assert told in said


def test_errors_name_their_command(monkeypatch, capsys):
    import ige.params.load as load

    def fail() -> str:
        raise InputError("no", where="x", expected="y")

    monkeypatch.setattr(load, "schema_text", fail)
    assert main(["schema"]) == 2
    assert capsys.readouterr().err == "ige schema: x: no: expected y\n"
