"""Which checklist a child gets: the younger of two, by the corrected age, none at the ends."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.rules.age import add_months
from intake.rules.checklist import CHECKLIST_MONTHS, checklist_for

BIRTH = date(2020, 3, 10)

CHOICES = [
    ("A4", "one day under two months", date(2020, 5, 9), None),
    ("A1", "two months to the day", date(2020, 5, 10), 2),
    ("A1", "20 months takes the 18-month list", date(2021, 11, 10), 18),
    ("A1", "29 months is never rounded up", date(2022, 8, 10), 24),
    ("A1", "the day before 15 months takes the 12-month list", date(2021, 6, 9), 12),
    ("A5", "five years", date(2025, 3, 10), 60),
    ("A5", "the last day before six years", date(2026, 3, 9), 60),
    ("A5", "six years has no list", date(2026, 3, 10), None),
]


@pytest.mark.parametrize(("rule", "remark", "today", "months"), CHOICES, ids=[f"{r[0]}-{r[1]}" for r in CHOICES])
def test_the_checklist_is_the_last_one_already_reached(rule: str, remark: str, today: date, months: int | None) -> None:
    choice = checklist_for(BIRTH, None, today)
    assert (choice.months, choice.reason) == (months, rule), remark


@pytest.mark.parametrize("months", CHECKLIST_MONTHS)
def test_a3_each_list_starts_on_its_day_and_not_before(months: int) -> None:
    day = add_months(BIRTH, months)
    assert checklist_for(BIRTH, None, day).months == months
    assert checklist_for(BIRTH, None, day - timedelta(days=1)).months != months


def test_a2_an_early_birth_takes_the_list_of_the_corrected_age_and_shows_both_ages() -> None:
    choice = checklist_for(BIRTH, 8, date(2020, 9, 20))
    assert (choice.months, choice.reason) == (4, "A2")
    assert (choice.age.true_months, choice.age.used_months) == (6, 4)


def test_a4_a_corrected_age_under_two_months_has_no_list() -> None:
    assert checklist_for(BIRTH, 8, date(2020, 6, 1)).months is None


def test_p1_at_two_years_the_true_age_decides() -> None:
    assert checklist_for(BIRTH, 12, date(2022, 3, 9)).months == 18
    assert checklist_for(BIRTH, 12, date(2022, 3, 10)).months == 24


@given(st.integers(0, 3300), st.one_of(st.none(), st.integers(0, 20)))
def test_a1_the_list_is_never_older_than_the_child(days: int, weeks: int | None) -> None:
    choice = checklist_for(BIRTH, weeks, BIRTH + timedelta(days=days))
    assert choice.months is None or choice.months <= choice.age.used_months
