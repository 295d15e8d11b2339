"""Delivering: whatever goes wrong between us and Twilio, exactly one text arrives, or a person knows that none did."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from a_family import AFamily
from outbox import alarms, change, flags, makes_older, queued, resends, row, spent
from senders import a_sender
from simulator_bench import PARENT, Bench
from sqlalchemy import update

from intake.rules.interview import Kind
from intake.rules.sms_errors import TABLE, Next
from intake.store.connection import Store
from intake.store.models import Message, Suppression, Watermark
from intake.usecases.claiming import SendingRules, ToSend
from worker.deliver import FRESH_SECONDS
from worker.deliver import deliver as deliver_in_time
from worker.twilio import SendLater, SendUnclear, TwilioSender

Family = Callable[..., AFamily]
RULES = SendingRules(unclear_seconds=30, daily_segments=100)
WORDS = "introduction_sms\nask_consent"
NOT_TAKEN = [{"kind": "error_before", "status": 500}, {"kind": "hang_before", "seconds": 1}, {"kind": "reset"}]
TAKEN = [{"kind": "error_after", "status": 503}, {"kind": "hang_after", "seconds": 1}, {"kind": "reset_after"}]
SURELY_NOT = [{"kind": "throttle"}, {"kind": "error_before", "status": 401, "code": 20003}]


def deliver(store: Store, sender: TwilioSender, message: UUID, rules: SendingRules,
            clock: Callable[[], float] = lambda: 0.0) -> None:
    """One try of a worker that was not stopped in it, however busy the machine is; ``clock`` tells otherwise."""
    deliver_in_time(store, sender, message, rules, clock)


def _named(fault: dict[str, Any]) -> str:
    return str(fault["kind"])


def _on_the_phone(twilio: Bench) -> list[str]:
    """Every text the carrier took for the parent's phone, in order."""
    return [event["body"] for event in twilio.events("message_accepted") if event["phone"] == PARENT]


def _fault(twilio: Bench, *faults: dict[str, Any]) -> None:
    twilio.faults({"send": list(faults)})


def _fails(parent: AFamily, sender: TwilioSender, message: UUID) -> None:
    with pytest.raises((SendLater, SendUnclear)):
        deliver(parent.store, sender, message, RULES)


def test_a_queued_text_is_delivered_once_however_often_its_job_runs(
        family: Family, twilio: Bench, sender: TwilioSender) -> None:
    parent = family(until=Kind.CONSENT)
    [message] = queued(parent)
    for _ in range(3):
        deliver(parent.store, sender, message, RULES)
    assert _on_the_phone(twilio) == [WORDS]
    assert row(parent, message).state == "sent" and row(parent, message).segments == 1


@pytest.mark.parametrize("fault", TAKEN, ids=_named)
def test_a_text_that_left_without_an_answer_is_found_at_the_next_try(
        family: Family, twilio: Bench, sender: TwilioSender, fault: dict[str, Any]) -> None:
    parent = family(until=Kind.CONSENT)
    [message] = queued(parent)
    _fault(twilio, fault)
    _fails(parent, sender, message)
    assert row(parent, message).state == "sending" and row(parent, message).unclear_since is not None
    deliver(parent.store, sender, message, RULES)
    assert _on_the_phone(twilio) == [WORDS] and row(parent, message).state == "sent" and spent(parent) == 1


@pytest.mark.parametrize("fault", NOT_TAKEN, ids=_named)
def test_a_text_that_may_have_left_is_sent_again_only_after_a_while_of_looking(
        family: Family, twilio: Bench, sender: TwilioSender, fault: dict[str, Any]) -> None:
    parent = family(until=Kind.CONSENT)
    [message] = queued(parent)
    _fault(twilio, fault)
    for _ in range(3):
        _fails(parent, sender, message)
    assert _on_the_phone(twilio) == [] and row(parent, message).tries == 1
    makes_older(parent, message, seconds=30)
    deliver(parent.store, sender, message, RULES)
    assert _on_the_phone(twilio) == [WORDS] and row(parent, message).state == "sent" and row(parent, message).tries == 2


