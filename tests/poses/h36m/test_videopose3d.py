import os

import numpy as np
import pytest
from h36m_clips import made_clips
from h36m_videopose3d import POSITIONS, write_positions

from ige.base.errors import InputError
from ige.poses.h36m.videopose3d import read_positions

CLIPS = [clip for clip in made_clips(6, subjects=("S1", "S11")) if clip.action in ("Directions", "Photo")]
BY_KEY = {(clip.subject, clip.action, clip.take): clip for clip in CLIPS}
GOOD = np.ones((5, 32, 3), np.float32)


def save(folder, table, name="positions_3d"):
    np.savez_compressed(folder / POSITIONS, **{name: np.array(table, dtype=object)})


def refusal(folder) -> str:
    with pytest.raises(InputError) as caught:
        list(read_positions(folder))
    assert "\n" not in str(caught.value)
    assert POSITIONS in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("place", [".", "downloaded"])
def test_positions_come_back_without_the_sequence_that_is_not_packed(tmp_path, place):
    (tmp_path / place).mkdir(exist_ok=True)
    write_positions(tmp_path / place, CLIPS)
    found = list(read_positions(tmp_path))
    assert {row[:3] for row in found} == BY_KEY.keys() - {("S11", "Directions", "0")}
    for subject, action, take, positions, origin in found:
        assert positions.dtype == np.float32
        assert positions.flags.c_contiguous
        np.testing.assert_allclose(
            positions, BY_KEY[subject, action, take].positions_world, rtol=0, atol=1e-6
        )
        assert f"{POSITIONS}/{subject}/{action}" in origin


def test_arrays_in_the_order_of_fortran_are_put_in_ours(tmp_path):
    values = np.random.default_rng(0).random((5, 32, 3), dtype=np.float32)
    save(tmp_path, {"S1": {"Directions": np.asfortranarray(values)}})
    ((*_, positions, _),) = read_positions(tmp_path)
    assert positions.flags.c_contiguous
    assert np.array_equal(positions, values)


def test_without_the_file_there_is_nothing(tmp_path):
    assert list(read_positions(tmp_path)) == []


class Shell:
    def __reduce__(self):
        return os.system, ("touch harmed",)


def test_code_in_pickles_is_refused_and_does_not_run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    save(tmp_path, {"S1": {"Directions": Shell()}})
    assert "refused" in refusal(tmp_path)
    assert not (tmp_path / "harmed").exists()


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ({"S2": {"Directions": GOOD}}, "S2/Directions: unknown subject 'S2'"),
        ({"S1": {"Dancing": GOOD}}, "S1/Dancing: unknown sequence 'Dancing'"),
        ({"S1": {"Directions": GOOD[:, :17]}}, "(?, 32, 3), found float32 of shape (5, 17, 3)"),
        ({"S1": {"Directions": GOOD.astype(np.int16)}}, "int16"),
        ({"S1": {"Directions": GOOD[:0]}}, "empty"),
        ({"S1": {"Directions": GOOD * np.nan}}, "not finite"),
        ({"S1": {"Directions": "poses"}}, "no array"),
        ({"S1": [GOOD]}, "S1: no table"),
        ([GOOD], "no table"),
        ({1: {"Directions": GOOD}}, "a name that is no text"),
    ],
)
def test_wrong_tables_are_refused(tmp_path, table, said):
    save(tmp_path, table)
    assert said in refusal(tmp_path)


def test_a_file_of_other_arrays_says_which(tmp_path):
    save(tmp_path, {}, name="positions_2d")
    assert "no positions_3d" in refusal(tmp_path)


def test_a_truncated_file_is_refused(tmp_path):
    write_positions(tmp_path, CLIPS)
    content = (tmp_path / POSITIONS).read_bytes()
    (tmp_path / POSITIONS).write_bytes(content[: len(content) // 2])
    refusal(tmp_path)
