"""Exports: who must agree, how long one is good, and cells that are text whatever somebody wrote."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from intake.rules.exporting import (
    ASK_STANDS_FOR,
    COLUMNS,
    GOOD_FOR,
    MOVES,
    Column,
    ExportColumns,
    ExportMoveNotAllowed,
    ExportState,
    as_it_stands,
    as_text,
    begins_as,
    check_move,
    csv_cell,
    month_of,
    text_of,
    written_in,
)

NOW = datetime(2026, 11, 20, 15, tzinfo=UTC)
S = ExportState
WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
TRICKS = st.builds(lambda lead, sign, rest: lead + sign + rest, st.text(" \t\r\n'\u00a0\u200b\u202e\ufeff", max_size=4),
                   st.sampled_from([*"=+-@＝＋－＠", "\t", "\r", "\n"]), WORDS)
SIGNS = tuple("=+-@＝＋－＠")
TELLING = {Column.NUMBER, Column.DAY, Column.STATUS_DAY, Column.CHILD, Column.BIRTH_DATE, Column.CONTACT, Column.PHONE,
           Column.PLACE, Column.WORDS, Column.BEST_TIME}


def test_every_state_has_its_moves_and_three_of_them_are_the_end() -> None:
    assert set(MOVES) == set(S)
    assert {state for state in S if not MOVES[state]} == {S.REFUSED, S.DOWNLOADED, S.EXPIRED}


@pytest.mark.parametrize(("state", "to", "allowed"), [
    (S.ASKED, S.APPROVED, True), (S.ASKED, S.REFUSED, True), (S.ASKED, S.EXPIRED, True), (S.ASKED, S.DOWNLOADED, False),
    (S.APPROVED, S.DOWNLOADED, True), (S.APPROVED, S.EXPIRED, True), (S.APPROVED, S.REFUSED, False),
    (S.DOWNLOADED, S.DOWNLOADED, False), (S.REFUSED, S.APPROVED, False), (S.EXPIRED, S.APPROVED, False),
])
def test_nothing_is_downloaded_without_a_yes_and_nothing_twice(state: S, to: S, allowed: bool) -> None:
    if allowed:
        check_move(state, to)
    else:
        with pytest.raises(ExportMoveNotAllowed):
            check_move(state, to)
    assert (to in MOVES[state]) is allowed


def test_families_names_need_somebody_elses_yes() -> None:
    assert begins_as(ExportColumns.WITH_FAMILIES) is S.ASKED
    assert begins_as(ExportColumns.WITHOUT_NAMES) is S.APPROVED


@pytest.mark.parametrize(("state", "lasts"), [(S.ASKED, ASK_STANDS_FOR), (S.APPROVED, GOOD_FOR)])
def test_what_is_not_used_in_time_has_expired(state: S, lasts: timedelta) -> None:
    assert as_it_stands(state, NOW, NOW + lasts - timedelta(seconds=1)) is state
    assert as_it_stands(state, NOW, NOW + lasts) is S.EXPIRED


def test_what_has_ended_stays_as_it_ended() -> None:
    for state in (S.REFUSED, S.DOWNLOADED):
        assert as_it_stands(state, NOW, NOW + timedelta(days=900)) is state


def test_without_names_no_column_tells_who_a_family_is() -> None:
    assert not TELLING & set(COLUMNS[ExportColumns.WITHOUT_NAMES])
    assert set(Column) == set(COLUMNS[ExportColumns.WITHOUT_NAMES]) | set(COLUMNS[ExportColumns.WITH_FAMILIES])
    assert month_of(date(2026, 3, 9)) == "2026-03"


@pytest.mark.parametrize(("written", "cell"), [
    ('=HYPERLINK("http://a.example","x")', '\'=HYPERLINK("http://a.example","x")'),
    ("+cmd|' /C calc'!A0", "'+cmd|' /C calc'!A0"), ("-2+3", "'-2+3"), ("@SUM(A1)", "'@SUM(A1)"),
    ("\t=1+1", "'\t=1+1"), ("\r=1+1", "'[U+000D]=1+1"), ("\n=1", "'\n=1"), ("  =1", "'  =1"), ("\u200b=1", "'\u200b=1"),
    ("＝1+1", "'＝1+1"), ("＠SUM", "'＠SUM"), ("'=1", "''=1"),
    ("O'Neil", "O'Neil"), ("'Ohana", "'Ohana"), ("Jean-Luc", "Jean-Luc"), ("a=b", "a=b"), ("", ""), ("王", "王"),
    ("Ana\u202egnp.exe", "Ana[U+202E]gnp.exe"), ("[U+202E]", "[U+005B]U+202E]"),
])
def test_what_could_be_a_formula_is_made_text(written: str, cell: str) -> None:
    assert csv_cell(written) == cell and written_in(cell) == written


def looks_like_a_formula(cell: str) -> bool:
    return cell.lstrip(" \t\r\n\u00a0\u200b\ufeff").startswith(SIGNS) or cell.startswith(("\t", "\r", "\n"))


@given(st.one_of(WORDS, TRICKS))
@example("'").via("a quote alone")
@example("''=")
def test_any_words_become_a_cell_that_is_no_formula_and_can_be_read_back(written: str) -> None:
    cell = csv_cell(written)
    assert not looks_like_a_formula(cell)
    assert written_in(cell) == written


@given(st.lists(st.lists(st.one_of(WORDS, TRICKS), min_size=3, max_size=3), min_size=1, max_size=5))
def test_what_the_csv_module_reads_back_is_what_was_written(rows: list[list[str]]) -> None:
    file = io.StringIO(newline="")
    csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\r\n").writerows([[csv_cell(one) for one in row] for row in rows])
    read = list(csv.reader(io.StringIO(file.getvalue(), newline=""), strict=True))
    assert [[written_in(cell) for cell in row] for row in read] == rows


@given(WORDS)
def test_hidden_letters_are_written_out_and_can_be_read_back(written: str) -> None:
    assert text_of(as_text(written)) == written
    assert not {"\u202e", "\u2066", "\x00", "\r"} & set(as_text(written))
