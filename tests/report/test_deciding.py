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
        {"models": {"shapes": {"ige": {"epochs": 99}}}},
        {"training": {"shapes": {"batch_size": 99}}},
        {"evaluation": {"shapes": {"references": ["head"]}}},
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
        {"models": {"shapes": {"ige-max": {"epochs": 99}}}},
    ],
)
def test_what_is_not_chosen_does_not(params, changed, over):
    assert deciding_settings(changed(over)) == deciding_settings(params)


def test_a_model_from_which_a_selected_one_starts_counts(changed):
    assert list(deciding_settings(changed({"train": {"poses": ["ige-t4"]}}))["models"]) == [
        "lifter-128-1",
        "ige-t4",
    ]


def test_a_start_of_a_model_of_shapes_counts(changed):
    settings = deciding_settings(changed({"train": {"shapes": ["ige"]}}))
    assert list(settings["models_shapes"]) == ["deconv", "ige"]


def test_without_models_of_shapes_theirs_count_nothing(changed):
    assert "models_shapes" not in deciding_settings(changed({"train": {"shapes": []}}))
