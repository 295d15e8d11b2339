"""F8 and F9: a text comes five times, by webhook and by reconciliation at once, late and out of order, or its webhook never."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from people import Phone

from tests.faults.judging import Bench, wait_until
from tests.faults.parents import Pace, phones, town

pytestmark = pytest.mark.system

TIMES = 5


def test_a_text_that_comes_five_times_at_once_has_one_effect(phone: Phone, bench: Bench) -> None:
    phone.says("hi")
    bench.settle([phone.number])
    before, sid = len(phone.received()), "SM" + uuid4().hex
    with ThreadPoolExecutor(TIMES) as pool:
        answers = list(pool.map(lambda _: phone.sends("yes", sid=sid)["webhook_status"], range(TIMES)))
    assert answers == [200] * TIMES
    wait_until(lambda: len(phone.received()) > before, 30)
    assert bench.judge([phone.number]).messages == 2
    assert len(phone.received()) == before + 1


def test_a_text_whose_webhook_was_never_delivered_is_late_and_not_lost(phone: Phone, bench: Bench) -> None:
    phone.says("hi")
    bench.settle([phone.number])
    before = len(phone.received())
    bench.faults(webhooks={"drop": 1.0})
    assert phone.sends("yes")["webhook_status"] is None
    bench.faults()
    wait_until(lambda: len(phone.received()) > before, 60)
    assert bench.judge([phone.number]).acknowledged == 1


def _drop(bench: Bench, families: list[str], share: float, seconds: float) -> None:
    bench.faults(seed=8, webhooks={"drop": share, "duplicate": True})
    with town(bench.system, bench.store, families, Pace(4, patience=4)).texting() as parents:
        time.sleep(seconds)
    bench.faults()
    verdict = bench.judge(families, 90)
    assert verdict.acknowledged < verdict.messages, "some webhooks were dropped"
    assert bench.never_stored(families) == set(), "every text is there, whose webhook was dropped too"
    assert parents.answered > 0


def test_dropped_and_doubled_webhooks_lose_nothing_and_repeat_nothing(bench: Bench) -> None:
    _drop(bench, phones(80, 10), 0.2, 12)


@pytest.mark.faults
def test_one_webhook_in_twenty_dropped_for_a_minute_and_a_half_loses_nothing(bench: Bench) -> None:
    _drop(bench, phones(80, 20), 0.05, 90)
