from __future__ import annotations

import numpy as np
import pytest
from pydantic import ValidationError

from ige.base.errors import InputError
from ige.params.poses import ProceduralSettings
from ige.poses.procedural.source import make_clip, make_clips


def settings(**changes: object) -> ProceduralSettings:
    values = {"seed": 3, "subjects": ["S1", "anna"], "actions": ["Eating", "Walking"], "takes": 2}
    return ProceduralSettings.model_validate(values | {"seconds": 0.6, "fps": 25.0} | changes)


def test_all_clips_in_order():
    clips = list(make_clips(settings()))
    assert [clip.name for clip in clips] == [
        *("S1/Eating/1", "S1/Eating/2", "S1/Walking/1", "S1/Walking/2"),
        *("anna/Eating/1", "anna/Eating/2", "anna/Walking/1", "anna/Walking/2"),
    ]
    for clip in clips:
        assert clip.positions_world.shape == (15, 32, 3)
        assert clip.positions_world.dtype == np.float32
        assert (clip.fps, clip.origin) == (25.0, "procedural")
        assert clip.licence


def test_same_bytes_again_and_alone():
    whole = {clip.name: clip.positions_world.tobytes() for clip in make_clips(settings())}
    again = {clip.name: clip.positions_world.tobytes() for clip in make_clips(settings())}
    alone = list(make_clips(settings(subjects=["anna"], actions=["Walking"])))
    assert whole == again
    assert all(whole[clip.name] == clip.positions_world.tobytes() for clip in alone)


@pytest.mark.parametrize(
    "other", [(4, "S1", "Eating", 1), (3, "S5", "Eating", 1), (3, "S1", "Sitting", 1), (3, "S1", "Eating", 2)]
)
def test_each_of_seed_subject_action_take_matters(other):
    one = make_clip(3, "S1", "Eating", 1, 0.6, 25.0).positions_world
    two = make_clip(*other, 0.6, 25.0).positions_world
    assert np.abs(one - two).max() > 0.05


def test_unknown_action_is_refused():
    with pytest.raises(InputError, match="Juggling"):
        make_clip(0, "S1", "Juggling", 1, 1.0, 50.0)
    with pytest.raises(ValidationError, match="Walking"):
        settings(actions=["Juggling"])


def test_golden_positions(joint):
    """A few positions, in metres: a change of these is a change of every result on the embedded default."""
    clip = make_clip(0, "S1", "Walking", 1, 2.0, 25.0)
    names = ("Hips", "RAnkle", "LWrist", "HeadBack")
    found = clip.positions_world[20, [joint[name] for name in names]]
    expected = [
        [0.92883, -0.02178, 0.83260],
        [0.85081, -0.03589, 0.07172],
        [1.21960, -0.12158, 0.75502],
        [0.98877, -0.20021, 1.57575],
    ]
    np.testing.assert_allclose(found, expected, rtol=0.0, atol=1e-6)
