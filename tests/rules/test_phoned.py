"""The birth of a child whose family phoned: a date, an age, or both when they agree."""

from __future__ import annotations

from datetime import date

import pytest

from intake.rules.phoned import Born, PhonedProblem, read_birth

TODAY = date(2026, 11, 26)
P = PhonedProblem


@pytest.mark.parametrize(
    ("day", "months", "read"),
    [
        (date(2025, 3, 4), None, Born(date(2025, 3, 4), exact=True)),
        (None, 20, Born(date(2025, 3, 26), exact=False)),  # the latest day that makes the child 20 months old
        (None, 0, Born(TODAY, exact=False)),
        (TODAY, None, Born(TODAY, exact=True)),
        (date(2025, 3, 4), 20, Born(date(2025, 3, 4), exact=True)),  # they agree, and the date is exact
        (date(2025, 3, 4), 8, P.BIRTH_AND_AGE_DIFFER),
        (None, None, P.BIRTH_MISSING),
        (date(2026, 11, 27), None, P.BIRTH_FUTURE),
        (date(2017, 11, 26), None, P.BIRTH_OVER_AGE),  # the ninth birthday
        (date(2017, 11, 27), None, Born(date(2017, 11, 27), exact=True)),
        (None, 107, Born(date(2017, 12, 26), exact=False)),
        (None, 108, P.BIRTH_OVER_AGE),
        (None, -1, P.BIRTH_NOT_READ),
    ],
)
def test_a_birth_is_read_from_a_date_an_age_or_both(
    day: date | None, months: int | None, read: Born | PhonedProblem
) -> None:
    assert read_birth(day, months, TODAY) == read
