"""Sending by Twilio: what became of each send is told plainly, and nothing is lost or sent twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from senders import a_sender
from simulator_bench import PARENT, SERVICE, Bench, running_bench

from intake.usecases.claiming import ToSend
from worker.twilio import SendHalted, SendLater, SendRefused, SendUnclear, TwilioSender

NOT_TAKEN = [{"kind": "error_before", "status": 500}, {"kind": "hang_before", "seconds": 1}, {"kind": "reset"}]
TAKEN = [{"kind": "error_after", "status": 503}, {"kind": "hang_after", "seconds": 1}, {"kind": "reset_after"}]
SINCE = datetime.now(UTC) - timedelta(hours=1)


def _text(words: str = "What worries you?", phone: str = PARENT) -> ToSend:
    return ToSend(uuid4(), uuid4(), phone, words, tried_before=False, at=datetime.now(UTC))


def _fault(twilio: Bench, fault: dict[str, Any]) -> None:
    twilio.faults({"send": [fault]})


def test_a_text_is_sent_and_reported_to_its_own_address(twilio: Bench, sender: TwilioSender) -> None:
    text = _text("¿Qué le preocupa? 😊")
    sid, segments = sender.send(text)
    assert sid.startswith("SM") and segments == 1
    assert twilio.program.at(f"/sms/status/{text.message_id}", 1)


@pytest.mark.parametrize("fault", NOT_TAKEN, ids=lambda fault: str(fault["kind"]))
def test_a_send_that_may_not_have_left_is_unclear_and_is_not_found(
        twilio: Bench, sender: TwilioSender, fault: dict[str, Any]) -> None:
    _fault(twilio, fault)
    text = _text()
    with pytest.raises(SendUnclear):
        sender.send(text)
    assert sender.find(text, SINCE) is None


@pytest.mark.parametrize("fault", TAKEN, ids=lambda fault: str(fault["kind"]))
def test_a_send_that_left_without_an_answer_is_unclear_and_is_found(
        twilio: Bench, sender: TwilioSender, fault: dict[str, Any]) -> None:
    _fault(twilio, fault)
    text = _text()
    with pytest.raises(SendUnclear):
        sender.send(text)
    found = sender.find(text, SINCE)
    assert found is not None and sender.find(text, SINCE, {found}) is None


def test_too_many_sends_at_once_are_tried_later(twilio: Bench, sender: TwilioSender) -> None:
    _fault(twilio, {"kind": "throttle"})
    with pytest.raises(SendLater):
        sender.send(_text())


def test_with_nobody_there_the_same_send_may_be_tried_later() -> None:
    with pytest.raises(SendLater):
        a_sender("http://127.0.0.1:9", "http://127.0.0.1:9").send(_text())


def test_a_wrong_sign_in_loses_no_text(twilio: Bench) -> None:
    with pytest.raises(SendLater):
        a_sender(twilio.url, twilio.program.url, token="an-old-token").send(_text())


def test_a_number_that_cannot_be_is_refused_with_the_code_and_without_the_number(sender: TwilioSender) -> None:
    with pytest.raises(SendRefused) as told:
        sender.send(_text(phone="+1860"))
    assert told.value.code == "21211" and "860" not in str(told.value)


def test_a_look_up_that_fails_is_tried_later() -> None:
    with pytest.raises(SendLater):
        a_sender("http://127.0.0.1:9", "http://127.0.0.1:9").find(_text(), SINCE)


def test_a_look_up_knows_another_phone_and_other_words_apart(sender: TwilioSender) -> None:
    sender.send(_text("one"))
    assert sender.find(_text("two"), SINCE) is None
    assert sender.find(_text("one", "+18605550143"), SINCE) is None


def test_how_long_a_text_is_worth_it_is_told_to_twilio(sender: TwilioSender) -> None:
    with pytest.raises(SendRefused) as told:  # the simulator, like Twilio, takes ten hours at most
        sender.send(replace(_text(), validity_seconds=36_001))
    assert told.value.code == "20001"


def test_a_text_that_still_waits_at_twilio_is_found_too() -> None:
    with running_bench(messaging_service_sid=SERVICE, receipt_delay=60) as slow:
        by_service = a_sender(slow.url, slow.program.url, service=SERVICE)
        text = _text()
        sid, segments = by_service.send(text)
        assert (by_service.find(text, SINCE), segments) == (sid, None)


def test_an_older_text_with_the_same_words_is_not_taken_for_it(sender: TwilioSender) -> None:
    text = _text()
    sender.send(text)
    assert sender.find(text, datetime.now(UTC) + timedelta(minutes=1)) is None


@pytest.mark.parametrize(("status", "code", "means"), [
    (401, 20003, SendHalted), (403, 20403, SendHalted), (403, 12345, SendHalted), (400, 21606, SendHalted),
    (429, 20429, SendLater), (400, 30001, SendLater), (429, 12345, SendLater),
    (400, 21211, SendRefused), (400, 99999, SendRefused), (404, 20404, SendRefused),
    (500, 20500, SendUnclear), (503, 20429, SendUnclear),
])
def test_each_answer_has_its_meaning(twilio: Bench, sender: TwilioSender, status: int, code: int, means: type[Exception]) -> None:
    _fault(twilio, {"kind": "error_before", "status": status, "code": code})
    with pytest.raises(means) as told:
        sender.send(_text())
    assert type(told.value) is means and PARENT not in str(told.value)
