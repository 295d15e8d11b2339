"""A promised call: a day with a part of it or a time, neither past nor more than 90 days ahead."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.rules.promised import MOST_DAYS_AHEAD, PartOfDay, Promise, PromiseProblem, read_promise

ZONE = ZoneInfo("America/New_York")
NOW = datetime(2026, 3, 4, 10, 30, tzinfo=ZONE)  # a Wednesday
LAST_DAY = (NOW.date() + timedelta(days=MOST_DAYS_AHEAD)).isoformat()

ROWS = [
    ("nothing was promised", ("", "", ""), None),
    ("the part that stands there by itself", ("", "any_time", ""), None),
    ("a part without a day", ("", "morning", ""), PromiseProblem.NO_DAY),
    ("a time without a day", ("", "", "14:30"), PromiseProblem.NO_DAY),
    ("a time", ("2026-03-05", "", "14:30"), (datetime(2026, 3, 5, 14, 30, tzinfo=ZONE), None)),
    ("a time says more than a part", ("2026-03-05", "morning", "14:30"), (datetime(2026, 3, 5, 14, 30, tzinfo=ZONE), None)),
    ("midnight is a time", ("2026-03-05", "", "00:00"), (datetime(2026, 3, 5, tzinfo=ZONE), None)),
    ("a morning ends at noon", ("2026-03-04", "morning", ""), (datetime(2026, 3, 4, 12, tzinfo=ZONE), PartOfDay.MORNING)),
    ("an evening", ("2026-03-04", "evening", ""), (datetime(2026, 3, 4, 20, tzinfo=ZONE), PartOfDay.EVENING)),
    ("a day alone", ("2026-03-04", "", ""), (datetime(2026, 3, 4, 20, tzinfo=ZONE), PartOfDay.ANY_TIME)),
    ("after the clocks change", ("2026-03-09", "morning", ""), (datetime(2026, 3, 9, 16, tzinfo=UTC), PartOfDay.MORNING)),
    ("this very minute", ("2026-03-04", "", "10:30"), PromiseProblem.IN_THE_PAST),
    ("yesterday", ("2026-03-03", "", ""), PromiseProblem.IN_THE_PAST),
    ("the last day", (LAST_DAY, "", ""), (datetime(2026, 6, 2, 20, tzinfo=ZONE), PartOfDay.ANY_TIME)),
    ("a day too far", ("2026-06-03", "", "08:00"), PromiseProblem.TOO_FAR),
    ("a slip of the year", ("9999-12-31", "", ""), PromiseProblem.TOO_FAR),
    ("no day", ("tomorrow", "", ""), PromiseProblem.NOT_READ),
    ("no time", ("2026-03-05", "", "25:00"), PromiseProblem.NOT_READ),
    ("no part", ("2026-03-05", "night", ""), PromiseProblem.NOT_READ),
]


@pytest.mark.parametrize(("remark", "typed", "expected"), ROWS, ids=[row[0] for row in ROWS])
def test_a_promise_is_read(remark: str, typed: tuple[str, str, str],
                           expected: tuple[datetime, PartOfDay | None] | PromiseProblem | None) -> None:
    read = read_promise(*typed, NOW, ZONE)
    assert (read.at, read.part) == expected if isinstance(read, Promise) else read is expected


def test_a_morning_that_is_over_is_past() -> None:
    afternoon = NOW + timedelta(hours=2)
    assert read_promise("2026-03-04", "morning", "", afternoon, ZONE) is PromiseProblem.IN_THE_PAST
    assert isinstance(read_promise("2026-03-04", "afternoon", "", afternoon, ZONE), Promise)


@given(st.dates(), st.sampled_from(["", *PartOfDay]), st.one_of(st.just(""), st.times().map(str)),
       st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC)))
def test_what_is_read_as_a_promise_can_be_kept(day: date, part: str, clock: str, now: datetime) -> None:
    read = read_promise(day.isoformat(), part, clock, now, ZONE)
    if isinstance(read, Promise):
        assert now < read.at < now + timedelta(days=MOST_DAYS_AHEAD + 2)
        assert (read.part is None) == bool(clock)
    else:
        assert read in (PromiseProblem.IN_THE_PAST, PromiseProblem.TOO_FAR)


@given(st.text(), st.text(), st.text())
def test_nothing_that_is_typed_breaks_it(day: str, part: str, clock: str) -> None:
    read = read_promise(day, part, clock, NOW, ZONE)
    assert read is None or isinstance(read, Promise | PromiseProblem)
