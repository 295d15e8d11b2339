"""The last word before a text leaves: looked up first, given up in time, in its plain form, never after an opt-out."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import pytest
from a_family import AFamily
from outbox import alarms, change, flags, makes_older, queued, row

from intake.rules.interview import Kind
from intake.store.models import Message
from intake.usecases.alarms import SPEND_CAP, raise_alarm
from intake.usecases.claiming import NotYet, SendingRules, ToSend, claim
from intake.usecases.delivery import record_not_sent, record_sent, record_unclear, report, suppress
from intake.usecases.replying import finish_turn

Family = Callable[..., AFamily]
RULES = SendingRules(unclear_seconds=30)
LONG = ["a" * 900, "b" * 900]


def _try(parent: AFamily, message: UUID, not_found: int | None = None) -> ToSend:
    text = claim(parent.store, message, RULES, not_found=not_found)
    assert isinstance(text, ToSend)
    return text


@pytest.mark.parametrize("left", ["without an answer", "when its worker died"])
def test_an_unclear_send_is_only_looked_up_until_the_list_can_be_trusted(family: Family, left: str) -> None:
    parent = family(until=Kind.CONSENT)
    [message] = queued(parent)
    first = _try(parent, message)
    if left == "without an answer":
        record_unclear(parent.store, first)
    assert _try(parent, message).tried_before
    wait = claim(parent.store, message, RULES, not_found=first.tries)
    assert isinstance(wait, NotYet) and wait.within is not None and 20 < wait.within <= 30
    makes_older(parent, message, seconds=31)
    again = _try(parent, message, not_found=first.tries)
    assert (again.tried_before, again.tries) == (False, 2) and row(parent, message).unclear_since is not None


def test_after_a_second_send_without_an_answer_the_wait_begins_anew(family: Family) -> None:
    parent = family(until=Kind.CONSENT)
    [message] = queued(parent)
    first = _try(parent, message)
    record_unclear(parent.store, first)
    makes_older(parent, message, seconds=31)
    second = _try(parent, message, not_found=first.tries)
    record_unclear(parent.store, second)
    assert isinstance(claim(parent.store, message, RULES, not_found=second.tries), NotYet)


def test_who_looked_up_an_older_try_may_not_send(family: Family) -> None:
    parent = family(until=Kind.CONSENT)
    [message] = queued(parent)
    _try(parent, message)
    makes_older(parent, message, seconds=31)
    _try(parent, message, not_found=1)
    assert _try(parent, message, not_found=1).tried_before


@pytest.mark.parametrize(("unclear", "hours", "code"), [(False, 4.1, "expired"), (True, 4.1, "unknown")])
def test_a_reply_is_given_up_after_four_hours_and_staff_are_told(family: Family, unclear: bool, hours: float,
                                                                  code: str) -> None:
    parent = family(until=Kind.CONSENT)
    [message] = queued(parent)
    text = _try(parent, message)
    record_unclear(parent.store, text) if unclear else record_not_sent(parent.store, text)
    makes_older(parent, message, hours=hours)
    for _ in range(2):
        assert claim(parent.store, message, RULES, not_found=text.tries) is None
    assert (row(parent, message).state, row(parent, message).error_code) == ("failed", code)
    assert flags(parent) == ["not_delivered"]


def test_just_before_four_hours_it_still_leaves(family: Family) -> None:
    parent = family(until=Kind.CONSENT)
    [message] = queued(parent)
    makes_older(parent, message, hours=3.9)
    assert _try(parent, message).text == "introduction_sms\nask_consent" and flags(parent) == []


def test_a_text_held_back_by_the_days_amount_leaves_the_day_after(family: Family) -> None:
    parent = family(until=Kind.CONSENT)
    [message] = queued(parent)
    makes_older(parent, message, hours=20)
    with parent.store.transaction() as session:
        raise_alarm(session, SPEND_CAP)
    assert isinstance(claim(parent.store, message, SendingRules(daily_segments=100)), ToSend)
    assert alarms(parent) == []


def test_words_leave_plain_and_are_kept_proper(family: Family) -> None:
    parent = family(until=Kind.CONSENT)
    [message] = queued(parent)
    change(parent, message, text="¿Qué hizo este año? “Sí”…")
    sizes = []
    for accents in ("keep", "drop"):
        text = claim(parent.store, message, SendingRules(accents=accents))  # type: ignore[arg-type]
        assert isinstance(text, ToSend)
        sizes.append((text.text, row(parent, message).encoding, row(parent, message).segments))
        record_not_sent(parent.store, text)
    assert sizes == [("¿Qué hizo este año? \"Sí\"...", "UCS-2", 1), ("¿Qué hizo este año? \"Si\"...", "GSM-7", 1)]
    assert row(parent, message).text == "¿Qué hizo este año? “Sí”…"


def test_the_providers_count_replaces_ours_only_when_it_has_one(family: Family) -> None:
    parent = family(until=Kind.CONSENT)
    [message] = queued(parent)
    change(parent, message, text="a" * 400)
    _try(parent, message)
    record_sent(parent.store, message, "SM1", None)
    assert row(parent, message).segments == 3
    record_sent(parent.store, message, "SM1", 4)
    assert row(parent, message).segments == 4


def _two_parts(parent: AFamily) -> tuple[UUID, UUID]:
    answered = parent.writes("hm")
    finish_turn(parent.store, answered, LONG, {"receipt": str(answered)}, {})
    first, second = sorted((found for found in parent.all(Message) if found.in_reply_to == answered), key=lambda one: one.seq)
    return first.id, second.id


def test_the_second_part_of_an_answer_waits_for_the_first(family: Family) -> None:
    parent = family(until=Kind.CONSENT)
    first, second = _two_parts(parent)
    assert isinstance(claim(parent.store, second, RULES), NotYet)
    _try(parent, first)
    assert isinstance(claim(parent.store, second, RULES), NotYet)
    record_sent(parent.store, first, "SM1", 4)
    wait = claim(parent.store, second, RULES)
    assert isinstance(wait, NotYet) and wait.within is not None and 1 < wait.within <= 3
    makes_older(parent, first, seconds=3)
    assert _try(parent, second).text == "b" * 900


@pytest.mark.parametrize("told", ["delivered", "undelivered", "failed"])
def test_the_second_part_leaves_at_once_when_the_first_has_come_to_an_end(family: Family, told: str) -> None:
    parent = family(until=Kind.CONSENT)
    first, second = _two_parts(parent)
    _try(parent, first)
    report(parent.store, first, told, "SM1", None)
    assert _try(parent, second).text == "b" * 900


def test_a_phone_on_our_list_gets_nothing_in_whatever_state_the_text_is(family: Family) -> None:
    parent = family(until=Kind.WORRY)
    texts = queued(parent)[:3]
    unclear = _try(parent, texts[1])
    record_unclear(parent.store, unclear)
    change(parent, texts[2], purpose="danger")
    with parent.store.transaction() as session:
        suppress(session, parent.conversation().phone_index or b"", "asked", None)
    assert [claim(parent.store, text, RULES, not_found=1) for text in texts] == [None] * 3
    assert {(row(parent, text).state, row(parent, text).error_code) for text in texts} == {("canceled", "opted_out")}


def test_a_web_conversation_whose_phone_is_on_the_list_is_texted_no_more_than_another(family: Family) -> None:
    parent = family(until=Kind.CONSENT)
    [message] = queued(parent)
    with parent.store.transaction() as session:
        suppress(session, parent.conversation().phone_index or b"", "asked", None)
        session.merge(parent.conversation()).channel = "web"
    assert claim(parent.store, message, RULES) is None and row(parent, message).state == "canceled"


def test_an_opt_out_is_confirmed_once_however_often_it_is_said(family: Family) -> None:
    parent = family(until=Kind.RELATION)
    parent.is_taken("please stop texting me")
    first = queued(parent)[-1]
    assert _try(parent, first).text == parent.content.messages.system("opted_out", "en")
    record_sent(parent.store, first, "SM1", 1)
    with parent.store.transaction() as session:
        again = Message(conversation_id=parent.conversation().id, seq=999, direction="outbound", speaker="system", text="bye",
                        state="queued", purpose="opt_out")
        session.add(again)
    assert claim(parent.store, again.id, RULES) is None and row(parent, again.id).state == "canceled"


def test_a_text_to_nobody_fails_and_staff_are_told(family: Family) -> None:
    parent = family(until=Kind.CONSENT)
    [message] = queued(parent)
    with parent.store.transaction() as session:
        session.merge(parent.conversation()).phone = None
    assert claim(parent.store, message, RULES) is None
    assert row(parent, message).error_code == "no_phone" and flags(parent) == ["not_delivered"]


def test_a_reply_is_worth_four_hours(family: Family) -> None:
    parent = family(until=Kind.CONSENT)
    assert _try(parent, queued(parent)[0]).validity_seconds == 4 * 3600
