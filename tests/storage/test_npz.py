import io
import pickle
import random
import struct
import tracemalloc
import zipfile

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from ige.base.errors import InputError
from ige.storage.npz import read_npz

POSES = np.arange(24, dtype=np.float32).reshape(4, 2, 3)
HELD = {
    "S1": {"Walking 1": POSES, "Walking": POSES.transpose(2, 1, 0), "big": POSES.astype(">f8")},
    "S11": {"Eating": [POSES[0], POSES[1]], 7: (None, True, -5, 1 << 70, 2.5, "ü", b"\xff")},
    "empty": [[], {}, (), b"", "", np.zeros((0, 3))],
    "scalars": [np.float32(1.5), np.int64(-1), np.bool_(True)],
    "nested": np.array([[POSES, None], ["a", {}]], dtype=object),
}


@pytest.fixture
def path(tmp_path):
    return tmp_path / "a.npz"


def same(found, expected):
    if isinstance(expected, np.ndarray) and expected.dtype == object:
        expected = expected.tolist()
    if isinstance(expected, np.ndarray):
        assert found.dtype == expected.dtype
        assert_array_equal(found, expected)
    elif isinstance(expected, dict):
        assert list(found) == list(expected)
        for key, value in expected.items():
            same(found[key], value)
    elif isinstance(expected, list | tuple):
        assert type(found) is type(expected)
        assert len(found) == len(expected)
        for one, other in zip(found, expected, strict=True):
            same(one, other)
    else:
        assert found == expected
        assert type(found) is type(expected)


def npy(pickled, header="{'descr': '|O', 'fortran_order': False, 'shape': (), }\n", version=1):
    text = header.encode()
    size = struct.pack("<H" if version == 1 else "<I", len(text))
    return b"\x93NUMPY" + bytes([version, 0]) + size + text + pickled


def put(path, content, name="a.npy"):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return path


def refusal(path, **options):
    with pytest.raises(InputError) as caught:
        read_npz(path, **options)
    text = str(caught.value)
    assert str(path) in text
    assert "\n" not in text
    return text


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
@pytest.mark.parametrize(
    "array",
    [POSES, POSES.T, POSES.astype(">f8"), np.zeros((0, 3)), np.array(7), np.array([True]), np.array([1j])],
    ids=str,
)
def test_plain_arrays_are_read(path, save, array):
    save(path, a=array, b=POSES)
    found = read_npz(path)
    same(found, {"a": array, "b": POSES})


def test_python_2_wrote_shapes_in_its_own_way(path):
    header = "{'descr': '<f4', 'fortran_order': False, 'shape': (4L, 2L, 3L), }   \n"
    same(read_npz(put(path, npy(POSES.tobytes(), header))), {"a": POSES})


@pytest.mark.parametrize("protocol", [2, 3, 4])
@pytest.mark.parametrize("module", [b"numpy._core", b"numpy.core"])
def test_object_arrays_become_what_they_hold(path, protocol, module):
    pickled = pickle.dumps(np.array(HELD, dtype=object), protocol=protocol)
    if protocol < 4:  # later the length stands before the name
        pickled = pickled.replace(b"numpy._core", module)
    same(read_npz(put(path, npy(pickled)), objects=True)["a"], HELD)


def test_what_numpy_saves_is_read(path):
    np.savez_compressed(path, positions_3d=HELD, metadata={"layout_name": "h36m", "num_joints": 17})
    found = read_npz(path, objects=True)
    same(found["positions_3d"], HELD)
    assert found["metadata"] == {"layout_name": "h36m", "num_joints": 17}


def test_arrays_of_python_2_are_texts(path):
    """Its pickles hold bytes as texts, whose letters are the bytes."""
    text = POSES.tobytes()
    state = (
        b"(K\x01K\x04K\x02K\x03\x87cnumpy\ndtype\nU\x02f4K\x00K\x01\x87R(K\x03U\x01<NNNJ\xff\xff\xff\xffJ"
        b"\xff\xff\xff\xffK\x00tb\x89T" + struct.pack("<I", len(text)) + text + b"tb"
    )
    pickled = (
        b"\x80\x02}U\x02S1cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85U\x01b\x87R"
        + state
        + b"s."
    )
    same(read_npz(put(path, npy(pickled)), objects=True)["a"], {"S1": POSES})


class Evil:
    def __init__(self, *call):
        self.call = call

    def __reduce__(self):
        return self.call


