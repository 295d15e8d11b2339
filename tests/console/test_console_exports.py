"""The page of the exports and the files that leave it: every cell a text, the mark of who took it out, nothing lost or twice."""

from __future__ import annotations

import csv
import io
import re
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import openpyxl
import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from werkzeug.test import TestResponse

from console.export_file import Table, csv_file, xlsx_file
from intake.rules.exporting import COLUMNS, GOOD_FOR, ExportColumns, text_of, written_in
from intake.store.connection import Store
from intake.store.models import Alarm, Export, Family, Referral
from intake.usecases import people
from intake.usecases.staff import StaffRole
from tests.console.colleagues import a_colleague, desk_of
from tests.console.desk import Desk, audit_lines
from tests.console.made_up_families import a_case

ZIP = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FORMULAS = ['=HYPERLINK("http://a.example","x")', "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1:A9)", "\t=1+1", "\r=1+1", "＝1+1",
            "  =1+1", "O'Neil, Ana \"Nena\""]
WRITTEN = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
CELLS = st.one_of(WRITTEN, st.builds("{}{}{}".format, st.text(" \t\r\n'", max_size=2), st.sampled_from("=+-@＝＋－＠"), WRITTEN))


def _form(**other: str) -> dict[str, str]:
    yesterday = datetime.now(ZoneInfo("America/New_York")).date() - timedelta(days=1)
    return {"from_day": str(yesterday - timedelta(days=30)), "to_day": str(yesterday), "program": "", "status": "",
            "language": "", "columns": "with_families", "purpose": "follow_up_list", "line": "calls of this week",
            "key": str(uuid4()), **other}


def _a_case(store: Store, **told: Any) -> None:
    a_case(store, waiting=timedelta(days=3), **told)
    with store.transaction() as session:
        for referral in session.scalars(select(Referral)):
            referral.created_at = datetime.now(UTC) - timedelta(days=3)


def _ask(desk: Desk, **other: str) -> TestResponse:
    desk.get("/exports")
    return desk.post("/exports", _form(**other))


def _newest(store: Store) -> Export:
    with store.reading() as session:
        return session.scalars(select(Export).order_by(Export.number.desc()).limit(1)).one()


def _press(desk: Desk, store: Store, deed: str, **fields: str) -> TestResponse:
    desk.get("/exports")
    return desk.post(f"/exports/{_newest(store).id}/{deed}", fields)


def _luz(app: Flask, store: Store) -> Desk:
    a_colleague(store, "Luz Marin", StaffRole.SUPERVISOR)
    return desk_of(app, "Luz")


def _file(app: Flask, desk: Desk, store: Store, kind: str, luz: Desk | None = None) -> TestResponse:
    assert _ask(desk).status_code == 303
    assert _press(luz or _luz(app, store), store, "approve").status_code == 303
    return _press(desk, store, "download", kind=kind)


def _read_csv(data: bytes) -> list[list[str]]:
    assert data.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), strict=True))


def _read_xlsx(data: bytes) -> list[list[str]]:
    (sheet,) = openpyxl.load_workbook(io.BytesIO(data)).worksheets
    assert {cell.data_type for row in sheet for cell in row if cell.value is not None} <= {"s"}
    return [[str(cell.value or "") for cell in row] for row in sheet]


def test_asking_approving_and_fetching_once(app: Flask, desk: Desk, store: Store) -> None:
    _a_case(store)
    luz = _luz(app, store)
    assert _ask(desk).status_code == 303
    page = desk.get("/exports").text
    assert "Waits for approval" in page and "calls of this week" in page and ">Download as" not in page and ">Approve" not in page
    assert ">Approve" in luz.get("/exports").text
    assert _press(luz, store, "approve").status_code == 303
    answer = _press(desk, store, "download", kind="csv")
    assert answer.mimetype == "text/csv" and answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Content-Disposition"] == f"attachment; filename=growline-{_newest(store).number}.csv"
    again = _press(desk, store, "download", kind="csv")
    assert again.status_code == 409 and "cannot be downloaded" in again.text and "Mateo" not in again.text
    assert "Downloaded" in desk.get("/exports").text and "Rows: 1" in desk.get("/exports").text


