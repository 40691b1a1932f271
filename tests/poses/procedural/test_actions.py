from __future__ import annotations

import numpy as np
import pytest

from ige.poses.procedural.actions import ACTIONS, SCRIPTS, Seat
from ige.poses.procedural.arms import ARMS, CONTACTS
from ige.poses.procedural.gestures import GESTURES
from ige.poses.procedural.limits import ARM_BOUNDS
from ige.poses.procedural.postures import POSTURES


def test_there_is_a_script_for_each_action():
    assert len(ACTIONS) == 15
    assert tuple(SCRIPTS) == ACTIONS


def test_scripts_name_gestures_and_postures_that_exist():
    for scripts in SCRIPTS.values():
        for script in scripts:
            assert set(script.gestures) <= set(GESTURES)
            if isinstance(script.base, Seat):
                assert set(script.base.postures) <= set(POSTURES)
                assert script.base.from_standing != bool(script.gestures)


def test_every_gesture_is_used():
    used = {name for scripts in SCRIPTS.values() for script in scripts for name in script.gestures}
    used |= {name for posture in POSTURES.values() for name in posture.gestures}
    assert used == set(GESTURES)


def test_every_arm_pose_and_contact_is_used():
    gestures = GESTURES.values()
    assert {arm for gesture in gestures for arm in (gesture.leading, gesture.other)} == set(ARMS)
    assert {pose.contact for pose in ARMS.values() if pose.contact} == set(CONTACTS)


@pytest.mark.parametrize("name", ARMS)
def test_arm_poses_are_within_limits(name: str):
    angles = np.radians(ARMS[name].angles)
    assert np.all(ARM_BOUNDS[2:, 0] <= angles)
    assert np.all(angles <= ARM_BOUNDS[2:, 1])


def test_contacts_are_in_known_frames():
    assert {contact.frame for contact in CONTACTS.values()} <= {
        *("head", "thorax", "pelvis", "floor", "thigh", "shank")
    }
