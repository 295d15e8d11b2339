"""A text that did not arrive: sent anew, given to staff, or the last one to that phone, by one table for both ways of hearing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from a_family import AFamily
from outbox import alarms, change, flags, makes_older, pause_of_job, queued, resends, row

from intake.rules.interview import Kind
from intake.store.models import Message, Suppression
from intake.usecases.alarms import FILTERED
from intake.usecases.claiming import NotYet, SendingRules, ToSend, claim
from intake.usecases.delivery import record_failure, report, suppress
from intake.usecases.receiving import WRONG_PERSON
from intake.usecases.replying import finish_turn

Family = Callable[..., AFamily]
Fails = Callable[[AFamily, UUID, str], None]
RULES = SendingRules()
IN_HARTFORD = SendingRules(time_zone="America/New_York")
NOON, NIGHT = datetime(2026, 11, 30, 17, tzinfo=UTC), datetime(2026, 11, 30, 4, tzinfo=UTC)

RESENT = [("30003", 15), ("30008", 15), ("30001", 1), ("20429", 1), ("30610", 12 * 60)]
TOLD = ["21211", "21408", "21612", "21614", "21635", "30005", "30006", "30007", "30450", "30002", "30034", "99999"]


def _refused(parent: AFamily, message: UUID, code: str) -> None:
    text = claim(parent.store, message)
    assert isinstance(text, ToSend)
    record_failure(parent.store, message, code, text.tries)


def _reported(parent: AFamily, message: UUID, code: str) -> None:
    claim(parent.store, message)
    for _ in range(2):  # receipts come twice
        report(parent.store, message, "undelivered", f"SM-{message}"[:34], code)


both_ways = pytest.mark.parametrize("fails", [_refused, _reported], ids=["refused", "reported"])


@both_ways
@pytest.mark.parametrize(("code", "minutes"), RESENT)
def test_what_may_be_passing_is_sent_anew_after_a_pause_and_nobody_is_told_yet(
        family: Family, fails: Fails, code: str, minutes: int) -> None:
    parent = family(until=Kind.CONSENT)
    [message] = queued(parent)
    fails(parent, message, code)
    [anew] = resends(parent)
    assert (anew.resend_of, anew.purpose, anew.in_reply_to, anew.position) == (message, "resend", None, None)
    assert (anew.state, anew.text, anew.payload) == ("queued", row(parent, message).text, row(parent, message).payload)
    assert timedelta(seconds=-30) < pause_of_job(parent, anew.id) - timedelta(minutes=minutes) <= timedelta()
    assert flags(parent) == [] and row(parent, message).error_code == code


@both_ways
@pytest.mark.parametrize("code", TOLD)
def test_what_will_never_arrive_is_told_to_staff(family: Family, fails: Fails, code: str) -> None:
    parent = family(until=Kind.CONSENT)
    [message] = queued(parent)
    fails(parent, message, code)
    assert flags(parent) == ["not_delivered"] and resends(parent) == []
    assert row(parent, message).error_code == code and parent.all(Suppression) == []


@both_ways
def test_a_phone_that_opted_out_at_the_carrier_is_suppressed_and_nobody_need_be_told(family: Family, fails: Fails) -> None:
    parent = family(until=Kind.CONSENT)
    [message] = queued(parent)
    fails(parent, message, "21610")
    assert len(parent.all(Suppression)) == 1 and flags(parent) == [] and resends(parent) == []


@both_ways
def test_a_phone_that_may_never_be_texted_is_suppressed_and_staff_are_told(family: Family, fails: Fails) -> None:
    parent = family(until=Kind.CONSENT)
    [message] = queued(parent)
    fails(parent, message, "30640")
    assert len(parent.all(Suppression)) == 1 and flags(parent) == ["not_delivered"]


def test_a_refusal_of_all_texts_that_a_receipt_tells_is_an_alarm_until_one_arrives(family: Family) -> None:
    parent = family(until=Kind.RELATION)
    first, second = queued(parent)[:2]
    _reported(parent, first, "30034")
    assert alarms(parent) == ["undelivered_30034"]
    text = claim(parent.store, second)
    assert isinstance(text, ToSend), "one is let by to see whether it is over"
    report(parent.store, second, "delivered", "SM2", None)
    assert alarms(parent) == []


def test_the_pauses_grow_along_the_chain_and_at_its_end_staff_are_told(family: Family) -> None:
    parent = family(until=Kind.CONSENT)
    [message] = queued(parent)
    pauses = []
    for _ in range(3):
        _reported(parent, message, "30003")
        message = resends(parent)[-1].id
        pauses.append(round(pause_of_job(parent, message) / timedelta(minutes=1)))
        assert flags(parent) == []
    _reported(parent, message, "30003")
    assert pauses == [15, 120, 720] and len(resends(parent)) == 3 and flags(parent) == ["not_delivered"]


def _waits_to_be_resent(parent: AFamily) -> UUID:
    _reported(parent, queued(parent)[-1], "30003")
    return resends(parent)[-1].id


def test_a_text_sent_anew_leaves_when_nothing_newer_was_said(family: Family) -> None:
    parent = family(until=Kind.CONSENT)
    text = claim(parent.store, _waits_to_be_resent(parent))
    assert isinstance(text, ToSend) and text.text == "introduction_sms\nask_consent"


def test_it_is_dropped_when_the_family_has_written_since(family: Family) -> None:
    parent = family(until=Kind.CONSENT)
    anew = _waits_to_be_resent(parent)
    parent.writes("hello?")
    assert claim(parent.store, anew) is None
    assert (row(parent, anew).state, row(parent, anew).error_code) == ("canceled", "superseded")


def test_a_failure_told_after_the_family_wrote_again_is_not_sent_anew(family: Family) -> None:
    parent = family(until=Kind.CONSENT)
    [message] = queued(parent)
    parent.writes("hello?")
    _reported(parent, message, "30003")
    assert resends(parent) == [] and flags(parent) == []


def test_it_is_dropped_when_the_first_one_arrived_after_all(family: Family) -> None:
    parent = family(until=Kind.CONSENT)
    [message] = queued(parent)
    anew = _waits_to_be_resent(parent)
    report(parent.store, message, "delivered", "SM-late", None)
    assert claim(parent.store, anew) is None and row(parent, anew).error_code == "superseded"


def test_it_is_dropped_when_the_phone_has_opted_out(family: Family) -> None:
    parent = family(until=Kind.CONSENT)
    anew = _waits_to_be_resent(parent)
    with parent.store.transaction() as session:
        suppress(session, parent.conversation().phone_index or b"", "asked", None)
    assert claim(parent.store, anew) is None and row(parent, anew).state == "canceled"


def test_nothing_is_sent_anew_to_a_phone_that_is_somebody_elses_not_even_about_danger(family: Family) -> None:
    parent = family(until=Kind.RELATION)
    first, second = queued(parent)[:2]
    change(parent, first, purpose="danger")
    _reported(parent, first, "30003")
    with parent.store.transaction() as session:
        session.merge(parent.conversation()).status = WRONG_PERSON
    assert claim(parent.store, resends(parent)[0].id) is None
    change(parent, second, purpose="danger")
    _reported(parent, second, "30003")
    assert [anew.state for anew in resends(parent)] == ["canceled"]


def test_it_does_not_leave_at_night(family: Family) -> None:
    parent = family(until=Kind.CONSENT)
    anew = _waits_to_be_resent(parent)
    change(parent, anew, created_at=NIGHT)
    assert claim(parent.store, anew, IN_HARTFORD, now=NIGHT) == NotYet("hours", aside=True)
    text = claim(parent.store, anew, IN_HARTFORD, now=NOON)
    assert isinstance(text, ToSend) and text.validity_seconds == 4 * 3600


def test_sent_anew_in_the_evening_it_is_worth_nothing_after_eight(family: Family) -> None:
    parent = family(until=Kind.CONSENT)
    anew = _waits_to_be_resent(parent)
    change(parent, anew, created_at=NOON)
    text = claim(parent.store, anew, IN_HARTFORD, now=NOON + timedelta(hours=7))  # 19:00 in Hartford
    assert isinstance(text, ToSend) and text.validity_seconds == 3600


def test_words_about_danger_are_sent_anew_whatever_was_said_since_and_staff_know_at_once(family: Family) -> None:
    parent = family(until=Kind.CONSENT)
    [message] = queued(parent)
    change(parent, message, purpose="danger")
    parent.writes("hello?")
    _reported(parent, message, "30003")
    [anew] = resends(parent)
    assert flags(parent) == ["not_delivered"]
    change(parent, anew.id, created_at=NIGHT)
    assert isinstance(claim(parent.store, anew.id, IN_HARTFORD, now=NIGHT), ToSend)


def test_a_confirmation_of_an_opt_out_is_neither_sent_anew_nor_told(family: Family) -> None:
    parent = family(until=Kind.RELATION)
    parent.is_taken("please stop texting me")
    _reported(parent, queued(parent)[-1], "30003")
    assert resends(parent) == [] and "not_delivered" not in flags(parent)


def test_a_text_sent_anew_is_given_a_day_and_a_half(family: Family) -> None:
    parent = family(until=Kind.CONSENT)
    anew = _waits_to_be_resent(parent)
    makes_older(parent, anew, hours=35)
    assert isinstance(claim(parent.store, anew, RULES), ToSend)
    makes_older(parent, anew, hours=2)
    assert claim(parent.store, anew, RULES, not_found=1) is None
    assert row(parent, anew).error_code == "unknown" and flags(parent) == ["not_delivered"]


@pytest.mark.parametrize(("others", "alarm"), [(0, [FILTERED]), (98, [FILTERED]), (99, [])])
def test_more_than_one_filtered_text_in_a_hundred_is_an_alarm(family: Family, others: int, alarm: list[str]) -> None:
    parent = family(until=Kind.CONSENT)
    [message] = queued(parent)
    conversation, now = parent.conversation().id, datetime.now(UTC)
    with parent.store.transaction() as session:
        session.add_all(Message(conversation_id=conversation, seq=1000 + number, direction="outbound", speaker="bot", text="x",
                                state="delivered", attempted_at=now) for number in range(others))
    change(parent, message, purpose="danger")  # so that what follows by seq does not matter
    _reported(parent, message, "30007")
    assert alarms(parent) == alarm


def test_an_answer_to_the_same_message_does_not_make_its_first_part_out_of_date(family: Family) -> None:
    parent = family(until=Kind.CONSENT)
    answered = parent.writes("hm")
    finish_turn(parent.store, answered, ["a" * 600, "b" * 600], {"receipt": str(answered)}, {})
    first = next(found for found in parent.all(Message) if found.in_reply_to == answered and found.position == 0)
    _reported(parent, first.id, "30003")
    assert [anew.resend_of for anew in resends(parent)] == [first.id]
