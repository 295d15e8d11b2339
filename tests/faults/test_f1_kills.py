"""F1: programs are killed at random while parents text. Nothing acknowledged is lost, nothing is done twice."""

from __future__ import annotations

import random
import time

import pytest

from tests.faults.judging import Bench
from tests.faults.parents import Pace, phones, town

pytestmark = [pytest.mark.system, pytest.mark.faults]

KILLED = ("gateway", "worker", "worker2", "actions")


def _kill_at_random(bench: Bench, kills: int, names: tuple[str, ...], seed: int) -> None:
    lots = random.Random(seed)
    for _ in range(kills):
        time.sleep(lots.uniform(2, 5))
        bench.system.programs[lots.choice(names)].kill()


def test_random_kills_lose_nothing_and_repeat_nothing(bench: Bench) -> None:
    families = phones(80, 12)
    with town(bench.system, bench.store, families, Pace(3)).texting() as parents:
        _kill_at_random(bench, 12, KILLED, seed=1)
        bench.system.programs["engine"].kill()
        time.sleep(3)
    assert parents.answered > 5
    assert bench.judge(families, 150).acknowledged > 10


@pytest.mark.faults
def test_two_hundred_random_kills_lose_nothing_and_repeat_nothing(bench: Bench) -> None:
    families = phones(80, 20)
    with town(bench.system, bench.store, families, Pace(5)).texting() as parents:
        _kill_at_random(bench, 200, (*KILLED * 4, "engine"), seed=2)
    assert parents.answered > 100
    bench.judge(families, 200)
