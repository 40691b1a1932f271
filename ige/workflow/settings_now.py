"""What a stage would be given today, to be held against what a record says it was given."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ige.base.errors import InputError
from ige.params import stages
from ige.params.params import Params
from ige.report.deciding import deciding_settings

# What of a record's `asked` a stage's settings depend on.
_NAMES = ("observation", "category", "model")


def settings_now(stage: str, asked: Mapping[str, Any], params: Params) -> dict[str, Any] | None:
    """Return the settings that a stage would be given, as JSON values; empty for a stage that has none.

    Args:
        stage: its name.
        asked: the names that the job was given.
        params: the parameters of today.

    Returns:
        None if the parameters no longer know these names.
    """
    select: Any = {
        "tabulate_poses_by_action": stages.tabulate_poses,
        "write_page": deciding_settings,
    }.get(stage) or getattr(stages, stage, None)
    if select is None:
        return {}
    try:
        found = select(params, *(asked[name] for name in _NAMES if name in asked))
    except (InputError, KeyError):
        return None
    values: dict[str, Any] = json.loads(json.dumps(found if isinstance(found, dict) else found.subtree()))
    return values


def differences(then: Any, now: Any, name: str = "") -> list[str]:
    """Tell in lines how one JSON value differs from another: `training.epochs: 20 then, 10 now`."""
    if then == now:
        return []
    if isinstance(then, Mapping) and isinstance(now, Mapping):
        keys = [*then, *(key for key in now if key not in then)]
        below = f"{name}." if name else ""
        return [line for key in keys for line in differences(then.get(key), now.get(key), f"{below}{key}")]
    return [f"{name}: {_short(then)} then, {_short(now)} now"]


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 32 else text[:29] + "..."
