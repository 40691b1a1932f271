from collections import Counter
from pathlib import Path

import pytest

from ige.base.errors import InputError
from ige.poses.h36m.counts import TEST, TRAIN, known_frames, log_part, require_all
from ige.poses.h36m.names import ACTIONS, SUBJECTS

FOLDER = Path("h36m")
DIRECTIONS = ("S11", "Directions", "0")


@pytest.fixture
def found():
    return dict(known_frames())


def test_the_table_has_two_takes_of_each_action_of_each_subject():
    takes = Counter((subject, action) for subject, action, _ in known_frames())
    assert takes == {(subject, action): 2 for subject in SUBJECTS for action in ACTIONS}


def test_the_table_sums_up_to_the_published_counts():
    frames = Counter()
    for (subject, _, _), number in known_frames().items():
        frames[subject] += number
    assert [frames[subject] for subject in ("S1", "S5", "S6")] == [62_094, 99_079, 62_466]
    assert 4 * sum(frames[subject] for subject in TRAIN) == 1_559_752
    assert 4 * sum(frames[subject] for subject in TEST) == 550_644
    assert 550_644 - known_frames()[DIRECTIONS] == 548_819
    assert 550_644 - 4 * known_frames()[DIRECTIONS] == 543_344


@pytest.mark.parametrize(
    ("key", "frames"),
    [
        (("S1", "Walking", "1"), 3476),
        (("S9", "Waiting", "1"), 1612),
        (("S9", "Greeting", "0"), 1447),
        (DIRECTIONS, 1825),
    ],
)
def test_the_table_agrees_with_what_threads_tell_of_single_sequences(key, frames):
    assert known_frames()[key] == frames


@pytest.mark.parametrize("layout", ["official", "martinez", "videopose3d"])
def test_all_of_it_is_all(found, layout, caplog):
    caplog.set_level("INFO")
    require_all(found, FOLDER, layout)
    assert caplog.messages == ["all of Human3.6M: 389938 frames to train on, 137661 to test on"]


def test_one_layout_may_lack_one_sequence(found):
    del found[DIRECTIONS]
    require_all(found, FOLDER, "videopose3d")
    with pytest.raises(InputError, match="S11 'Directions': expected 1,825 frames, found no such sequence"):
        require_all(found, FOLDER, "official")
    found[DIRECTIONS] = 1824
    with pytest.raises(InputError, match="S11 'Directions': expected no such sequence, found 1,824 frames"):
        require_all(found, FOLDER, "videopose3d")


def test_the_first_of_several_is_named(found):
    del found["S8", "Walking", "1"]
    found["S5", "Photo", "2"] -= 1
    found["S1", "Eating", "3"] = 7
    with pytest.raises(InputError) as caught:
        require_all(found, FOLDER, "official")
    assert str(caught.value) == (
        "h36m: not all of Human3.6M: S1 'Eating 3': expected no such sequence, found 7 frames, "
        "and 2 more sequences are wrong. Get the missing files, or set poses.h36m.frames to part "
        "to take what is there"
    )
    del found["S1", "Eating", "3"]
    with pytest.raises(
        InputError, match="S5 'Photo 2': expected 2,782 frames, found 2,781 frames, and 1 more"
    ):
        require_all(found, FOLDER, "official")


def test_a_part_is_told_by_subject(caplog):
    caplog.set_level("INFO")
    log_part({("S9", "Walking", "1"): 10, ("S9", "Walking", "0"): 5})
    assert caplog.messages[0] == "S1: 0 of 30 sequences, 0 of 62094 frames, 0 of 15 actions"
    assert caplog.messages[5] == "S9: 2 of 30 sequences, 15 of 79417 frames, 1 of 15 actions"
    assert len(caplog.messages) == 7


def test_takes_that_are_numbered_the_other_way_round_are_all_there(found, caplog):
    first, second = (key for key in found if key[:2] == ("S5", "Eating"))
    found[first], found[second] = found[second], found[first]
    assert found[first] != found[second]
    require_all(found, FOLDER, "official")
    assert "S5 Eating" in caplog.text
    found[first] += 1
    with pytest.raises(InputError, match="S5 'Eating"):
        require_all(found, FOLDER, "official")


def test_takes_of_which_one_is_faulty_must_not_be_exchanged(found):
    first, second = (key for key in found if key[:2] == ("S11", "Directions"))
    found[first], found[second] = found[second], found[first]
    with pytest.raises(InputError, match="S11 'Directions"):
        require_all(found, FOLDER, "official")
