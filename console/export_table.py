"""An export in words: its rows as a table of texts, in the language of who fetches it, with the mark of who took it out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType

from console.export_file import Table
from console.plain_text import show_phone
from console.words import Words
from intake.rules.exporting import COLUMNS, Column, ExportColumns, month_of
from intake.store.models import Export
from intake.usecases.export_rows import ExportRow, FamilyPart

_Say = Callable[[ExportRow, Words], str]
_BETWEEN_CODES, _BETWEEN_WORRIES = "; ", "\n"


def export_in_words(export: Export, rows: Sequence[ExportRow], words: Words, staff_name: str, at: datetime) -> Table:
    """The table of an export; names and own words stand in it as they were written."""
    columns = COLUMNS[ExportColumns(export.columns)]
    mark = words.text("export.mark", staff=staff_name, what_for=words.code("export_purpose", export.purpose),
                      time=words.dated(at), number=export.number)
    return Table(mark, words.text("export.mark_title"), tuple(words.code("export_column", column) for column in columns),
                 tuple(tuple(_cell(column, row, words) for column in columns) for row in rows))


def _cell(column: Column, row: ExportRow, words: Words) -> str:
    return _ABOUT_FAMILY[column](row.family, words) if column in _ABOUT_FAMILY else _ABOUT_REFERRAL[column](row, words)


def _reason(row: ExportRow, words: Words) -> str:
    if row.gap is not None:
        return words.code("gap", row.gap)
    return words.code("barrier", row.barrier) if row.barrier is not None else ""


_ABOUT_REFERRAL: Mapping[Column, _Say] = MappingProxyType({
    Column.MONTH: lambda row, words: month_of(row.made),
    Column.DAY: lambda row, words: row.made.isoformat(),
    Column.PROGRAM: lambda row, words: words.program(row.program_id),
    Column.STATUS: lambda row, words: words.code("status", row.status),
    Column.STATUS_MONTH: lambda row, words: month_of(row.status_since),
    Column.STATUS_DAY: lambda row, words: row.status_since.isoformat(),
    Column.REASON: _reason,
    Column.AGE_MONTHS: lambda row, words: "" if row.age_months is None else str(row.age_months),
    Column.LANGUAGE: lambda row, words: words.code("language", row.language),
    Column.CHANNEL: lambda row, words: words.code("channel", row.channel),
    Column.URGENCY: lambda row, words: words.code("urgency", row.urgency),
    Column.DOMAINS: lambda row, words: _BETWEEN_CODES.join(words.code("concern", domain) for domain in row.domains),
})


def _of_family(say: Callable[[FamilyPart, Words], str | None]) -> Callable[[FamilyPart | None, Words], str]:
    return lambda family, words: "" if family is None else say(family, words) or ""


_ABOUT_FAMILY: Mapping[Column, Callable[[FamilyPart | None, Words], str]] = MappingProxyType({
    Column.NUMBER: _of_family(lambda family, words: family.number),
    Column.CHILD: _of_family(lambda family, words: family.child),
    Column.BIRTH_DATE: _of_family(lambda family, words: family.birth_date.isoformat() if family.birth_date else None),
    Column.CONTACT: _of_family(lambda family, words: family.contact),
    Column.RELATION: _of_family(lambda family, words: words.answer("relation", family.relation) if family.relation else None),
    Column.PHONE: _of_family(lambda family, words: show_phone(family.phone) if family.phone else None),
    Column.BEST_TIME: _of_family(lambda family, words: words.answer("best_time", family.best_time) if family.best_time else None),
    Column.PLACE: _of_family(lambda family, words: family.place),
    Column.WORDS: _of_family(lambda family, words: _BETWEEN_WORRIES.join(family.words)),
})