CODE = {
    "os.system": Evil(eval, ("__import__('sys').exit(1)",)),
    "getattr": Evil(getattr, ("", "format")),
    "a class": Evil(io.BytesIO, (b"",)),
    "numpy's own": Evil(np.load, ("/etc/passwd",)),
    "ctypes": Evil(np.ctypeslib.load_library, ("x", "y")),
}


@pytest.mark.parametrize("name", CODE)
@pytest.mark.parametrize("protocol", [2, 4])
def test_code_is_refused_and_never_run(path, name, protocol):
    for held in (CODE[name], [CODE[name]], np.array({"S1": [CODE[name]]}, dtype=object)):
        text = refusal(put(path, npy(pickle.dumps(held, protocol=protocol))), objects=True)
        assert "a.npz/a.npy: refused" in text
        assert "found code: " in text


def test_objects_are_refused_unless_they_are_wanted(path):
    np.savez(path, a=np.array({}, dtype=object))
    assert "pickled objects, which may hold code" in refusal(path)


@pytest.mark.parametrize(
    "array",
    [
        np.zeros(2, dtype=[("a", "f4"), ("b", "O")]),
        np.zeros(2, dtype=[("a", "f4")]),
        np.array(["a"]),
        np.array([b"a"]),
        np.array(["2020-01-01"], dtype="M8[D]"),
        np.zeros(2, dtype="V8"),
    ],
    ids=str,
)
def test_dtypes_that_are_no_numbers_are_refused(path, array):
    np.savez(path, a=array)
    assert "a.npz/a.npy: refused" in refusal(path, objects=True)
    held = np.array({"S1": array}, dtype=object)
    assert "refused" in refusal(put(path, npy(pickle.dumps(held))), objects=True)


DATA = b"\x00" * 24
HEADERS = {
    "{'descr': '<f4', 'fortran_order': False, 'shape': (1000000000000000,), }": "impossible shape",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (1000000000000000, 0), }": "impossible shape",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (-6,), }": "header that is damaged",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (5,), }": "24 bytes where",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (7,), }": "24 bytes where",
    "{'descr': '<f3', 'fortran_order': False, 'shape': (8,), }": "dtype '<f3'",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (6,), 'x': exit()}": "header that is damaged",
    "{'descr': exit(), 'fortran_order': False, 'shape': (6,)}": "header that is damaged",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (" + "1," * 40 + "6)}": "impossible shape",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (" + "9" * 5000 + ",)}": "refused",
    "(" * 5000: "header that is damaged",
}


@pytest.mark.parametrize("header", HEADERS, ids=lambda header: header[40:80])
def test_headers_that_lie_are_refused(path, header):
    assert HEADERS[header] in refusal(put(path, npy(DATA, header)), objects=True)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x93NUMPY",
        b"\x93NUMPY\x01\x00\xff\xff{}",
        b"\x93NUMPY\x02\x00\xff\xff\xff\xff{}",
        npy(b"", "{}", 9),
    ],
)
def test_what_is_no_array_is_refused(path, content):
    assert "a.npz/a.npy" in refusal(put(path, content))


def test_other_files_inside_are_refused(path):
    assert "a.npz/a.txt: no array" in refusal(put(path, b"", "a.txt"))


def reconstruct(shape, data, dtype=b"U\x02f4"):
    """Write a pickle of an array by hand, in the opcodes of protocol 2."""
    return (
        b"\x80\x02cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85U\x01b\x87R(K\x01"
        + shape
        + b"cnumpy\ndtype\n"
        + dtype
        + b"K\x00K\x01\x87R\x89"
        + data
        + b"tb."
    )


