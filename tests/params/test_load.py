import json
import re

import pytest

from ige.base.errors import InputError, SettingsError
from ige.params.load import (
    SCHEMA_COMMENT,
    merge,
    merged_text,
    read_params,
    schema_text,
    validate,
    write_params,
)
from ige.params.params import Params

WRONG = [
    ("poses.lifting.frame_stepp", 3, "poses.lifting.frame_stepp: unknown name; did you mean frame_step?"),
    ("poses.lifting.frame_step", "3", "poses.lifting.frame_step: expected a valid integer, found '3'"),
    ("poses.lifting.frame_step", 0, "expected a value greater than or equal to 1, found 0"),
    ("poses.lifting.frame_step", 1.5, "poses.lifting.frame_step: expected a valid integer, found 1.5"),
    ("poses.lifting.frame_step", None, "poses.lifting.frame_step: expected a valid integer, found None"),
    ("poses.source", "mocapp", "found 'mocapp'; did you mean mocap?"),
    ("poses.procedural.actions", ["Walkin"], "poses.procedural.actions.0: expected 'Directions'"),
    ("poses.procedural.actions", [], "poses.procedural.actions: expected"),
    ("poses.lifting.yaws_degrees", ["0"], "poses.lifting.yaws_degrees.0: expected a valid number, found '0'"),
    ("poses.lifting.splits.test", ["S1"], "poses.lifting.splits: subjects in both train and test: S1"),
    ("models.poses.ige-t4.stps", 4, "models.poses.ige-t4.stps: unknown name; did you mean steps?"),
    ("models.poses.ige-t4.rule.rte", 4, "models.poses.ige-t4.rule.rte: unknown name; did you mean rate?"),
    ("models.poses.ige-t4.kind", "igee", "models.poses.ige-t4.kind: expected 'lifter', 'ige'"),
    ("models.poses.ige-t4", {"steps": 1}, "models.poses.ige-t4.kind: missing"),
    ("models.poses.ige-t4.initial", "lifter-128", "'lifter-128' is not defined in models.poses; did"),
    ("models.poses.ige-t4.initial", "ige-t2", "models.poses.ige-t4.initial: ige-t2 is no lifter"),
    ("models.poses.lifter-128-1-long.initial", "lifter-256-1", "another width, number of blocks or scale"),
    ("models.poses.lifter-128-1.initial", "lifter-128-1-long", "leads back to itself"),
    ("models.poses.a/b", {"kind": "mean-pose"}, "models.poses.a/b: a name may hold letters"),
    ("train.poses", ["ige-t5"], "train.poses: 'ige-t5' is not defined in models.poses; did you mean ige-t"),
    ("train.poses", ["ige-t4", "ige-t4"], "repeated: ige-t4"),
    ("train", None, "train: expected a valid dictionary"),
    ("training.poses.learning_rate", "1e-3", "write a point and a sign, as in 1.0e-3"),
    ("training.poses.final_learning_rate", 1.0, "final_learning_rate must not exceed learning_rate"),
    ("training.poses.seeds", [0, 0], "seeds must differ"),
    ("evaluation.poses.other_steps", {"mean-pose": [1]}, "mean-pose takes no steps"),
    ("evaluation.poses.other_steps", {"nothing": [1]}, "'nothing' is not defined"),
    ("training.poses.learning_rate", float("inf"), "training.poses.learning_rate: expected a finite number"),
    ("models.poses.ige-t4-ex.consistency", False, "models.poses.ige-t4-ex: no energy is left"),
    ("poses.lifting.splits.test", ["all"], "poses.lifting.splits.test: 'all' stands for all subjects"),
    ("shapes.views.random.elevation_degrees", [30.0, 25.0], "the lowest comes first, found 30 and 25"),
    ("shapes.views.random.elevation_degrees", [30.0, 95.0], "a value less than or equal to 90, found 95.0"),
    ("shapes.views.kind", "explicit", "shapes.views: explicit: expected at least one direction, found none"),
    ("shapes.views.kind", "turntabel", "shapes.views.kind: expected 'random', 'turntable' or 'explicit', f"),
    ("shapes.views.distance", 0.4, "shapes.views.distance: expected a value greater than 0.5, found 0.4"),
    ("shapes.grids.resolutions", [32, 32], "shapes.grids.resolutions: each value may stand here once"),
    ("shapes.grids.resolutions", [1024], "a value less than or equal to 512, found 1024"),
    ("shapes.grids.fill", "exakt", "found 'exakt'; did you mean exact?"),
    ("shapes.folder.files", [{"pattern": "*", "upp": "y"}], "files.0.upp: unknown name; did you mean up?"),
    ("shapes.categories", [], "shapes.categories: expected"),
    ("models.shapes.ige.initial", "deconvv", "'deconvv' is not defined in models.shapes; did you mean"),
    ("models.shapes.ige.initial", "head", "models.shapes.ige.initial: head is no deconvolution"),
    ("models.shapes.ige.initial", "deconv-world", "deconv-world is of the world, a refinement starts in the"),
    ("models.shapes.deconv.initial", "deconv-long", "leads back to itself"),
    ("models.shapes.deconv-long.initial", "deconv-world", "deconv-world has another form or coordinates"),
    ("models.shapes.deconv.scope", "each", "deconv is one model per category, deconv-long is one of all"),
    ("models.shapes.ige.energy.pooling", "mean", "found 'mean'"),
    ("models.shapes.ige.loss.alpha", 1.0, "models.shapes.ige.loss.alpha: expected a value less than 1"),
    ("train.shapes", ["igee"], "train.shapes: 'igee' is not defined in models.shapes; did you mean ige?"),
    ("train.each", ["plan"], "train.each: 'plan' is not defined in shapes.categories; did you mean plane?"),
    ("train.resolutions", [128], "train.resolutions: 128 is not made; shapes.grids.resolutions has 32, 64"),
    ("evaluation.shapes.resolution", 48, "evaluation.shapes.resolution: 48 is not made; shapes.grids"),
    ("evaluation.shapes.references", ["heads"], "evaluation.shapes.references: 'heads' is not defined"),
    ("training.shapes.backbone_rate", 0.0, "training.shapes.backbone_rate: expected a value greater than 0"),
    ("run", "../demo", "run: a name may hold letters"),
    ("pose", {}, "pose: unknown name; did you mean poses?"),
]  # fmt: skip


