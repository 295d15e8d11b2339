"""Writes a table of texts as a file for a spreadsheet: CSV or XLSX, every cell a text and none a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

import xlsxwriter

from intake.rules.exporting import LONGEST_CELL, as_text, csv_cell

_AS_TEXT = "@"  # the format of a cell that stays text when somebody edits it
_PRINTED_AT_MOST = 120  # characters; a sheet's printed header has room for 255, and & is written twice there
_WIDTH, _WIDEST_MARK = 18, 60
_MARK_ROW, _TITLE_ROW, _FIRST_ROW = 0, 1, 2
# Nothing that stands in a cell is read for what it could mean: no formula, no link, no number.
_PLAIN = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "in_memory": True}


class FileKind(StrEnum):
    """The kinds of file an export is fetched as."""

    CSV = "csv"
    XLSX = "xlsx"


@dataclass(frozen=True)
class Table:
    """What goes into a file: the mark of who took it out, a title for each column, rows of texts. The mark stands above all
    and at the end of each row, for rows are cut out and pasted elsewhere."""

    mark: str
    mark_title: str
    titles: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def lines(self) -> list[tuple[str, ...]]:
        """The titles, then the rows, each with the mark as its last cell."""
        return [(*self.titles, self.mark_title), *((*row, self.mark) for row in self.rows)]


def csv_file(table: Table) -> bytes:
    """As RFC 4180 has it, in UTF-8 with the mark by which a spreadsheet knows it. All lines have as many cells."""
    file = io.StringIO(newline="")
    writer = csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    for line in [(table.mark, *("" for _ in table.titles)), *table.lines()]:
        writer.writerow([csv_cell(cell) for cell in line])
    return file.getvalue().encode("utf-8-sig")


def xlsx_file(table: Table) -> bytes:
    """As a workbook of one sheet; a cell too long for a sheet is cut, with "…" at its end."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, _PLAIN) as book:
        sheet, plain, bold = book.add_worksheet(), book.add_format({"num_format": _AS_TEXT}), book.add_format({"bold": True})
        bold.set_num_format(_AS_TEXT)
        sheet.write_string(_MARK_ROW, 0, _sheet_cell(table.mark), bold)
        for number, line in enumerate(table.lines(), _TITLE_ROW):
            for place, cell in enumerate(line):
                sheet.write_string(number, place, _sheet_cell(cell), bold if number == _TITLE_ROW else plain)
        sheet.freeze_panes(_FIRST_ROW, 0)
        sheet.set_column(0, len(table.titles) - 1, _WIDTH)
        sheet.set_column(len(table.titles), len(table.titles), _WIDEST_MARK)
        sheet.repeat_rows(_MARK_ROW, _TITLE_ROW)
        sheet.set_header("&L" + as_text(table.mark)[:_PRINTED_AT_MOST].replace("&", "&&"))
    return file.getvalue()


MAKE: Mapping[FileKind, Callable[[Table], bytes]] = MappingProxyType({FileKind.CSV: csv_file, FileKind.XLSX: xlsx_file})
MIME: Mapping[FileKind, str] = MappingProxyType({
    FileKind.CSV: "text/csv",
    FileKind.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
})


def _sheet_cell(written: str) -> str:
    told = as_text(written)
    return told if len(told) <= LONGEST_CELL else told[:LONGEST_CELL] + "…"
