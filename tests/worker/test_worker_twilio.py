"""Sending by Twilio: what became of each send is told plainly, and nothing is lost or sent twice."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from a_family import AFamily
from senders import a_sender
from simulator_bench import PARENT, Bench

from intake.rules.interview import Kind
from intake.store.models import Message, Suppression
from intake.usecases.delivery import ToSend
from worker.deliver import deliver
from worker.twilio import SendLater, SendRefused, SendUnclear, TwilioSender

Family = Callable[..., AFamily]
NOT_TAKEN = [{"kind": "error_before", "status": 500}, {"kind": "hang_before", "seconds": 1}, {"kind": "reset"}]
TAKEN = [{"kind": "error_after", "status": 503}, {"kind": "hang_after", "seconds": 1}, {"kind": "reset_after"}]
SINCE = datetime.now(UTC) - timedelta(hours=1)


def _text(words: str = "What worries you?", phone: str = PARENT) -> ToSend:
    return ToSend(uuid4(), uuid4(), phone, words, tried_before=False)


def _on_the_phone(twilio: Bench) -> list[str]:
    """Every text the carrier took for the parent's phone, in order."""
    return [message.body for message in reversed(twilio.twilio().messages.list(to=PARENT))]


def _fault(twilio: Bench, fault: dict[str, Any]) -> None:
    twilio.faults({"send": [fault]})


def _queued(parent: AFamily) -> list[UUID]:
    rows = sorted((row for row in parent.all(Message) if row.state == "queued"), key=lambda row: row.seq)
    return [row.id for row in rows]


def _state(parent: AFamily, message: UUID) -> str:
    return next(row.state for row in parent.all(Message) if row.id == message)


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


def test_a_queued_text_is_delivered_once_however_often_its_job_runs(
        family: Family, twilio: Bench, sender: TwilioSender) -> None:
    parent = family(until=Kind.CONSENT)
    [message] = _queued(parent)
    for _ in range(3):
        deliver(parent.store, sender, message)
    assert _on_the_phone(twilio) == ["introduction_sms\nask_consent"]
    assert _state(parent, message) in ("sent", "delivered")


@pytest.mark.parametrize("fault", [*NOT_TAKEN, *TAKEN, {"kind": "throttle"}], ids=lambda fault: str(fault["kind"]))
def test_whatever_went_wrong_the_next_try_ends_with_one_text_on_the_phone(
        family: Family, twilio: Bench, sender: TwilioSender, fault: dict[str, Any]) -> None:
    parent = family(until=Kind.CONSENT)
    [message] = _queued(parent)
    _fault(twilio, fault)
    with pytest.raises((SendUnclear, SendLater)):
        deliver(parent.store, sender, message)
    assert _state(parent, message) == "sending"
    deliver(parent.store, sender, message)
    assert _on_the_phone(twilio) == ["introduction_sms\nask_consent"] and _state(parent, message) == "sent"


@pytest.mark.parametrize("fault", [{"kind": "reset"}, {"kind": "throttle"}, {"kind": "reset_after"}],
                         ids=lambda fault: str(fault["kind"]))
def test_the_same_words_said_twice_are_two_texts_even_when_the_second_goes_wrong_at_first(
        family: Family, twilio: Bench, sender: TwilioSender, fault: dict[str, Any]) -> None:
    parent = family(until=Kind.CONSENT)
    for _ in range(2):
        parent.say("hm", lambda scene: None)
    first, second = _queued(parent)[1:]
    deliver(parent.store, sender, first)
    _fault(twilio, fault)
    with pytest.raises((SendUnclear, SendLater)):
        deliver(parent.store, sender, second)
    deliver(parent.store, sender, second)
    assert _on_the_phone(twilio) == ["ask_consent", "ask_consent"]
    assert len({row.twilio_sid for row in parent.all(Message) if row.twilio_sid}) == 2


def test_a_phone_that_blocked_us_at_the_carrier_is_failed_and_suppressed(
        family: Family, twilio: Bench, sender: TwilioSender, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, logger="growline")
    parent = family(until=Kind.CONSENT)
    twilio.text("STOP")
    [message] = _queued(parent)
    deliver(parent.store, sender, message)
    assert _state(parent, message) == "failed" and len(parent.all(Suppression)) == 1
    assert "21610" in caplog.text and "5550142" not in caplog.text and "ask_consent" not in caplog.text
