"""Counts what the team has before it: by aggregates over columns that are not sealed, in as many queries whatever the data.

``_is_no_case`` is the one place that says which conversations are not counted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Date, case, cast, func, or_, select
from sqlalchemy.orm import Session, aliased

from intake.rules.due import Calendar
from intake.rules.outreach import OutreachKind
from intake.rules.referral import ReferralStatus
from intake.store.connection import Store
from intake.store.models import Consent, Conversation, Flag, Outreach, Referral, ReferralMove

AGES = ("0", "1", "2", "3_to_5", "6_and_more")  # business days
DAYS_SHOWN = 20  # business days
RECENT = timedelta(days=90)
NO_ANSWER = "no_answer"
_SECONDS_A_DAY = 86_400


@dataclass(frozen=True)
class DayCount:
    """How many cases came into the queue on a business day, and how many left it for good."""

    day: date
    new: int
    closed: int


@dataclass(frozen=True)
class Connecting:
    """Days from a family's yes to "connected": of how many referrals, the middle, and what nine of ten stay below."""

    referrals: int
    median: float | None
    ninety: float | None


@dataclass(frozen=True)
class Figures:
    """Everything on the page. ``waiting`` by age, then urgency; ``languages`` of those who wait."""

    waiting: Mapping[str, Mapping[str, int]]
    languages: Mapping[str, int]
    days: tuple[DayCount, ...]
    referrals: Mapping[str, int]
    connecting: Connecting
    follow_ups: Mapping[str, int]


def read_figures(store: Store, now: datetime, calendar: Calendar) -> Figures:
    """All figures as they stand ``now``, by six queries."""
    days = calendar.last_days(now.astimezone(calendar.zone).date(), DAYS_SHOWN)
    with store.reading() as session:
        waiting, languages = _waiting(session, days, calendar)
        return Figures(waiting, languages, _days(session, days, calendar), _referrals(session),
                       _connecting(session, now - RECENT), _follow_ups(session, now - RECENT))


def _is_no_case() -> ColumnElement[bool]:
    """Which conversations are no cases: those that only ask a phone whether a chat goes on there, and made-up ones."""
    return Conversation.asked_for.is_not(None) | Conversation.practice


def _of_a_case(conversation_id: Any) -> ColumnElement[bool]:
    """Whether a row belongs to a case. The few that do not are looked up once, not each row's conversation."""
    return conversation_id.not_in(select(Conversation.id).where(_is_no_case()))  # type: ignore[no-any-return]


def _begins(day: date, calendar: Calendar) -> datetime:
    return calendar.at(day, time())


def _waiting(session: Session, days: Sequence[date], calendar: Calendar) -> tuple[Mapping[str, Mapping[str, int]],
                                                                                   Mapping[str, int]]:
    """The flagged cases by how many business days have begun since they came in; the age of one from today is 0."""
    since = func.coalesce(Conversation.flagged_at, Conversation.started_at)
    youngest_first = zip(AGES, (days[0], days[1], days[2], days[5]), strict=False)
    age = case(*((since >= _begins(day, calendar), name) for name, day in youngest_first), else_=AGES[-1]).label("age")
    query = (select(age, Conversation.urgency, Conversation.language, func.count())
             .where(Conversation.flagged, ~_is_no_case()).group_by("age", Conversation.urgency, Conversation.language))
    ages: dict[str, Counter[str]] = {name: Counter() for name in AGES}
    languages = Counter[str]()
    for name, urgency, language, cases in session.execute(query):
        ages[name][urgency] += cases
        languages[language] += cases
    return ages, languages


def _days(session: Session, days: Sequence[date], calendar: Calendar) -> tuple[DayCount, ...]:
    """By business day, the oldest first; what happens on a day off counts with the business day before it."""
    begin, zone = _begins(days[-1], calendar), str(calendar.zone)
    new, closed = _by_day(session, _first_flags(begin), zone, days), _by_day(session, _last_cleared(begin), zone, days)
    return tuple(DayCount(day, new[day], closed[day]) for day in reversed(days))


def _first_flags(begin: datetime) -> Any:
    """When each case that was never flagged before ``begin`` was flagged first."""
    earlier = aliased(Flag)
    before = select(earlier.id).where(earlier.conversation_id == Flag.conversation_id, earlier.raised_at < begin).exists()
    return (select(func.min(Flag.raised_at).label("at")).where(Flag.raised_at >= begin, ~before, _of_a_case(Flag.conversation_id))
            .group_by(Flag.conversation_id).subquery())


def _last_cleared(begin: datetime) -> Any:
    """When the last flag was cleared of each case that is flagged no more."""
    stands = select(Conversation.id).where(or_(Conversation.flagged, _is_no_case()))
    return (select(func.max(Flag.cleared_at).label("at")).where(Flag.cleared_at >= begin, Flag.conversation_id.not_in(stands))
            .group_by(Flag.conversation_id).subquery())


def _by_day(session: Session, moments: Any, zone: str, days: Sequence[date]) -> Counter[date]:
    on = cast(func.timezone(zone, moments.c.at), Date).label("on")
    counted = Counter[date]()
    for day, cases in session.execute(select(on, func.count()).group_by("on")):
        counted[next((each for each in days if each <= day), days[-1])] += cases
    return counted


def _referrals(session: Session) -> Mapping[str, int]:
    query = select(Referral.status, func.count()).where(_of_a_case(Referral.conversation_id)).group_by(Referral.status)
    return {status: count for status, count in session.execute(query)}


def _connecting(session: Session, since: datetime) -> Connecting:
    """Of the referrals made since then that are connected: the days from the consent they stand on to the first such step."""
    connected = (select(ReferralMove.referral_id, func.min(ReferralMove.at).label("at"))
                 .where(ReferralMove.to_status == ReferralStatus.CONNECTED, ReferralMove.at >= since)
                 .group_by(ReferralMove.referral_id).subquery())
    took = func.extract("epoch", connected.c.at - Consent.at) / _SECONDS_A_DAY
    query = (select(func.count(), func.percentile_cont(0.5).within_group(took), func.percentile_cont(0.9).within_group(took))
             .select_from(connected).join(Referral, Referral.id == connected.c.referral_id)
             .join(Consent, Consent.id == Referral.consent_id)
             .where(Referral.created_at >= since, _of_a_case(Referral.conversation_id)))
    count, median, ninety = session.execute(query).one()
    return Connecting(count, None if median is None else float(median), None if ninety is None else float(ninety))


def _follow_ups(session: Session, since: datetime) -> Mapping[str, int]:
    """The follow-ups that were sent since then, by their answer."""
    query = (select(func.coalesce(Outreach.answer, NO_ANSWER).label("said"), func.count())
             .where(Outreach.kind == OutreachKind.FOLLOW_UP.value, Outreach.state.in_(("sent", "answered")),
                    Outreach.due_at >= since, _of_a_case(Outreach.conversation_id)).group_by("said"))
    return {said: count for said, count in session.execute(query)}
