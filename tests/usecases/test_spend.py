"""A day's texts have a price: at the limit they wait and an alarm says so, but words about danger always leave."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from uuid import UUID

import pytest
from a_family import AFamily
from outbox import alarms, change, queued, row, spent

from intake.rules.interview import Kind
from intake.store.connection import Store
from intake.store.models import DailySpend
from intake.usecases import spend
from intake.usecases.claiming import NotYet, SendingRules, ToSend, claim
from intake.usecases.delivery import record_failure, record_not_sent, record_unclear

Family = Callable[..., AFamily]
ZONE = "America/New_York"


def _rules(segments: int) -> SendingRules:
    return SendingRules(daily_segments=segments, time_zone=ZONE)


def _text(parent: AFamily, message: UUID, words: str = "short", **more: object) -> UUID:
    change(parent, message, text=words, **more)
    return message


def test_each_try_is_booked_by_its_segments_and_a_look_up_is_not(family: Family) -> None:
    parent = family(until=Kind.RELATION)
    first, second = queued(parent)[:2]
    claim(parent.store, _text(parent, first, "a" * 161), _rules(10))
    claim(parent.store, first, _rules(10))
    claim(parent.store, _text(parent, second), _rules(10))
    assert spent(parent) == 3


def test_at_the_limit_a_text_waits_and_one_alarm_says_so(family: Family, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.ERROR, logger="growline")
    parent = family(until=Kind.RELATION)
    first, second = queued(parent)[:2]
    assert isinstance(claim(parent.store, _text(parent, first), _rules(1)), ToSend)
    for _ in range(3):
        assert claim(parent.store, second, _rules(1)) == NotYet("spend_cap")
    assert alarms(parent) == ["spend_cap"] and spent(parent) == 1 and row(parent, second).state == "queued"
    assert [record.getMessage() for record in caplog.records] == ["alarm spend_cap"]


def test_when_the_limit_is_raised_what_waits_leaves_and_the_alarm_is_over(family: Family) -> None:
    parent = family(until=Kind.RELATION)
    first, second = queued(parent)[:2]
    claim(parent.store, _text(parent, first), _rules(1))
    claim(parent.store, _text(parent, second), _rules(1))
    assert isinstance(claim(parent.store, second, _rules(100)), ToSend)
    assert alarms(parent) == []


def test_the_day_after_what_waits_leaves(family: Family) -> None:
    evening, next_day = datetime(2026, 12, 1, 4, 59, tzinfo=UTC), datetime(2026, 12, 1, 5, 1, tzinfo=UTC)
    parent = family(until=Kind.RELATION)
    first, second = queued(parent)[:2]
    claim(parent.store, _text(parent, first, created_at=evening), _rules(1), now=evening)
    assert isinstance(claim(parent.store, _text(parent, second, created_at=evening), _rules(1), now=evening), NotYet)
    assert isinstance(claim(parent.store, second, _rules(1), now=next_day), ToSend)
    days = {day.day.isoformat(): day.segments for day in parent.all(DailySpend)}
    assert days == {"2026-11-30": 1, "2026-12-01": 1}


@pytest.mark.parametrize("passing", [{"purpose": "danger"}, {"purpose": "opt_out"}, {"payload": {"opt_out_confirmation": True}}],
                         ids=["danger", "opt-out by purpose", "opt-out by payload"])
def test_danger_and_the_confirmation_of_an_opt_out_pass_and_are_booked(family: Family, passing: dict[str, object]) -> None:
    parent = family(until=Kind.RELATION)
    first, second = queued(parent)[:2]
    claim(parent.store, _text(parent, first), _rules(1))
    assert isinstance(claim(parent.store, _text(parent, second, **passing), _rules(1)), ToSend)
    assert spent(parent) == 2


def test_texts_that_we_start_leave_the_last_fifth_to_replies(family: Family) -> None:
    parent = family(until=Kind.RELATION)
    reply, started = queued(parent)[:2]
    with parent.store.transaction() as session:
        spend.book(session, datetime.now(UTC), ZONE, 8, None)
    _text(parent, started, in_reply_to=None, position=None)
    assert claim(parent.store, started, _rules(10)) == NotYet("spend_cap", aside=True)
    assert alarms(parent) == []
    assert isinstance(claim(parent.store, _text(parent, reply), _rules(10)), ToSend)


@pytest.mark.parametrize("ends", ["not sent", "refused", "unclear"])
def test_only_what_surely_did_not_leave_is_given_back(family: Family, ends: str) -> None:
    parent = family(until=Kind.CONSENT)
    text = claim(parent.store, _text(parent, queued(parent)[0]), _rules(10))
    assert isinstance(text, ToSend)
    if ends == "not sent":
        record_not_sent(parent.store, text, _rules(10))
    elif ends == "refused":
        record_failure(parent.store, text.message_id, "21211", text.tries, _rules(10))
    else:
        record_unclear(parent.store, text)
    assert spent(parent) == (1 if ends == "unclear" else 0)


def test_workers_who_book_at_the_same_time_never_pass_the_limit_together(store: Store) -> None:
    now = datetime.now(UTC)

    def books(_: int) -> int | None:
        with store.transaction() as session:
            return spend.book(session, now, ZONE, 3, 20)

    with ThreadPoolExecutor(8) as workers:
        sums = list(workers.map(books, range(16)))
    assert sorted(total for total in sums if total is not None) == [3, 6, 9, 12, 15, 18]
