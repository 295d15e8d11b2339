"""F1: programs are killed at random while parents text. Nothing acknowledged is lost, nothing is done twice."""

from __future__ import annotations

import itertools
import random
import time

import pytest
from people import Phone

from tests.faults.judging import Bench
from tests.faults.parents import Pace, phones, town

pytestmark = pytest.mark.system

NOT_SAVED = "can't save your answer yet"
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
    assert bench.judge(families, 150).acknowledged > 50


@pytest.mark.faults
def test_two_hundred_random_kills_lose_nothing_and_repeat_nothing(bench: Bench) -> None:
    families = phones(80, 20)
    with town(bench.system, bench.store, families, Pace(5)).texting() as parents:
        _kill_at_random(bench, 200, (*KILLED * 4, "engine"), seed=2)
    assert parents.answered > 100
    bench.judge(families, 200)


@pytest.mark.faults
@pytest.mark.parametrize("killed", [["gateway"], ["worker"], ["worker", "worker2"], ["actions"], ["engine"]], ids=" and ".join)
def test_a_killed_program_is_back_in_service(killed: list[str], phone: Phone, bench: Bench) -> None:
    phone.says("hi")
    bench.settle([phone.number])
    before, begun = len(phone.received()), time.monotonic()
    for name in killed:
        bench.system.programs[name].kill()
    for question in itertools.cycle(("why do you ask", "how much does it cost", "who reads this", "what was the question")):
        phone.sends(question)
        if _answered_within(phone, before, 1.0):
            break
        assert time.monotonic() - begun < 180
    print(f"{' and '.join(killed)} killed: the next answer came after {time.monotonic() - begun:.1f} s")
    bench.judge([phone.number], 120)


def _answered_within(phone: Phone, before: int, seconds: float) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if any(NOT_SAVED not in text for text in phone.received()[before:]):
            return True
        time.sleep(0.05)
    return False
