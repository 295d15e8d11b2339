"""When a case is due: the latest moment at which somebody of the team should have taken it up.

An emergency runs by the wall clock, day and night. Everything else runs on business days in the affiliate's time zone, as
``content/affiliate.yaml`` sets them. What comes in outside the business hours counts as if it had come when they next begin.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from intake.rules.federal_holidays import is_federal_holiday
from intake.rules.triage import Urgency

# What stands in where an affiliate has said nothing: our own promise to families. An emergency: the parent has been told to call
# 911, and a person looks within the hour. Urgent: the same business day. Standard: two business days, the limit that the Part C
# regulations set for referring a child until 2011 (34 CFR 303.321(d)(2)(ii), "no more than two working days"); today's limit
# of seven days (34 CFR 303.303(a)(2)(i)) is kept with it in every week.
OPENS, CLOSES = time(8), time(17)
MONDAY_TO_FRIDAY = frozenset(range(5))
_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class BusinessTime:
    """When a team works, by ``weekdays`` (Monday is 0), and how soon it takes a case up: an emergency within a time by the wall
    clock, the others within business days; 0 means by the close of the same day.
    """

    opens: time = OPENS
    closes: time = CLOSES
    weekdays: frozenset[int] = MONDAY_TO_FRIDAY
    federal_holidays_off: bool = True
    emergency_within: timedelta = timedelta(hours=1)
    urgent_days: int = 0
    standard_days: int = 2

    def days_for(self, urgency: Urgency) -> int:
        """Within how many business days a case is taken up that is no emergency."""
        return self.urgent_days if urgency is Urgency.URGENT else self.standard_days


ASSUMED = BusinessTime()


@dataclass(frozen=True)
class Calendar:
    """The team's business days and hours in the affiliate's time ``zone``."""

    zone: tzinfo
    business: BusinessTime = ASSUMED

    def is_business_day(self, day: date) -> bool:
        """Whether the team works on ``day``."""
        holiday = self.business.federal_holidays_off and is_federal_holiday(day)
        return day.weekday() in self.business.weekdays and not holiday

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
        if not self.is_business_day(local.date()) or local.time() >= self.business.closes:
            return self.at(self._nearest(local.date() + _ONE_DAY, _ONE_DAY), self.business.opens)
        opens = self.business.opens
        return self.at(local.date(), opens) if local.time() < opens else local

    def last(self, moment: datetime) -> datetime:
        """``moment`` where it lies after the opening of a business day and not after its close, else the last close before."""
        local = moment.astimezone(self.zone)
        if not self.is_business_day(local.date()) or local.time() <= self.business.opens:
            return self.at(self._nearest(local.date() - _ONE_DAY, -_ONE_DAY), self.business.closes)
        closes = self.business.closes
        return self.at(local.date(), closes) if local.time() > closes else local

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
        return (since + calendar.business.emergency_within).astimezone(UTC)
    begun, days = calendar.begins(since), calendar.business.days_for(urgency)
    clock = calendar.business.closes if days == 0 else begun.time()
    return calendar.at(calendar.moved(begun.date(), days), clock).astimezone(UTC)


def overdue_when_before(urgency: Urgency, now: datetime, calendar: Calendar) -> datetime:
    """The moment before which a case must have come in to be overdue ``now``; in UTC.

    It is ``due_at`` turned round, so that the overdue ones of many cases are found by comparing alone.
    """
    if urgency is Urgency.EMERGENCY:
        return (now - calendar.business.emergency_within).astimezone(UTC)
    last, days = calendar.last(now), calendar.business.days_for(urgency)
    if days == 0:
        closes = calendar.business.closes
        closed = last if last.time() == closes and last < now else calendar.at(calendar.moved(last.date(), -1), closes)
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
