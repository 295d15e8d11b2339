"""The federal holidays of the United States, worked out from the law (5 U.S.C. 6103) for any year.

A holiday on a Saturday is observed on the Friday before, one on a Sunday on the Monday after (5 U.S.C. 6103(b) and Executive
Order 11582). A state's own holidays and Inauguration Day, which holds in the capital alone, are not among them.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache

_MONDAY, _THURSDAY, _SATURDAY, _SUNDAY = 0, 3, 5, 6
# New Year's Day, Juneteenth (since 2021), Independence Day, Veterans Day, Christmas Day.
_ON_A_DATE = ((1, 1), (6, 19), (7, 4), (11, 11), (12, 25))
# Birthday of Martin Luther King, Washington's Birthday, Labor Day, Columbus Day, Thanksgiving Day: month, weekday, which one.
_ON_A_WEEKDAY = ((1, _MONDAY, 3), (2, _MONDAY, 3), (9, _MONDAY, 1), (10, _MONDAY, 2), (11, _THURSDAY, 4))


def is_federal_holiday(day: date) -> bool:
    """Whether federal offices are closed on ``day`` for a holiday, or for the day on which one is observed."""
    # New Year's Day on a Saturday is observed in the year before.
    return day in _observed(day.year) or ((day.month, day.day) == (12, 31) and day in _observed(day.year + 1))


@cache
def _observed(year: int) -> frozenset[date]:
    dated = (date(year, month, day) for month, day in _ON_A_DATE)
    counted = (_nth(year, month, weekday, which) for month, weekday, which in _ON_A_WEEKDAY)
    memorial_day = _nth(year, 6, _MONDAY, 1) - timedelta(days=7)  # the last Monday of May
    return frozenset((*map(_observed_on, dated), *counted, memorial_day))


def _nth(year: int, month: int, weekday: int, which: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (which - 1))


def _observed_on(day: date) -> date:
    return day + timedelta(days={_SATURDAY: -1, _SUNDAY: 1}.get(day.weekday(), 0))
