"""When a text that we start may reach a family: from 9:00 to before 20:00 on their clock.

Connecticut lets a telephonic sales call, texts included, take place between 9 a.m. and 8 p.m. local time only (Conn. Gen.
Stat. 42-288a(c) as amended by Public Act 23-98, SB 1058: https://cga.ct.gov/current/pub/chap_743m.htm); the federal rule for
solicitations, 8:00 to 21:00 (47 CFR 64.1200(c)(1)), is wider. Ours sell nothing; they keep to the narrower hours all the same.

A phone's area code may name other zones than the affiliate's. A text must suit every one of them. Those of the United States
from Maine to Hawaii share some hours on every day; where zones share none on a day (a toll-free number has all of North
America's, Guam to Newfoundland) the affiliate's own hours count on that day.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

OPENS, CLOSES = time(9), time(20)
# The same hours elsewhere may lie on a neighbouring date, or beyond it from one side of the date line to the other.
_DATES_AWAY = range(-2, 3)

Hours = tuple[datetime, datetime]
"""From when (inclusive) until when (exclusive)."""


def allowed(now: datetime, zones: Sequence[str]) -> bool:
    """Whether a text that we start may reach the family ``now``. ``zones`` are IANA names, the affiliate's first.

    Raises ValueError when ``now`` has no zone, ZoneInfoNotFoundError for an unknown name.
    """
    opens, closes = _hours(_day(now, zones), zones)
    return opens <= now < closes


def next_allowed(now: datetime, zones: Sequence[str]) -> datetime:
    """``now`` when it is allowed, else the first moment after it that is; in UTC. Raises as ``allowed`` does."""
    day = _day(now, zones)
    opens, closes = _hours(day, zones)
    if now >= closes:
        opens, _ = _hours(day + timedelta(days=1), zones)
    return max(now, opens).astimezone(UTC)


def day_after(now: datetime, zone: str) -> datetime:
    """The midnight in ``zone`` with which the day after ``now`` begins; in UTC."""
    return _at(_day(now, (zone,)) + timedelta(days=1), time(0), zone)


def day_of(now: datetime, zone: str) -> datetime:
    """The midnight in ``zone`` with which the day of ``now`` began; in UTC."""
    return _at(_day(now, (zone,)), time(0), zone)


def _day(now: datetime, zones: Sequence[str]) -> date:
    if now.tzinfo is None:
        raise ValueError("a time without a zone cannot be compared with a family's clock")
    return now.astimezone(ZoneInfo(zones[0])).date()


def _hours(day: date, zones: Sequence[str]) -> Hours:
    """The hours on the affiliate's ``day`` that all ``zones`` share; the affiliate's own when they share none."""
    home = common = _open(day, zones[0])
    for zone in zones[1:]:
        shared = _shared(common, day, zone)
        if shared is None:
            return home
        common = shared
    return common


def _shared(hours: Hours, day: date, zone: str) -> Hours | None:
    """What ``hours`` has in common with the hours of ``zone`` around ``day``: one stretch at most, for nights are longer."""
    for away in _DATES_AWAY:
        there = _open(day + timedelta(days=away), zone)
        opens, closes = max(hours[0], there[0]), min(hours[1], there[1])
        if opens < closes:
            return opens, closes
    return None


def _open(day: date, zone: str) -> Hours:
    return _at(day, OPENS, zone), _at(day, CLOSES, zone)


def _at(day: date, clock: time, zone: str) -> datetime:
    return datetime.combine(day, clock, ZoneInfo(zone)).astimezone(UTC)