def test_s14_supervisors_see_who_took_what_and_how_much_until_they_have_looked(app: Flask, desk: Desk, store: Store) -> None:
    _a_case(store)
    luz = _luz(app, store)
    _file(app, desk, store, "csv", luz)
    page = luz.get("/exports").text
    for told in ("Ines Vega", "List for follow-up", "calls of this week", "Rows: 1", "names have left the console"):
        assert told in page, told
    with store.reading() as session:
        assert [alarm.cleared_at for alarm in session.scalars(select(Alarm))] == [None]
    assert _press(desk, store, "seen").status_code == 404
    assert _press(luz, store, "seen").status_code == 303
    page = luz.get("/exports").text
    assert "names have left the console" not in page and "looked at by" in page
    with store.reading() as session:
        assert session.scalars(select(Alarm)).one().cleared_at is not None


def test_without_names_nobody_need_agree_and_it_is_still_written_down(desk: Desk, store: Store) -> None:
    _a_case(store)
    assert _ask(desk, columns="without_names", purpose="funder_report").status_code == 303
    rows = _read_csv(_press(desk, store, "download", kind="csv").data)
    assert len(rows) == 3 and len(rows[2]) == len(COLUMNS[ExportColumns.WITHOUT_NAMES]) + 1
    assert re.fullmatch(r"\d{4}-\d\d", rows[2][0]) and rows[2][1:3] == ["Birth to Three", "Ready to send"]
    text = " ".join(cell for row in rows for cell in row)
    assert not any(private in text for private in ("Mateo", "Rosa", "555-0142", "06106", "two words", "HMG-", "2025-03-04"))
    assert [line.action for line in audit_lines(store) if line.object_type == "export"] == ["export.asked", "export.downloaded"]


@pytest.mark.parametrize("written", FORMULAS)
def test_s06_a_formula_as_a_name_is_text_in_the_csv(app: Flask, desk: Desk, store: Store, written: str) -> None:
    _a_case(store, child_name=written, worry=written)
    data = _file(app, desk, store, "csv").data
    rows = _read_csv(data)
    assert len({len(row) for row in rows}) == 1
    cells = [rows[2][rows[1].index(title)] for title in ("Child", "The family's own words")]
    assert [written_in(cell) for cell in cells] == [written, written]
    for cell in (cell for row in rows for cell in row):
        assert not cell.lstrip(" \t\r\n").startswith(tuple("=+-@＝＋－＠")) and not cell.startswith(("\t", "\r", "\n")), cell


@pytest.mark.parametrize("written", FORMULAS)
def test_s06_a_formula_as_a_name_is_text_in_the_workbook(app: Flask, desk: Desk, store: Store, written: str) -> None:
    _a_case(store, child_name=written, worry=written)
    answer = _file(app, desk, store, "xlsx")
    assert answer.mimetype == ZIP
    rows = _read_xlsx(answer.data)
    cells = [rows[2][rows[1].index(title)] for title in ("Child", "The family's own words")]
    assert [text_of(cell) for cell in cells] == [written, written]


def test_s14_the_mark_of_who_took_it_out_stands_above_all_and_in_each_row(app: Flask, desk: Desk, store: Store) -> None:
    _a_case(store)
    _a_case(store, child_name="Noah")
    luz = _luz(app, store)
    for kind, read in (("csv", _read_csv), ("xlsx", _read_xlsx)):
        rows = read(_file(app, desk, store, kind, luz).data)
        mark = rows[0][0]
        assert "Ines Vega" in mark and "List for follow-up" in mark and f"export {_newest(store).number}" in mark
        assert [row[-1] for row in rows[2:]] == [mark, mark]


