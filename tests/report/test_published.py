import pytest

from ige.report.published import REFERENCE, published_actions, published_error_mm, published_poses

POINTS = published_poses()


def test_costs_follow_from_the_form_of_the_models():
    assert len(POINTS) == 16
    for point in POINTS:
        blocks = int(point.model[-1]) if point.series.startswith("lifter") else 1
        lifter = 32 * point.width + 2 * blocks * point.width**2 + 48 * point.width
        assert point.multiply_adds == lifter + 80_896 * (point.steps or 0)
        assert point.parameters == lifter + (40_448 if point.steps else 0)


def test_errors_are_those_of_the_poster():
    by_model = {point.model: point.pa_mpjpe_mm for point in POINTS}
    assert [by_model[f"ige-t{steps}"] for steps in (0, 1, 2, 4, 6, 8, 12, 16)] == [
        75,
        48,
        44,
        39,
        38,
        37,
        36,
        35,
    ]
    assert [by_model[f"lifter-{width}-1"] for width in (128, 256, 512, 1024)] == [75, 59, 48, 38]
    assert [by_model[f"lifter-{width}-2"] for width in (128, 256, 512, 1024)] == [74, 56, 45, 36]
    assert by_model[REFERENCE] == by_model["ige-t0"]


@pytest.mark.parametrize(
    ("model", "steps", "multiply_adds", "parameters", "expected"),
    [
        ("lifter-128-1", None, 43_008, 43_008, 75.0),
        ("ige-t4", 4, 366_592, 83_456, 39.0),
        ("ige-t4", 2, 204_800, 83_456, None),  # run with other steps than its own
        ("ige-t4-ex", 4, 366_592, 83_456, None),
        ("lifter-128-1-nodropout", None, 43_008, 43_008, None),
        ("lifter-128-1-long", None, 43_008, 43_008, None),
        ("ige-t4", 4, 366_592, 124_000, None),  # the name alone is not the model
        ("lifter-128-1", None, 50_000, 43_008, None),
        ("mean-pose", None, 0, 48, None),
    ],
)
def test_a_published_error_belongs_to_name_steps_and_counts(
    model, steps, multiply_adds, parameters, expected
):
    found = published_error_mm(
        POINTS, model=model, steps=steps, multiply_adds=multiply_adds, parameters=parameters
    )
    assert found == expected


def test_published_means_are_those_of_their_actions():
    lines = published_actions()
    assert [(line.metric, line.by_action) for line in lines] == [
        ("mpjpe_mm", 45.5),
        ("mpjpe_mm", 62.9),
        ("pa_mpjpe_mm", 47.7),
        ("mpjpe_mm", 43.5),
    ]
    for line in lines[:3]:
        assert sum(line.errors_mm) / 15 == pytest.approx(line.by_action, abs=0.05)
    assert sum(lines[3].errors_mm) / 15 == pytest.approx(43.0, abs=0.05)
    assert "(43.0)" in lines[3].source
