"""Notes of staff on a case: append-only, corrected by a new one, kept once for each form, masked, encrypted, and audited."""

from __future__ import annotations

import re
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from werkzeug.test import TestResponse

from intake.store.audit import verify
from intake.store.connection import Store
from intake.store.models import CaseNote
from intake.usecases.staff import StaffRole
from tests.console.colleagues import a_colleague, desk_of
from tests.console.desk import Desk, audit_lines
from tests.console.made_up_families import MadeUpCase, a_case


@pytest.fixture
def case(store: Store) -> MadeUpCase:
    return a_case(store)


def writes(desk: Desk, case: MadeUpCase, words: str, *, key: str = "", replaces: UUID | str = "") -> TestResponse:
    fields = {"text": words, "key": key or str(uuid4()), "replaces": str(replaces)}
    return desk.post(f"/cases/{case.conversation}/notes", fields)


def kept(store: Store) -> list[CaseNote]:
    with store.reading() as session:
        return list(session.scalars(select(CaseNote).order_by(CaseNote.written_at)))


def test_a_note_stands_on_the_case_with_who_and_when(desk: Desk, case: MadeUpCase, store: Store, ines: int) -> None:
    answer = writes(desk, case, "Grandmother  picks up\r\nafter 3")
    assert answer.status_code == 303 and answer.location == f"/cases/{case.conversation}#notes"
    [note] = kept(store)
    assert (note.text, note.staff_id, note.replaces) == ("Grandmother  picks up\nafter 3", ines, None)
    page = desk.get(f"/cases/{case.conversation}").text
    assert "Grandmother  picks up\nafter 3" in page and "Ines Vega" in page
    [line] = audit_lines(store, "case_note.written")
    assert (line.actor, line.object_type, line.object_id) == (f"staff:{ines}", "case_note", str(note.id))
    with store.reading() as session:
        assert verify(session) is None


def test_a_note_is_encrypted_and_never_changed_in_the_database(desk: Desk, case: MadeUpCase, store: Store) -> None:
    writes(desk, case, "grandmother")
    with store.engine.connect() as connection:
        assert b"grandmother" not in bytes(connection.execute(text("select text from case_note")).scalar_one())
    with pytest.raises(DBAPIError), store.engine.begin() as connection:
        connection.execute(text("update case_note set written_at = now()"))


def test_a_correction_replaces_and_the_old_words_stay_struck_through(desk: Desk, case: MadeUpCase, store: Store) -> None:
    writes(desk, case, "aunt is Rosa")
    [first] = kept(store)
    assert writes(desk, case, "aunt is Ana", replaces=first.id).status_code == 303
    assert writes(desk, case, "aunt is Lucía", replaces=kept(store)[1].id).status_code == 303
    page = desk.get(f"/cases/{case.conversation}").text
    struck = re.findall(r'<s class="note-words old".*?</s>', page, re.S)
    assert ["Ana" in one for one in struck] == [True, False] and "Rosa" in struck[1]
    assert '<span class="note-words" dir="auto"><bdi>aunt is Lucía</bdi>' in page
    assert len(re.findall('<span class="note-words"', page)) == 1, "one note stands"
    assert len(audit_lines(store, "case_note.corrected")) == 2


def test_a_form_sent_twice_is_one_note(desk: Desk, case: MadeUpCase, store: Store) -> None:
    key = str(uuid4())
    assert [writes(desk, case, "once", key=key).status_code for _ in range(3)] == [303, 303, 303]
    assert len(kept(store)) == 1 and len(audit_lines(store, "case_note.written")) == 1
    [note] = kept(store)
    again = str(uuid4())
    assert [writes(desk, case, "better", key=again, replaces=note.id).status_code for _ in range(2)] == [303, 303]
    assert len(kept(store)) == 2


