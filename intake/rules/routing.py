"""Which Connecticut programs fit a family: by true age, place and worry, with the rule behind each.

A program "may help"; whether a child is eligible is the program's decision and never ours. 211 Child Development is the
single door behind all of them, so it is the answer whenever no other is clear.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from intake.rules.age import BirthProblem, add_months, check_birth, completed_months
from intake.rules.concerns import ConcernDomain

# Birth to Three serves until the third birthday (https://www.birth23.org/referral/about-referrals/referrals/).
BIRTH_TO_THREE_ENDS_AT_MONTHS = 36
# No Birth to Three referral when the third birthday is this near (https://cdi.211ct.org/program/birth-to-three/).
# That exactly 45 days counts as "within 45 days" is our reading; a person at the program has to confirm it.
DAYS_BEFORE_THIRD_BIRTHDAY = 45
# Preschool special education: ages 3, 4 and 5 (https://cdi.211ct.org/program/early-childhood-special-education/).
PRESCHOOL_ENDS_AT_MONTHS = 72
# Ages & Stages by Sparkler: birth to 5 years
# (https://www.ctoec.org/news/oec-launches-sparkler-mobile-app-for-parents-and-caregivers/).
SPARKLER_ENDS_AT_MONTHS = 72
# Blood lead: a child under 6 with developmental delay should be tested (https://authoring-stage.ct.egov.com/dph/
# environmental-health/lead-poisoning-prevention-and-control/for-medical-providers); Healthy Homes has the same age.
LEAD_ADVICE_ENDS_AT_MONTHS = 72
# Easy Breathing takes children from 6 months (https://chip.uconn.edu/research/intervention-resources/easy-breathing/).
EASY_BREATHING_FROM_MONTHS = 6

CT211 = "ct211_child_development"
HELP_ME_GROW = "help_me_grow_ct"
BIRTH_TO_THREE = "birth_to_three"
PRESCHOOL_SPECIAL_EDUCATION = "early_childhood_special_education"
SPARKLER = "ages_and_stages_sparkler"
HEALTHY_HOMES = "healthy_homes"
EASY_BREATHING = "easy_breathing"
SAFE_KIDS = "injury_prevention_safe_kids"
MEDICAL_HOME = "cyshcn_medical_home"

_NOT_ABOUT_DEVELOPMENT = frozenset(
    {
        ConcernDomain.MEDICAL_HEALTH,
        ConcernDomain.FAMILY_SUPPORT,
        ConcernDomain.HOUSING_LEAD,
        ConcernDomain.ASTHMA_BREATHING,
        ConcernDomain.INJURY_VIOLENCE,
    }
)


@dataclass(frozen=True)
class ProgramFit:
    """A program that may help (its id in content/programs) and the rule that chose it."""

    program_id: str
    reason_rule: str


@dataclass(frozen=True)
class Hint:
    """Something to tell the family besides the programs: ``code`` names the line, ``rule`` its source."""

    code: str
    rule: str


def days_to_third_birthday(birth: date, today: date) -> int:
    """Calendar days from ``today`` to the third birthday; 0 on the day, negative after it."""
    return (add_months(birth, BIRTH_TO_THREE_ENDS_AT_MONTHS) - today).days


def no_program_reason(birth: date | None, today: date, *, in_connecticut: bool | None) -> str | None:
    """Why ``programs_for`` gives none: "out_of_state", "over_age" (ninth birthday reached), or None."""
    if in_connecticut is False:
        return "out_of_state"
    if birth is not None and check_birth(birth, today) is BirthProblem.OVER_AGE:
        return "over_age"
    return None


def programs_for(
    birth: date | None,
    today: date,
    *,
    in_connecticut: bool | None,
    concerns: frozenset[ConcernDomain],
    already_in_birth_to_three: bool = False,
    flagged: bool,
    near_programs: Collection[str] = (),
) -> tuple[ProgramFit, ...]:
    """The programs that may help, the best door first, each once.

    Goes by the true birth date only (P4). Nothing flagged: Help Me Grow and the Ages & Stages app. Out of state or over
    age: none, see ``no_program_reason``. ``near_programs`` are ids of place-based programs of the family's ZIP code.
    An unknown state counts as Connecticut, because 211 Child Development will ask.
    """
    if no_program_reason(birth, today, in_connecticut=in_connecticut) is not None:
        return ()
    months = completed_months(birth, today) if birth is not None and birth <= today else None
    if not flagged:
        return _monitoring(months)
    fits = [
        *_by_age(birth, today, months, already_in_birth_to_three),
        *_by_concern(concerns, months),
        *(ProgramFit(program, "place") for program in sorted(near_programs)),
    ]
    return _each_once(fits)


def hints_for(
    birth: date | None, today: date, *, concerns: frozenset[ConcernDomain], flagged: bool
) -> tuple[Hint, ...]:
    """What a flagged family is told besides the programs.

    ``evaluation_and_specialist``: ask the doctor for a specialist and call for a free evaluation at the same time, no
    diagnosis needed (T5, https://storymd.com/amp/dmqnrz9iem). ``hearing_test`` (T6). ``lead_test``: a child under 6
    with a developmental worry should get a blood lead test (T7). By the true birth date.
    """
    if not flagged:
        return ()
    hints = []
    if not concerns or concerns - _NOT_ABOUT_DEVELOPMENT:
        hints.append(Hint("evaluation_and_specialist", "T5"))
        if birth is not None and birth <= today and completed_months(birth, today) < LEAD_ADVICE_ENDS_AT_MONTHS:
            hints.append(Hint("lead_test", "T7"))
    if ConcernDomain.HEARING_VISION in concerns:
        hints.append(Hint("hearing_test", "T6"))
    return tuple(hints)


def _monitoring(months: int | None) -> tuple[ProgramFit, ...]:
    if months is not None and months >= SPARKLER_ENDS_AT_MONTHS:
        return (ProgramFit(HELP_ME_GROW, "W7"),)
    return (ProgramFit(HELP_ME_GROW, "W7"), ProgramFit(SPARKLER, "W7"))


def _by_age(birth: date | None, today: date, months: int | None, already_in: bool) -> list[ProgramFit]:
    if birth is None or months is None:
        return [ProgramFit(CT211, "W7"), ProgramFit(HELP_ME_GROW, "W7")]
    if months < BIRTH_TO_THREE_ENDS_AT_MONTHS:
        return _under_three(days_to_third_birthday(birth, today), already_in)
    if months < PRESCHOOL_ENDS_AT_MONTHS:
        return [ProgramFit(PRESCHOOL_SPECIAL_EDUCATION, "W4"), ProgramFit(CT211, "W4")]
    return [ProgramFit(CT211, "W7"), ProgramFit(HELP_ME_GROW, "W7")]


def _under_three(days_left: int, already_in: bool) -> list[ProgramFit]:
    if already_in:
        # The family's own Birth to Three program plans what comes next; a second referral would cross it.
        return [ProgramFit(CT211, "W5"), ProgramFit(HELP_ME_GROW, "W5")]
    if days_left <= DAYS_BEFORE_THIRD_BIRTHDAY:
        return [ProgramFit(CT211, "W2"), ProgramFit(PRESCHOOL_SPECIAL_EDUCATION, "W2")]
    return [ProgramFit(BIRTH_TO_THREE, "W1"), ProgramFit(CT211, "W1")]


def _by_concern(concerns: frozenset[ConcernDomain], months: int | None) -> list[ProgramFit]:
    fits = []
    if ConcernDomain.HOUSING_LEAD in concerns and (months is None or months < LEAD_ADVICE_ENDS_AT_MONTHS):
        fits.append(ProgramFit(HEALTHY_HOMES, "concern"))
    if ConcernDomain.ASTHMA_BREATHING in concerns and (months is None or months >= EASY_BREATHING_FROM_MONTHS):
        fits.append(ProgramFit(EASY_BREATHING, "concern"))
    if ConcernDomain.INJURY_VIOLENCE in concerns:
        fits.append(ProgramFit(SAFE_KIDS, "concern"))
    if ConcernDomain.MEDICAL_HEALTH in concerns:
        fits.append(ProgramFit(MEDICAL_HOME, "concern"))
    return fits


def _each_once(fits: list[ProgramFit]) -> tuple[ProgramFit, ...]:
    first_of: dict[str, ProgramFit] = {}
    for fit in fits:
        first_of.setdefault(fit.program_id, fit)
    return tuple(first_of.values())
