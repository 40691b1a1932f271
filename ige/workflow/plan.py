"""What decides each stage of dvc.yaml, written where DVC sees it: `runs/<run>/plan/`.

DVC compares files and parameters, Snakemake the parameters and code of single jobs. A file of the plan holds,
for every job of a stage and of what that stage starts from, exactly the settings, code and command that
Snakemake compares. So DVC runs a stage if Snakemake would run one of its jobs, or if its data have changed.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ige.params import stages
from ige.params.initials import with_initials
from ige.params.naming import split_shape_trained, split_trained
from ige.params.params import Params
from ige.report.deciding import deciding_settings
from ige.storage.atomic import storage_error, write_text

_REPORT = (
    "tabulate_poses",
    "tabulate_poses_by_action",
    "draw_poses",
    "tabulate_shape_sets",
    "draw_shape_sets",
    "tabulate_shapes",
    "draw_shapes",
    "collect_metrics",
    "collect_curves",
    "write_page",
)
Entries = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Planner:
    """Says what decides the jobs of a stage.

    Attributes:
        params: the parameters.
        code: the version of the code of each rule.
        commands: the shell command of each rule, as the rule writes it.
    """

    params: Params
    code: Mapping[str, str]
    commands: Mapping[str, str]

    def files(self) -> dict[str, Entries]:
        """Return the content of each file of the plan, by its name below `plan/`."""
        train = self.params.train
        return {
            "pose-data": self._pose_data(),
            "shape-data": self._shape_data(),
            **{f"train-poses/{name}": self._pose_model(name) for name in train.poses},
            **{f"train-shapes/{name}": self._shape_model(name) for name in train.shapes},
            "report": self._report(),
        }

    def _job(self, rule: str, settings: Any) -> Entries:
        return {"settings": settings, "code": self.code[rule], "command": self.commands[rule]}

    def _pose_data(self) -> Entries:
        params = self.params
        plan = {"prepare_clips": self._job("prepare_clips", stages.prepare_clips(params).subtree())}
        for name in params.train.observations:
            settings = stages.prepare_lifting_set(params, name).subtree()
            plan[f"prepare_lifting_set {name}"] = self._job("prepare_lifting_set", settings)
        for rule in ("prepare_detections", "check_source"):
            plan[rule] = self._job(rule, None)
        return plan

    def _shape_data(self) -> Entries:
        params = self.params
        manifest = stages.prepare_manifest(params).subtree()
        plan = {"prepare_manifest": self._job("prepare_manifest", manifest)}
        for category in params.shapes.categories:
            settings = stages.prepare_shapes(params, category).subtree()
            plan[f"prepare_shapes {category}"] = self._job("prepare_shapes", settings)
        return plan

    def _pose_model(self, model: str) -> Entries:
        names = [name for name in self.params.trained() if split_trained(name)[0] == model]
        return self._model(names, "poses", self.params.initial_of, stages.train_poses, stages.evaluate_poses)

    def _shape_model(self, model: str) -> Entries:
        names = [name for name in self.params.trained_shapes() if split_shape_trained(name)[0] == model]
        initial_of = self.params.shape_initial_of
        return self._model(names, "shapes", initial_of, stages.train_shapes, stages.evaluate_shapes)

    def _model(
        self,
        names: list[str],
        task: str,
        initial_of: Callable[[str], str | None],
        training: Callable[[Params, str], Any],
        evaluation: Callable[[Params, str], Any],
    ) -> Entries:
        plan = {}
        for name in names:
            settings = evaluation(self.params, name).subtree()
            plan[f"evaluate_{task} {name}"] = self._job(f"evaluate_{task}", settings)
        for name in with_initials(names, initial_of):
            settings = training(self.params, name).subtree()
            plan[f"train_{task} {name}"] = self._job(f"train_{task}", settings)
        return plan

    def _report(self) -> Entries:
        params = self.params
        return {
            "models": {"poses": params.trained(), "shapes": params.trained_shapes()},
            "settings": {
                "tabulate_poses": stages.tabulate_poses(params).subtree(),
                "tabulate_shape_sets": stages.tabulate_shape_sets(params).subtree(),
                "tabulate_shapes": stages.tabulate_shapes(params).subtree(),
                "collect_metrics": stages.collect_metrics(params).subtree(),
                "write_page": deciding_settings(params),
            },
            "rules": {rule: self._job(rule, None) for rule in _REPORT if rule in self.commands},
        }


def write_plan(folder: Path, planner: Planner) -> None:
    """Keep the plan of a run true: write what differs, remove what nothing asks for any more."""
    files = {folder / f"{name}.json": content for name, content in planner.files().items()}
    for path, content in files.items():
        text = json.dumps(content, indent=1, sort_keys=True, ensure_ascii=False) + "\n"
        if not path.is_file() or path.read_bytes() != text.encode():
            write_text(path, text)
    for path in folder.rglob("*.json"):
        if path not in files:
            _remove(path)


def _remove(path: Path) -> None:
    try:
        path.unlink()
    except OSError as error:
        raise storage_error(path, error) from error
