"""F3: a worker freezes in the middle of its work, another takes over, and what the first then wants to write is dropped."""

from __future__ import annotations

import time

import pytest

from tests.faults.judging import Bench
from tests.faults.parents import Pace, phones, town

pytestmark = pytest.mark.system


def _freeze(bench: Bench, families: list[str], seconds: float) -> None:
    with town(bench.system, bench.store, families, Pace(4)).texting() as parents:
        time.sleep(4)
        bench.system.pause("worker")
        frozen, answered = time.monotonic(), parents.answered
        time.sleep(seconds)
        assert parents.answered > answered, "the other worker goes on"
        bench.system.resume("worker")
        print(f"{parents.answered - answered} answers while a worker was frozen for {time.monotonic() - frozen:.0f} s")
        time.sleep(4)
    bench.judge(families, 90)


def test_a_worker_frozen_for_ten_seconds_changes_nothing_when_it_wakes(bench: Bench) -> None:
    _freeze(bench, phones(80, 10), 10)


@pytest.mark.faults
def test_a_worker_frozen_for_half_a_minute_changes_nothing_when_it_wakes(bench: Bench) -> None:
    _freeze(bench, phones(80, 20), 30)
