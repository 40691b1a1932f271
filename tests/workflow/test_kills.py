"""`kill -9` of the whole run at random moments: the next call finishes, with the same results."""

from __future__ import annotations

import random
import time

import pytest

pytestmark = pytest.mark.slow

KILLS = 20
# A run takes longer the more often it is killed: starting anew costs seconds each time.
SHORTEST_SECONDS, LONGEST_SECONDS = 2.0, 12.0


@pytest.mark.parametrize("seed", range(2))
def test_a_run_killed_again_and_again_ends_like_an_undisturbed_one(fresh, built_once, seed):
    rng = random.Random(seed)
    killed = 0
    for number in range(KILLS // 2):
        process = fresh.start()
        deadline = time.monotonic() + rng.uniform(SHORTEST_SECONDS, LONGEST_SECONDS)
        while process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.05)
        if process.poll() is None:
            fresh.kill(process, whole_group=number % 2 == 0)
            killed += 1
        else:
            assert process.returncode == 0, (fresh.folder / "out.txt").read_text()[-4000:]
            # It had finished: begin again, so that the next kill also finds work.
            fresh.remove_some_results(rng)
    assert killed >= 5
    fresh.build()
    assert fresh.results() == built_once.results()
    assert set(fresh.planned()) == set()


def test_a_second_run_at_the_same_time_is_refused_in_one_line(fresh):
    process = fresh.start()
    try:
        deadline = time.monotonic() + 60
        while not list(fresh.run_folder.glob("locks/run.lock")) and time.monotonic() < deadline:
            time.sleep(0.1)
        time.sleep(0.5)
        assert process.poll() is None
        second = fresh.call()
        assert second.returncode == 2
        assert "this run is still running in another process" in second.stderr
    finally:
        fresh.kill(process, whole_group=True)
