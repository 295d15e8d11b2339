"""Writing with a family at the console: taking over, confirming whom it goes to, taking back, handing back, reading along."""

from __future__ import annotations

import re
from html import unescape
from uuid import UUID

import pytest
from sqlalchemy import select, update

from intake.store.connection import Store
from intake.store.models import Conversation, Message, Staff, StaffText
from tests.console.desk import Desk, audit_lines
from tests.console.made_up_families import MadeUpCase, a_case

KEY = "7d0f5b6e-94a7-4f6c-8a62-0c9a1ec33a10"


@pytest.fixture
def case(store: Store) -> MadeUpCase:
    return a_case(store)


def at(case: MadeUpCase, deed: str = "") -> str:
    return f"/cases/{case.conversation}{deed}"


def takes_over(desk: Desk, case: MadeUpCase) -> None:
    desk.get(at(case))
    assert desk.post(at(case, "/take-over")).status_code == 303


def says(desk: Desk, case: MadeUpCase, words: str, **fields: str) -> int:
    given = {"text": words, "key": KEY, "for_this_family": "yes", **fields}
    return desk.post(at(case, "/texts"), given).status_code


def written(store: Store) -> list[StaffText]:
    with store.reading() as session:
        return list(session.scalars(select(StaffText)))


def test_taking_over_shows_the_form_with_the_masked_phone_and_who_writes(desk: Desk, case: MadeUpCase, store: Store) -> None:
    before = desk.get(at(case)).text
    assert "The agent writes with this family." in before and 'name="for_this_family"' not in before
    takes_over(desk, case)
    page = desk.get(at(case)).text
    assert "You write with this family." in page and 'name="for_this_family"' in page
    assert "+18605550142" not in page
    assert [line.actor for line in audit_lines(store, "conversation.taken_over")] == [f"staff:{_ines(store)}"]


def _ines(store: Store) -> int:
    with store.reading() as session:
        return session.scalars(select(Staff.id).where(Staff.email == "ines@example.org")).one()


def test_s17_a_text_needs_the_family_confirmed_and_can_be_taken_back(desk: Desk, case: MadeUpCase, store: Store) -> None:
    takes_over(desk, case)
    refused = desk.post(at(case, "/texts"), {"text": "for whom?", "key": KEY})
    assert refused.status_code == 422 and "for whom?" in refused.text and written(store) == []
    assert says(desk, case, "for whom?") == 303
    page = desk.get(at(case)).text
    assert "Leaves in a few seconds" in page and "Take it back" in page
    back = desk.post(at(case, f"/texts/{KEY}/take-back"))
    assert back.status_code == 200 and "Taken back." in back.text
    assert re.search(r"<textarea[^>]*>for whom\?</textarea>", back.text), "its words are in the form again"
    assert written(store)[0].taken_back_at is not None


def test_a_form_sent_twice_is_one_text(desk: Desk, case: MadeUpCase, store: Store) -> None:
    takes_over(desk, case)
    assert [says(desk, case, "hello") for _ in range(2)] == [303, 303] and len(written(store)) == 1


@pytest.mark.parametrize("words", ["", "   ", "x" * 1001])
def test_what_cannot_go_is_given_back_as_it_was_typed(desk: Desk, case: MadeUpCase, store: Store, words: str) -> None:
    takes_over(desk, case)
    answer = desk.post(at(case, "/texts"), {"text": words, "key": KEY, "for_this_family": "yes"})
    assert answer.status_code == 422 and words in answer.text and written(store) == []


def test_without_taking_over_nothing_is_sent(desk: Desk, case: MadeUpCase, store: Store) -> None:
    desk.get(at(case))
    refused = desk.post(at(case, "/texts"), {"text": "my careful words", "key": KEY, "for_this_family": "yes"})
    assert refused.status_code == 409 and "my careful words</textarea>" in refused.text and written(store) == []
    assert desk.post(at(case, "/hand-back")).status_code == 409


def test_a_colleagues_talk_is_read_along_and_named(desk: Desk, case: MadeUpCase, store: Store) -> None:
    with store.transaction() as session:
        omar = Staff(email="omar@example.org", name="Omar Diaz", fs_uniquifier="omar-1")
        session.add(omar)
        session.flush()
        session.execute(update(Conversation).values(staff_id=omar.id))
    page = desk.get(at(case)).text
    assert "Omar Diaz writes with this family." in page and ">Take over<" not in page
    answer = desk.post(at(case, "/take-over"))
    assert answer.status_code == 409 and "Omar Diaz has taken over" in answer.text
    shown = re.search(r'name="shown" value="(\d+)"', answer.text)
    assert shown is not None and "Write in the place of Omar Diaz" in answer.text
    assert desk.post(at(case, "/take-over"), {"shown": shown[1]}).status_code == 303
    assert "You write with this family." in desk.get(at(case)).text


def test_a_reply_from_the_library_comes_in_the_familys_language_behind_what_was_typed(desk: Desk, store: Store) -> None:
    case = a_case(store, language="es")
    takes_over(desk, case)
    page = desk.post(at(case, "/texts/library"), {"text": "Hola, Rosa.", "reply": "best_time"}).text
    assert "Hola, Rosa. ¿A qué hora le podemos llamar?</textarea>" in unescape(page)
    unknown = desk.post(at(case, "/texts/library"), {"text": "Hola", "reply": "../../etc"}).text
    assert "Hola</textarea>" in unknown


