"""What a case needs that staff open for a family that phoned, and what may be wrong with what they typed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from intake.rules.age import SERVED_UNTIL_MONTHS, BirthProblem, check_birth, completed_months, latest_birth_date


class HowAgreed(StrEnum):
    """How a family that phoned agreed to be contacted. The code is kept in the ledger as where the consent came from."""

    ON_THE_PHONE = "phone"
    IN_WRITING = "writing"


class PhonedProblem(StrEnum):
    """What is wrong with one field of the form; nothing is kept until all are right."""

    NAME_MISSING = "name_missing"
    NAME_TOO_LONG = "name_too_long"
    BIRTH_MISSING = "birth_missing"
    BIRTH_NOT_READ = "birth_not_read"
    BIRTH_FUTURE = "birth_future"
    BIRTH_OVER_AGE = "birth_over_age"
    BIRTH_AND_AGE_DIFFER = "birth_and_age_differ"
    WORRY_MISSING = "worry_missing"
    WORRY_TOO_LONG = "worry_too_long"
    NO_PHONE = "no_phone"
    NOT_CHOSEN = "not_chosen"
    NOT_AGREED = "not_agreed"
    HOW_NOT_SAID = "how_not_said"


@dataclass(frozen=True)
class Born:
    """A birth date; ``exact`` is false when it was worked out from an age."""

    day: date
    exact: bool


def read_birth(day: date | None, months: int | None, today: date) -> Born | PhonedProblem:
    """The birth date from the date or the age in completed months; both may be given when they agree."""
    if day is None and months is None:
        return PhonedProblem.BIRTH_MISSING
    if months is not None and not 0 <= months < SERVED_UNTIL_MONTHS:
        return PhonedProblem.BIRTH_OVER_AGE if months > 0 else PhonedProblem.BIRTH_NOT_READ
    if day is None:
        assert months is not None
        return Born(latest_birth_date(months, today), exact=False)
    problem = check_birth(day, today)
    if problem is not None:
        return PhonedProblem.BIRTH_FUTURE if problem is BirthProblem.FUTURE else PhonedProblem.BIRTH_OVER_AGE
    if months is not None and completed_months(day, today) != months:
        return PhonedProblem.BIRTH_AND_AGE_DIFFER
    return Born(day, exact=True)
