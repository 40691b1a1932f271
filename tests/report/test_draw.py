import re

import pytest

from ige.report.draw import draw_poses

NAMES = ("efficiency", "steps", "learning")


@pytest.fixture
def inputs(folder, two_seeds):
    models = ("lifter-128-1", "ige-t2")
    return {
        "scores": two_seeds,
        "predictions": [folder.examples("lifter-128-1", None), folder.examples("ige-t2", 2)],
        "histories": [folder.history(model, seed, [90.0, 80.0]) for model in models for seed in (0, 1)],
    }


def test_all_figures_are_drawn_with_the_same_bytes_each_time(tmp_path, inputs):
    drawn = []
    for name in ("one", "other"):
        figures = [tmp_path / name / f"poses-{each}.{kind}" for each in NAMES for kind in ("png", "svg")]
        draw_poses(**inputs, figures=figures)
        drawn.append([figure.read_bytes() for figure in figures])
    assert drawn[0] == drawn[1]
    assert len(set(drawn[0])) == 6
    assert [content[:4] for content in drawn[0][::2]] == 3 * [b"\x89PNG"]


def test_only_the_first_observation_is_drawn(tmp_path, inputs, folder, make_row):
    alone = [tmp_path / "alone" / f"{each}.{kind}" for each in NAMES for kind in ("png", "svg")]
    draw_poses(**inputs, figures=alone)
    scores = [folder.score("ige-t4", 0, [make_row(30.0, steps=4)], observation_name="sh")]
    more = {
        "scores": inputs["scores"] + scores,
        "predictions": [*inputs["predictions"], folder.examples("ige-t4", 4, observation="sh")],
        "histories": [*inputs["histories"], folder.history("ige-t4@sh", 0, [30.0])],
    }
    both = [tmp_path / "both" / figure.name for figure in alone]
    draw_poses(**more, figures=both)
    for before, after in zip(alone[2:], both[2:], strict=True):
        assert before.read_bytes() == after.read_bytes(), "steps, learning"
    words = [set(re.findall(r"<!-- (.*?) -->", path.read_text())) for path in (alone[1], both[1])]
    assert words[0] ^ words[1] == {"ours (procedural)", "ours (procedural, projection)"}


def test_another_number_of_figures_is_a_bug(tmp_path, inputs):
    with pytest.raises(ValueError, match="unpack"):
        draw_poses(**inputs, figures=[tmp_path / "a.png"])
