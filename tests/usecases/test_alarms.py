"""Alarms stand once, end when what they tell of is over, and keep texts back while none gets through."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from a_family import AFamily
from outbox import alarms, change, queued
from sqlalchemy import update

from intake.rules.interview import Kind
from intake.store.connection import Store
from intake.store.models import Alarm
from intake.usecases.alarms import (
    FILTERED,
    PROBE_EVERY,
    REFUSED,
    a_text_arrived,
    a_text_was_taken,
    clear_alarm,
    keeps_texts_back,
    open_alarms,
    raise_alarm,
    stood_since,
)
from intake.usecases.claiming import NotYet, ToSend, claim
from intake.usecases.delivery import record_not_sent, record_sent

NOW = datetime.now(UTC)


def _raise(store: Store, code: str) -> bool:
    with store.transaction() as session:
        return raise_alarm(session, code)


def _clear(store: Store, code: str) -> bool:
    with store.transaction() as session:
        return clear_alarm(session, code)


def _open(store: Store) -> list[str]:
    with store.reading() as session:
        return [alarm.code for alarm in open_alarms(session)]


def test_an_alarm_that_stands_is_not_raised_again_and_can_come_back(store: Store, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING, logger="growline")
    assert [_raise(store, "spend_cap") for _ in range(2)] == [True, False]
    assert [_clear(store, "spend_cap") for _ in range(2)] == [True, False]
    assert _raise(store, "spend_cap") and _open(store) == ["spend_cap"]
    assert [record.getMessage() for record in caplog.records] == [
        "alarm spend_cap", "alarm spend_cap is over", "alarm spend_cap"]


def test_an_alarm_that_stood_in_a_span_of_time_is_known(store: Store) -> None:
    assert not _stood(store, NOW)
    _raise(store, "spend_cap")
    assert _stood(store, NOW)
    _clear(store, "spend_cap")
    assert _stood(store, NOW - timedelta(hours=1)) and not _stood(store, NOW + timedelta(hours=1))


def _stood(store: Store, since: datetime) -> bool:
    with store.reading() as session:
        return stood_since(session, "spend_cap", since)


def test_a_text_that_was_taken_ends_refusals_only_and_one_that_arrived_ends_the_other_kind(store: Store) -> None:
    for code in ("refused_20003", "undelivered_30034", "spend_cap", FILTERED):
        _raise(store, code)
    with store.transaction() as session:
        a_text_was_taken(session, datetime.now(UTC))
    assert _open(store) == ["undelivered_30034", "spend_cap", FILTERED]
    with store.transaction() as session:
        a_text_arrived(session)
    assert _open(store) == ["spend_cap", FILTERED]


def test_filtered_texts_of_the_day_before_are_no_alarm_any_more(store: Store) -> None:
    _raise(store, FILTERED)
    with store.transaction() as session:
        session.execute(update(Alarm).values(raised_at=NOW - timedelta(hours=25)))
        a_text_was_taken(session, NOW)
    assert _open(store) == []


def test_while_nothing_gets_through_one_text_tries_every_half_minute(store: Store) -> None:
    def kept_back(at: datetime) -> bool:
        with store.transaction() as session:
            return keeps_texts_back(session, at)

    assert kept_back(NOW) is False
    _raise(store, "refused_20003")
    assert [kept_back(NOW) for _ in range(3)] == [False, True, True]
    assert [kept_back(NOW + PROBE_EVERY) for _ in range(2)] == [False, True]


def test_a_refused_account_pauses_every_text_but_words_about_danger_until_one_is_taken(
        family: Callable[..., AFamily]) -> None:
    parent = family(until=Kind.WORRY)
    first, second, third = queued(parent)[:3]
    text = claim(parent.store, first)
    assert isinstance(text, ToSend)
    record_not_sent(parent.store, text, refused="20003")
    assert alarms(parent) == [f"{REFUSED}20003"]
    assert isinstance(claim(parent.store, first), ToSend), "the one that tries"
    assert claim(parent.store, second) == NotYet("refused")
    change(parent, second, purpose="danger")
    assert isinstance(claim(parent.store, second), ToSend)
    record_sent(parent.store, first, "SM1", 1)
    assert alarms(parent) == [] and isinstance(claim(parent.store, third), ToSend)
