"""When a case is due: the latest moment at which somebody of the team should have taken it up.

An emergency runs by the wall clock, day and night. Everything else runs on business days in the affiliate's time zone:
Monday to Friday without the federal holidays. What comes in outside the business hours counts as if it had come when they
next begin.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from intake.rules.federal_holidays import is_federal_holiday
from intake.rules.triage import Urgency

# Our own promise to families, to be tightened or loosened here alone. An emergency: the parent has been told to call 911,
# and a person looks within the hour. Urgent: the same business day. Standard: two business days, the limit that the Part C
# regulations set for referring a child until 2011 (34 CFR 303.321(d)(2)(ii), "no more than two working days"); today's limit
# of seven days (34 CFR 303.303(a)(2)(i)) is kept with it in every week.
EMERGENCY_WITHIN = timedelta(hours=1)
BUSINESS_DAYS = {Urgency.URGENT: 0, Urgency.STANDARD: 2, Urgency.NONE: 2}
OPENS, CLOSES = time(8), time(17)
_ONE_DAY = timedelta(days=1)
_SATURDAY = 5


@dataclass(frozen=True)
class Calendar:
    """The team's business days and hours in the affiliate's time ``zone``."""

    zone: tzinfo

    def is_business_day(self, day: date) -> bool:
        """Whether the team works on ``day``."""
        return day.weekday() < _SATURDAY and not is_federal_holiday(day)

    def moved(self, day: date, by: int) -> date:
        """The business day that is ``by`` business days after ``day`` (before it, when negative)."""
        step = _ONE_DAY if by >= 0 else -_ONE_DAY
        for _ in range(abs(by)):
            day = self._nearest(day + step, step)
        return day

    def _nearest(self, day: date, step: timedelta) -> date:
        while not self.is_business_day(day):
            day += step
        return day

    def begins(self, moment: datetime) -> datetime:
        """``moment`` where it lies within business hours, else when they next begin; in the affiliate's zone."""
        local = moment.astimezone(self.zone)
        if not self.is_business_day(local.date()) or local.time() >= CLOSES:
            return self.at(self._nearest(local.date() + _ONE_DAY, _ONE_DAY), OPENS)
        return self.at(local.date(), OPENS) if local.time() < OPENS else local

    def last(self, moment: datetime) -> datetime:
        """``moment`` where it lies after the opening of a business day and not after its close, else the last close before."""
        local = moment.astimezone(self.zone)
        if not self.is_business_day(local.date()) or local.time() <= OPENS:
            return self.at(self._nearest(local.date() - _ONE_DAY, -_ONE_DAY), CLOSES)
        return self.at(local.date(), CLOSES) if local.time() > CLOSES else local

    def last_days(self, until: date, count: int) -> list[date]:
        """The last ``count`` business days up to ``until``, the newest first."""
        days = [self._nearest(until, -_ONE_DAY)]
        while len(days) < count:
            days.append(self.moved(days[-1], -1))
        return days

    def at(self, day: date, clock: time) -> datetime:
        """``clock`` on ``day`` in the affiliate's zone."""
        return datetime.combine(day, clock, self.zone)


@dataclass(frozen=True)
class Lateness:
    """By how much a case is overdue: in business ``days`` (an emergency: whole days), or below one in ``minutes``."""

    days: int
    minutes: int


def due_at(urgency: Urgency, since: datetime, calendar: Calendar) -> datetime:
    """When a case that waits ``since`` is due, in UTC."""
    if urgency is Urgency.EMERGENCY:
        return (since + EMERGENCY_WITHIN).astimezone(UTC)
    begun, days = calendar.begins(since), BUSINESS_DAYS[urgency]
    clock = CLOSES if days == 0 else begun.time()
    return calendar.at(calendar.moved(begun.date(), days), clock).astimezone(UTC)


def overdue_when_before(urgency: Urgency, now: datetime, calendar: Calendar) -> datetime:
    """The moment before which a case must have come in to be overdue ``now``; in UTC.

    It is ``due_at`` turned round, so that a database can pick the overdue cases without knowing a holiday.
    """
    if urgency is Urgency.EMERGENCY:
        return (now - EMERGENCY_WITHIN).astimezone(UTC)
    last, days = calendar.last(now), BUSINESS_DAYS[urgency]
    if days == 0:
        closed = last if last.time() == CLOSES and last < now else calendar.at(calendar.moved(last.date(), -1), CLOSES)
        return closed.astimezone(UTC)
    return calendar.at(calendar.moved(last.date(), -days), last.time()).astimezone(UTC)


def lateness(urgency: Urgency, due: datetime, now: datetime, calendar: Calendar) -> Lateness | None:
    """By how much a case that was ``due`` is late, or None while it is not."""
    if now <= due:
        return None
    minutes = int((now - due) / timedelta(minutes=1))
    if urgency is Urgency.EMERGENCY:
        return Lateness((now - due).days, minutes)
    return Lateness(_business_days_between(due, now, calendar), minutes)


def _business_days_between(earlier: datetime, later: datetime, calendar: Calendar) -> int:
    """How many business days have begun after the day of ``earlier``, up to the day of ``later``."""
    first, last = earlier.astimezone(calendar.zone).date(), later.astimezone(calendar.zone).date()
    return sum(calendar.is_business_day(first + number * _ONE_DAY) for number in range(1, (last - first).days + 1))
