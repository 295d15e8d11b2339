"""Calls of staff: logged with one press, once for each form, and a wrong number flags the case."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import select, text
from werkzeug.test import TestResponse

from console.content import ConsoleContent
from intake.rules.calls import CallOutcome, CallTo
from intake.store.audit import verify
from intake.store.connection import Store
from intake.store.models import Call, Conversation, Flag
from intake.usecases.calls import CallMade, calls_of, log_call
from intake.usecases.staff import StaffRole, add_staff
from tests.console.desk import PASSWORD, Desk, audit_lines
from tests.console.made_up_families import MadeUpCase, a_case

KEY = re.compile(r'name="key" value="([0-9a-f-]{36})">\s*<fieldset class="outcomes">')


def _key(page: str) -> str:
    found = KEY.search(page)
    assert found, "the form for calls has no key"
    return found[1]


def _press(desk: Desk, case: MadeUpCase, call: str, **fields: str) -> TestResponse:
    key = fields.pop("key", None) or _key(desk.get(f"/cases/{case.conversation}").text)
    return desk.post(f"/cases/{case.conversation}/calls", {"key": key, "call": call, **fields})


def _calls(store: Store) -> list[Call]:
    with store.reading() as session:
        return list(session.scalars(select(Call).order_by(Call.logged_at)))


def test_one_press_logs_a_call_with_who_and_when(desk: Desk, store: Store, ines: int) -> None:
    case = a_case(store)
    answer = _press(desk, case, "family/no_answer")
    assert answer.status_code == 303 and answer.location == f"/cases/{case.conversation}#calls"
    [call] = _calls(store)
    assert (call.callee, call.outcome, call.staff_id, call.note) == ("family", "no_answer", ines, None)
    assert datetime.now(UTC) - call.at < timedelta(minutes=1)
    page = desk.get(f"/cases/{case.conversation}").text
    assert "<b>No answer</b> · Family" in page and "Ines Vega" in page
    [line] = audit_lines(store, "call.logged")
    assert (line.actor, line.object_id, line.detail) == (f"staff:{ines}", str(call.id), "family no_answer")
    with store.reading() as session:
        assert verify(session) is None


@pytest.mark.parametrize("outcome", list(CallOutcome))
def test_the_page_has_a_button_for_every_outcome_of_family_and_program(
    desk: Desk, store: Store, outcome: CallOutcome
) -> None:
    case = a_case(store)
    page = desk.get(f"/cases/{case.conversation}").text
    for to in ("family", f"program:{case.referral}"):
        assert f'value="{to}/{outcome}"' in page
        assert _press(desk, case, f"{to}/{outcome}").status_code == 303
    assert [(call.callee, call.outcome, call.referral_id) for call in _calls(store)] == [
        ("family", outcome.value, None),
        ("program", outcome.value, case.referral),
    ]


def test_calls_stand_newest_first_with_the_program_they_went_to(desk: Desk, store: Store) -> None:
    case = a_case(store, waiting=timedelta(days=3))
    local = datetime.now(ZoneInfo("America/New_York")) - timedelta(days=1)
    _press(desk, case, f"program:{case.referral}/left_message", note="second line of the fax is wrong")
    _press(desk, case, "family/reached", at=local.strftime("%Y-%m-%dT%H:%M"))
    page = desk.get(f"/cases/{case.conversation}").text
    newest, oldest = page.index("<b>Left a message</b> · Birth to Three"), page.index("<b>Reached</b> · Family")
    assert newest < oldest and "second line of the fax is wrong" in page
    assert [call.outcome for call in calls_of(store, case.conversation)] == ["left_message", "reached"]


def test_a_note_is_encrypted_in_the_database_and_shown_as_text(desk: Desk, store: Store) -> None:
    case = a_case(store)
    _press(desk, case, "family/call_back_later", note="<script>alert(1)</script> aunt \u202ecalls back")
    with store.engine.connect() as connection:
        kept = bytes(connection.execute(text("select note from call")).scalar_one())
    assert b"aunt" not in kept
    page = desk.get(f"/cases/{case.conversation}").text
    assert "&lt;script&gt;alert(1)&lt;/script&gt; aunt [U+202E]calls back" in page


def test_s18_the_same_form_sent_twice_logs_one_call(desk: Desk, store: Store) -> None:
    case = a_case(store)
    key = _key(desk.get(f"/cases/{case.conversation}").text)
    answers = [_press(desk, case, "family/wrong_number", key=key, note="a bakery") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [303, 303, 303]
    assert len(_calls(store)) == 1 and len(audit_lines(store, "call.logged")) == 1
    with store.reading() as session:
        flags = session.scalars(select(Flag).where(Flag.code == "called_wrong_number")).all()
    assert len(flags) == 1


def test_another_button_of_a_form_that_was_used_is_not_swallowed(desk: Desk, store: Store) -> None:
    case = a_case(store)
    key = _key(desk.get(f"/cases/{case.conversation}").text)
    _press(desk, case, "family/no_answer", key=key)
    answer = _press(desk, case, "family/reached", key=key, note="second try, mother")
    assert answer.status_code == 409
    assert "has already logged a call" in answer.text and "second try, mother" in answer.text
    assert _key(answer.text) != key
    assert _press(desk, case, "family/reached", key=_key(answer.text), note="second try, mother").status_code == 303
    assert [call.outcome for call in _calls(store)] == ["no_answer", "reached"]


def test_two_people_may_log_the_same_call_with_keys_of_their_own(app: Flask, desk: Desk, store: Store) -> None:
    case = a_case(store)
    add_staff(store, "luz@example.org", "Luz Marin", PASSWORD, StaffRole.SUPERVISOR)
    luz = Desk(app)
    luz.sign_in("luz@example.org")
    assert _press(luz, case, "family/reached").status_code == 303
    assert _press(desk, case, "family/reached").status_code == 303
    assert len(_calls(store)) == 2


@pytest.mark.parametrize(
    ("to", "code"), [("family", "called_wrong_number"), ("program", "program_wrong_number")]
)
def test_a_wrong_number_flags_the_case(desk: Desk, store: Store, to: str, code: str) -> None:
    case = a_case(store, flagged=False)
    callee = to if to == "family" else f"program:{case.referral}"
    _press(desk, case, f"{callee}/wrong_number")
    with store.reading() as session:
        flag = session.scalars(select(Flag)).one()
        assert (flag.code, flag.urgency) == (code, "standard")
        assert session.get_one(Conversation, case.conversation).flagged
    assert "wrong" in desk.get("/").text


@pytest.mark.parametrize(
    ("call", "fields"),
    [
        ("", {}),
        ("family/hung_up", {}),
        ("neighbour/reached", {}),
        ("program:not-an-id/reached", {}),
        ("family/reached", {"key": "no key"}),
        ("family/reached", {"at": "yesterday"}),
        ("family/reached", {"at": "2099-01-01T10:00"}),
        ("family/reached", {"at": "1999-01-01T10:00"}),
        ("family/reached", {"note": "x" * 2_001}),
    ],
)
def test_what_is_no_call_is_refused_in_words_and_nothing_typed_is_lost(
    desk: Desk, store: Store, call: str, fields: dict[str, str]
) -> None:
    case = a_case(store)
    typed = {"note": "she speaks Spanish", **fields}
    answer = _press(desk, case, call, **typed)
    assert answer.status_code == 422 and 'role="alert"' in answer.text
    assert typed["note"] in answer.text and typed.get("at", "") in answer.text
    assert _calls(store) == [] and audit_lines(store, "call.logged") == []


def test_a_call_to_the_program_of_another_case_is_not_logged(desk: Desk, store: Store) -> None:
    case, other = a_case(store), a_case(store)
    assert _press(desk, case, f"program:{other.referral}/reached").status_code == 404
    assert _press(desk, case, f"family:{case.referral}/reached").status_code == 404
    assert _calls(store) == []


def test_the_use_case_says_whether_a_call_is_new(store: Store, console_content: ConsoleContent, ines: int) -> None:
    case, key = a_case(store), UUID(int=7)
    made = CallMade(CallTo.FAMILY, CallOutcome.REACHED, datetime.now(UTC) - timedelta(minutes=5), note="")
    assert log_call(store, console_content.intake, case.conversation, made, staff=ines, form_key=key) is True
    assert log_call(store, console_content.intake, case.conversation, made, staff=ines, form_key=key) is False


def test_a_note_about_a_lost_skill_is_no_danger_and_opens_at_the_calls(desk: Desk, store: Store) -> None:
    case = a_case(store)
    answer = _press(desk, case, "family/reached", note="he used to say words but stopped talking")
    assert answer.location.endswith("#calls")
    with store.reading() as session:
        assert session.scalars(select(Flag).where(Flag.code == "safety")).all() == []


def test_an_administrator_logs_no_call(app: Flask, store: Store) -> None:
    case = a_case(store)
    add_staff(store, "ada@example.org", "Ada Cruz", PASSWORD, StaffRole.ADMINISTRATOR)
    ada = Desk(app)
    ada.sign_in("ada@example.org")
    key = "00000000-0000-4000-8000-000000000007"
    assert ada.post(f"/cases/{case.conversation}/calls", {"key": key, "call": "family/reached"}).status_code == 404
    assert _calls(store) == []
