"""My day: a person's own cases by due time, their promised calls and waiting referrals, and notes for the next shift."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from intake.rules.referral import ReferralStatus
from intake.rules.triage import Urgency
from intake.store.connection import Store
from intake.store.models import Call, Conversation, HandOverNote
from intake.usecases.hand_over import NOTE_LIMIT
from tests.console.colleagues import a_colleague, desk_of
from tests.console.desk import Desk, audit_lines
from tests.console.made_up_families import MadeUpCase, a_case


def _belongs(store: Store, case: MadeUpCase, staff: int) -> MadeUpCase:
    with store.transaction() as session:
        session.get_one(Conversation, case.conversation).assignee_id = staff
    return case


def _section(page: str, name: str) -> str:
    found = re.search(rf'aria-labelledby="{name}">(.*?)</section>', page, re.DOTALL)
    assert found is not None, name
    return found[1]


def _shown(desk: Desk, path: str = "/day") -> str:
    found = re.search(r'name="shown" value="([^"]*)"', desk.get(path).text)
    assert found is not None
    return found[1]


def _call(store: Store, case: MadeUpCase, staff: int, outcome: str, ago: timedelta) -> None:
    with store.transaction() as session:
        session.add(Call(conversation_id=case.conversation, staff_id=staff, form_key=uuid4(), callee="family", outcome=outcome,
                         at=datetime.now(UTC) - ago))


def test_my_cases_stand_by_due_time_and_nobody_elses_do(desk: Desk, store: Store, ines: int) -> None:
    omar = a_colleague(store)
    late = _belongs(store, a_case(store, waiting=timedelta(days=12)), ines)
    emergency = _belongs(store, a_case(store, urgency=Urgency.EMERGENCY, waiting=timedelta(minutes=5)), ines)
    fresh = _belongs(store, a_case(store, waiting=timedelta(minutes=1)), ines)
    his, nobodys = _belongs(store, a_case(store), omar), a_case(store)
    page = desk.get("/day").text
    assert re.findall(r">(HMG-T\d+)<", _section(page, "my-cases")) == [case.receipt for case in (late, emergency, fresh)]
    assert his.receipt not in page and nobodys.receipt not in page


def test_a_promised_call_stands_until_the_next_call(desk: Desk, store: Store, ines: int) -> None:
    case, other = a_case(store), a_case(store)
    _call(store, case, ines, "call_back_later", timedelta(hours=3))
    _call(store, other, a_colleague(store), "call_back_later", timedelta(hours=3))
    promised = _section(desk.get("/day").text, "my-calls")
    assert case.receipt in promised and other.receipt not in promised
    _call(store, case, ines, "reached", timedelta(hours=1))
    assert "You promised no call." in _section(desk.get("/day").text, "my-calls")


def test_referrals_of_my_cases_that_wait_are_there_and_closed_ones_are_not(desk: Desk, store: Store, ines: int) -> None:
    sent, closed = a_case(store, status=ReferralStatus.SENT), a_case(store, status=ReferralStatus.CLOSED)
    for case in (sent, closed):
        _belongs(store, case, ines)
    waiting = _section(desk.get("/day").text, "my-referrals")
    assert sent.receipt in waiting and "Birth to Three: Sent" in waiting and closed.receipt not in waiting


def test_a_note_to_a_colleague_stands_on_their_page_with_who_and_when(desk: Desk, app: Flask, store: Store) -> None:
    omar = a_colleague(store)
    note = {"to": omar, "text": "Call Rosa at 860 555 0142 <b>after five</b>", "shown": _shown(desk, f"/day?for={omar}")}
    assert desk.post("/day/notes", note).status_code == 303
    told = _section(desk_of(app, "Omar").get("/day").text, "for-me")
    assert "Call Rosa" in told and "Ines Vega, " in told and "&lt;b&gt;" in told and "555 0142" not in told
    assert "A note for you" not in desk.get("/day").text


def test_the_newest_note_is_open_and_the_others_stay_readable(desk: Desk, store: Store, ines: int) -> None:
    for words in ("first", "second", ""):
        assert desk.post("/day/notes", {"to": "team", "text": words, "shown": _shown(desk)}).status_code == 303
    page = desk.get("/day").text
    assert "No note is open." in page
    assert re.findall(r'class="note">(\w+)<', page) == ["second", "first"]
    assert [line.action for line in audit_lines(store) if line.action.startswith("note.")] == [
        "note.written", "note.written", "note.done"]


def test_of_two_who_write_at_once_the_second_loses_nothing(desk: Desk, app: Flask, store: Store) -> None:
    a_colleague(store)
    his = desk_of(app, "Omar")
    seen, his_seen = _shown(desk), _shown(his)
    assert desk.post("/day/notes", {"to": "team", "text": "the fax is broken", "shown": seen}).status_code == 303
    answer = his.post("/day/notes", {"to": "team", "text": "two families call back", "shown": his_seen})
    assert answer.status_code == 409
    for part in ("the fax is broken", "two families call back", "A colleague wrote a note meanwhile"):
        assert part in answer.text


@pytest.mark.parametrize(
    ("to", "words"), [("nobody", "x"), ("", "x"), ("99999", "x"), ("9" * 30, "x"), ("team", "x" * (NOTE_LIMIT + 1))]
)
def test_a_note_that_cannot_be_kept_is_given_back(desk: Desk, store: Store, to: str, words: str) -> None:
    desk.get("/day")
    answer = desk.post("/day/notes", {"to": to, "text": words, "shown": ""})
    assert answer.status_code == 422 and f">{words}</textarea>" in answer.text
    with store.reading() as session:
        assert session.scalars(select(HandOverNote)).all() == []


@pytest.mark.parametrize("to", ["99999", "x", "", "-1", "9" * 50])
def test_a_nonsense_address_shows_the_day(desk: Desk, to: str) -> None:
    assert desk.get(f"/day?for={to}").status_code == 200


def test_notes_are_sealed_and_never_changed(desk: Desk, store: Store) -> None:
    desk.get("/day")
    desk.post("/day/notes", {"to": "team", "text": "Rosa calls back", "shown": ""})
    with store.reading() as session:
        kept = session.execute(text("select text from hand_over_note")).scalar_one()
        assert b"Rosa" not in bytes(kept)
    for statement in ("update hand_over_note set written_by = written_by", "delete from hand_over_note"):
        with pytest.raises(DBAPIError, match="never changed or removed"), store.transaction() as session:
            session.execute(text(statement))


def test_a_look_at_the_day_leaves_a_line(desk: Desk, store: Store, ines: int) -> None:
    desk.get("/day")
    assert [(line.actor, line.object_id) for line in audit_lines(store, "day.viewed")] == [(f"staff:{ines}", str(ines))]


def test_ids_of_notes_from_elsewhere_are_no_note(desk: Desk, store: Store) -> None:
    desk.get("/day")
    answer = desk.post("/day/notes", {"to": "team", "text": "x", "shown": str(UUID(int=4))})
    assert answer.status_code == 409
