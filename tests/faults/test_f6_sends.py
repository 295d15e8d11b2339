"""F6: Twilio fails in every way it can. No text is lost; one may arrive twice only when it was left without an answer."""

from __future__ import annotations

import time

import pytest
from people import Phone

from tests.faults.judging import Bench, wait_until
from tests.faults.parents import Pace, phones, town

pytestmark = pytest.mark.system

FAULTS: dict[str, dict[str, object]] = {
    "500 before it was taken": {"kind": "error_before"},
    "500 after it was taken": {"kind": "error_after"},
    "no answer and not taken": {"kind": "hang_before", "seconds": 30},
    "no answer and taken": {"kind": "hang_after", "seconds": 30},
    "cut off before it was taken": {"kind": "reset"},
    "cut off after it was taken": {"kind": "reset_after"},
    "a storm of 429": {"kind": "throttle", "times": 5},
    "an answer after nine seconds": {"kind": "hang_after", "seconds": 9},
}
# Nothing is unclear where the answer comes in time, nor where the receipt tells of the text before we give the send up.
CLEAR = frozenset({"a storm of 429", "an answer after nine seconds", "no answer and taken"})


@pytest.mark.faults
@pytest.mark.parametrize("name", FAULTS)
def test_a_failing_send_loses_no_text_and_doubles_none(name: str, phone: Phone, bench: Bench) -> None:
    phone.says("hi")
    bench.settle([phone.number])
    before = len(phone.received())
    bench.faults(send=[FAULTS[name]])
    phone.sends("yes")
    wait_until(lambda: len(phone.received()) > before, 60)
    verdict = bench.judge([phone.number])
    assert len(phone.received()) == before + 1 and verdict.doubled == 0
    assert verdict.ambiguous == (0 if name in CLEAR else 1)


def test_all_failures_of_sends_at_once_lose_no_text_and_double_none(bench: Bench) -> None:
    families = [Phone(bench.simulator, number) for number in phones(80, len(FAULTS))]
    before = {family.number: len(family.received()) for family in families}
    bench.faults(send=list(FAULTS.values()))
    for family in families:
        assert family.sends("hi")["webhook_status"] == 200
    wait_until(lambda: all(len(family.received()) > before[family.number] for family in families), 90)
    verdict = bench.judge([family.number for family in families])
    assert {family.number: len(family.received()) - before[family.number] for family in families} == {
        family.number: 1 for family in families}
    assert verdict.doubled == 0 and verdict.ambiguous > 0


@pytest.mark.faults
def test_parents_who_text_for_a_minute_through_failing_sends_lose_nothing(bench: Bench) -> None:
    families = phones(80, 20)
    bench.faults(seed=6, send=[{**fault, "times": 1000, "chance": 0.03} for fault in FAULTS.values()])
    with town(bench.system, bench.store, families, Pace(4)).texting() as parents:
        time.sleep(60)
    bench.faults()
    verdict = bench.judge(families, 120)
    print(f"{verdict.messages} texts, {verdict.ambiguous} ambiguous sends, {verdict.doubled} of them doubled")
    assert parents.answered > 50 and verdict.ambiguous > 0
