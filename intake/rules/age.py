"""A child's age in calendar months, and the corrected age of a child born early.

Age is counted the way a calendar counts it, never in 30-day months. The corrected age serves the choice of a checklist
only; programs, fever and honey go by the true birth date (rule P4).
"""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

# "3 or more weeks early" until the second birthday: the ASQ authors' rule and the widest of those in use
# (http://support.agesandstages.com/kb/article/312), in line with the AAP's "up to 2 years after birth".
WEEKS_EARLY_TO_CORRECT = 3
CORRECTION_ENDS_AT_MONTHS = 24
# No child born more than 20 weeks before the due date has lived: a larger number is a slip of the pen.
MOST_WEEKS_EARLY = 20
# Help Me Grow serves "to age 8", that is, until the ninth birthday
# (https://www.zerotothree.org/resources/2106-connecticut-puts-developmental-needs-first-with-help-me-grow-hmg).
SERVED_UNTIL_MONTHS = 9 * 12


class BirthInFuture(ValueError):
    """The birth date lies after today, so there is no age."""


class BirthProblem(StrEnum):
    """Why a birth date cannot be worked with."""

    FUTURE = "future"
    OVER_AGE = "over_age"


@dataclass(frozen=True)
class AgeForChecklist:
    """Both ages in completed months: the true one, and the one the checklist is chosen by."""

    true_months: int
    used_months: int
    adjusted: bool


def add_months(day: date, months: int) -> date:
    """The same day of the month, ``months`` (0 or more) later; the last day where that month is shorter.

    31 January and one month is the last day of February. A child born on 29 February has the birthday on
    28 February in other years: the earlier day, so that no rule that ends at a birthday runs a day too long.
    """
    years, month0 = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month0 + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def completed_months(birth: date, today: date) -> int:
    """Whole calendar months from ``birth`` to ``today``; a month counts once its day is reached (rule A6).

    Raises BirthInFuture when ``birth`` is after ``today``.
    """
    if birth > today:
        raise BirthInFuture("the birth date is in the future")
    months = (today.year - birth.year) * 12 + today.month - birth.month
    return months if add_months(birth, months) <= today else months - 1


def latest_birth_date(months: int, today: date) -> date:
    """The latest birth date that makes a child ``months`` (0 or more) completed months old on ``today``.

    Used when only an age is told: of all days that fit it makes the child youngest, so that the younger list is taken (A1).
    """
    years, month0 = divmod(today.year * 12 + today.month - 1 - months, 12)
    last = calendar.monthrange(years, month0 + 1)[1]
    days = (date(years, month0 + 1, day) for day in range(last, 0, -1))
    return next(day for day in days if add_months(day, months) <= today)


def adjusted_birth_date(birth: date, weeks_early: int) -> date:
    """The birth date moved forward by whole weeks, that is, the due date (rule P2). ``weeks_early`` is 0 to 20."""
    if not 0 <= weeks_early <= MOST_WEEKS_EARLY:
        raise ValueError(f"weeks early must be 0 to {MOST_WEEKS_EARLY}")
    return birth + timedelta(weeks=weeks_early)


def is_adjusted(birth: date, weeks_early: int | None, today: date) -> bool:
    """Whether the age is corrected: 3 or more weeks early and truly under 24 months, not on that day (rule P1)."""
    if weeks_early is None or weeks_early < WEEKS_EARLY_TO_CORRECT:
        return False
    return completed_months(birth, today) < CORRECTION_ENDS_AT_MONTHS


def checklist_months(birth: date, weeks_early: int | None, today: date) -> AgeForChecklist:
    """The true age and the age to choose the checklist by (rules A2, P1, P2).

    Before the due date the corrected age is 0. Raises BirthInFuture like ``completed_months``.
    """
    true_months = completed_months(birth, today)
    if weeks_early is None or not is_adjusted(birth, weeks_early, today):
        return AgeForChecklist(true_months, true_months, adjusted=False)
    due = adjusted_birth_date(birth, weeks_early)
    return AgeForChecklist(true_months, completed_months(min(due, today), today), adjusted=True)


def check_birth(birth: date, today: date) -> BirthProblem | None:
    """What is wrong with a birth date, or None: in the future (rule A6), or the ninth birthday is reached (rule A5)."""
    if birth > today:
        return BirthProblem.FUTURE
    if completed_months(birth, today) >= SERVED_UNTIL_MONTHS:
        return BirthProblem.OVER_AGE
    return None
