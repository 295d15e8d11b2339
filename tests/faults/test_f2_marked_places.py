"""F2: a program dies exactly at a marked place, between one commit and the next. Each place is died at while parents text."""

from __future__ import annotations

import typing

import pytest
from people import Phone

from intake.failpoints import Place
from tests.faults.judging import Bench, wait_until

pytestmark = pytest.mark.system

NOT_SAVED = "can't save your answer yet"
PLACES = typing.get_args(Place)


@pytest.mark.parametrize("place", PLACES)
def test_a_death_at_a_marked_place_loses_nothing_and_repeats_nothing(place: str, phone: Phone, bench: Bench) -> None:
    phone.says("hi")
    bench.settle([phone.number])
    before = len(phone.received())
    bench.arm(place)
    sent = phone.sends("yes")
    if sent["webhook_status"] != 200:
        assert place in ("before_receiving", "received"), "only the gateway's death leaves Twilio without an answer"
    wait_until(lambda: not bench.is_armed(place), 20)
    wait_until(lambda: len(phone.received()) > before, 60)
    verdict = bench.judge([phone.number])
    assert verdict.doubled == 0
    answers = [text for text in phone.received()[before:] if NOT_SAVED not in text]
    assert len(answers) == 1, "one text, one answer; before it perhaps the honest line that it is not saved yet"
