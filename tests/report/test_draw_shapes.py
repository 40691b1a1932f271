import numpy as np
import pytest
from PIL import Image

from ige.base.errors import InputError
from ige.report import draw_shapes
from ige.report.draw_shapes import draw_shape_sets
from ige.report.inspect_shard import inspect_shard
from ige.report.shard_examples import evenly, examples_of, views_of
from ige.storage.shards import open_shard


@pytest.mark.parametrize(
    ("count", "most", "places"), [(0, 3, []), (1, 3, [0]), (5, 1, [0]), (5, 2, [0, 4]), (10, 4, [0, 3, 6, 9])]
)
def test_examples_are_chosen_by_their_place(count, most, places):
    assert evenly(count, most) == places


def test_an_example_is_what_the_shard_holds(tmp_path, make_shard):
    with open_shard(make_shard(tmp_path / "a.h5")) as shard:
        first, second, *_ = examples_of(shard, views_of(shard, 2, 2), 8)
        assert first.title == "a.obj"
        assert not first.flagged
        assert first.facts[0] == "view 0, 8 cells per side"
        assert "fill: exact" in first.facts
        np.testing.assert_allclose(first.frustum.extrinsics, shard.cameras[0])
        np.testing.assert_array_equal(first.image, shard.image(0))
        assert second.flagged
        assert "leak: flagged" in second.facts
        assert first.occupancy.sum() == shard.diagnostics[8]["filled"][0]


@pytest.fixture
def drawn(monkeypatch):
    """Notes what is drawn, instead of drawing it."""
    sheets = {}

    def note(examples, heading, path, dpi):
        sheets[path.name] = (heading, [(each.title, len(each.occupancy)) for each in examples])

    monkeypatch.setattr(draw_shapes, "contact_sheet", note)
    return sheets


def test_test_models_are_drawn_where_there_are_any_at_the_finest(tmp_path, make_shard, drawn):
    shards = [
        make_shard(tmp_path / "1.h5", split="train", models=["t"]),
        make_shard(tmp_path / "2.h5", split="test", models=list("abc")),
        make_shard(tmp_path / "3.h5", split="test", models=list("defgh")),
        make_shard(tmp_path / "4.h5", category="chair", split="train", models=["x"]),
        make_shard(tmp_path / "5.h5", category="chair", split="test", models=[]),
        make_shard(tmp_path / "6.h5", category="lamp", models=[]),
    ]
    figures = [tmp_path / f"shapes-{name}.png" for name in ("car", "chair", "lamp")]
    draw_shape_sets(shards=shards, figures=figures)
    heading, car = drawn["shapes-car.png"]
    assert heading == "car, test models"
    assert [title for title, _ in car] == list("acfh")
    assert {size for _, size in car} == {16}
    assert drawn["shapes-chair.png"] == ("chair, train models", [("x", 16)])
    assert drawn["shapes-lamp.png"] == ("lamp: no models, all were skipped", [])


def test_a_category_without_shards_is_named(tmp_path, make_shard):
    shards = [make_shard(tmp_path / "1.h5")]
    with pytest.raises(InputError, match=r"shapes-lamp\.png: no shards of this category"):
        draw_shape_sets(shards=shards, figures=[tmp_path / "shapes-lamp.png"])


def test_a_sheet_is_drawn_and_always_the_same(tmp_path, make_shard):
    shards = [make_shard(tmp_path / "1.h5", models=["a"])]
    for folder in ("one", "other"):
        draw_shape_sets(shards=shards, figures=[tmp_path / folder / "shapes-car.png"])
    first = (tmp_path / "one/shapes-car.png").read_bytes()
    assert first == (tmp_path / "other/shapes-car.png").read_bytes()
    with Image.open(tmp_path / "one/shapes-car.png") as image:
        assert image.size[0] > 1000


def test_inspecting_draws_a_sheet_and_says_what_there_is(tmp_path, make_shard):
    said = inspect_shard(make_shard(tmp_path / "a.h5"), tmp_path / "a.png", models=1, views=2, resolution=8)
    assert "car, test: 2 models, 4 views" in said
    assert "8: 2 exact, 2 tolerant; 2 leaks flagged, 0 empty" in said
    with Image.open(tmp_path / "a.png") as image:
        assert image.size[0] > image.size[1]


@pytest.mark.parametrize(
    ("over", "told"),
    [
        ({"resolution": 12}, "no grids of this resolution"),
        ({"models": 0}, "no such number of models"),
        ({"views": 1000}, "at most 100"),
    ],
)
def test_what_cannot_be_inspected_is_told(tmp_path, make_shard, over, told):
    options = {"models": 1, "views": 1, "resolution": None} | over
    with pytest.raises(InputError, match=told):
        inspect_shard(make_shard(tmp_path / "a.h5"), tmp_path / "a.png", **options)


def test_a_shard_without_models_is_told(tmp_path, make_shard):
    path = make_shard(tmp_path / "a.h5", models=[])
    with pytest.raises(InputError, match="no models in this shard"):
        inspect_shard(path, tmp_path / "a.png", models=1, views=1, resolution=None)