def test_a_form_that_was_used_with_other_words_gives_them_back(desk: Desk, case: MadeUpCase, store: Store) -> None:
    key = str(uuid4())
    writes(desk, case, "first words", key=key)
    answer = writes(desk, case, "other <words>", key=key)
    assert answer.status_code == 409 and 'role="alert"' in answer.text
    assert re.search(r"<textarea[^>]*>\nother &lt;words&gt;</textarea>", answer.text) and key not in answer.text
    assert [note.text for note in kept(store)] == ["first words"]


def test_a_used_form_for_a_note_that_stands_no_more_still_gives_its_words_back(
    desk: Desk, case: MadeUpCase, store: Store
) -> None:
    writes(desk, case, "first")
    key, old = str(uuid4()), kept(store)[0].id
    writes(desk, case, "second", key=key, replaces=old)
    answer = writes(desk, case, "third", key=key, replaces=old)
    assert answer.status_code == 409
    assert re.search(r'id="note-new"[^>]*>\nthird</textarea>', answer.text)


def test_two_colleagues_who_correct_one_note_lose_nothing(app: Flask, desk: Desk, case: MadeUpCase, store: Store) -> None:
    writes(desk, case, "call after 3")
    [note] = kept(store)
    a_colleague(store)
    assert writes(desk_of(app, "Omar"), case, "call after 4", replaces=note.id).status_code == 303
    answer = writes(desk, case, "call after 5", replaces=note.id)
    assert answer.status_code == 409 and "call after 4" in answer.text
    assert re.search(r'id="note-new"[^>]*>\ncall after 5</textarea>', answer.text), "in the form for a new note"
    assert len(kept(store)) == 2


@pytest.mark.parametrize(("words", "key", "replaces"), [
    ("", "", ""), ("   \n ", "", ""), ("x" * 2_001, "", ""), ("kept?", "no key", ""), ("kept?", "", "no id")])
def test_what_cannot_be_kept_is_given_back(
    desk: Desk, case: MadeUpCase, store: Store, words: str, key: str, replaces: str
) -> None:
    answer = writes(desk, case, words, key=key, replaces=replaces)
    assert answer.status_code == 422 and 'role="alert"' in answer.text and words.strip() in answer.text
    assert kept(store) == [] and audit_lines(store, "case_note.written") == []


def test_two_thousand_characters_are_kept_whatever_the_line_ends(desk: Desk, case: MadeUpCase, store: Store) -> None:
    assert writes(desk, case, "a\r\n" + "x" * 1_998).status_code == 303
    assert len(kept(store)[0].text) == 2_000


def test_a_note_of_another_case_or_of_none_is_not_corrected(desk: Desk, case: MadeUpCase, store: Store) -> None:
    other = a_case(store)
    writes(desk, other, "of the other case")
    assert writes(desk, case, "mine now", replaces=kept(store)[0].id).status_code == 404
    assert writes(desk, case, "of nobody", replaces=uuid4()).status_code == 404
    assert desk.post(f"/cases/{uuid4()}/notes", {"text": "x", "key": str(uuid4())}).status_code == 404
    assert len(kept(store)) == 1


def test_a_phone_in_a_note_is_masked_and_tricks_are_shown_as_text(desk: Desk, case: MadeUpCase, store: Store) -> None:
    writes(desk, case, "aunt: (860) 555-0177 <script>alert(1)</script> \u202egnp")
    page = desk.get(f"/cases/{case.conversation}").text
    assert "••• ••• 0177" in page and "&lt;script&gt;" in page and "[U+202E]gnp" in page
    standing = re.search(r'<span class="note-words".*?</span>', page, re.S)
    assert standing and "555-0177" not in page and "put into the field" in page
    assert "555-0177" in desk.post(f"/cases/{case.conversation}/phone").text


def test_an_administrator_writes_no_note(app: Flask, case: MadeUpCase, store: Store) -> None:
    a_colleague(store, "Ada Cruz", StaffRole.ADMINISTRATOR)
    assert writes(desk_of(app, "Ada"), case, "hello").status_code == 404 and kept(store) == []
