"""Danger in what staff type: the same flags as a text, and the lines to say on the phone in the family's language."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from html import unescape
from uuid import uuid4

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from console.content import ConsoleContent
from intake.content.bilingual import Language
from intake.rules.triage import Urgency
from intake.store.connection import Store
from intake.store.models import CaseNote, Child, Conversation, Flag, Message
from tests.console.desk import Desk
from tests.console.made_up_families import MadeUpCase, a_case

CHOKES = {"en": "he choked on a hot dog and can't talk", "es": "se está ahogando con un pedazo de salchicha"}
BORN = (datetime.now(UTC) - timedelta(days=600)).date()
NOT_SENT = "This is not sent to anybody."
ORDINARY = "he only says two words"


def _phoned(desk: Desk, worry: str, language: str = "en", born: date = BORN, key: str | None = None) -> str:
    """A family phones and the case is opened; the path of its page."""
    fields = {"key": key or str(uuid4()), "child_name": "Lucía", "birth_date": born.isoformat(), "worry": worry,
              "domain": "sleep", "contact_name": "Marisol Peña", "relation": "parent", "phone": "(860) 555-0177",
              "language": language, "agreed": "yes", "how_agreed": "phone"}
    answer = desk.post("/cases/phoned", fields)
    assert answer.status_code == 303
    return answer.location


def _calls(desk: Desk, case: MadeUpCase, note: str, call: str = "family/reached") -> TestResponse:
    return desk.post(f"/cases/{case.conversation}/calls", {"key": str(uuid4()), "call": call, "note": note})


def _notes(desk: Desk, case: MadeUpCase, text: str, key: str | None = None) -> TestResponse:
    return desk.post(f"/cases/{case.conversation}/notes", {"text": text, "key": key or str(uuid4()), "replaces": ""})


def _flags(store: Store) -> list[Flag]:
    with store.reading() as session:
        return list(session.scalars(select(Flag).where(Flag.code == "safety")))


def _said(page: str) -> str:
    found = re.search(r'id="say-this".*?</div>', page, re.DOTALL)
    return unescape(found[0]) if found else ""


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_worry_that_tells_of_danger_raises_the_flag_of_a_text_and_says_what_to_say(
    desk: Desk, store: Store, console_content: ConsoleContent, language: Language
) -> None:
    page = desk.get(_phoned(desk, CHOKES[language], language)).text
    [flag] = _flags(store)
    assert (flag.item, flag.rule, flag.urgency) == ("breathing_emergency", "E1", "emergency")
    with store.reading() as session:
        assert flag.message_id == session.scalars(select(Message.id)).one()
        assert session.scalars(select(Conversation.urgency)).one() == "emergency"
    lines = console_content.intake.safety.lines["not_breathing"]
    assert lines.first.in_language(language) in _said(page) and lines.number.in_language(language) in _said(page)
    assert f'<blockquote lang="{language}">' in page and NOT_SENT in page
    assert ("For you, in English:" in page) == (language == "es")
    assert console_content.intake.safety.not_read_live.in_language(language) not in page
    assert "Emergency" in desk.get("/").text


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_note_of_a_call_with_the_family_does_the_same(desk: Desk, store: Store, language: Language) -> None:
    case = a_case(store, language=language)
    answer = _calls(desk, case, f"Rosa: {CHOKES[language]}")
    assert answer.location == f"/cases/{case.conversation}#say-this"
    [flag] = _flags(store)
    assert (flag.item, flag.urgency, flag.message_id) == ("breathing_emergency", "emergency", None)
    page = desk.get(f"/cases/{case.conversation}").text
    assert ("Llame al 911" if language == "es" else "Call 911") in _said(page) and NOT_SENT in page


def test_a_page_in_spanish_says_in_spanish_that_nothing_is_sent(desk: Desk, store: Store) -> None:
    desk.client.set_cookie("console_language", "es", domain="console.example")
    page = desk.get(_phoned(desk, CHOKES["en"], "en")).text
    assert "Esto no se le manda a nadie" in page and "Call 911" in _said(page) and "Para usted, en español" in page


def test_what_can_wait_is_flagged_as_such(desk: Desk, store: Store) -> None:
    case = a_case(store)
    _calls(desk, case, "mother: feeling so overwhelmed i cry every day")
    assert [(flag.item, flag.urgency) for flag in _flags(store)] == [("parent_crisis", "urgent")]


def test_the_same_danger_told_twice_is_one_flag(desk: Desk, store: Store) -> None:
    case = a_case(store)
    for _ in range(3):
        _calls(desk, case, CHOKES["en"])
    key = str(uuid4())
    assert _phoned(desk, CHOKES["en"], key=key) == _phoned(desk, CHOKES["en"], key=key)
    assert len(_flags(store)) == 2, "one for each case"


def test_ordinary_words_and_calls_to_a_program_flag_no_danger(desk: Desk, store: Store) -> None:
    case = a_case(store)
    _calls(desk, case, ORDINARY)
    answer = _calls(desk, case, CHOKES["en"], f"program:{case.referral}/reached")
    assert answer.location.endswith("#calls")
    page = desk.get(_phoned(desk, ORDINARY)).text
    assert _flags(store) == [] and "say-this" not in page and NOT_SENT not in page


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_note_on_the_case_is_read_for_danger_and_says_what_to_say(desk: Desk, store: Store, language: str) -> None:
    case = a_case(store, language=language)
    answer = _notes(desk, case, f"Grandmother says: {CHOKES[language]}")
    assert answer.status_code == 303
    [flag] = _flags(store)
    assert (flag.conversation_id, flag.item, flag.urgency) == (case.conversation, "breathing_emergency", "emergency")
    page = desk.get(f"/cases/{case.conversation}").text
    assert NOT_SENT in page and "911" in _said(page)
    with store.reading() as session:
        assert session.get_one(Conversation, case.conversation).urgency == "emergency"


def test_danger_in_a_note_stands_once_and_a_note_that_is_refused_raises_nothing(desk: Desk, store: Store) -> None:
    case, key = a_case(store), str(uuid4())
    for _ in range(2):
        assert _notes(desk, case, CHOKES["en"], key).status_code == 303
    assert _notes(desk, case, f"{CHOKES['en']} again").status_code == 303
    assert len(_flags(store)) == 1
    other = a_case(store)
    assert _notes(desk, other, CHOKES["en"] + " " * 5 + "x" * 5000).status_code == 422
    assert len(_flags(store)) == 1


def test_an_ordinary_note_raises_nothing(desk: Desk, store: Store) -> None:
    case = a_case(store)
    _notes(desk, case, "Grandmother picks up after 3. Father works nights.")
    assert _flags(store) == [] and NOT_SENT not in desk.get(f"/cases/{case.conversation}").text


def test_the_lines_of_a_note_that_was_corrected_go_with_its_words(desk: Desk, store: Store) -> None:
    case = a_case(store)
    _notes(desk, case, CHOKES["en"])
    with store.reading() as session:
        note = session.scalars(select(CaseNote.id)).one()
    fields = {"text": "That was last year.", "key": str(uuid4()), "replaces": str(note)}
    assert desk.post(f"/cases/{case.conversation}/notes", fields).status_code == 303
    page = desk.get(f"/cases/{case.conversation}").text
    assert NOT_SENT not in page and len(_flags(store)) == 1, "somebody has to look at the flag and clear it"


def test_the_lines_go_when_the_flag_is_cleared(desk: Desk, store: Store) -> None:
    path = _phoned(desk, CHOKES["en"])
    [flag] = _flags(store)
    desk.post(f"{path}/flags/{flag.id}/clear", {"because": "safe_now"})
    assert NOT_SENT not in desk.get(path).text


def test_danger_that_was_texted_is_not_to_be_said(desk: Desk, store: Store) -> None:
    case = a_case(store, urgency=Urgency.EMERGENCY, worry=CHOKES["en"])
    assert NOT_SENT not in desk.get(f"/cases/{case.conversation}").text, "the agent has answered it"


def test_a_fever_of_a_newborn_is_known_by_the_age_typed(desk: Desk, store: Store) -> None:
    _phoned(desk, "she has a fever", born=datetime.now(UTC).date() - timedelta(days=20))
    assert [flag.item for flag in _flags(store)] == ["infant_emergency"]
    _phoned(desk, "she has a fever")
    with store.reading() as session:
        ages = session.scalars(select(Child.birth_date)).all()
    assert len(_flags(store)) == 1 and len(ages) == 2
