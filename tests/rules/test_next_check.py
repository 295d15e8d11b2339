"""The next age at which a child is looked at again: by the corrected age, on the day the next list begins to count."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.rules.age import checklist_months
from intake.rules.checklist import CHECKLIST_MONTHS, checklist_for
from intake.rules.next_check import NextAge, is_over_age, next_age, reached_on

TODAY = date(2026, 11, 26)
FOUR_WEEKS = timedelta(weeks=4)
DAY = timedelta(days=1)
births = st.dates(date(2017, 1, 1), TODAY)
weeks = st.none() | st.integers(0, 20)


@pytest.mark.parametrize(("birth", "weeks_early", "expected"), [
    (date(2025, 5, 20), None, NextAge(24, date(2027, 5, 20))),  # 18 months: 24 is next
    (date(2026, 1, 10), None, NextAge(12, date(2027, 1, 10))),  # 10 months
    (date(2026, 3, 10), None, NextAge(12, date(2027, 3, 10))),  # 9 months in two weeks: left out as too near
    (date(2025, 9, 1), 10, NextAge(15, date(2027, 2, 10))),  # corrected by ten weeks
    (date(2025, 1, 10), 10, NextAge(24, date(2027, 1, 10))),  # the correction ends with the second birthday
    (date(2024, 1, 31), None, NextAge(36, date(2027, 1, 31))),
    (date(2021, 10, 1), None, None),  # five years: the last list
])
def test_the_next_age_is_the_one_whose_list_comes_next(birth: date, weeks_early: int | None, expected: NextAge | None) -> None:
    assert next_age(birth, weeks_early, TODAY, CHECKLIST_MONTHS, FOUR_WEEKS) == expected


@given(births, weeks, st.sampled_from(CHECKLIST_MONTHS))
def test_the_day_an_age_is_reached_is_the_first_on_which_the_child_counts_as_that_old(
        birth: date, weeks_early: int | None, months: int) -> None:
    day = reached_on(birth, weeks_early, months)
    assert checklist_months(birth, weeks_early, day).used_months >= months
    assert checklist_months(birth, weeks_early, day - DAY).used_months < months


@given(births, weeks)
def test_on_the_day_of_the_invitation_another_list_is_due_than_today(birth: date, weeks_early: int | None) -> None:
    coming = next_age(birth, weeks_early, TODAY, CHECKLIST_MONTHS, FOUR_WEEKS)
    if coming is None:
        assert checklist_months(birth, weeks_early, TODAY + FOUR_WEEKS).used_months >= CHECKLIST_MONTHS[-1] - 1
    else:
        assert coming.day >= TODAY + FOUR_WEEKS and not is_over_age(birth, coming.day)
        assert checklist_for(birth, weeks_early, coming.day).months == coming.months


@given(births, weeks)
def test_the_screening_ages_stay_where_an_affiliate_has_no_list_for_them(birth: date, weeks_early: int | None) -> None:
    coming = next_age(birth, weeks_early, TODAY, (), FOUR_WEEKS)
    assert coming is None or coming.months in {9, 18, 24, 30}


def test_a_child_is_over_age_from_the_ninth_birthday() -> None:
    assert not is_over_age(date(2017, 11, 27), TODAY) and is_over_age(date(2017, 11, 26), TODAY)