HUGE = b"\x8a\x07" + (10**15).to_bytes(7, "little")
TRICKS = {
    "a shape that claims 10^15 items": reconstruct(HUGE + b"\x85", b"U\x04abcd"),
    "a shape of nothing times 10^15": reconstruct(HUGE + b"K\x00\x86", b"U\x00"),
    "an object array that claims more": reconstruct(HUGE + b"\x85", b"]", b"U\x02O8"),
    "objects in place of bytes": reconstruct(b"K\x01\x85", b"]N\x61"),
    "bytes in place of objects": reconstruct(b"K\x01\x85", b"U\x08abcdefgh", b"U\x02O8"),
    "a negative shape": reconstruct(b"J\xff\xff\xff\xff\x85", b"U\x00"),
    "no shape": reconstruct(b"N", b"U\x00"),
    "a dtype that is none": reconstruct(b"K\x01\x85", b"U\x04abcd", b"U\x08f4,(9,)O"),
    "an array that holds itself": (
        b"\x80\x02cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85U\x01b\x87Rq\x00(K\x01"
        b"K\x01\x85cnumpy\ndtype\nU\x02O8K\x00K\x01\x87R\x89]h\x00atb."
    ),
    "half an array": b"\x80\x02cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85U\x01b\x87R.",
    "a function as a value": b"\x80\x02]cnumpy\nndarray\na.",
    "a function inside a tuple": b"\x80\x02]cnumpy\nndarray\n\x85a.",
    "a state of a function": b"\x80\x02cnumpy\nndarray\n}b.",
    "a call of a text": b"\x80\x02U\x01a)R.",
    "a class made anew": b"\x80\x02cnumpy\nndarray\n)\x81.",
    "bytes of 4 GiB": b"\x80\x03B\xff\xff\xff\xffabc.",
    "bytes of 2^60": b"\x80\x04\x8e\x00\x00\x00\x00\x00\x00\x00\x10abc.",
    "a number of 2 GiB": b"\x80\x02\x8b\xff\xff\xff\x7fabc.",
    "memory that was never written": b"\x80\x02h\x07.",
    "an empty stack": b"\x80\x02\x85.",
    "marks alone": b"\x80\x02" + b"(" * 10000 + b".",
    "a dictionary as a key": b"\x80\x02}}K\x01s.",
    "a tuple as a key": b"\x80\x02})K\x01s.",
    "a set": pickle.dumps({1}, protocol=4),
    "an object of another process": b"\x80\x02K\x01Q.",
    "an extension": b"\x80\x02\x82\x01.",
    "no end": b"\x80\x02K\x01",
    "nothing": b"",
    "text of protocol 0": pickle.dumps([1, 2], protocol=0),
    "a text that is not UTF-8": b"\x80\x02X\x01\x00\x00\x00\xff.",
}


@pytest.mark.parametrize("trick", TRICKS)
def test_pickles_with_tricks_are_refused(path, trick):
    tracemalloc.start()
    refusal(put(path, npy(TRICKS[trick])), objects=True)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 64 << 20


def test_a_tree_of_tuples_that_would_never_be_hashed_is_refused(path):
    tree = b"\x80\x02})" + b"q\x01h\x01\x86" * 100 + b"K\x01s."
    assert "a key that is neither" in refusal(put(path, npy(tree)), objects=True)


def test_deep_nesting_is_no_harm(path):
    deep = b"\x80\x02" + b"]" * 100_000 + b"a" * 99_999 + b"."
    assert isinstance(read_npz(put(path, npy(deep)), objects=True)["a"], list)


def test_a_pickle_of_too_many_opcodes_is_refused(path, monkeypatch):
    monkeypatch.setattr("ige.storage.array_pickle._MOST_OPCODES", 100)
    assert "opcodes" in refusal(put(path, npy(b"\x80\x02" + b"]" * 101 + b".")), objects=True)


def outcome(path):
    try:
        return read_npz(path, objects=True)
    except InputError as error:
        return str(error)


@pytest.mark.parametrize("protocol", [2, 4])
def test_damage_of_pickles_ends_in_a_value_or_in_one_line(path, protocol):
    whole = pickle.dumps(np.array(HELD, dtype=object), protocol=protocol)
    chance = random.Random(protocol)
    refused = 0
    for _ in range(500):
        changed = bytearray(whole[: chance.randrange(len(whole))] if chance.random() < 0.2 else whole)
        for _ in range(chance.choice((1, 2, 8))):
            if changed:
                changed[chance.randrange(len(changed))] = chance.randrange(256)
        found = outcome(put(path, npy(bytes(changed))))
        refused += isinstance(found, str)
        assert isinstance(found, dict) or "\n" not in found
    assert refused > 100


def test_damage_of_files_ends_in_their_arrays_or_in_one_line(path):
    np.savez_compressed(path, a=POSES, b=np.array(HELD, dtype=object))
    whole = path.read_bytes()
    chance = random.Random(1)
    refused = 0
    for _ in range(300):
        changed = bytearray(whole[: chance.randrange(len(whole))] if chance.random() < 0.3 else whole)
        if changed:
            changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
        path.write_bytes(bytes(changed))
        found = outcome(path)
        refused += isinstance(found, str)
        assert isinstance(found, dict) or "\n" not in found
    assert refused > 200
