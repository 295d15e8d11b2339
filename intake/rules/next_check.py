"""The next age at which a child's milestones are looked at, and the day on which it is reached.

The day is the one from which ``checklist_for`` takes the next list: by the corrected age of a child born early, until the second
birthday (rule A2), else by the true one.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta

from intake.rules.age import (
    CORRECTION_ENDS_AT_MONTHS,
    SERVED_UNTIL_MONTHS,
    WEEKS_EARLY_TO_CORRECT,
    add_months,
    adjusted_birth_date,
    completed_months,
)

# General screening at 9, 18 and 30 months, for autism at 18 and 24 (https://www.cdc.gov/autism/hcp/diagnosis/screening.html).
SCREENING_MONTHS = frozenset({9, 18, 24, 30})


@dataclass(frozen=True)
class NextAge:
    """The age in ``months``, and the ``day`` on which it is reached."""

    months: int
    day: date


def reached_on(birth: date, weeks_early: int | None, months: int) -> date:
    """The day from which the child counts as ``months`` months old where a checklist is chosen."""
    true = add_months(birth, months)
    if weeks_early is None or weeks_early < WEEKS_EARLY_TO_CORRECT:
        return true
    corrected = add_months(adjusted_birth_date(birth, weeks_early), months)
    # On the second birthday the correction ends, and the child counts as 24 months old at once (rule P1).
    return min(corrected, max(true, add_months(birth, CORRECTION_ENDS_AT_MONTHS)))


def next_age(birth: date, weeks_early: int | None, today: date, ages: Collection[int], not_sooner: timedelta) -> NextAge | None:
    """The next of ``ages`` (months) and the screening ages that is reached ``not_sooner`` than that after ``today``, or None.

    An age that is nearly reached is left out: who has just answered would be asked the next list at once.
    """
    coming = (NextAge(months, reached_on(birth, weeks_early, months)) for months in sorted({*ages, *SCREENING_MONTHS}))
    return next((age for age in coming if age.day >= today + not_sooner and age.months < SERVED_UNTIL_MONTHS), None)


def is_over_age(birth: date, today: date) -> bool:
    """Whether the ninth birthday is reached, so that the child is no longer served (rule A5)."""
    return birth <= today and completed_months(birth, today) >= SERVED_UNTIL_MONTHS
