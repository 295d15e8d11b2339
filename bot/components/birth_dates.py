"""Birth dates as families write them, in US order, in English and Spanish.

"3/4/23" is March 4 in English. In Spanish the same digits are as often April 3, so they are ambiguous and
asked about: a birth date is never shifted silently, since a month more or less is another checklist.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

# The conversation is about children below school age; eighteen years is far outside any reading that makes
# sense.
TOO_OLD_YEARS = 18


@dataclass(frozen=True)
class Birth:
    """What a message says about a birth. `reason` says why a date is missing or doubtful.

    Reasons: impossible, future, too_old, day_month_order, two_digit_year, day_missing, year_missing,
    month_missing, unit_missing, almost, several, weeks_from_months. `readings` are the few things a doubtful text
    can mean, best first: ISO dates, or ages as P3Y and P3M.
    """

    dob: date | None = None
    months: int | None = None
    weeks_early: int | None = None
    ambiguous: bool = False
    reason: str | None = None
    readings: tuple[str, ...] = ()


MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan enero ene",
            "february feb febrero febr febuary",
            "march mar marzo marz",
            "april apr abril abr",
            "may mayo",
            "june jun junio",
            "july jul julio",
            "august aug agosto ago agost",
            "september sept sep septiembre setiembre",
            "october oct octubre",
            "november nov noviembre",
            "december dec diciembre dic",
        ),
        start=1,
    )
    for name in names.split()
}
_MONTH = "(" + "|".join(sorted(MONTHS, key=len, reverse=True)) + r")\b\.?"
_YEAR = r"'?(\d{4}|\d{2})(?!\d|\s*(?:years?|yrs?|anos?|months?|meses|mos?|weeks?|semanas?|am|pm))"
_DAY = r"(?<!\d)(\d{1,2})(?!\d)(?:st|nd|rd|th|ro|ero|er|o|°|º)?"

_ISO = re.compile(r"(?<!\d)(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?!\d)")
_DIGITS = re.compile(r"(?<![\d/.-])(\d{1,2})\s?([-/.])\s?(\d{1,2})\s?\2\s?(\d{4}|\d{2})(?!\d)")
_RUN_TOGETHER = re.compile(r"(?<![\d-])([01]\d)([0-3]\d)((?:19|20)\d\d)(?!\d)")
_MONTH_FIRST = re.compile(rf"\b{_MONTH}\s*(?:the )?{_DAY}\s*(?:,|of|del?)?\s*{_YEAR}")
_DAY_FIRST = re.compile(rf"{_DAY}\s*(?:of|de|-|/)?\s*{_MONTH}\s*(?:,|-|/|of|del? ano|del?)?\s*{_YEAR}")
_NO_DAY = re.compile(rf"\b{_MONTH}\s*(?:,|-|/|of|del?)?\s*((?:19|20)\d\d)(?!\d)")
_NO_YEAR = re.compile(rf"\b(?:{_MONTH}\s*(?:the )?{_DAY}(?!\d)|{_DAY}\s*(?:of|de)?\s*{_MONTH})")
_NO_YEAR_DIGITS = re.compile(r"^\D{0,20}?(?<![\d/.])(0?[1-9]|1[0-2])[/-](\d{1,2})(?![\d/-])\D{0,4}$")
_MONTH_ALONE = re.compile(rf"\b(?:in|en|born|nacio|nacida|nacido) {_MONTH}(?!\s*\d)")
_YEAR_ALONE = re.compile(
    r"\b(?:in|en|el|del|born|nacio|year|ano)\s+(20\d\d|19\d\d)\b|^\s*(20\d\d|19\d\d)\s*$"
)
_SPANISH = re.compile(
    r"\b(nacio|nacid[oa]|naci|fecha|cumple|cumpleanos|el|de|es|mi|hijo|hija|nene|nena|bebe|nino|nina)\b"
)
_MONTH_SLIP = re.compile(r"\bprimero (?=de )")


def read_dates(folded: str, today: date, language: str) -> list[Birth]:
    """Every date in a folded text, complete ones first; partial ones only where no complete one stands."""
    folded = _MONTH_SLIP.sub("1 ", folded)
    whole = _whole_dates(folded, today, language)
    if whole:
        return whole
    if _NO_DAY.search(folded):
        return [Birth(ambiguous=True, reason="day_missing")]
    if _NO_YEAR.search(folded) or _NO_YEAR_DIGITS.search(folded):
        return [Birth(ambiguous=True, reason="year_missing")]
    if _MONTH_ALONE.search(folded):
        return [Birth(ambiguous=True, reason="year_missing")]
    if _YEAR_ALONE.search(folded):
        return [Birth(ambiguous=True, reason="month_missing")]
    return []


def _whole_dates(folded: str, today: date, language: str) -> list[Birth]:
    found: list[Birth] = []
    for match in _ISO.finditer(folded):
        found.append(_checked(match.group(1), match.group(2), match.group(3), today))
    for match in _DIGITS.finditer(folded):
        found.append(
            _numeric(match.group(1), match.group(3), match.group(4), today, _reads_spanish(folded, language))
        )
    for match in _RUN_TOGETHER.finditer(folded):
        found.append(
            _numeric(match.group(1), match.group(2), match.group(3), today, _reads_spanish(folded, language))
        )
    for match in _MONTH_FIRST.finditer(folded):
        found.append(_checked(match.group(3), str(MONTHS[match.group(1)]), match.group(2), today))
    if not found:
        for match in _DAY_FIRST.finditer(folded):
            found.append(_checked(match.group(3), str(MONTHS[match.group(2)]), match.group(1), today))
    return list(dict.fromkeys(found))


def _reads_spanish(folded: str, language: str) -> bool:
    return language == "es" or bool(_SPANISH.search(folded))


def _numeric(first: str, second: str, year: str, today: date, spanish: bool) -> Birth:
    us_order = _checked(year, first, second, today)
    if us_order.reason == "two_digit_year" or first.lstrip("0") == second.lstrip("0"):
        return us_order
    other_order = _checked(year, second, first, today)
    if us_order.dob is None:
        # Only one order is a date: 25/3/2023 cannot be read otherwise. A future date is not turned into a
        # past one.
        return other_order if us_order.reason == "impossible" and other_order.dob else us_order
    if spanish and other_order.dob is not None:
        readings = (us_order.dob.isoformat(), other_order.dob.isoformat())
        return Birth(ambiguous=True, reason="day_month_order", readings=readings)
    return us_order


def _checked(year: str, month: str, day: str, today: date) -> Birth:
    full_year = _full_year(year, today)
    if full_year is None:
        return Birth(ambiguous=True, reason="two_digit_year")
    try:
        born = date(full_year, int(month), int(day))
    except ValueError:
        return Birth(reason="impossible")
    if born > today:
        return Birth(reason="future")
    if today.year - born.year > TOO_OLD_YEARS:
        return Birth(reason="too_old")
    return Birth(dob=born)


def _full_year(year: str, today: date) -> int | None:
    """Four digits as written; two digits in this century, unless that lies ahead."""
    if len(year) == 4:
        return int(year)
    this_century = today.year // 100 * 100 + int(year)
    return this_century if this_century <= today.year else None
