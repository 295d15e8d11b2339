"""Birth dates as families write them, in US order, in English and Spanish.

"3/4/23" is March 4 in English. In Spanish the same digits are as often April 3, so they are ambiguous and
asked about: a birth date is never shifted silently, since a month more or less is another checklist. A date may
be a stretch of days ("March 2023") or have no year ("March 4"); an age told beside it can supply what is missing.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from bot.components.birth_wording import MONTHS

# The conversation is about children below school age; eighteen years is far outside any reading that makes
# sense.
TOO_OLD_YEARS = 18


@dataclass(frozen=True)
class Birth:
    """What a message says about a birth. `reason` says why a date is missing, doubtful or only near.

    Reasons: impossible, future, too_old, day_month_order, day_missing, year_missing, month_missing, unit_missing,
    almost, several, weeks_from_months, adjusted_age. `readings` are the few things a doubtful text can mean, best
    first: ISO dates, or ages as P3Y and P3M. An age that is near enough is not `ambiguous`, but keeps its reason.
    """

    dob: date | None = None
    months: int | None = None
    weeks_early: int | None = None
    ambiguous: bool = False
    reason: str | None = None
    readings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Told:
    """One date told: the days it can be, first to last, or month and day without a year, or why it is no date."""

    days: tuple[date, date] | None = None
    month: int | None = None
    day: int | None = None
    reason: str | None = None
    readings: tuple[str, ...] = ()


_MONTH = "(" + "|".join(sorted(MONTHS, key=len, reverse=True)) + r")(?![a-z])\.?"
_YEAR = r"'?(\d{4}|\d{2})(?!\d|[/.]\d|\s*(?:years|months|weeks|days|am\b|pm\b|:))"
_DAY = r"(?<![\d/])(\d{1,2})(?!\d)(?:st|nd|rd|th|ro|ero|er|o|°|º)?(?! (?:years|months|weeks|days)|:)"
_OF = r"(?:,|-|/|\.|of|in|en|del? years|del?|el)?"
_SEPARATOR = r"\s?(?:[-/.,]+|(?<=\d) (?=\d))\s?"

_ISO = re.compile(r"(?<!\d)(\d{4})[-/. ](\d{1,2})[-/. ](\d{1,2})(?!\d)")
_ISO_RUN = re.compile(r"(?<!\d)((?:19|20)\d\d)([01]\d)([0-3]\d)(?!\d)")
_DIGITS = re.compile(
    rf"(?<![\d/.-])(\d{{1,2}}){_SEPARATOR}(\d{{1,2}}){_SEPARATOR}'?(\d{{4}}|\d{{2}})(?!\d|\s?(?:years"
    rf"|months|weeks|days))"
)
_RUN_TOGETHER = re.compile(r"(?<![\d-])([0-3]?\d)([0-3]\d)((?:19|20)\d\d)(?!\d)")
_SHORT_RUN = re.compile(r"^\D*(?<![\d-])([01]\d)([0-3]\d)(\d\d)(?!\d)\D*$")
_MONTH_FIRST = re.compile(rf"(?<![a-z]){_MONTH}\s*(?:the |el )?{_DAY}\s*{_OF}\s*{_YEAR}")
_DAY_FIRST = re.compile(rf"{_DAY}\s*(?:of|de|-|/|\.|day of)?\s*{_MONTH}\s*{_OF}\s*{_YEAR}")
_YEAR_FIRST = re.compile(
    rf"(?<!\d)((?:19|20)\d\d),?\s*(?:in|en|de|,|-)?\s*{_MONTH}(?:,?\s*(?:(?:on )?the |el (?:days )?|days )?{_DAY})?"
)
_MONTH_YEAR = re.compile(rf"(?<![a-z]){_MONTH}\s*{_OF}\s*((?:19|20)\d\d)(?!\d)")
_MONTH_SHORT_YEAR = re.compile(rf"(?<![a-z]){_MONTH}\s*(?:'|del? (?:years )?)(\d\d)(?!\d| (?:years|months|weeks))")
_MONTH_YEAR_DIGITS = re.compile(r"(?<![\d/.-])(0?[1-9]|1[0-2])\s?[-/.]\s?((?:19|20)\d\d)(?![\d/.-])")
_MONTH_DAY = re.compile(rf"(?<![a-z]){_MONTH}\s*(?:the |el )?{_DAY}(?![\d/])")
_DAY_MONTH = re.compile(rf"{_DAY}\s*(?:of|de|day of)?\s*{_MONTH}")
_MONTH_DAY_DIGITS = re.compile(
    r"^\D{0,30}?(?<![\d/.])(?:(?:0?[1-9]|1[0-2])\s?[/-]\s?\d{1,2}|\d{1,2}\s?[/-]\s?(?:0?[1-9]|1[0-2]))(?![\d/-])\D{0,12}$"
)
# "May" and "march" are other words too: without "in" or a number they tell no month.
_UNCERTAIN = ("may", "mar", "march", "ago", "sep")
_CERTAIN_MONTHS = "|".join(name for name in sorted(MONTHS, key=len, reverse=True) if name not in _UNCERTAIN)
_MONTH_ALONE = re.compile(
    rf"(?:\b(?:in|en|on|of|de|born|nacio|nacid[oa]|is|es|este|this|around|por|para)\s+{_MONTH}"
    rf"(?! pasado)|\b({_CERTAIN_MONTHS})\b|^(mayo?|mar|march|sep)$)"
)
_RECENT_MONTH = re.compile(rf"\b(?:last|past|this past|el pasado|pasado)\s+{_MONTH}|(?<![a-z]){_MONTH}\s+pasado\b")
_YEAR_ALONE = re.compile(r"(?<![\d/$.-])((?:19|20)\d\d)(?!\d|[/-]\d)")
_DAY_ALONE = re.compile(r"^\W*(?:(?:on|it'?s|born|nacio|fue|es) )*(?:the |el (?:days )?)\d{1,2}(?:st|nd|rd|th)?\W*$")
_PART_OF_MONTH = (
    (re.compile(r"\b(?:early|beginning of|start of|first week of|(?:a )?principios? de|(?:a )?inicios? de|"
        r"(?:a )?comienzos? de)\s*$"), 1, 10),
    (re.compile(r"\b(?:mid|mid-|middle of|(?:a )?mediados de)\s*$"), 11, 20),
    (re.compile(r"\b(?:late|end of|the end of|last week of|(?:a )?(?:finales|fines|fin) de)\s*$"), 20, 31),
)
_SPANISH = re.compile(
    r"\b(nacio|nacid[oa]|naci|fecha|cumple|cumpleanos|el|la|de|es|mi|hijo|hija|nene|nena|bebe|nino|nina|tiene)\b"
)

_THANKSGIVING, _EASTER = -1, -2
_FEASTS = (
    (r"christmas eve|nochebuena", 12, 24), (r"(?:christmas|xmas)(?: days)?|(?:days de )?navidad", 12, 25),
    (r"new years?'? ?s?'? eve|years eve|noche ?vieja|fin de years|years viejo", 12, 31),
    (r"new years?'?s?(?: years)?(?:'s)?(?: days?)?|new years days|years nuevo", 1, 1),
    (r"halloween|dia de brujas|noche de brujas", 10, 31), (r"valentine'?s?(?: days?)?|(?:days de )?san valentin", 2, 14),
    (r"st\.? ?patrick'?s?(?: days?)?|san patricio", 3, 17), (r"(?:the )?(?:4th|4) of july|july (?:the )?4th", 7, 4),
    (r"juneteenth", 6, 19), (r"(?:days de (?:los )?|los )(?:3 )?reyes(?: magos)?|3 kings(?: days?)?", 1, 6),
    (r"days de (?:los )?muertos", 11, 2), (r"leap days?", 2, 29), (r"veterans'? days?", 11, 11),
    (r"thanksgiving(?: days?)?|accion de gracias", _THANKSGIVING, 0),
    (r"easter(?: sunday)?|(?:domingo de )?pascua(?: de resurreccion)?", _EASTER, 0),
)  # fmt: skip
_FEAST_PATTERNS = [
    (re.compile(rf"\b(last |past |this past |this )?(?:the |el days de |la |el )?(?:{names})(?![a-z])[ ,]*"
        rf"(?:of |del? |in |en )?(pasad[oa]|(?:19|20)\d\d|'\d\d|\d\d(?!\d| (?:years|months|weeks)))?"), month, day)
    for names, month, day in _FEASTS
]  # fmt: skip


def read_dates(written: str, today: date, language: str) -> tuple[list[Told], str]:
    """Every date told in a text in plain birth words, and the text without them; partial ones only where none is whole."""
    spanish = language == "es" or bool(_SPANISH.search(written))
    written, feasts = _take_feasts(written, today)
    for forms in (_WHOLE, _MONTH_OF_YEAR, _WITHOUT_YEAR, _YEAR_ONLY):
        found: list[Told] = []
        for pattern, told in forms:
            while match := pattern.search(written):
                found.append(told(match, today, spanish))
                written = written[: match.start()] + " | " + written[match.end() :]
        if found or feasts:
            return list(dict.fromkeys(found + feasts)), written
    return [], written


def _whole(match: re.Match[str], year: str, month: str, day: str, today: date) -> Told:
    month_number = str(MONTHS[month]) if month in MONTHS else month
    return _checked(year, month_number, day, today)


def _checked(year: str, month: str, day: str, today: date) -> Told:
    try:
        born = date(full_year(year, today), int(month), int(day))
    except ValueError:
        return Told(reason="impossible")
    return _within((born, born), today)


def _within(days: tuple[date, date], today: date, reason: str | None = None) -> Told:
    """The days told up to today; why there are none, if there are none."""
    first, last = days
    if first > today:
        return Told(reason="future")
    if today.year - first.year > TOO_OLD_YEARS:
        return Told(reason="too_old")
    return Told(days=(first, min(last, today)), reason=reason)


def full_year(year: str, today: date) -> int:
    """Four digits as written; two digits of this century, unless that lies more than a few years ahead."""
    if len(year) == 4:
        return int(year)
    this_century = today.year // 100 * 100 + int(year)
    return this_century if this_century <= today.year + 10 else this_century - 100


def _numeric(match: re.Match[str], today: date, spanish: bool) -> Told:
    first, second, year = match.groups()
    us_order, other_order = _checked(year, first, second, today), _checked(year, second, first, today)
    if us_order == other_order or (us_order.days and not (spanish and other_order.days)):
        return us_order
    if us_order.days and other_order.days:
        readings = tuple(told.days[0].isoformat() for told in (us_order, other_order) if told.days)
        return Told(reason="day_month_order", readings=readings)
    # Only one order is a date: 25/3/2023 cannot be read otherwise. In US order a future date stays one.
    return other_order if other_order.days and (spanish or us_order.reason == "impossible") else us_order


def _month_year(match: re.Match[str], today: date, spanish: bool) -> Told:
    month = match.group(1)
    number = MONTHS[month] if month in MONTHS else int(month)
    return month_of(full_year(match.group(2), today), number, today, match.string[: match.start()])


def month_of(year: int, month: int, today: date, before: str = "") -> Told:
    """The days of one month of one year; of a part of it where the words before say so."""
    first, last = 1, calendar.monthrange(year, month)[1] if 1 <= year <= 9999 else 28
    for pattern, part_first, part_last in _PART_OF_MONTH:
        if pattern.search(before):
            first, last = part_first, min(part_last, last)
    try:
        days = date(year, month, first), date(year, month, last)
    except ValueError:
        return Told(reason="impossible")
    return _within(days, today, "day_missing")


def _year_first(match: re.Match[str], today: date, spanish: bool) -> Told:
    if match[3]:
        return _whole(match, match[1], match[2], match[3], today)
    return month_of(int(match[1]), MONTHS[match[2]], today)


def _recent_month(match: re.Match[str], today: date, spanish: bool) -> Told:
    month = MONTHS[match.group(1) or match.group(2)]
    return month_of(today.year if month <= today.month else today.year - 1, month, today)


def _month_day(month_group: int, day_group: int) -> Callable[[re.Match[str], date, bool], Told]:
    def told(match: re.Match[str], today: date, spanish: bool) -> Told:
        month, day = MONTHS[match.group(month_group)], int(match.group(day_group))
        if not 1 <= day <= 31:
            return Told(month=month, reason="year_missing")
        possible = day <= calendar.monthrange(2024, month)[1]
        return Told(month=month, day=day, reason="year_missing") if possible else Told(reason="impossible")

    return told


def _month_alone(match: re.Match[str], today: date, spanish: bool) -> Told:
    return Told(month=MONTHS[next(group for group in match.groups() if group)], reason="year_missing")


def _year_alone(match: re.Match[str], today: date, spanish: bool) -> Told:
    year = int(match.group(1))
    return _within((date(year, 1, 1), date(year, 12, 31)), today, "month_missing")


_WHOLE = (
    (_ISO, lambda m, today, _: _whole(m, m[1], m[2], m[3], today)),
    (_ISO_RUN, lambda m, today, _: _whole(m, m[1], m[2], m[3], today)),
    (_DIGITS, _numeric),
    (_RUN_TOGETHER, _numeric),
    (_SHORT_RUN, _numeric),
    (_MONTH_FIRST, lambda m, today, _: _whole(m, m[3], m[1], m[2], today)),
    (_DAY_FIRST, lambda m, today, _: _whole(m, m[3], m[2], m[1], today)),
)
_MONTH_OF_YEAR = (
    (_YEAR_FIRST, _year_first),
    (_RECENT_MONTH, _recent_month),
    (_MONTH_YEAR, _month_year),
    (_MONTH_SHORT_YEAR, _month_year),
    (_MONTH_YEAR_DIGITS, _month_year),
)
_WITHOUT_YEAR = (
    (_MONTH_DAY, _month_day(1, 2)),
    (_DAY_MONTH, _month_day(2, 1)),
    (_MONTH_DAY_DIGITS, lambda match, today, spanish: Told(reason="year_missing")),
    (_MONTH_ALONE, _month_alone),
)
_YEAR_ONLY = (
    (_YEAR_ALONE, _year_alone),
    (_DAY_ALONE, lambda match, today, spanish: Told(reason="year_missing")),
)


def _take_feasts(written: str, today: date) -> tuple[str, list[Told]]:
    for pattern, month, day in _FEAST_PATTERNS:
        if match := pattern.search(written):
            rest = written[: match.start()] + " | " + written[match.end() :]
            return rest, [_feast(match.group(1), match.group(2), month, day, today)]
    return written, []


def _feast(before: str | None, after: str | None, month: int, day: int, today: date) -> Told:
    if after and after.strip("'").isdigit():
        return _on(_feast_day(full_year(after.strip("'"), today), month, day), today)
    if before or after:
        this_year = _feast_day(today.year, month, day)
        return _on(this_year if this_year and this_year <= today else _feast_day(today.year - 1, month, day), today)
    return Told(month=month, day=day, reason="year_missing") if month > 0 else Told(reason="year_missing")


def _on(day: date | None, today: date) -> Told:
    return Told(reason="impossible") if day is None else _within((day, day), today)


def _feast_day(year: int, month: int, day: int) -> date | None:
    if month == _THANKSGIVING:
        november = date(year, 11, 1)
        return november + timedelta(days=(3 - november.weekday()) % 7 + 21)
    if month == _EASTER:
        return _easter(year)
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _easter(year: int) -> date:
    """Easter Sunday by Gauss's rule as it holds from 1900 to 2099."""
    d = (19 * (year % 19) + 24) % 30
    e = (2 * (year % 4) + 4 * (year % 7) + 6 * d + 5) % 7
    after = d + e - (7 if (d == 29 and e == 6) or (d == 28 and e == 6 and year % 19 > 10) else 0)
    return date(year, 3, 22) + timedelta(days=after)


def anniversaries(told: Told, today: date) -> Iterator[tuple[date, date]]:
    """The days a date without a year was on in each year a child could be born, latest first."""
    assert told.month is not None
    for year in range(today.year, today.year - TOO_OLD_YEARS, -1):
        last = calendar.monthrange(year, told.month)[1]
        first_day, last_day = (min(told.day, last),) * 2 if told.day else (1, last)
        yield date(year, told.month, first_day), date(year, told.month, last_day)
