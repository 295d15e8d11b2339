"""Whether a text that we start may leave, and what a short answer to it says."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.rules.outreach import (
    FOR_A_PERSON,
    Carried,
    Circumstances,
    OutreachKind,
    WhyNot,
    carried_by,
    due_after,
    follow_ups_due,
    is_one_of,
    judge,
    read_answer,
    reminder_due,
)
from intake.rules.texting_hours import allowed

HOME = ("America/New_York",)
NOON = datetime(2026, 11, 24, 17, tzinfo=UTC)  # in Connecticut
DAY = timedelta(days=1)
REMINDER = Circumstances(OutreachKind.REMINDER, NOON, HOME, pause=DAY, last_inbound_at=NOON - DAY)
FOLLOW_UP = replace(REMINDER, kind=OutreachKind.FOLLOW_UP, pause=timedelta(hours=2))
NEEDS_MET = replace(FOLLOW_UP, kind=OutreachKind.NEEDS_MET)
NEXT_CHECK = replace(FOLLOW_UP, kind=OutreachKind.NEXT_CHECK, silence=400 * DAY)

NEVER = [
    (REMINDER, {"opted_in": False}, WhyNot.NO_OPT_IN),
    (REMINDER, {"is_open": False}, WhyNot.NOT_OPEN),
    (REMINDER, {"question_open": False}, WhyNot.NOTHING_OPEN),
    (FOLLOW_UP, {"question_open": False}, None),
    (REMINDER, {"staff_write": True}, WhyNot.STAFF_WRITES),
    (FOLLOW_UP, {"danger": True}, WhyNot.DANGER),
    (FOLLOW_UP, {"referral_ended": True}, WhyNot.REFERRAL_ENDED),
    (REMINDER, {"referral_ended": True}, None),
    (FOLLOW_UP, {"referral_ended": True, "opted_in": False}, WhyNot.REFERRAL_ENDED),
    (FOLLOW_UP, {"last_inbound_at": NOON - 45 * DAY}, None),
    (FOLLOW_UP, {"last_inbound_at": NOON - 45 * DAY - timedelta(seconds=1)}, WhyNot.NUMBER_UNSURE),
    (FOLLOW_UP, {"last_inbound_at": None}, WhyNot.NUMBER_UNSURE),
    (REMINDER, {"deletion": True, "opted_in": False}, WhyNot.DELETION),
    (NEEDS_MET, {"referral_ended": True}, WhyNot.REFERRAL_ENDED),
    (NEEDS_MET, {"question_open": False}, None),
    (NEXT_CHECK, {"question_open": False, "referral_ended": True}, None),
    (NEXT_CHECK, {"over_age": True}, WhyNot.OVER_AGE),
    (NEXT_CHECK, {"last_inbound_at": NOON - 300 * DAY}, None),
    (NEXT_CHECK, {"last_inbound_at": NOON - 401 * DAY}, WhyNot.NUMBER_UNSURE),
    (NEXT_CHECK, {"due_at": NOON - 9 * DAY}, WhyNot.TOO_LATE),
    (replace(FOLLOW_UP, kind=OutreachKind.ASK_AGAIN), {"question_open": False}, WhyNot.NOTHING_OPEN),
    (REMINDER, {"due_at": NOON - 3 * DAY}, None),
    (REMINDER, {"due_at": NOON - 3 * DAY - timedelta(seconds=1)}, WhyNot.TOO_LATE),
]


@given(st.sets(st.sampled_from(["phone", "online_form", "hub", "app", "link_only", "bedside"])), st.booleans())
def test_a_referral_is_the_familys_only_where_staff_have_no_way_or_the_agent_sent_it(ways: set[str], by_agent: bool) -> None:
    theirs = bool(ways) and ways <= {"app", "link_only", "bedside"}
    expected = Carried.FAMILY if by_agent or theirs else Carried.STAFF
    assert carried_by(ways, {"app", "link_only", "ask_the_doctor", "bedside"}, sent_by_agent=by_agent) is expected


@given(st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1)), st.integers(1, 90), st.sampled_from([
    HOME, ("America/New_York", "America/Los_Angeles"), ("America/New_York", "America/Puerto_Rico")]))
def test_what_comes_some_days_later_comes_in_the_allowed_hours_and_less_than_a_day_late(
        at: datetime, days: int, zones: tuple[str, ...]) -> None:
    due = due_after(at.replace(tzinfo=UTC), days, zones)
    assert allowed(due, zones) and timedelta(0) <= due - at.replace(tzinfo=UTC) - days * DAY < DAY


def test_an_invitation_whose_day_has_moved_waits_for_the_new_day_and_is_not_too_late() -> None:
    case = replace(NEXT_CHECK, due_at=NOON - 9 * DAY, not_before=NOON + 30 * DAY)
    assert judge(case, NOON).later == NOON + 30 * DAY


@pytest.mark.parametrize(("case", "change", "why"), NEVER)
def test_what_stands_against_a_text_gives_it_up(case: Circumstances, change: dict[str, Any], why: WhyNot | None) -> None:
    judgement = judge(replace(case, **change), NOON)
    assert (judgement.never, judgement.now) == (why, why is None)


LATER = [
    (REMINDER, {"last_inbound_at": NOON - timedelta(hours=20)}, NOON + timedelta(hours=4), "the parent wrote meanwhile"),
    (REMINDER, {"last_inbound_at": NOON - timedelta(hours=12)}, NOON + timedelta(hours=21), "and that ends in the night"),
    (FOLLOW_UP, {"last_inbound_at": NOON - timedelta(minutes=30)}, NOON + timedelta(minutes=90), "not into an exchange"),
    (FOLLOW_UP, {"unanswered": True}, NOON + timedelta(hours=1), "a message of theirs waits"),
    (FOLLOW_UP, {"texted_today": True}, NOON + timedelta(hours=21), "one text a day"),
    (FOLLOW_UP, {"due_at": NOON + DAY}, NOON + DAY, "not due yet"),
]


@pytest.mark.parametrize(("case", "change", "later", "remark"), LATER, ids=[row[3] for row in LATER])
def test_what_only_stands_in_the_way_now_moves_it(case: Circumstances, change: dict[str, Any], later: datetime,
                                                  remark: str) -> None:
    assert judge(replace(case, **change), NOON).later == later


def test_what_is_due_in_the_night_waits_for_the_morning() -> None:
    night = datetime(2026, 11, 25, 4, tzinfo=UTC)
    assert judge(replace(FOLLOW_UP, due_at=night), night).later == datetime(2026, 11, 25, 14, tzinfo=UTC)


@given(now=st.datetimes(datetime(2026, 1, 1), datetime(2028, 12, 31), timezones=st.just(UTC)),
       ago=st.timedeltas(timedelta(0), timedelta(days=60)), late=st.timedeltas(timedelta(days=-5), timedelta(days=5)),
       kind=st.sampled_from(OutreachKind), opted_in=st.booleans(), texted=st.booleans())
def test_a_text_leaves_only_with_opt_in_by_day_and_once_a_day(
        now: datetime, ago: timedelta, late: timedelta, kind: OutreachKind, opted_in: bool, texted: bool) -> None:
    judgement = judge(Circumstances(kind, now - late, HOME, DAY, now - ago, opted_in=opted_in, texted_today=texted), now)
    if judgement.now:
        assert opted_in and not texted and allowed(now, HOME) and ago >= DAY and late >= timedelta(0)
    if judgement.later is not None:
        assert judgement.later > now and allowed(judgement.later, HOME)


def test_the_reminder_is_due_a_day_after_the_last_word_by_day() -> None:
    assert reminder_due(NOON, DAY, HOME) == NOON + DAY
    eleven_at_night = datetime(2026, 11, 25, 4, tzinfo=UTC)
    assert reminder_due(eleven_at_night, DAY, HOME) == datetime(2026, 11, 26, 14, tzinfo=UTC)


def test_follow_ups_are_due_by_the_table_and_those_long_past_are_left_out() -> None:
    sent = datetime(2026, 10, 25, 17, tzinfo=UTC)  # a week before the clocks go back: the same instant is an hour earlier then
    assert follow_ups_due(sent, (7, 21, 45), HOME, sent) == [sent + 7 * DAY, sent + 21 * DAY, sent + 45 * DAY]
    assert follow_ups_due(sent, (7, 21, 45), HOME, sent + 20 * DAY) == [sent + 21 * DAY, sent + 45 * DAY]
    assert follow_ups_due(sent, (7,), HOME, sent + 9 * DAY) == [sent + 7 * DAY]


def test_planned_follow_ups_that_no_text_brings_are_for_a_person_unless_one_is_on_the_case() -> None:
    assert {WhyNot.STAFF_WRITES, WhyNot.DANGER, WhyNot.REFERRAL_ENDED, WhyNot.CALLED_BACK}.isdisjoint(FOR_A_PERSON)


READY = {"called_back": {"yes", "si ya"}, "not_called": {"no", "not yet"}, "not_now": {"not now"}}
COURTESY = {"please", "thanks", "gracias"}
ANSWERS = [
    ("1", "called_back"), ("2.", "not_called"), (" 3 ", "not_now"), ("#2", "not_called"), ("1️⃣", "called_back"),
    ("YES", "called_back"), ("yesss", "called_back"), ("Sí, ya", "called_back"), ("1 yes", "called_back"),
    ("2 - no", "not_called"),
    ("no thanks", "not_called"), ("Not yet!", "not_called"), ("not now please", "not_now"), ("3 gracias", "not_now"),
    ("4", None), ("12", None), ("111", None), ("1 no", None), ("yes but they said no", None), ("no idea who you are", None),
    ("", None), ("?", None), ("thanks", None), ("👍", None), ("I got 2 calls", None), ("yes no", None),
]


@pytest.mark.parametrize(("text", "code"), ANSWERS)
def test_only_a_whole_message_is_an_answer(text: str, code: str | None) -> None:
    assert read_answer(text, READY, COURTESY) == code


@given(st.text())
def test_any_text_is_read_as_one_answer_or_none(text: str) -> None:
    assert read_answer(text, READY, COURTESY) in {None, *READY}


@pytest.mark.parametrize(("text", "expected"), [
    ("go", True), ("GO please", True), ("Thanks", True), ("go away", False), ("1", False), ("please", False), ("", False)])
def test_one_of_the_ways_is_the_whole_message_with_or_without_courtesy(text: str, expected: bool) -> None:
    assert is_one_of(text, {"go", "thanks"}, COURTESY) is expected
