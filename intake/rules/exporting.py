"""Taking cases out of the console as a file: what may be asked for, who must agree, how long it is good, what a cell may hold.

A file leaves our care, so each one has a purpose, a limit and an end. One with families' names needs the yes of a supervisor
who did not ask for it. A cell is text: a spreadsheet must take none for a formula, and what was written can be read back.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

MOST_ROWS = 2_000
MOST_A_DAY = 5  # asks of one person: many small files would be one large one
LONGEST_LINE = 200  # characters of the line that says what the export is for
GOOD_FOR = timedelta(hours=24)
ASK_STANDS_FOR = timedelta(days=7)
LONGEST_CELL = 16_000  # characters; a sheet takes 32,767 halves of a UTF-16 pair in a cell


class ExportColumns(StrEnum):
    """Which of the two fixed sets of columns an export has."""

    WITHOUT_NAMES = "without_names"
    WITH_FAMILIES = "with_families"


class ExportPurpose(StrEnum):
    """What an export is for."""

    FUNDER_REPORT = "funder_report"
    QUALITY_REVIEW = "quality_review"
    FOLLOW_UP_LIST = "follow_up_list"
    OTHER_SYSTEM = "other_system"
    OTHER_PURPOSE = "other_purpose"


class ExportState(StrEnum):
    """Where an export stands."""

    ASKED = "asked"
    APPROVED = "approved"
    REFUSED = "refused"
    DOWNLOADED = "downloaded"
    EXPIRED = "expired"


MOVES: Mapping[ExportState, frozenset[ExportState]] = MappingProxyType({
    ExportState.ASKED: frozenset({ExportState.APPROVED, ExportState.REFUSED, ExportState.EXPIRED}),
    ExportState.APPROVED: frozenset({ExportState.DOWNLOADED, ExportState.EXPIRED}),
    ExportState.REFUSED: frozenset(),
    ExportState.DOWNLOADED: frozenset(),
    ExportState.EXPIRED: frozenset(),
})
_LASTS = {ExportState.ASKED: ASK_STANDS_FOR, ExportState.APPROVED: GOOD_FOR}


class Column(StrEnum):
    """What a column of an export holds."""

    NUMBER = "number"
    MONTH = "month"
    DAY = "day"
    PROGRAM = "program"
    STATUS = "status"
    STATUS_MONTH = "status_month"
    STATUS_DAY = "status_day"
    REASON = "reason"
    AGE_MONTHS = "age_months"
    LANGUAGE = "language"
    CHANNEL = "channel"
    URGENCY = "urgency"
    DOMAINS = "domains"
    CHILD = "child"
    BIRTH_DATE = "birth_date"
    CONTACT = "contact"
    RELATION = "relation"
    PHONE = "phone"
    BEST_TIME = "best_time"
    PLACE = "place"
    WORDS = "words"


COLUMNS: Mapping[ExportColumns, tuple[Column, ...]] = MappingProxyType({
    ExportColumns.WITHOUT_NAMES: (
        Column.MONTH, Column.PROGRAM, Column.STATUS, Column.STATUS_MONTH, Column.REASON, Column.AGE_MONTHS, Column.LANGUAGE,
        Column.CHANNEL, Column.URGENCY, Column.DOMAINS,
    ),
    ExportColumns.WITH_FAMILIES: (
        Column.NUMBER, Column.DAY, Column.PROGRAM, Column.STATUS, Column.STATUS_DAY, Column.REASON, Column.CHILD,
        Column.BIRTH_DATE, Column.AGE_MONTHS, Column.CONTACT, Column.RELATION, Column.PHONE, Column.BEST_TIME, Column.PLACE,
        Column.LANGUAGE, Column.CHANNEL, Column.URGENCY, Column.DOMAINS, Column.WORDS,
    ),
})


class ExportMoveNotAllowed(ValueError):
    """An export cannot go from its state to the one that was wanted."""


def begins_as(columns: ExportColumns) -> ExportState:
    """The first state: with families somebody else must agree; without names it is written down and good at once."""
    return ExportState.ASKED if columns is ExportColumns.WITH_FAMILIES else ExportState.APPROVED


def as_it_stands(state: ExportState, since: datetime, now: datetime) -> ExportState:
    """The state now: what was asked, or approved, too long ago has expired."""
    lasts = _LASTS.get(state)
    return ExportState.EXPIRED if lasts is not None and now >= since + lasts else state


def check_move(state: ExportState, to: ExportState) -> None:
    """Raises ExportMoveNotAllowed unless the table has this move."""
    if to not in MOVES[state]:
        raise ExportMoveNotAllowed(f"an export that is {state} cannot become {to}")


def month_of(day: date) -> str:
    """The month of a day, as 2026-11: without names no day stands in an export."""
    return f"{day:%Y-%m}"


# What begins a formula in a spreadsheet, also as the wide and small letters that some of them take for the same.
_FORMULA = frozenset("=+-@\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b\u2212")
_BREAKS = frozenset("\t\r\n")
_KEPT = frozenset("\t\n")
_DIRECTION = frozenset("\u061c\u200e\u200f") | {chr(code) for code in (*range(0x202A, 0x202F), *range(0x2066, 0x206A))}
_NO_LETTER = frozenset("\ufffe\uffff")  # no XML file may hold them
_MARKED = re.compile(r"\[U\+([0-9A-F]{4,6})\]")
_LIKE_A_MARK, _OPENING = re.compile(r"\[(?=U\+)"), "[U+005B]"
_TEXT_FOLLOWS = "'"


def as_text(written: str) -> str:
    """``written`` with control and direction marks as [U+202E], so that a sheet shows what is there; ``text_of`` undoes it."""
    told = _LIKE_A_MARK.sub(_OPENING, written)
    return "".join(f"[U+{ord(letter):04X}]" if _is_hidden(letter) else letter for letter in told)


def text_of(told: str) -> str:
    """What was written before ``as_text``."""
    return _MARKED.sub(lambda mark: chr(int(mark[1], 16)), told)


def csv_cell(written: str) -> str:
    """``written`` as a cell that no spreadsheet takes for a formula: one that could be begins with ' (OWASP ASVS 5.0, 1.2.10)."""
    return (_TEXT_FOLLOWS if _could_be_formula(written) else "") + as_text(written)


def written_in(cell: str) -> str:
    """What was written before ``csv_cell``."""
    told = text_of(cell)
    return told[1:] if told.startswith(_TEXT_FOLLOWS) and _could_be_formula(told[1:]) else told


def _could_be_formula(written: str) -> bool:
    """Whether it begins like a formula, or with a break; blanks, hidden letters and ' before that do not help."""
    bare = written.lstrip(_TEXT_FOLLOWS)
    first = next((letter for letter in bare if not (letter.isspace() or _takes_no_room(letter))), "")
    return bare[:1] in _BREAKS or first in _FORMULA


def _takes_no_room(letter: str) -> bool:
    return letter == _TEXT_FOLLOWS or unicodedata.category(letter)[0] in "CZ"


def _is_hidden(letter: str) -> bool:
    return letter in _DIRECTION or letter in _NO_LETTER or (unicodedata.category(letter) == "Cc" and letter not in _KEPT)
