import pytest

from ige.base.errors import InputError
from ige.report.draw_voxels import draw_shapes

KEYS = (("car", "a", 0), ("plane", "c", 0))
NAMES = ("reconstructions", "steps", "depth-shadow", "learning")


@pytest.fixture
def inputs(voxels):
    steps = [(0.5, 3.0), (0.53, None)]
    kinds = {"nearest-silhouette": (), "deconv-long": (), "head": (), "ige": steps}
    return {
        "scores": [
            voxels.score(model, seed, [0.5, 0.6, 0.4, 0.5], resolution=16, steps=each)
            for model, each in kinds.items()
            for seed in (0, 1)
        ],
        "predictions": [
            voxels.examples(model, keys=KEYS, radii=(0.2, 0.24) if each else (0.3,))
            for model, each in kinds.items()
        ],
        "histories": [
            voxels.history(model, seed, [0.6, 0.5 - 0.01 * seed])
            for model in list(kinds)[1:]
            for seed in (0, 1)
        ],
    }


def test_all_figures_are_drawn_with_the_same_bytes_each_time(tmp_path, inputs):
    drawn = []
    for name in ("one", "other"):
        figures = [tmp_path / name / f"shapes-{each}.{kind}" for each in NAMES for kind in ("png", "svg")]
        draw_shapes(**inputs, figures=figures)
        drawn.append([figure.read_bytes() for figure in figures])
    assert drawn[0] == drawn[1]
    assert len(set(drawn[0])) == 8
    assert [content[:4] for content in drawn[0][::2]] == 4 * [b"\x89PNG"]


def test_another_number_of_histories_is_refused(tmp_path, inputs):
    figures = [tmp_path / f"{each}.{kind}" for each in NAMES for kind in ("png", "svg")]
    with pytest.raises(InputError, match="expected 6, one for each score of a model that learns, found 5"):
        draw_shapes(**inputs | {"histories": inputs["histories"][1:]}, figures=figures)


def test_another_number_of_figures_is_a_bug(tmp_path, inputs):
    with pytest.raises(ValueError, match="unpack"):
        draw_shapes(**inputs, figures=[tmp_path / "a.png"])