@pytest.mark.parametrize("fault", SURELY_NOT, ids=["too many", "wrong sign-in"])
def test_a_text_that_surely_did_not_leave_is_simply_sent_again(
        family: Family, twilio: Bench, sender: TwilioSender, fault: dict[str, Any]) -> None:
    parent = family(until=Kind.CONSENT)
    [message] = queued(parent)
    _fault(twilio, fault)
    _fails(parent, sender, message)
    assert row(parent, message).state == "queued" and spent(parent) == 0
    deliver(parent.store, sender, message, RULES)
    assert _on_the_phone(twilio) == [WORDS]


def test_with_nobody_there_the_text_waits_and_then_leaves(family: Family, twilio: Bench, sender: TwilioSender) -> None:
    parent = family(until=Kind.CONSENT)
    [message] = queued(parent)
    _fails(parent, a_sender("http://127.0.0.1:9", "http://127.0.0.1:9"), message)
    deliver(parent.store, sender, message, RULES)
    assert _on_the_phone(twilio) == [WORDS]


@dataclass
class DyingSender:
    """A worker's sender whose process dies at the call, before Twilio has the text or after."""

    sender: TwilioSender
    after: bool

    def send(self, text: ToSend) -> tuple[str, int | None]:
        if self.after:
            self.sender.send(text)
        raise SystemExit

    def find(self, *given: Any) -> str | None:
        return self.sender.find(*given)


@pytest.mark.parametrize("after", [False, True], ids=["before it left", "after it left"])
def test_a_worker_that_dies_in_the_middle_of_a_send_leaves_one_text(
        family: Family, twilio: Bench, sender: TwilioSender, after: bool) -> None:
    parent = family(until=Kind.CONSENT)
    [message] = queued(parent)
    with pytest.raises(SystemExit):
        deliver(parent.store, DyingSender(sender, after), message, RULES)  # type: ignore[arg-type]
    if not after:
        _fails(parent, sender, message)
        makes_older(parent, message, seconds=30)
    deliver(parent.store, sender, message, RULES)
    assert _on_the_phone(twilio) == [WORDS] and row(parent, message).state == "sent"


def test_a_worker_that_was_stopped_before_its_send_does_not_send(
        family: Family, twilio: Bench, sender: TwilioSender) -> None:
    parent = family(until=Kind.CONSENT)
    [message] = queued(parent)
    clock = iter([100.0, 100.0 + FRESH_SECONDS + 0.1])
    with pytest.raises(SendLater):
        deliver(parent.store, sender, message, RULES, clock=lambda: next(clock))
    assert _on_the_phone(twilio) == [] and row(parent, message).state == "queued" and spent(parent) == 0
    deliver(parent.store, sender, message, RULES)
    assert _on_the_phone(twilio) == [WORDS]


def test_a_worker_that_wakes_up_after_another_took_over_changes_nothing(
        family: Family, twilio: Bench, sender: TwilioSender) -> None:
    parent = family(until=Kind.CONSENT)
    [message] = queued(parent)
    woken = iter([0.0, 30.0])

    def clock() -> float:
        now = next(woken)
        if now:  # while the first was stopped, another worker looked the text up in vain and sent it
            makes_older(parent, message, seconds=31)
            deliver(parent.store, sender, message, RULES)
        return now

    with pytest.raises(SendLater):
        deliver(parent.store, sender, message, RULES, clock=clock)
    assert _on_the_phone(twilio) == [WORDS] and row(parent, message).state == "sent"


def test_when_twilio_cannot_be_asked_for_hours_the_text_is_given_up_all_the_same(
        family: Family, twilio: Bench, sender: TwilioSender) -> None:
    parent = family(until=Kind.CONSENT)
    [message] = queued(parent)
    _fault(twilio, {"kind": "reset"})
    _fails(parent, sender, message)
    away = a_sender("http://127.0.0.1:9", "http://127.0.0.1:9")
    _fails(parent, away, message)
    makes_older(parent, message, hours=4.1)
    deliver(parent.store, away, message, RULES)
    assert row(parent, message).error_code == "unknown" and flags(parent) == ["not_delivered"]


def test_an_overdue_text_that_did_leave_is_still_found(family: Family, twilio: Bench, sender: TwilioSender) -> None:
    parent = family(until=Kind.CONSENT)
    [message] = queued(parent)
    _fault(twilio, {"kind": "reset_after"})
    _fails(parent, sender, message)
    makes_older(parent, message, hours=4.1)
    deliver(parent.store, sender, message, RULES)
    assert row(parent, message).state == "sent" and flags(parent) == []