def spoil(values, path, value):
    *parents, last = path.split(".")
    node = values
    for part in parents:
        node = node[part]
    node[last] = value
    return values


@pytest.mark.parametrize(
    ("path", "value", "words"), WRONG, ids=[f"{path}={value}" for path, value, _ in WRONG]
)
def test_each_fault_is_told_by_place_expectation_and_finding(values, path, value, words):
    with pytest.raises(SettingsError) as caught:
        validate(spoil(values, path, value))
    assert words in str(caught.value)
    assert str(caught.value).startswith("The parameters are not valid:\n")
    assert len(str(caught.value).splitlines()) == 2, "one fault, one line"


def test_networks_need_a_resolution_that_can_be_halved(values):
    values["shapes"]["grids"]["resolutions"] = [48, 96]
    values["train"]["resolutions"] = [48]
    values["evaluation"]["shapes"]["resolution"] = 96
    with pytest.raises(
        SettingsError, match=r"train\.resolutions: deconv needs a power of two, found 48"
    ) as caught:
        validate(values)
    assert len(str(caught.value).splitlines()) == 2
    values["train"]["shapes"] = ["mean-shape", "ceiling"]
    assert validate(values).train.resolutions == (48,)


def test_a_fault_inside_a_list_names_the_nearest_name_of_that_entry(values):
    values["poses"]["lifting"]["rig"]["ring"]["cameras"][1]["hight_m"] = 2.0
    with pytest.raises(
        SettingsError, match=r"rig\.ring\.cameras\.1\.hight_m: unknown name; did you mean height_m"
    ):
        validate(values)


def test_all_faults_are_told_at_once_on_one_screen(values):
    for number in range(40):
        values[f"nonsense{number}"] = 1
    values["run"] = 3
    with pytest.raises(SettingsError) as caught:
        validate(values)
    lines = str(caught.value).splitlines()
    assert len(lines) == 17
    assert lines[-1] == "  and 26 more"


def test_a_missing_section_is_named(values):
    del values["train"]
    with pytest.raises(SettingsError, match="train: missing"):
        validate(values)


