import pytest

from ige.base.errors import InputError
from ige.poses.h36m.names import ACTIONS, parse_name, require_subject, sequence_name, sequence_order


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Directions", ("Directions", "0")),
        ("Directions 1", ("Directions", "1")),
        ("Directions_2", ("Directions", "2")),
        ("TakingPhoto", ("Photo", "0")),
        ("TakingPhoto 1", ("Photo", "1")),
        ("Photo 2", ("Photo", "2")),
        ("WalkingDog_1", ("WalkDog", "1")),
        ("WalkTogether 3", ("WalkTogether", "3")),
        ("SittingDown 1", ("SittingDown", "1")),
    ],
)
def test_the_names_of_all_layouts_mean_the_same(name, expected):
    assert parse_name(name) == expected


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("take", ["0", "1", "3"])
def test_a_name_survives_parsing(action, take):
    assert parse_name(sequence_name(action, take)) == (action, take)


@pytest.mark.parametrize(
    "name", ["", "1", "Directions  1", "Directions 1 ", "Directions 123", "_ALL 1", "Walking.1", "Dir\n1"]
)
def test_other_names_are_refused(name):
    with pytest.raises(InputError, match="unknown sequence"):
        parse_name(name)


def test_a_slip_is_told_what_is_near():
    with pytest.raises(InputError, match=r"Did you mean Directions\?$"):
        parse_name("Direction 1")
    with pytest.raises(InputError) as caught:
        parse_name("x" * 10_000)
    assert len(str(caught.value)) < 300


def test_subjects_without_poses_are_refused():
    assert require_subject("S11") == "S11"
    with pytest.raises(InputError, match="unknown subject 'S2': expected S1, S5, S6, S7, S8, S9, S11"):
        require_subject("S2")


def test_the_order_is_that_of_subjects_actions_and_takes():
    rows = [("S11", "Directions", "0"), ("S9", "Walking", "2"), ("S9", "Walking", "1"), ("S9", "Eating", "2")]
    assert sorted(rows, key=lambda row: sequence_order(*row)) == [rows[3], rows[2], rows[1], rows[0]]
