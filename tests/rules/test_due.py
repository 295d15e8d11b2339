"""When a case is due: by the hour in an emergency, else by business days in the affiliate's time zone."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.rules.due import CLOSES, OPENS, BusinessTime, Calendar, Lateness, due_at, lateness, overdue_when_before
from intake.rules.federal_holidays import is_federal_holiday
from intake.rules.triage import Urgency

ZONE = ZoneInfo("America/New_York")
CALENDAR = Calendar(ZONE)
BY_BUSINESS_DAYS = (Urgency.URGENT, Urgency.STANDARD)
MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2028, 12, 31), timezones=st.just(UTC))
URGENCIES = st.sampled_from([Urgency.EMERGENCY, *BY_BUSINESS_DAYS])


def at(text: str) -> datetime:
    """A moment in New York, "2026-11-24 15:00"."""
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


# urgency, came in, due, remark
ROWS = [
    ("emergency", "2026-11-24 15:00", "2026-11-24 16:00", "within the hour"),
    ("emergency", "2026-11-28 23:30", "2026-11-29 00:30", "at night and on a Saturday too"),
    ("urgent", "2026-11-24 10:00", "2026-11-24 17:00", "by the close of the same business day"),
    ("urgent", "2026-11-24 16:59", "2026-11-24 17:00", "the day it came in is the day it is due"),
    ("urgent", "2026-11-24 17:00", "2026-11-25 17:00", "after the close it counts as the next morning"),
    ("urgent", "2026-11-25 19:00", "2026-11-27 17:00", "Thanksgiving is no business day"),
    ("urgent", "2026-11-28 09:00", "2026-11-30 17:00", "a Saturday counts as Monday"),
    ("standard", "2026-11-23 15:00", "2026-11-25 15:00", "two business days, the same time of day"),
    ("standard", "2026-11-24 15:00", "2026-11-27 15:00", "over Thanksgiving"),
    ("standard", "2026-11-24 06:00", "2026-11-27 08:00", "before the opening it counts as the opening"),
    ("standard", "2026-11-27 18:00", "2026-12-02 08:00", "on a Friday evening: Monday morning, and two days more"),
    ("standard", "2026-07-02 10:00", "2026-07-07 10:00", "July 4 on a Saturday is observed on Friday"),
    ("standard", "2027-03-12 10:00", "2027-03-16 10:00", "the clocks change on the Sunday between; the time of day stays"),
]


@pytest.mark.parametrize(("urgency", "since", "due", "remark"), ROWS, ids=[row[3] for row in ROWS])
def test_a_case_is_due_when_the_table_says(urgency: str, since: str, due: str, remark: str) -> None:
    assert due_at(Urgency(urgency), at(since), CALENDAR) == at(due), remark


def test_by_business_days_nothing_falls_due_outside_business_hours() -> None:
    moment = at("2026-11-20 00:00")
    while moment < at("2026-12-10 00:00"):
        for urgency in BY_BUSINESS_DAYS:
            due = due_at(urgency, moment, CALENDAR).astimezone(ZONE)
            assert CALENDAR.is_business_day(due.date()) and OPENS <= due.time() <= CLOSES
        moment += timedelta(minutes=37)


@given(urgency=URGENCIES, since=MOMENTS)
def test_nothing_is_due_before_it_came_in(urgency: Urgency, since: datetime) -> None:
    assert due_at(urgency, since, CALENDAR) > since


@given(urgency=URGENCIES, since=MOMENTS, later=st.timedeltas(timedelta(0), timedelta(days=9)))
def test_who_came_first_is_never_due_later(urgency: Urgency, since: datetime, later: timedelta) -> None:
    assert due_at(urgency, since, CALENDAR) <= due_at(urgency, since + later, CALENDAR)


@given(since=MOMENTS)
def test_the_graver_case_is_never_due_after_the_other(since: datetime) -> None:
    urgent, standard = (due_at(urgency, since, CALENDAR) for urgency in BY_BUSINESS_DAYS)
    assert urgent <= standard


@given(urgency=URGENCIES, since=MOMENTS, waited=st.timedeltas(timedelta(0), timedelta(days=9)))
def test_the_line_before_which_cases_are_overdue_is_the_due_time_turned_round(
    urgency: Urgency, since: datetime, waited: timedelta
) -> None:
    now = since + waited
    assert (due_at(urgency, since, CALENDAR) < now) == (since < overdue_when_before(urgency, now, CALENDAR))


@pytest.mark.parametrize("clock", [OPENS, time(8, 0, 1), time(12), CLOSES, time(17, 0, 1), time(23)])
@pytest.mark.parametrize("urgency", BY_BUSINESS_DAYS)
def test_the_line_holds_at_the_edges_of_the_business_day(urgency: Urgency, clock: time) -> None:
    now = datetime.combine(date(2026, 11, 24), clock, ZONE)
    edges = [datetime.combine(date(2026, 11, day), each, ZONE) for day in range(17, 25)
             for each in (time(7, 59), OPENS, time(8, 0, 1), time(12), CLOSES, time(17, 0, 1))]
    line = overdue_when_before(urgency, now, CALENDAR)
    for since in edges:
        assert (due_at(urgency, since, CALENDAR) < now) == (since < line), since


@given(urgency=URGENCIES, since=MOMENTS, waited=st.timedeltas(timedelta(0), timedelta(days=30)))
def test_lateness_begins_with_the_due_time_and_only_grows(urgency: Urgency, since: datetime, waited: timedelta) -> None:
    due = due_at(urgency, since, CALENDAR)
    assert lateness(urgency, due, due, CALENDAR) is None
    late, later = (lateness(urgency, due, due + waited + timedelta(minutes=more), CALENDAR) for more in (1, 60))
    assert late is not None and later is not None and (late.days, late.minutes) <= (later.days, later.minutes)


@pytest.mark.parametrize(
    ("urgency", "due", "now", "late"),
    [
        ("standard", "2026-11-25 15:00", "2026-11-25 16:10", Lateness(0, 70)),
        ("standard", "2026-11-25 15:00", "2026-11-26 15:00", Lateness(0, 1440)),  # a holiday is no day of delay
        ("standard", "2026-11-25 15:00", "2026-11-27 09:00", Lateness(1, 2520)),
        ("standard", "2026-11-27 15:00", "2026-11-30 09:00", Lateness(1, 3960)),
        ("emergency", "2026-11-28 10:00", "2026-11-29 11:00", Lateness(1, 1500)),
    ],
)
def test_delay_is_counted_in_business_days(urgency: str, due: str, now: str, late: Lateness) -> None:
    assert lateness(Urgency(urgency), at(due), at(now), CALENDAR) == late


# As the Office of Personnel Management publishes them for 2026 and 2027.
PUBLISHED = {
    2026: "01-01 01-19 02-16 05-25 06-19 07-03 09-07 10-12 11-11 11-26 12-25",
    2027: "01-01 01-18 02-15 05-31 06-18 07-05 09-06 10-11 11-11 11-25 12-24 12-31",
}


@pytest.mark.parametrize("year", PUBLISHED)
def test_the_federal_holidays_are_those_that_are_published(year: int) -> None:
    days = [date(year, 1, 1) + timedelta(days=number) for number in range(365)]
    assert " ".join(f"{day:%m-%d}" for day in days if is_federal_holiday(day)) == PUBLISHED[year]


BUSINESS = st.builds(
    BusinessTime, opens=st.times(time(6), time(11)), closes=st.times(time(12), time(22)),
    weekdays=st.frozensets(st.integers(0, 6), min_size=1), federal_holidays_off=st.booleans(),
    emergency_within=st.timedeltas(timedelta(minutes=1), timedelta(hours=24)), urgent_days=st.integers(0, 1),
    standard_days=st.integers(1, 5))


@given(business=BUSINESS, urgency=URGENCIES, since=MOMENTS, waited=st.timedeltas(timedelta(0), timedelta(days=20)))
def test_whatever_an_affiliates_hours_the_line_is_the_due_time_turned_round(
    business: BusinessTime, urgency: Urgency, since: datetime, waited: timedelta
) -> None:
    calendar, now = Calendar(ZONE, business), since + waited
    assert (due_at(urgency, since, calendar) < now) == (since < overdue_when_before(urgency, now, calendar))


@given(business=BUSINESS, until=st.dates(date(2026, 1, 1), date(2028, 1, 1)), count=st.integers(1, 25))
def test_the_last_business_days_are_all_of_them_newest_first(business: BusinessTime, until: date, count: int) -> None:
    calendar = Calendar(ZONE, business)
    days = calendar.last_days(until, count)
    between = [days[-1] + timedelta(days=number) for number in range((until - days[-1]).days + 1)]
    assert days == [day for day in reversed(between) if calendar.is_business_day(day)] and len(days) == count
