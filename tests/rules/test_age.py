"""Ages in calendar months, early birth, and which birth dates can be worked with."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.rules.age import (
    BirthInFuture,
    BirthProblem,
    add_months,
    adjusted_birth_date,
    check_birth,
    checklist_months,
    completed_months,
    is_adjusted,
)

DAYS = st.dates(date(1990, 1, 1), date(2060, 12, 31))

COMPLETED = [
    ("A6", "born today", date(2026, 5, 10), date(2026, 5, 10), 0),
    ("A6", "the day before the month is full", date(2026, 1, 15), date(2026, 2, 14), 0),
    ("A6", "the month counts once its day is reached", date(2026, 1, 15), date(2026, 2, 15), 1),
    ("A6", "31 January is a month old on the last day of February", date(2026, 1, 31), date(2026, 2, 28), 1),
    ("A6", "31 January is not a month old on 27 February", date(2026, 1, 31), date(2026, 2, 27), 0),
    ("A6", "60 days need not be two months", date(2026, 7, 1), date(2026, 8, 30), 1),
    ("A6", "a leap-day child is one on 28 February", date(2024, 2, 29), date(2025, 2, 28), 12),
    ("A6", "a leap-day child is not one on 27 February", date(2024, 2, 29), date(2025, 2, 27), 11),
    ("A6", "a leap-day child is four on the leap day", date(2024, 2, 29), date(2028, 2, 29), 48),
    ("A6", "over the new year", date(2024, 11, 20), date(2026, 1, 20), 14),
]


@pytest.mark.parametrize(
    ("rule", "remark", "birth", "today", "months"), COMPLETED, ids=[f"{r[0]}-{r[1]}" for r in COMPLETED]
)
def test_age_is_whole_calendar_months(rule: str, remark: str, birth: date, today: date, months: int) -> None:
    assert completed_months(birth, today) == months, (rule, remark)


def test_a6_a_birth_date_in_the_future_has_no_age() -> None:
    with pytest.raises(BirthInFuture):
        completed_months(date(2026, 5, 11), date(2026, 5, 10))


@given(DAYS, st.integers(0, 240))
def test_a6_adding_months_gives_that_many_completed_months(birth: date, months: int) -> None:
    assert completed_months(birth, add_months(birth, months)) == months


@given(DAYS, st.integers(0, 5000), st.integers(0, 5000))
def test_a6_age_never_goes_down_as_days_pass(birth: date, first: int, more: int) -> None:
    early, late = birth + timedelta(days=first), birth + timedelta(days=first + more)
    assert completed_months(birth, early) <= completed_months(birth, late)


@given(DAYS, st.integers(1, 240))
def test_a6_the_day_before_a_month_is_full_it_does_not_count(birth: date, months: int) -> None:
    assert completed_months(birth, add_months(birth, months) - timedelta(days=1)) == months - 1


ADJUSTED = [
    ("P1", "two weeks early is not early enough", 2, date(2025, 6, 1), False),
    ("P1", "three weeks early is", 3, date(2025, 6, 1), True),
    ("P1", "the day before 24 months of true age still corrects", 10, date(2026, 12, 31), True),
    ("P1", "on the day of 24 months no more", 10, date(2027, 1, 1), False),
    ("P1", "not early", 0, date(2025, 6, 1), False),
    ("P1", "nobody knows", None, date(2025, 6, 1), False),
]


@pytest.mark.parametrize(
    ("rule", "remark", "weeks", "today", "adjusted"), ADJUSTED, ids=[f"{r[0]}-{r[1]}" for r in ADJUSTED]
)
def test_an_early_birth_corrects_the_age_for_two_years(
    rule: str, remark: str, weeks: int | None, today: date, adjusted: bool
) -> None:
    assert is_adjusted(date(2025, 1, 1), weeks, today) is adjusted, (rule, remark)


def test_p2_the_birth_date_moves_by_whole_weeks_not_by_four_week_months() -> None:
    assert adjusted_birth_date(date(2025, 1, 1), 8) == date(2025, 2, 26)
    age = checklist_months(date(2025, 1, 1), 8, date(2025, 6, 25))
    assert (age.true_months, age.used_months, age.adjusted) == (5, 3, True)
    # One day later the corrected month is full.
    assert checklist_months(date(2025, 1, 1), 8, date(2025, 6, 26)).used_months == 4


def test_p2_before_the_due_date_the_corrected_age_is_zero() -> None:
    age = checklist_months(date(2025, 1, 1), 10, date(2025, 2, 5))
    assert (age.true_months, age.used_months) == (1, 0)


@pytest.mark.parametrize("weeks", [-1, 21, 40])
def test_p2_impossible_weeks_are_refused(weeks: int) -> None:
    with pytest.raises(ValueError, match="weeks early"):
        adjusted_birth_date(date(2025, 1, 1), weeks)


@given(DAYS, st.integers(0, 20), st.integers(0, 4000))
def test_p1_a_correction_never_makes_a_child_older(birth: date, weeks: int, days: int) -> None:
    age = checklist_months(birth, weeks, birth + timedelta(days=days))
    assert age.used_months <= age.true_months


BIRTHS = [
    ("N3", "tomorrow", date(2026, 11, 23), BirthProblem.FUTURE),
    ("A6", "today is a birth date", date(2026, 11, 22), None),
    ("A5", "the last day before the ninth birthday", date(2017, 11, 23), None),
    ("A5", "the ninth birthday", date(2017, 11, 22), BirthProblem.OVER_AGE),
    ("N4", "forty years old", date(1986, 1, 1), BirthProblem.OVER_AGE),
]


@pytest.mark.parametrize(("rule", "remark", "birth", "problem"), BIRTHS, ids=[f"{r[0]}-{r[1]}" for r in BIRTHS])
def test_a_birth_date_that_cannot_be_is_named(
    rule: str, remark: str, birth: date, problem: BirthProblem | None
) -> None:
    assert check_birth(birth, date(2026, 11, 22)) is problem, (rule, remark)
