import pytest

from ige.report.deciding import deciding_settings


@pytest.mark.parametrize(
    "over",
    [
        {"run": "other"},
        {"poses": {"procedural": {"seed": 1}}},
        {"poses": {"lifting": {"frame_step": 3}}},
        {"models": {"poses": {"ige-t4": {"hidden": 32}}}},
        {"training": {"poses": {"epochs": 99}}},
        {"evaluation": {"poses": {"other_steps": {"ige-t4": [1]}}}},
        {"train": {"poses": ["ige-t4"]}},
        {"shapes": {"categories": ["car"]}},
        {"shapes": {"procedural": {"seed": 1}}},
        {"shapes": {"grids": {"fill": "tolerant"}}},
    ],
)
def test_what_leads_to_the_report_counts(params, changed, over):
    assert deciding_settings(changed(over)) != deciding_settings(params)


@pytest.mark.parametrize(
    "over",
    [
        {"poses": {"mocap": {"repeat_bound_mm": 1.0}}},
        {"models": {"poses": {"ige-t4-ey": {"hidden": 32}}}},
        {"shapes": {"folder": {"up": "z"}}},
    ],
)
def test_what_is_not_chosen_does_not(params, changed, over):
    assert deciding_settings(changed(over)) == deciding_settings(params)


def test_a_model_from_which_a_selected_one_starts_counts(changed):
    assert list(deciding_settings(changed({"train": {"poses": ["ige-t4"]}}))["models"]) == [
        "lifter-128-1",
        "ige-t4",
    ]
