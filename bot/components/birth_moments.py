"""Times told from today: "yesterday", "la semana que viene", "in two months", "on friday".

A birthday is often told so ("turned 2 last week"), and a birth too ("born yesterday"). Each becomes the days it
can be, and the likeliest of them.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

_N = r"(\d{1,2})"


@dataclass(frozen=True)
class Moment:
    """The days a told time can be, first to last, the likeliest, and how an age stands right beside it."""

    first: date
    last: date
    likely: date
    beside: re.Pattern[str]


def months_back(day: date, months: int) -> date:
    """The same day some months before (or, below zero, after); the last day where that month is shorter."""
    year, month0 = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month0 + 1, min(day.day, calendar.monthrange(year, month0 + 1)[1]))


def completed_months(born: date, today: date) -> int:
    """Whole calendar months from birth to today, never below zero."""
    months = (today.year - born.year) * 12 + today.month - born.month
    return max(0, months if months_back(today, months) >= born else months - 1)


Days = tuple[int, int, int]
_AROUND: tuple[tuple[str, Days], ...] = (
    (r"day before yesterday|antes de ayer|antier|anteayer|antayer", (-2, -2, -2)),
    (r"day after tomorrow|pasado manana", (2, 2, 2)),
    (r"yesterday|last night|ayer|anoche", (-1, -1, -1)),
    (r"today|this morning|tonight|hoy|esta manana", (0, 0, 0)),
    (r"tomorrow|tmrw|tmw|tomorow|tommorow|(?<!la )(?<!por )manana", (1, 1, 1)),
    (r"(?:last|past) weeks|weeks pasad[oa]|last weekend|this past weekend|fin de weeks pasado", (-13, -1, -7)),
    (r"the other days|el otro dia|a few days ago|hace unos days|hace pocos days|recently|recientemente", (-13, -1, -5)),
    (r"a few weeks ago|hace unas weeks|hace pocas weeks", (-35, -14, -21)),
    (r"this weekend|este fin de weeks", (0, 7, 3)),
    (r"later this weeks|this weeks|esta weeks", (-6, 6, 1)),
    (r"next weeks|(?:la )?(?:proxima|otra|siguiente) weeks|weeks (?:que (?:viene|entra)|entrante|proxima)", (1, 13, 7)),
    (r"in a few days|en unos days|in a few weeks|en unas weeks", (3, 28, 14)),
)
_MONTH_SHIFTS = (
    (r"last months|months pasad[oa]|(?:el )?pasado months|this past months", -1),
    (r"next months|months (?:que (?:viene|entra)|entrante|proximo)|(?:proximo|otro|siguiente) months", 1),
    (r"(?:later |earlier )?this months|este (?:mismo )?months", 0),
)
_IN = re.compile(
    rf"\b(?:in|en|dentro de|within|faltan?|for) (?:like |about |como |unos |unas )?{_N}"
    rf"(?: more)? (months|weeks|days)\b|\b{_N} (months|weeks|days) from (?:now|today)"
    rf"|\b{_N} (months|weeks|days) (?=(?:away from|shy of|short of|till|until|before|from) )"
)
_AGO = re.compile(rf"\b{_N} (months|weeks|days) (?:ago|atras)\b|\bhace (?:como |unos |unas )?{_N} (months|weeks|days)\b")
_WEEKDAY = re.compile(
    r"\b(?:(on|this|next|last|el|este|proximo) )?(?:monday|tuesday|wednesday|thursday|friday"
    r"|saturday|sunday|lunes|martes|miercoles|jueves|viernes|sabado|domingo)(?: (pasado|que viene))?\b"
)
_PAST_VERB = re.compile(r"\b(?:turned|was|made|cumplio|fue|born|nacio|had)\b")


def read_moment(written: str, today: date) -> tuple[Moment | None, str]:
    """The time told from today in plain birth words, and the text with "@" in its place."""
    for pattern, days in _FINDERS:
        match = pattern.search(written)
        if match and (found := days(match, today)):
            return Moment(*found, _BESIDE), written[: match.start()] + " @ " + written[match.end() :]
    return None, written


# "3 tomorrow", "9 months next week", "mañana 3": the number right beside the time.
_BESIDE = re.compile(
    r"(?<![\w/.])(\d{1,2}(?:\.5)?)(?: (years|months|weeks))?(?: old)?(?: (?:on|the|el|la|this|en))* +@"
)


def _shifted(days: Days) -> Callable[[re.Match[str], date], tuple[date, date, date]]:
    first, last, likely = (timedelta(days=number) for number in days)
    return lambda match, today: (today + first, today + last, today + likely)


def _month_shifted(shift: int) -> Callable[[re.Match[str], date], tuple[date, date, date]]:
    def days(match: re.Match[str], today: date) -> tuple[date, date, date]:
        first = months_back(today.replace(day=1), -shift)
        last = first.replace(day=calendar.monthrange(first.year, first.month)[1])
        return first, last, last if shift <= 0 else first

    return days


def _counted(sign: int) -> Callable[[re.Match[str], date], tuple[date, date, date]]:
    def days(match: re.Match[str], today: date) -> tuple[date, date, date]:
        number, unit = [group for group in match.groups() if group]
        if unit == "months":
            day = months_back(today, -sign * int(number))
        else:
            day = today + timedelta(days=sign * int(number) * (7 if unit == "weeks" else 1))
        return day, day, day

    return days


def _weekday(match: re.Match[str], today: date) -> tuple[date, date, date]:
    past = match[1] == "last" or match[2] == "pasado" or (
        match[1] not in ("next", "proximo") and _PAST_VERB.search(match.string)
    )
    nearest, farthest = timedelta(days=1), timedelta(days=7)
    return (today - farthest, today - nearest, today - nearest) if past else (today + nearest, today + farthest, today + nearest)


_FINDERS = [
    *((re.compile(rf"\b(?:{said})\b"), _shifted(days)) for said, days in _AROUND),
    *((re.compile(rf"\b(?:{said})\b"), _month_shifted(shift)) for said, shift in _MONTH_SHIFTS),
    (_AGO, _counted(-1)),
    (_IN, _counted(1)),
    (_WEEKDAY, _weekday),
]
