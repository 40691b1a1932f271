import json

from ige.params.stages import MODULES
from ige.workflow.plan import Planner, write_plan

CODE = dict.fromkeys(MODULES, "0123456789ab")
COMMANDS = dict.fromkeys(MODULES, "ige ...")


def plan(params, code=CODE, commands=COMMANDS):
    return Planner(params, code, commands).files()


def moved(before, after):
    return {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}


def test_a_stage_for_each_selected_model(params):
    names = plan(params).keys()
    assert names == {
        *("pose-data", "shape-data", "report"),
        *(f"train-poses/{name}" for name in params.train.poses),
        *(f"train-shapes/{name}" for name in params.train.shapes),
    }


def test_a_definition_moves_its_model_and_what_starts_from_it(params, changed):
    over = {"models": {"poses": {"lifter-128-1": {"dropout": 0.25}}}}
    names = {*("lifter-128-1", "lifter-128-1-long"), *(f"ige-t{steps}" for steps in (1, 2, 4, 8))}
    found = moved(plan(params), plan(changed(over)))
    assert found == {f"train-poses/{name}" for name in names} | {"report"}


def test_a_definition_that_nobody_asks_for_moves_nothing(params, changed):
    over = {"models": {"poses": {"ige-t16": {"hidden": 8}}}}
    assert moved(plan(params), plan(changed(over))) == set()


def test_code_moves_the_stages_whose_it_is(params):
    found = moved(plan(params), plan(params, code=CODE | {"prepare_shapes": "ba9876543210"}))
    assert found == {"shape-data"}


def test_a_command_moves_the_stages_whose_it_is(params):
    found = moved(plan(params), plan(params, commands=COMMANDS | {"tabulate_poses": "ige --new"}))
    assert found == {"report"}


def test_the_plan_on_disk_is_kept_true(params, changed, tmp_path):
    write_plan(tmp_path, Planner(params, CODE, COMMANDS))
    gone = tmp_path / "train-poses/ige-t8.json"
    untouched = tmp_path / "shape-data.json"
    assert json.loads(gone.read_text())["train_poses lifter-128-1"]["code"] == "0123456789ab"
    stamp = untouched.stat().st_mtime_ns
    names = [name for name in params.train.poses if name != "ige-t8"]
    write_plan(tmp_path, Planner(changed({"train": {"poses": names}}), CODE, COMMANDS))
    assert not gone.exists()
    assert untouched.stat().st_mtime_ns == stamp


def test_a_damaged_plan_is_written_anew(params, tmp_path):
    write_plan(tmp_path, Planner(params, CODE, COMMANDS))
    path = tmp_path / "report.json"
    content = path.read_bytes()
    path.write_bytes(b"\xff" + content[1:])
    write_plan(tmp_path, Planner(params, CODE, COMMANDS))
    assert path.read_bytes() == content
