import multiprocessing
import os
import pickle
import signal
import subprocess
import sys
import types

import h5py
import numpy as np
import pytest
from numpy.testing import assert_array_equal

from ige.base.errors import InputError
from ige.storage import shard_layout
from ige.storage.shard_writer import ShardHeader, write_shard
from ige.storage.shards import open_shard

SIZES = (9, 20)  # 162 bytes: no whole number of words
PIXELS = 16


def header(compression="zstd"):
    return ShardHeader("car", "train", SIZES, PIXELS, compression, {"views": {"count": 2}})


def view(seed):
    rng = np.random.default_rng(seed)
    camera = types.SimpleNamespace(
        extrinsics=rng.normal(size=(3, 4)), focal=1.0 + seed, near=0.5, far=rng.uniform(1, 2)
    )
    grids = {
        size: types.SimpleNamespace(
            bits=rng.integers(0, 256, (size, size, -(-size // 8)), dtype=np.uint8),
            level="tolerant-r2",
            closed=bool(seed % 2),
            leak=True,
            retries=seed % 3,
            volume=rng.uniform(),
            cut=False,
            stabbed_ratio=0.5,
            coarse_ratio=float("nan"),
        )
        for size in SIZES
    }
    return camera, rng.integers(0, 256, (PIXELS, PIXELS, 4), dtype=np.uint8), grids


def world(model):
    return view(100 + model)[2]


def write(path, models=3, compression="zstd"):
    with write_shard(path, header(compression)) as writer:
        for model in range(models):
            with writer.model(f"m{model}", "CC0", world(model)):
                for number in range(2):
                    writer.add_view(number, *view(2 * model + number))
    return path


@pytest.fixture(params=["zstd", "gzip"])
def file(tmp_path, request):
    return write(tmp_path / "new" / "a.h5", compression=request.param)


def test_round_trip(file):
    with open_shard(file) as shard:
        assert len(shard) == 6
        assert (shard.category, shard.split, shard.pixels) == ("car", "train", PIXELS)
        assert shard.ids == ("m0", "m1", "m2")
        assert shard.licences == ("CC0",) * 3
        assert shard.settings == {"views": {"count": 2}}
        assert_array_equal(shard.models, [0, 0, 1, 1, 2, 2])
        assert_array_equal(shard.view, [0, 1] * 3)
        assert {*shard.diagnostics} == {*shard.resolutions} == {*SIZES}
        for index in (5, 0, 3):
            camera, image, grids = view(index)
            assert_array_equal(shard.image(index), image)
            assert_array_equal(shard.cameras[index], camera.extrinsics)
            assert [shard.focal[index], shard.near[index], shard.far[index]] == [
                camera.focal,
                camera.near,
                camera.far,
            ]
            for size, grid in grids.items():
                assert_array_equal(shard.grid(size, index), grid.bits)
                found = {name: values[index] for name, values in shard.diagnostics[size].items()}
                assert shard.levels[found.pop("level")] == "tolerant-r2"
                assert found.pop("filled") == np.unpackbits(grid.bits).sum()
                assert np.isnan(found.pop("coarse_ratio"))
                assert found == {name: getattr(grid, name) for name in found}
        assert shard.diagnostics[9]["leak"].dtype == np.bool_


def test_grids_of_the_cube_stand_once_for_each_model(file):
    with open_shard(file) as shard:
        assert {*shard.world_diagnostics} == {*SIZES}
        for model in (2, 0):
            for size, grid in world(model).items():
                assert_array_equal(shard.world(size, model), grid.bits)
                facts = {name: values[model] for name, values in shard.world_diagnostics[size].items()}
                assert (facts["volume"], facts["closed"]) == (grid.volume, grid.closed)
                assert facts["filled"] == np.unpackbits(grid.bits).sum()
        assert len(shard.world_diagnostics[9]["volume"]) == 3
        with pytest.raises(IndexError, match="model 3 of 3"):
            shard.world(9, 3)
        with pytest.raises(InputError, match="expected 9 or 20, found 32"):
            shard.world(32, 0)


def test_a_model_needs_its_grids_of_the_cube(tmp_path):
    grids = world(0)
    with write_shard(tmp_path / "a.h5", header()) as writer:
        with pytest.raises(ValueError, match="not"), writer.model("m0", "CC0", {9: grids[9]}):
            pass
        with (
            pytest.raises(ValueError, match="world/9: expected"),
            writer.model("m0", "CC0", {9: grids[20], 20: grids[20]}),
        ):
            pass
    assert open_shard(tmp_path / "a.h5").ids == ()


def test_a_shard_of_another_format_is_to_be_made_again(file):
    with h5py.File(file, "r+") as content:
        content.attrs["format"] = 1
    with pytest.raises(InputError) as error:
        open_shard(file)
    assert str(error.value) == (
        f"{file}: made by another version of ige: expected a shape-set file of format 2, found format 1. "
        "Make it again: delete it and run snakemake"
    )


def test_a_grid_is_read_into_memory_that_is_there(file):
    with open_shard(file, check=False) as shard:
        out = np.empty((20, 20, 3), dtype=np.uint8)
        assert shard.grid(20, 4, out) is out
        assert_array_equal(out, view(4)[2][20].bits)
        with pytest.raises(ValueError, match="expected contiguous"):
            shard.grid(9, 4, out)


def test_there_is_nothing_beyond_the_ends(file):
    with open_shard(file, check=False) as shard:
        for index in (-1, 6):
            with pytest.raises(IndexError):
                shard.image(index)
        with pytest.raises(InputError, match=r"expected 9 or 20, found 32"):
            shard.grid(32, 0)


def test_a_block_is_a_chunk_with_a_checksum(file):
    with h5py.File(file) as content:
        for name in ("grids/9", "grids/20", "world/9", "world/20", "images"):
            dataset = content[name]
            assert dataset.chunks == (1, *dataset.shape[1:])
            assert dataset.fletcher32


def test_gzip_is_read_by_every_hdf5(tmp_path):
    file = write(tmp_path / "a.h5", compression="gzip")
    code = (
        "import sys, h5py; d = h5py.File(sys.argv[1])['grids/20'];"
        "assert 'hdf5plugin' not in sys.modules; print(d[3].sum())"
    )
    found = subprocess.run(
        [sys.executable, "-c", code, str(file)], capture_output=True, text=True, check=True
    )
    assert int(found.stdout) == view(3)[2][20].bits.sum()


def test_rebuilt_by_another_process_it_has_the_same_bytes(file):
    compression = "zstd" if "zstd" in str(h5py.File(file)["attributes.json"][()].tobytes()) else "gzip"
    code = f"""
import runpy, sys, pathlib
runpy.run_path({__file__!r})["write"](pathlib.Path(sys.argv[1]), compression={compression!r})
"""
    again = file.with_name("b.h5")
    subprocess.run([sys.executable, "-c", code, str(again)], check=True)
    assert again.read_bytes() == file.read_bytes()


def test_a_model_that_fails_leaves_nothing_behind(tmp_path):
    path = tmp_path / "b.h5"

    def fail(writer):
        with writer.model("bad", "CC0", world(7)):
            writer.add_view(0, *view(10))
            raise ValueError("no good")

    with write_shard(path, header()) as writer:
        for model in range(3):
            if model != 1:
                with pytest.raises(ValueError, match="no good"):
                    fail(writer)
            with writer.model(f"m{model}", "CC0", world(model)):
                for number in range(2):
                    writer.add_view(number, *view(2 * model + number))
        with pytest.raises(ValueError, match="no good"):
            fail(writer)
    found, clean = open_shard(path), open_shard(write(tmp_path / "a.h5"))
    assert found.digest == clean.digest


def test_a_model_stands_in_a_shard_once(tmp_path):
    with write_shard(tmp_path / "a.h5", header()) as writer:
        with writer.model("m0", "CC0", world(0)):
            pass
        with (
            pytest.raises(ValueError, match="m0 stands in the shard already"),
            writer.model("m0", "CC0", world(0)),
        ):
            pass
    assert open_shard(tmp_path / "a.h5").ids == ("m0",)


def test_a_writer_that_fails_leaves_no_file(tmp_path):
    with pytest.raises(RuntimeError), write_shard(tmp_path / "a.h5", header()):
        raise RuntimeError
    assert list(tmp_path.iterdir()) == []


def test_views_of_other_shapes_are_refused(tmp_path):
    camera, image, grids = view(0)
    with write_shard(tmp_path / "a.h5", header()) as writer, writer.model("m0", "CC0", world(0)):
        with pytest.raises(
            ValueError, match=r"images: expected uint8\(16, 16, 4\), found uint8\(16, 16, 3\)"
        ):
            writer.add_view(0, camera, image[..., :3], grids)
        with pytest.raises(ValueError, match=r"grids of resolutions \[9\], not \[9, 20\]"):
            writer.add_view(0, camera, image, {9: grids[9]})
        with pytest.raises(ValueError, match="grids/9: expected"):
            writer.add_view(0, camera, image, {9: grids[20], 20: grids[20]})
    assert len(open_shard(tmp_path / "a.h5")) == 0


def test_another_compression_is_refused(tmp_path):
    with pytest.raises(ValueError, match="found lzf"):
        write(tmp_path / "a.h5", compression="lzf")


def test_an_empty_shard_is_a_shard(tmp_path):
    shard = open_shard(write(tmp_path / "a.h5", models=0))
    assert len(shard) == 0
    assert shard.ids == ()
    assert shard.cameras.shape == (0, 3, 4)


def content_of(shard):
    arrays = [shard.grid(size, index) for size in SIZES for index in range(len(shard))]
    arrays += [shard.world(size, model) for size in SIZES for model in range(len(shard.ids))]
    arrays += [shard.image(index) for index in range(len(shard))]
    arrays += [shard.cameras, shard.focal, shard.near, shard.far, shard.models, shard.view]
    for of_size in (*shard.diagnostics.values(), *shard.world_diagnostics.values()):
        arrays += [array for _, array in sorted(of_size.items())]
    return [array.tobytes() for array in arrays], shard.ids, shard.licences, shard.settings, shard.category


def test_a_flipped_bit_is_found_or_changes_nothing(file):
    content, expected = file.read_bytes(), content_of(open_shard(file))
    rng = np.random.default_rng(0)
    # The first bytes are HDF5's own, then come the blocks, which are most of the file.
    told = []
    places = [*range(0, 200, 7), *rng.integers(0, len(content), 250)]
    for place in places:
        spoilt = bytearray(content)
        spoilt[place] ^= 1 << int(rng.integers(8))
        file.write_bytes(spoilt)
        try:
            assert content_of(open_shard(file)) == expected
        except InputError as error:
            told.append(str(error))
    assert all(text.startswith(f"{file}: ") and "\n" not in text for text in told)
    assert len(told) > 0.8 * len(places)


def test_a_flipped_bit_in_a_block_is_found_when_it_is_read_at_random(file):
    with h5py.File(file) as raw:
        places = [raw["grids/20"].id.get_chunk_info(index).byte_offset for index in range(6)]
    content = file.read_bytes()
    for index, place in enumerate(places):
        spoilt = bytearray(content)
        spoilt[place + 40] ^= 4
        file.write_bytes(spoilt)
        with open_shard(file, check=False) as shard:
            with pytest.raises(InputError, match="corrupt or edited"):
                shard.grid(20, index)
            shard.grid(20, (index + 1) % 6)


def test_nothing_lies_where_hdf5_has_no_checksum(file):
    # In a heap of strings of any length: zeros at its sizes, and HDF5 reads for ever.
    assert b"GCOL" not in file.read_bytes()
    with h5py.File(file) as content:
        assert content.attrs["kind"] == b"shape-set"


@pytest.mark.parametrize(
    "name",
    [
        "grids/9",
        "world/20",
        "images",
        "cameras",
        "diagnostics/20/volume",
        "world-diagnostics/9/volume",
        "models",
    ],
)
def test_an_edit_is_found(file, name):
    shard_layout.zstd_plugin(file)
    with h5py.File(file, "r+") as content:
        content[name][2] = 77
    with pytest.raises(InputError, match="do not match their digest"):
        open_shard(file)


def test_edited_names_are_found(file):
    with h5py.File(file, "r+") as content:
        text = content["attributes.json"][()]
        content["attributes.json"][()] = np.where(text == ord("m"), ord("n"), text)
    with pytest.raises(InputError, match="corrupt or edited"):
        open_shard(file, check=False)


@pytest.mark.parametrize("keep", [0.0, 0.001, 0.1, 0.5, 0.9, 0.999])
def test_a_truncated_file_is_found(file, keep):
    content = file.read_bytes()
    file.write_bytes(content[: int(len(content) * keep)])
    with pytest.raises(InputError, match=r"corrupt or edited" if keep else "no shape set: .*empty"):
        open_shard(file, check=False)


def test_other_files_are_named(tmp_path):
    with pytest.raises(InputError, match=r"x\.h5: no such file"):
        open_shard(tmp_path / "x.h5")
    (tmp_path / "text.h5").write_text("text")
    (tmp_path / "model.pt").write_bytes(b"PK\x03\x04" + bytes(100))
    (tmp_path / "bare.h5").write_bytes(b"")
    h5py.File(tmp_path / "foreign.h5", "w").close()
    for name, found in (
        *(("text.h5", "no HDF5 file"), ("model.pt", "no HDF5 file"), ("bare.h5", "an empty file")),
        *(("", "a folder"), ("foreign.h5", "an HDF5 file that ige did not write")),
    ):
        with pytest.raises(InputError) as error:
            open_shard(tmp_path / name)
        assert str(error.value) == f"{tmp_path / name}: no shape set: expected shape-set, found {found}"
    with h5py.File(tmp_path / "other.h5", "w") as other:
        other.attrs["kind"] = "clips"
    with pytest.raises(InputError, match="expected shape-set, found clips"):
        open_shard(tmp_path / "other.h5")


def test_a_path_may_be_text(file):
    assert_array_equal((shard := open_shard(str(file))).image(3), view(3)[1])
    assert pickle.loads(pickle.dumps(shard)).ids == shard.ids


@pytest.mark.parametrize("error", [AttributeError, TypeError])
def test_a_bug_is_no_damage(file, monkeypatch, error):
    def fail(*arguments):
        raise error("a bug")

    monkeypatch.setattr("ige.storage.shards.digest_of_shard", fail)
    with pytest.raises(error, match="a bug"):
        open_shard(file)


DATASETS = ["attributes.json", "digests.json", "images", "grids/9", "cameras"]


@pytest.mark.parametrize("name", [*DATASETS, b"[]", b"7", b'{"resolutions": 9}'])
def test_another_thing_of_the_same_name_is_damage(file, name):
    with h5py.File(file, "r+") as content:
        if isinstance(name, bytes):
            del content["attributes.json"]
            content["attributes.json"] = np.frombuffer(name, dtype=np.uint8)
        else:
            del content[name]
            content.create_group(name)
    with pytest.raises(InputError, match="corrupt or edited"):
        open_shard(file)


def test_zstd_without_its_package_says_what_to_install(tmp_path, monkeypatch):
    file = write(tmp_path / "a.h5")
    monkeypatch.setitem(sys.modules, "hdf5plugin", None)
    with pytest.raises(InputError, match=r"a\.h5: compressed with zstd.*pip install hdf5plugin"):
        open_shard(file, check=False)
    with pytest.raises(InputError, match="pip install hdf5plugin"):
        write(tmp_path / "b.h5")
    open_shard(write(tmp_path / "c.h5", compression="gzip"))


def read_in_worker(shard, index):
    return shard.grid(20, index)


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_other_processes_open_the_file_for_themselves(file, method):
    with open_shard(file, check=False) as shard:
        shard.grid(20, 0)  # the file is open when the processes start
        with multiprocessing.get_context(method).Pool(2) as pool:
            found = pool.starmap(read_in_worker, [(shard, index) for index in (5, 2, 0, 3)])
        for index, bits in zip((5, 2, 0, 3), found, strict=True):
            assert_array_equal(bits, view(index)[2][20].bits)
        assert_array_equal(shard.grid(20, 1), view(1)[2][20].bits)


def test_a_forked_process_reads_with_the_object_it_inherited(file):
    shard = open_shard(file, check=False)
    shard.grid(20, 0)
    child = os.fork()
    if child == 0:
        good = all((shard.grid(20, i) == view(i)[2][20].bits).all() for i in range(6))
        os._exit(0 if good else 1)
    for index in range(6):
        assert_array_equal(shard.grid(20, index), view(index)[2][20].bits)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    shard.close()


def test_a_file_that_was_replaced_meanwhile_is_told(file):
    shard = open_shard(file)
    text = pickle.dumps(shard)
    write(file, models=4)
    with pytest.raises(InputError, match="not the file that was opened first"):
        shard.grid(20, 0)
    with pytest.raises(InputError, match="not the file that was opened first"):
        pickle.loads(text)
    file.unlink()
    with pytest.raises(InputError, match="no such file"):
        pickle.loads(text)


def test_a_kill_leaves_no_visible_half_file(tmp_path):
    code = f"""
import runpy, sys, pathlib, time
test = runpy.run_path({__file__!r})
with test["write_shard"](pathlib.Path(sys.argv[1]), test["header"]()) as writer:
    for model in range(3):
        with writer.model(str(model), "CC0", test["world"](model)):
            writer.add_view(0, *test["view"](model))
    print("half", flush=True)
    time.sleep(60)
"""
    path = tmp_path / "a.h5"
    process = subprocess.Popen([sys.executable, "-c", code, str(path)], stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "half\n"
    assert not path.exists()
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    assert not path.exists()
    assert [file.name for file in tmp_path.iterdir()] == [f".a.h5.{process.pid}.partial"]
    write(path)
    assert [file.name for file in tmp_path.iterdir()] == ["a.h5"]
    assert len(open_shard(path)) == 6