@pytest.mark.parametrize(("words", "expected"), [("hi", "1 text segment"), ("ñandú á" * 20, "3 text segments (UCS-2)")])
def test_a_text_is_counted_while_it_is_written(desk: Desk, case: MadeUpCase, words: str, expected: str) -> None:
    takes_over(desk, case)
    assert desk.post(at(case, "/texts/size"), {"text": words}).text.split(" · ")[0] == expected


HARD = "Developmental surveillance necessitates continuous communication between participating institutions."
FACIL = "Gracias. Le llamamos el lunes en la mañana."
DIFICIL = "Las evaluaciones pormenorizadas requieren especialistas experimentados."


def test_beside_the_segments_stands_how_hard_a_text_is_to_read(desk: Desk, case: MadeUpCase) -> None:
    takes_over(desk, case)
    hard = desk.post(at(case, "/texts/size"), {"text": HARD}).text
    assert re.fullmatch(r"\d text segments?.* · about grade \d\d: try shorter sentences", hard)
    easy = desk.post(at(case, "/texts/size"), {"text": "Thank you. We will call you on Monday."}).text
    assert re.fullmatch(r"1 text segment · about grade [1-6]", easy)


def test_a_chat_gets_its_grade_too_by_the_familys_language(desk: Desk, store: Store) -> None:
    case = a_case(store, channel="web", language="es")
    takes_over(desk, case)
    assert re.fullmatch(r"about grade [1-6]", desk.post(at(case, "/texts/size"), {"text": FACIL}).text)
    desk.client.set_cookie("console_language", "es", domain="console.example")
    answer = desk.post(at(case, "/texts/size"), {"text": DIFICIL})
    assert re.fullmatch(r"como de \d+\.º grado: pruebe con oraciones más cortas", answer.text)


def test_in_a_chat_window_there_is_nothing_to_count(desk: Desk, store: Store) -> None:
    case = a_case(store, channel="web")
    takes_over(desk, case)
    assert desk.post(at(case, "/texts/size"), {"text": "hi"}).text == ""


def test_the_talk_alone_is_asked_for_while_the_page_is_open(desk: Desk, case: MadeUpCase, store: Store) -> None:
    first = desk.get(at(case, "/talk"))
    assert first.status_code == 200 and "he only says two words" in first.text and "<html" not in first.text
    etag = first.headers["ETag"]
    assert desk.get(at(case, "/talk"), headers={"If-None-Match": etag}).status_code == 304
    with store.transaction() as session:
        session.add(Message(conversation_id=case.conversation, seq=4, direction="inbound", speaker="you", state="done",
                            text="<b>call 860 555 0142</b>"))
    again = desk.get(at(case, "/talk"), headers={"If-None-Match": etag})
    assert again.status_code == 200 and "&lt;b&gt;" in again.text and "860 555" not in again.text


def test_a_look_at_new_words_leaves_a_line_and_one_at_nothing_new_does_not(desk: Desk, case: MadeUpCase, store: Store) -> None:
    etag = desk.get(at(case, "/talk")).headers["ETag"]
    assert len(audit_lines(store, "case.viewed")) == 1
    with store.transaction() as session:
        session.get_one(Message, case.first_message).state = "dead"  # nothing that anybody wrote
    etag = desk.get(at(case, "/talk"), headers={"If-None-Match": etag}).headers["ETag"]
    assert desk.get(at(case, "/talk"), headers={"If-None-Match": etag}).status_code == 304
    assert len(audit_lines(store, "case.viewed")) == 1
    with store.transaction() as session:
        session.add(Message(conversation_id=case.conversation, seq=4, direction="inbound", speaker="you", state="done",
                            text="and he bites"))
    assert desk.get(at(case, "/talk"), headers={"If-None-Match": etag}).status_code == 200
    assert len(audit_lines(store, "case.viewed")) == 2


def test_an_unknown_case_is_not_found(desk: Desk, store: Store) -> None:
    nowhere = f"/cases/{KEY}"
    desk.get("/account")
    assert [desk.post(f"{nowhere}/{deed}").status_code for deed in ("take-over", "hand-back", "texts/library")] == [404] * 3
    assert says(desk, MadeUpCase(*[UUID(KEY)] * 4, ""), "hello") == 404
    assert desk.get(f"{nowhere}/talk").status_code == 404


def test_handing_back_lets_the_agent_go_on(desk: Desk, case: MadeUpCase, store: Store) -> None:
    takes_over(desk, case)
    says(desk, case, "Goodbye")
    assert desk.post(at(case, "/hand-back")).status_code == 303
    with store.reading() as session:
        said = session.scalars(select(Message).where(Message.conversation_id == case.conversation, Message.seq > 3)
                               .order_by(Message.seq)).all()
    assert [message.speaker for message in said] == ["staff", "system"] and "Goodbye" in said[0].text
    assert "The agent writes with this family." in desk.get(at(case)).text