@pytest.mark.parametrize("fault", [{"kind": "reset"}, {"kind": "throttle"}, {"kind": "reset_after"}], ids=_named)
def test_the_same_words_said_twice_are_two_texts_even_when_the_second_goes_wrong_at_first(
        family: Family, twilio: Bench, sender: TwilioSender, fault: dict[str, Any]) -> None:
    parent = family(until=Kind.CONSENT)
    for _ in range(2):
        parent.say("hm", lambda scene: None)
    first, second = queued(parent)[1:]
    deliver(parent.store, sender, first, RULES)
    _fault(twilio, fault)
    _fails(parent, sender, second)
    makes_older(parent, second, seconds=30)
    deliver(parent.store, sender, second, RULES)
    assert _on_the_phone(twilio) == ["ask_consent", "ask_consent"]
    assert len({found.twilio_sid for found in parent.all(Message) if found.twilio_sid}) == 2


def test_what_left_without_its_accents_is_found_without_them(family: Family, twilio: Bench, sender: TwilioSender) -> None:
    parent = family(until=Kind.CONSENT)
    [message] = queued(parent)
    change(parent, message, text="¿Así habló?…")
    rules = SendingRules(accents="drop")
    _fault(twilio, {"kind": "reset_after"})
    for _ in range(2):
        try:
            deliver(parent.store, sender, message, rules)
        except SendUnclear:
            continue
    assert _on_the_phone(twilio) == ["¿Asi hablo?..."] and row(parent, message).state == "sent"


def test_a_phone_that_blocked_us_at_the_carrier_is_failed_and_suppressed(
        family: Family, twilio: Bench, sender: TwilioSender, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, logger="growline")
    parent = family(until=Kind.CONSENT)
    twilio.text("STOP")
    [message] = queued(parent)
    deliver(parent.store, sender, message, RULES)
    assert row(parent, message).state == "failed" and len(parent.all(Suppression)) == 1
    assert "21610" in caplog.text and "5550142" not in caplog.text and "ask_consent" not in caplog.text


@pytest.mark.parametrize("code", [code for code in TABLE if code != "429"])
def test_every_refusal_at_sending_has_the_consequence_of_the_table(
        family: Family, twilio: Bench, sender: TwilioSender, code: str) -> None:
    parent = family(until=Kind.CONSENT)
    [message] = queued(parent)
    _fault(twilio, {"kind": "error_before", "status": 400, "code": int(code)})
    follows, waits = TABLE[code].next, TABLE[code].next in (Next.HALT, Next.RETRY_SOON)
    if waits:
        _fails(parent, sender, message)
    else:
        deliver(parent.store, sender, message, RULES)
    assert _on_the_phone(twilio) == [] and row(parent, message).state == ("queued" if waits else "failed")
    assert alarms(parent) == ([f"refused_{code}"] if follows is Next.HALT
                              else ["filtered"] if follows is Next.DO_NOT_REPEAT else [])
    assert bool(resends(parent)) is (follows in (Next.RESEND_LATER, Next.RESCHEDULE))
    assert bool(parent.all(Suppression)) is (follows in (Next.SUPPRESS, Next.STOP))
    assert flags(parent) == (["not_delivered"] if follows in (Next.NEVER, Next.DO_NOT_REPEAT, Next.STOP) else [])


def test_while_our_account_is_refused_texts_wait_without_asking_twilio_each_time(
        family: Family, twilio: Bench, sender: TwilioSender) -> None:
    parent = family(until=Kind.RELATION)
    first, second = queued(parent)[:2]
    refused = a_sender(twilio.url, twilio.program.url, token="an-old-token")
    for message in (first, second, first, second, second):
        _fails(parent, refused, message)
    assert len(twilio.events("request_refused")) == 2, "the first one and one more to see whether it is over"
    assert {row(parent, message).state for message in (first, second)} == {"queued"} and alarms(parent) == ["refused_20003"]
    with parent.store.transaction() as session:
        session.execute(update(Watermark).values(at=row(parent, first).created_at.replace(year=2000)))
    deliver(parent.store, sender, first, RULES)
    deliver(parent.store, sender, second, RULES)
    assert len(_on_the_phone(twilio)) == 2 and alarms(parent) == []
