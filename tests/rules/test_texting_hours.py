"""Texts that we start reach a family from 9:00 to before 20:00 on their clock, whatever the calendar and the zones do."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from intake.rules.texting_hours import allowed, day_after, day_of, next_allowed

HOME = "America/New_York"
CALIFORNIA, HAWAII, PUERTO_RICO, GUAM = "America/Los_Angeles", "Pacific/Honolulu", "America/Puerto_Rico", "Pacific/Guam"
BERMUDA, KIRITIMATI = "Atlantic/Bermuda", "Pacific/Kiritimati"
STATES = (HOME, "America/Chicago", "America/Denver", "America/Phoenix", CALIFORNIA, "America/Anchorage", HAWAII, PUERTO_RICO)

moments = st.datetimes(datetime(2020, 1, 1), datetime(2044, 12, 31), timezones=st.just(UTC))
states = st.lists(st.sampled_from(STATES), max_size=4).map(lambda more: (HOME, *more))
ZONES = (*STATES, GUAM, BERMUDA, KIRITIMATI, "Asia/Kolkata")
anywhere = st.lists(st.sampled_from(ZONES), max_size=4).map(lambda more: (HOME, *more))


def at(clock: str, zone: str = HOME) -> datetime:
    """A wall-clock time such as "2026-03-08 09:00" in ``zone``."""
    return datetime.fromisoformat(clock).replace(tzinfo=ZoneInfo(zone))


HOURS = [
    # moment in Connecticut, zones of the phone, allowed, remark
    ("2026-11-24 08:59:59", (), False, "a second too early"),
    ("2026-11-24 09:00:00", (), True, "nine is inside"),
    ("2026-11-24 19:59:59", (), True, "the last second"),
    ("2026-11-24 20:00:00", (), False, "twenty is outside"),
    ("2026-11-24 23:00:00", (), False, "night"),
    ("2026-11-25 00:00:00", (), False, "midnight"),
    ("2026-11-24 11:59:00", (CALIFORNIA,), False, "8:59 in California"),
    ("2026-11-24 12:00:00", (CALIFORNIA,), True, "9:00 in California"),
    ("2026-11-24 19:30:00", (PUERTO_RICO,), False, "20:30 in Puerto Rico in winter"),
    ("2026-07-24 19:30:00", (PUERTO_RICO,), True, "the same hour in summer"),
    ("2026-11-24 13:59:00", (CALIFORNIA, HAWAII), False, "8:59 in Hawaii"),
    ("2026-11-24 14:00:00", (CALIFORNIA, HAWAII), True, "9:00 in Hawaii"),
    ("2026-07-24 09:00:00", (BERMUDA, GUAM), True, "no hour suits all of these: the affiliate's count"),
    ("2026-07-24 20:00:00", (BERMUDA, GUAM), False, "and they count to their end"),
    ("2028-02-29 09:00:00", (), True, "leap day"),
]


@pytest.mark.parametrize(("clock", "zones", "expected", "remark"), HOURS, ids=[row[3] for row in HOURS])
def test_the_hours_are_those_of_every_zone(clock: str, zones: tuple[str, ...], expected: bool, remark: str) -> None:
    assert allowed(at(clock), (HOME, *zones)) is expected


NEXT = [
    # from, zones of the phone, next allowed moment in Connecticut, remark
    ("2026-11-24 15:10", (), "2026-11-24 15:10", "now is fine"),
    ("2026-11-24 23:00", (), "2026-11-25 09:00", "the next morning"),
    ("2026-11-24 20:00", (), "2026-11-25 09:00", "just closed"),
    ("2026-11-25 00:00", (), "2026-11-25 09:00", "midnight belongs to the new day"),
    ("2026-11-24 09:00", (CALIFORNIA,), "2026-11-24 12:00", "the west wakes later"),
    ("2026-11-24 20:00", (CALIFORNIA,), "2026-11-25 12:00", "closed in the east"),
    ("2026-03-07 21:00", (), "2026-03-08 09:00", "the night the clocks go forward has one hour less"),
    ("2026-10-31 21:00", (), "2026-11-01 09:00", "the night they go back has one more"),
    ("2026-03-08 02:30", (), "2026-03-08 09:00", "an hour that does not exist"),
    ("2028-02-28 22:00", (), "2028-02-29 09:00", "into leap day"),
    ("2028-02-29 22:00", (), "2028-03-01 09:00", "out of leap day"),
    ("2026-12-31 22:00", (), "2027-01-01 09:00", "into the new year"),
    ("2026-07-24 21:00", (BERMUDA, GUAM), "2026-07-25 09:00", "no common hour: the affiliate's"),
]


@pytest.mark.parametrize(("start", "zones", "expected", "remark"), NEXT, ids=[row[3] for row in NEXT])
def test_what_comes_too_late_waits_for_the_morning(start: str, zones: tuple[str, ...], expected: str, remark: str) -> None:
    assert next_allowed(at(start), (HOME, *zones)) == at(expected)


def test_the_night_of_the_change_is_counted_in_real_hours() -> None:
    spring, autumn = at("2026-03-07 20:00"), at("2026-10-31 20:00")
    assert next_allowed(spring, (HOME,)) - spring.astimezone(UTC) == timedelta(hours=12)
    assert next_allowed(autumn, (HOME,)) - autumn.astimezone(UTC) == timedelta(hours=14)


@given(now=moments, zones=states)
@example(now=datetime(2026, 3, 8, 6, 59, tzinfo=UTC), zones=STATES)
@example(now=datetime(2026, 11, 1, 5, 30, tzinfo=UTC), zones=STATES)
def test_in_the_states_a_text_leaves_only_by_day_in_every_zone(now: datetime, zones: tuple[str, ...]) -> None:
    by_day = all(9 <= now.astimezone(ZoneInfo(zone)).hour < 20 for zone in zones)
    assert allowed(now, zones) is by_day


@given(now=moments, zones=anywhere)
@example(now=datetime(2028, 2, 29, 4, 0, tzinfo=UTC), zones=(HOME, GUAM, BERMUDA))
def test_the_next_moment_is_allowed_is_the_first_and_comes_within_a_day(now: datetime, zones: tuple[str, ...]) -> None:
    later = next_allowed(now, zones)
    assert allowed(later, zones) and now <= later <= now + timedelta(hours=36)
    assert next_allowed(later, zones) == later
    assert (later == now) is allowed(now, zones)
    assert later == now or not allowed(later - timedelta(microseconds=1), zones)


@given(now=moments, zones=anywhere)
def test_the_affiliates_own_hours_are_never_left(now: datetime, zones: tuple[str, ...]) -> None:
    assert not allowed(now, zones) or allowed(now, zones[:1])


def test_a_day_begins_and_ends_at_the_affiliates_midnight() -> None:
    late = at("2026-10-31 23:30")
    assert day_of(late, HOME) == at("2026-10-31 00:00")
    assert day_after(late, HOME) == at("2026-11-01 00:00")
    assert day_after(at("2026-11-01 23:30"), HOME) == at("2026-11-02 00:00")


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="without a zone"):
        allowed(datetime(2026, 11, 24, 12), (HOME,))
