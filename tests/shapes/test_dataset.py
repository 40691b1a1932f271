import pickle
import types

import numpy as np
import pytest
import torch
from numpy.testing import assert_array_equal

from ige.base.errors import InputError
from ige.shapes import dataset as module
from ige.shapes.dataset import ShapeGrids, make_loader
from ige.shapes.unpack import unpack_bits
from ige.storage.shard_writer import ShardHeader, write_shard
from ige.storage.shards import open_shard

SIZES = (8, 16)


def random_grids(rng, sizes):
    return {
        size: types.SimpleNamespace(
            bits=rng.integers(0, 256, (size, size, size // 8), dtype=np.uint8),
            level="exact",
            closed=True,
            leak=False,
            retries=0,
            volume=1.0,
            cut=False,
            stabbed_ratio=1.0,
            coarse_ratio=1.0,
        )
        for size in sizes
    }


def write(path, category, ids, pixels=16, sizes=SIZES, views=3):
    rng = np.random.default_rng(len(category))
    header = ShardHeader(category, "train", sizes, pixels, "gzip", {})
    with write_shard(path, header) as writer:
        for id in ids:
            with writer.model(id, "CC0", random_grids(rng, sizes)):
                for number in range(views):
                    camera = types.SimpleNamespace(
                        extrinsics=rng.normal(size=(3, 4)), focal=1.5, near=rng.uniform(), far=2.5
                    )
                    image = rng.integers(0, 256, (pixels, pixels, 4), dtype=np.uint8)
                    writer.add_view(number, camera, image, random_grids(rng, sizes))
    return path


@pytest.fixture(scope="module")
def shards(tmp_path_factory):
    folder = tmp_path_factory.mktemp("shards")
    return [
        write(folder / "table.h5", "table", ["t0", "t1"]),
        write(folder / "none.h5", "car", []),
        write(folder / "car.h5", "car", ["c0", "c1", "c2"]),
    ]


def same(first, second):
    return first.keys() == second.keys() and all(torch.equal(first[name], second[name]) for name in first)


def test_an_example_is_what_the_shard_holds(shards):
    data = ShapeGrids(shards, 16, check=True)
    assert len(data) == 15
    assert data.categories == ("car", "table")
    assert data.models == (("table", "t0"), ("table", "t1"), ("car", "c0"), ("car", "c1"), ("car", "c2"))
    found, shard = data[6 + 4], open_shard(shards[2])
    assert found["image"].shape == (4, 16, 16)
    assert_array_equal(found["image"].numpy(), shard.image(4).transpose(2, 0, 1))
    assert_array_equal(found["bits"].numpy(), shard.grid(16, 4))
    assert_array_equal(found["camera"].numpy(), shard.cameras[4].astype(np.float32))
    assert found["near"] == shard.near[4].astype(np.float32)
    assert (found["focal"], found["far"]) == (1.5, 2.5)
    assert (found["category"], found["model"], found["view"]) == (0, 3, 1)
    assert {name: (values.shape, values.dtype) for name, values in found.items()} == {
        "image": ((4, 16, 16), torch.uint8),
        "bits": ((16, 16, 2), torch.uint8),
        "camera": ((3, 4), torch.float32),
        **dict.fromkeys(("focal", "near", "far"), ((), torch.float32)),
        **dict.fromkeys(("category", "model", "view"), ((), torch.int64)),
    }


def test_bits_become_the_grid(shards):
    bits = ShapeGrids(shards, 16)[2]["bits"]
    expected = np.unpackbits(bits.numpy(), axis=-1, bitorder="little")
    assert_array_equal(unpack_bits(bits, 16).numpy(), expected)


def test_first_views_alone(shards):
    data, every = ShapeGrids(shards, 8, "first"), ShapeGrids(shards, 8)
    assert len(data) == 5
    assert all(same(data[index], every[3 * index]) for index in range(5))


def test_paths_may_be_text_and_a_single_one(shards):
    expected = ShapeGrids([shards[0]], 16)[2]
    for given in ([str(shards[0])], str(shards[0]), shards[0]):
        same(ShapeGrids(given, 16)[2], expected)


def test_several_are_stacked(shards):
    data = ShapeGrids(shards, 8)
    batch = data[[14, 0, 7]]
    for place, index in enumerate([14, 0, 7]):
        assert same({name: values[place] for name, values in batch.items()}, data[index])


def test_categories_may_be_given(shards):
    data = ShapeGrids(shards, 8, categories=("table", "plane", "car"))
    assert (data[0]["category"], data[14]["category"]) == (0, 2)
    with pytest.raises(InputError, match=r"car\.h5: another category: expected table or plane, found car"):
        ShapeGrids([shards[0], shards[2]], 8, categories=("table", "plane"))


def test_the_grid_of_a_model_in_the_world_comes_if_asked_for(shards):
    data, plain = ShapeGrids(shards, 16, world=True), ShapeGrids(shards, 16)
    car = open_shard(shards[2])
    batch = data[[0, 6 + 4, 6 + 8]]  # a view of a table, one of the second and one of the third car
    assert_array_equal(batch["world"][1].numpy(), car.world(16, 1))
    assert_array_equal(batch["world"][2].numpy(), car.world(16, 2))
    assert not torch.equal(batch["world"][0], batch["world"][1])
    assert torch.equal(data[10]["world"], data[9]["world"])  # views of one model
    assert "world" not in plain[0]
    assert same({**plain[10], "world": data[10]["world"]}, data[10])


def test_shards_that_do_not_fit_are_told(shards, tmp_path):
    with pytest.raises(InputError, match=r"table\.h5: no grids of this resolution: expected 32, found 8, 16"):
        ShapeGrids(shards, 32)
    large = write(tmp_path / "large.h5", "car", ["c9"], pixels=32)
    with pytest.raises(InputError, match=r"large\.h5: images of another size: expected 16 pixels as in"):
        ShapeGrids([*shards, large], 8)
    with pytest.raises(InputError, match=r"none\.h5: no views"):
        ShapeGrids(shards[1:2], 8)
    with pytest.raises(InputError, match="no views"):
        ShapeGrids([], 8)
    with pytest.raises(InputError, match=r"x\.h5: no such file"):
        ShapeGrids([tmp_path / "x.h5"], 8)


def test_no_more_files_are_open_than_allowed(shards, monkeypatch):
    monkeypatch.setattr(module, "_MOST_OPEN_FILES", 1)
    data, plain = ShapeGrids(shards, 8), [ShapeGrids([shards[0]], 8), ShapeGrids([shards[2]], 8)]
    for index in (0, 14, 1, 13, 2):
        expected = plain[0][index] if index < 6 else plain[1][index - 6]
        assert torch.equal(data[index]["bits"], expected["bits"])
        assert sum(shard._file is not None for shard in data._shards) == 1


@pytest.mark.parametrize("context", [None, "fork", "spawn"])
def test_loaders_give_each_view_once(shards, context):
    data = ShapeGrids(shards, 8)
    data[0]  # a file is open when workers start
    workers = 0 if context is None else 2
    generator = torch.Generator().manual_seed(0)
    loader = make_loader(data, 4, generator=generator, workers=workers)
    if context is not None:
        loader.multiprocessing_context = context
    batches = list(loader)
    assert [len(batch["bits"]) for batch in batches] == [4, 4, 4, 3]
    found = {
        (int(model), int(view)): bits
        for batch in batches
        for model, view, bits in zip(batch["model"], batch["view"], batch["bits"], strict=True)
    }
    assert list(found) != sorted(found)
    expected = {
        (int(one["model"]), int(one["view"])): one["bits"] for one in map(data.__getitem__, range(15))
    }
    assert found.keys() == expected.keys()
    assert all(torch.equal(found[name], expected[name]) for name in expected)


def test_a_copy_by_pickling_reads_the_same(shards):
    data = ShapeGrids(shards, 8)
    data[0]
    copy = pickle.loads(pickle.dumps(data))
    assert all(same(copy[index], data[index]) for index in range(15))