def test_a_sheet_with_families_has_what_a_call_needs(app: Flask, desk: Desk, store: Store) -> None:
    _a_case(store, language="es")
    titles, row = _read_csv(_file(app, desk, store, "csv").data)[1:]
    told = dict(zip(titles, row, strict=True))
    assert (told["Child"], told["Date of birth"], told["Ask for"]) == ("Mateo Luis", "2025-03-04", "Rosa Delgado-Ortiz")
    assert (told["Phone"], told["Language"], told["Town or ZIP"]) == ("(860) 555-0142", "Spanish", "06106")
    assert told["The family's own words"] == "he only says two words" and told["Status"] == "Ready to send"


@given(st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=4), CELLS)
def test_both_files_read_back_are_what_was_written_and_hold_no_formula(rows: list[tuple[str, str]], mark: str) -> None:
    table = Table(mark, "by", ("one", "two"), tuple(rows))
    read = _read_csv(csv_file(table))[2:]
    assert [[written_in(cell) for cell in row] for row in read] == [[*row, mark] for row in rows]
    assert not any(cell.lstrip(" \t\r\n").startswith(tuple("=+-@＝＋－＠")) for row in read for cell in row)
    sheet = openpyxl.load_workbook(io.BytesIO(xlsx_file(table))).worksheets[0]
    assert all(cell.data_type != "f" and cell.hyperlink is None for row in sheet for cell in row)
    kept = [[text_of(_decoded(str(cell.value or ""))) for cell in row] for row in sheet.iter_rows(min_row=3)]
    assert kept == [[*row, mark] for row in rows]


def _decoded(cell: str) -> str:
    """What a sheet shows for _x005F_, by which a workbook writes an underscore that could be taken for a code."""
    return re.sub(r"_x([0-9A-Fa-f]{4})_", lambda code: chr(int(code[1], 16)), cell)


def test_a_very_long_cell_is_cut_in_a_sheet_and_whole_in_a_csv() -> None:
    table = Table("mark", "by", ("one",), (("x" * 40_000,),))
    assert _read_xlsx(xlsx_file(table))[2][0] == "x" * 16_000 + "…"
    assert _read_csv(csv_file(table))[2][0] == "x" * 40_000


@pytest.mark.parametrize(("field", "typed", "said"), [
    ("columns", "", "Choose both days"), ("columns", "everything", "Choose both days"), ("purpose", "", "Choose both days"),
    ("from_day", "yesterday", "Choose both days"), ("from_day", "", "Choose both days"), ("program", "other", "Choose both days"),
    ("status", "lost", "Choose both days"), ("language", "xx", "Choose both days"),
    ("to_day", "2999-01-01", "first day must not"), ("from_day", "2999-01-01", "first day must not"),
    ("line", "", "Say in one line"), ("line", "x" * 201, "Say in one line"),
])
def test_a_bad_ask_is_told_and_given_back(desk: Desk, store: Store, field: str, typed: str, said: str) -> None:
    answer = _ask(desk, **{"line": "my own careful line", field: typed})
    assert answer.status_code == 422 and said in answer.text
    assert field == "line" or "my own careful line" in answer.text
    with store.reading() as session:
        assert session.scalars(select(Export)).all() == []


def test_too_many_rows_are_told_by_their_number(desk: Desk, store: Store) -> None:
    case = a_case(store)
    with store.transaction() as session:
        session.add_all([Referral(conversation_id=case.conversation, program_id=f"p{number}", reason_rule="R1", status="ready",
                                  created_at=datetime.now(UTC) - timedelta(days=3)) for number in range(2001)])
    answer = _ask(desk, columns="without_names")
    assert answer.status_code == 422 and "2001 rows" in answer.text and "at most 2000" in answer.text


def test_the_same_form_twice_is_one_export_and_another_is_told(desk: Desk, store: Store) -> None:
    key = str(uuid4())
    assert [_ask(desk, key=key).status_code for _ in range(2)] == [303, 303]
    answer = _ask(desk, key=key, line="something else")
    assert answer.status_code == 409 and "already asked" in answer.text and "something else" in answer.text
    assert key not in answer.text and len(audit_lines(store, "export.asked")) == 1


