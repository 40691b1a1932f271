from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from ige.poses.procedural.body import STATURE_M, Body, draw_body, draw_manner, seeded

BODIES = [draw_body(0, f"S{number}") for number in range(60)]


@pytest.mark.parametrize("body", BODIES[:5])
def test_parts_add_up_to_stature(body: Body):
    height = body.ankle_height + body.leg + body.lumbar + body.thorax + body.neck + body.head
    assert height == pytest.approx(body.stature)


def test_statures_cover_the_range():
    statures = [body.stature for body in BODIES]
    assert STATURE_M[0] <= min(statures) < 1.62
    assert 1.88 < max(statures) <= STATURE_M[1]


def test_proportions_vary_within_reason():
    for name, least in (("leg", 0.02), ("forearm", 0.02), ("shoulder_half_breadth", 0.03)):
        shares = np.array([getattr(body, name) / body.stature for body in BODIES])
        spread = shares.std() / shares.mean()
        assert least < spread < 0.09, name


def test_drawn_from_seed_and_name_alone():
    assert draw_body(0, "S1") == draw_body(0, "S1")
    assert draw_body(0, "S1") != draw_body(1, "S1")
    assert draw_manner(0, "S1") == draw_manner(0, "S1")
    assert draw_manner(0, "S1") != draw_manner(0, "S5")


def test_names_do_not_run_into_each_other():
    assert seeded(0, "ab", "c").random() != seeded(0, "a", "bc").random()


def test_lengths_are_positive():
    assert min(min(dataclasses.astuple(body)) for body in BODIES) > 0.0