def test_params_are_frozen_and_round_trip(params, tmp_path):
    with pytest.raises(Exception, match="frozen"):
        params.run = "other"
    write_params(tmp_path / "params.json", params)
    assert read_params(tmp_path / "params.json") == params


@pytest.mark.parametrize("number", [5.0e-5, 1.0e-10, 1.0e22])
def test_settings_of_a_run_hold_numbers_that_yaml_would_read_as_text(changed, number, tmp_path):
    params = changed({"poses": {"mocap": {"repeat_bound_mm": number}}})
    write_params(tmp_path / "params.json", params)
    assert read_params(tmp_path / "params.json") == params


def test_spoilt_settings_of_a_run_are_told_with_their_line(tmp_path):
    (tmp_path / "params.json").write_text('{"run": "demo",\n "poses": ,}\n')
    with pytest.raises(InputError, match=r"params\.json, line 2, column 11: is no valid JSON"):
        read_params(tmp_path / "params.json")


def test_an_unchanged_file_of_settings_stays_untouched(params, tmp_path):
    path = tmp_path / "params.json"
    write_params(path, params)
    before = path.stat().st_mtime_ns
    write_params(path, params)
    assert path.stat().st_mtime_ns == before


def test_a_damaged_file_of_settings_is_written_anew(params, tmp_path):
    path = tmp_path / "params.json"
    path.write_bytes(b"\xff")
    write_params(path, params)
    assert read_params(path) == params


@pytest.mark.parametrize("preset", ["tiny", "open", "meshes", "shapenet", "paper"])
def test_every_preset_is_valid(root, preset):
    assert read_params(root / "params.yaml", [root / f"workflow/presets/{preset}.yaml"]).run == preset


def test_merging_is_deep_and_replaces_lists():
    merged = merge({"a": {"b": [1, 2], "c": 1}, "d": 1}, {"a": {"b": [3]}, "e": {"f": 1}})
    assert merged == {"a": {"b": [3], "c": 1}, "d": 1, "e": {"f": 1}}


@pytest.mark.parametrize(
    ("text", "words"), [("a: [", "no valid YAML"), ("- 1", "holds no parameters"), ("", "holds no")]
)
def test_files_that_are_no_parameters(tmp_path, text, words):
    (tmp_path / "p.yaml").write_text(text)
    with pytest.raises(InputError, match=words):
        read_params(tmp_path / "p.yaml")


def test_the_committed_schema_is_the_generated_one(root):
    committed = (root / "workflow/schemas/params.schema.json").read_text()
    assert committed == schema_text(), "run `ige schema` and commit the result"


def test_editors_find_the_schema(root):
    first = (root / "params.yaml").read_text().splitlines()[0]
    _, _, path = first.partition("# yaml-language-server: $schema=")
    assert json.loads((root / path).read_text())["title"] == "Params"


def test_nothing_that_decides_a_result_has_a_default():
    """But for facts that a motion or mesh file tells itself unless they are overridden."""
    allowed = {"FilePattern", "MeshPattern"}
    schema = Params.model_json_schema()
    for name, definition in [("Params", schema), *schema["$defs"].items()]:
        if name not in allowed and "properties" in definition:
            assert set(definition["properties"]) == set(definition.get("required", [])), name


@pytest.mark.parametrize("guide", ["data", "mocap", "meshes", "voxels"])
def test_the_presets_in_the_guides_are_valid(root, tmp_path, guide):
    blocks = re.findall(r"```yaml\n(run: .*?)```", (root / f"docs/{guide}.md").read_text(), re.DOTALL)
    assert blocks
    for block in blocks:
        (tmp_path / "mine.yaml").write_text(block)
        assert read_params(root / "params.yaml", [tmp_path / "mine.yaml"]).run != "demo"


def test_presets_written_into_params_yaml_say_the_same_and_share_nothing(root, tmp_path):
    preset = root / "workflow/presets/tiny.yaml"
    (tmp_path / "params.yaml").write_text(merged_text(root / "params.yaml", [preset]))
    text = (tmp_path / "params.yaml").read_text()
    assert read_params(tmp_path / "params.yaml") == read_params(root / "params.yaml", [preset])
    assert text.startswith(SCHEMA_COMMENT + "\n")
    assert "&id" not in text