def test_who_may_not_approve_gets_404_and_a_line(desk: Desk, store: Store, ines: int) -> None:
    _ask(desk)
    for deed in ("approve", "refuse", "seen"):
        assert _press(desk, store, deed).status_code == 404
    assert [line.detail for line in audit_lines(store, "access.refused")] == ["approve_export"] * 3
    assert _newest(store).state == "asked"


def test_s14_a_supervisor_does_not_approve_their_own(app: Flask, ines: int, store: Store) -> None:
    luz = _luz(app, store)
    _ask(luz)
    assert ">Approve" not in luz.get("/exports").text
    answer = _press(luz, store, "approve")
    assert answer.status_code == 409 and "yourself" in answer.text and _newest(store).state == "asked"
    assert [line.detail for line in audit_lines(store, "access.refused")] == ["approve_export"]


def test_two_supervisors_decide_and_the_second_sees_how_it_stands(app: Flask, desk: Desk, store: Store) -> None:
    luz = _luz(app, store)
    a_colleague(store, "Ben Ortiz", StaffRole.SUPERVISOR)
    ben = desk_of(app, "Ben")
    _ask(desk)
    assert _press(luz, store, "refuse").status_code == 303
    answer = _press(ben, store, "approve")
    assert answer.status_code == 409 and "decided meanwhile" in answer.text
    assert "Refused" in answer.text and "Luz Marin" in answer.text
    assert _newest(store).state == "refused"


def test_nobody_else_sees_or_fetches_an_export(app: Flask, desk: Desk, store: Store) -> None:
    _a_case(store)
    luz = _luz(app, store)
    a_colleague(store)
    omar = desk_of(app, "Omar")
    _ask(desk, line="for the board of May")
    _press(luz, store, "approve")
    assert "for the board of May" not in omar.get("/exports").text
    for other in (omar, luz):
        answer = _press(other, store, "download", kind="csv")
        assert answer.status_code == 404 and "Mateo" not in answer.text
    assert len(audit_lines(store, "access.refused")) == 2 and _newest(store).state == "approved"


def test_s04_a_locked_asker_downloads_nothing_any_more(app: Flask, desk: Desk, store: Store, ines: int) -> None:
    _ask(desk)
    _press(_luz(app, store), store, "approve")
    people.lock(store, ines, by=None)
    answer = desk.post(f"/exports/{_newest(store).id}/download", {"kind": "csv"})
    assert answer.status_code in (302, 400) and _newest(store).state == "approved"


def test_an_export_that_waited_too_long_has_expired(app: Flask, desk: Desk, store: Store) -> None:
    _ask(desk)
    _press(_luz(app, store), store, "approve")
    with store.transaction() as session:
        session.scalars(select(Export)).one().state_at = datetime.now(UTC) - GOOD_FOR
    assert "Expired" in desk.get("/exports").text
    assert _press(desk, store, "download", kind="csv").status_code == 409


@pytest.mark.parametrize("kind", ["", "pdf", "../csv"])
def test_an_unknown_kind_of_file_uses_nothing_up(desk: Desk, store: Store, kind: str) -> None:
    _ask(desk, columns="without_names")
    assert _press(desk, store, "download", kind=kind).status_code == 422 and _newest(store).state == "approved"


def test_in_spanish_the_file_is_in_spanish(app: Flask, desk: Desk, store: Store) -> None:
    _a_case(store)
    desk.client.set_cookie("console_language", "es", domain="console.example")
    rows = _read_csv(_file(app, desk, store, "csv").data)
    assert rows[1][0] == "Caso" and rows[0][0].startswith("Exportado por Ines Vega, para: Lista de seguimiento")


def test_nothing_of_a_family_is_kept_with_an_export_or_in_the_log(
    app: Flask, desk: Desk, store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    _a_case(store)
    with store.transaction() as session:
        session.scalars(select(Family)).one().contact_name = "Zenobia Quint"
    assert b"Zenobia" in _file(app, desk, store, "csv").data
    assert not any(private in caplog.text for private in ("Zenobia", "Mateo", "5550142", "555-0142", "calls of this week"))
