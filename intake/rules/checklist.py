"""Which milestone checklist fits a child: the last one whose age is already reached, never the next or the nearest.

The lists help a family and a doctor talk. They are no screening, and no age level is ever computed from them.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import date

from intake.rules.age import AgeForChecklist, checklist_months

# One list for each well-child visit from 2 months to 5 years
# (https://tnaap.org/resources/blog/03/2022/what-you-should-know-about-the-updated-developmental-milestones/).
CHECKLIST_MONTHS = (2, 4, 6, 9, 12, 15, 18, 24, 30, 36, 48, 60)
# The five-year list is the last one; from the sixth birthday there is none (rule A5).
NO_CHECKLIST_FROM_MONTHS = 72


@dataclass(frozen=True)
class ChecklistChoice:
    """The list's age in ``months`` (None: no list), the ``age`` it was chosen by, the rule that decided."""

    months: int | None
    age: AgeForChecklist
    reason: str


def checklist_for(birth: date, weeks_early: int | None, today: date) -> ChecklistChoice:
    """The checklist of a child on ``today``.

    Between two ages the younger list is taken (A1, https://www.cdc.gov/ncbddd/wicguide/four-simple-steps.html), by the
    corrected age where it applies (A2); none under 2 months (A4) and none from 6 years (A5).
    Raises BirthInFuture when ``birth`` is after ``today``.
    """
    age = checklist_months(birth, weeks_early, today)
    if age.used_months < CHECKLIST_MONTHS[0]:
        return ChecklistChoice(None, age, "A4")
    if age.used_months >= NO_CHECKLIST_FROM_MONTHS:
        return ChecklistChoice(None, age, "A5")
    months = CHECKLIST_MONTHS[bisect_right(CHECKLIST_MONTHS, age.used_months) - 1]
    return ChecklistChoice(months, age, _reason(months, age))


def _reason(months: int, age: AgeForChecklist) -> str:
    if months == CHECKLIST_MONTHS[-1]:
        return "A5"
    return "A2" if age.adjusted else "A1"
