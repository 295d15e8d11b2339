"""The case page: what is told, what is hidden until asked for, what never becomes markup."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from sqlalchemy import event

from intake.rules.referral import ReferralStatus
from intake.store.audit import verify
from intake.store.connection import Store
from intake.store.models import Answer, Family, Message
from tests.console.desk import Desk, audit_lines
from tests.console.made_up_families import PHONE, POINTS, MadeUpCase, a_case


def _path(case: MadeUpCase) -> str:
    return f"/cases/{case.conversation}"


def test_the_case_page_tells_everything_the_family_told(desk: Desk, store: Store) -> None:
    case = a_case(store, worry="he only says two words")
    page = desk.get(_path(case)).text
    for part in (
        case.receipt,
        "Mateo Luis",
        "March 4, 2025",
        "Rosa Delgado-Ortiz",
        "Parent or guardian",
        "Mornings",
        "06106",
        "What worries you about your child?",
        "he only says two words",
        "talking and understanding",
        "language_communication",
        "points so that others look at something too",
        "Not yet",
        "delivered",
        "To be contacted by a person",
        "introduction-1",
        "Birth to Three",
        "Ready to send",
        "rule T2",
    ):
        assert part in page, part


def test_an_answer_that_was_replaced_is_struck_through_with_its_time(desk: Desk, store: Store) -> None:
    case = a_case(store)
    with store.transaction() as session:
        old = session.query(Answer).filter_by(conversation_id=case.conversation, item=POINTS).one()
        old.replaced_at = datetime(2026, 11, 20, 15, 30, tzinfo=UTC)
        session.flush()
        session.add(
            Answer(
                conversation_id=case.conversation,
                child_id=case.child,
                item=POINTS,
                value="sometimes",
                own_words="actually sometimes he does",
                message_id=case.first_message,
            )
        )
    page = desk.get(_path(case)).text
    assert '<span class="value value-sometimes"><bdi>Sometimes</bdi></span>' in page
    struck = page[page.index("<s>") : page.index("</s>")]
    assert "Not yet" in struck and "no he does not do that" in struck
    assert re.search(r"changed Nov 20,( 2026,)? 10:30", page)


def test_a_withdrawn_answer_is_kept_and_shown_as_withdrawn(desk: Desk, store: Store) -> None:
    case = a_case(store)
    with store.transaction() as session:
        session.query(Answer).filter_by(item=POINTS).one().replaced_at = datetime.now(UTC)
    page = desk.get(_path(case)).text
    assert "withdrawn" in page and "<s><bdi>Not yet</bdi>" in page


def test_what_could_not_be_delivered_stands_out(desk: Desk, store: Store) -> None:
    case = a_case(store)
    with store.transaction() as session:
        message = session.query(Message).filter_by(seq=1).one()
        message.state, message.error_code = "undelivered", "30005"
    assert "NOT delivered (30005)" in desk.get(_path(case)).text


@pytest.mark.parametrize(("state", "code", "shown"), [
    ("canceled", "opted_out", "not sent: opted out"), ("canceled", "wrong_person", "not sent: wrong number"),
    ("failed", "expired", "NOT sent: waited too long"), ("unknown", None, "not sure it arrived")])
def test_why_a_text_did_not_leave_stands_in_words(desk: Desk, store: Store, state: str, code: str | None, shown: str) -> None:
    case = a_case(store)
    with store.transaction() as session:
        message = session.query(Message).filter_by(seq=1).one()
        message.state, message.error_code = state, code
    assert shown in desk.get(_path(case)).text


def test_the_phone_is_masked_wherever_it_stands(desk: Desk, store: Store) -> None:
    case = a_case(store, worry="call me at (860) 555-0142, he only says two words")
    with store.transaction() as session:
        session.add(
            Message(
                conversation_id=case.conversation,
                seq=4,
                direction="outbound",
                speaker="bot",
                state="delivered",
                text="We will call 860-555-0142. To reach us, call 1-800-505-7000.",
            )
        )
        session.add(
            Answer(
                conversation_id=case.conversation,
                item="phone",
                value=PHONE,
                own_words="8605550142",
                message_id=case.first_message,
            )
        )
    page = desk.get(_path(case)).text
    for private in (PHONE, "8605550142", "555-0142"):
        assert private not in page, private
    assert "••• ••• 0142" in page and "1-800-505-7000" in page


def test_showing_the_phone_is_a_deed_that_leaves_a_line(desk: Desk, store: Store, ines: int) -> None:
    case = a_case(store)
    desk.get(_path(case))
    assert desk.get(_path(case) + "/phone").status_code == 405
    assert audit_lines(store, "phone.revealed") == []
    assert "(860) 555-0142" in desk.post(_path(case) + "/phone").text
    assert [(line.actor, line.object_id) for line in audit_lines(store, "phone.revealed")] == [
        (f"staff:{ines}", str(case.conversation))
    ]
    assert "(860) 555-0142" not in desk.get(_path(case)).text


def test_every_look_at_a_case_leaves_a_line_and_the_chain_holds(desk: Desk, store: Store, ines: int) -> None:
    case = a_case(store)
    desk.get(_path(case))
    desk.get(_path(case))
    lines = audit_lines(store, "case.viewed")
    assert [(line.actor, line.object_type, line.object_id) for line in lines] == 2 * [
        (f"staff:{ines}", "conversation", str(case.conversation))
    ]
    with store.reading() as session:
        assert verify(session) is None


def test_a_case_that_does_not_exist_is_no_page_and_leaves_no_line(desk: Desk, store: Store) -> None:
    desk.get("/")
    assert [
        desk.get(f"/cases/{uuid4()}").status_code,
        desk.get("/cases/1").status_code,
        desk.post(f"/cases/{uuid4()}/phone").status_code,
    ] == [404, 404, 404]
    assert audit_lines(store, "case.viewed") == audit_lines(store, "phone.revealed") == []


OUR_SCRIPT = r'<script src="/static/[a-z]+\.js" defer></script>'


@pytest.mark.parametrize(
    "name",
    [
        "<script>alert(1)</script>",
        '"><svg/onload=alert(1)>',
        "{{ 7 * 7 }}",
        "O'Neil & Ñuñez",
        "N" * 200,
        "王 小明",
        '=HYPERLINK("http://x")',
    ],
)
def test_whatever_a_parent_writes_is_shown_as_text(desk: Desk, store: Store, name: str) -> None:
    case = a_case(store, child_name=name, worry=name)
    with store.transaction() as session:
        family = session.query(Family).one()
        family.contact_name = family.place = name
    for page in (desk.get("/").text, desk.get(_path(case)).text):
        assert "<script>" not in page and "<svg/onload" not in page and "<bdi>49" not in page
    escaped = desk.get(_path(case)).text
    shown = (
        name.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace('"', "&#34;")
        .replace("'", "&#39;")
    )
    assert f"<bdi>{shown}</bdi>" in escaped


def test_a_direction_trick_is_written_out_and_cannot_turn_the_page_around(desk: Desk, store: Store) -> None:
    case = a_case(store, child_name="Ana\u202etxt.exe", worry="hello \u2067\u0007 world")
    for page in (desk.get("/").text, desk.get(_path(case)).text):
        assert not set("\u202e\u2067\u0007") & set(page)
    page = desk.get(_path(case)).text
    assert "Ana[U+202E]txt.exe" in page and "hello [U+2067][U+0007] world" in page


def test_the_number_of_queries_does_not_grow_with_the_conversation(desk: Desk, store: Store) -> None:
    case = a_case(store)
    few = _queries(desk, store, case)
    with store.transaction() as session:
        for seq in range(10, 60):
            session.add(
                Message(
                    conversation_id=case.conversation,
                    seq=seq,
                    direction="inbound",
                    speaker="you",
                    text="and",
                    state="done",
                )
            )
    assert _queries(desk, store, case) == few < 40


def _queries(desk: Desk, store: Store, case: MadeUpCase) -> int:
    seen: list[str] = []

    def note(connection: object, cursor: object, statement: str, *rest: object) -> None:
        seen.append(statement)

    event.listen(store.engine, "before_cursor_execute", note)
    assert desk.get(_path(case)).status_code == 200
    event.remove(store.engine, "before_cursor_execute", note)
    return len(seen)


def test_neither_title_nor_address_tells_who_the_family_is(desk: Desk, store: Store) -> None:
    case = a_case(store)
    page = desk.get(_path(case)).text
    title = page[page.index("<title>") : page.index("</title>")]
    assert case.receipt in title and "Mateo" not in title
    assert "Mateo" not in page[: page.index("<main")]


def test_a_closed_referral_offers_no_form(desk: Desk, store: Store) -> None:
    case = a_case(store, status=ReferralStatus.CLOSED)
    page = desk.get(_path(case)).text
    assert "closed and stays as it is" in page and "/moves" not in page


def test_a_case_in_spanish_has_its_dates_and_answers_in_spanish(desk: Desk, store: Store) -> None:
    case = a_case(store)
    desk.get("/")
    desk.post("/language", {"language": "es", "back": "/"})
    page = desk.get(_path(case)).text
    for part in (
        "4 de marzo de 2025",
        "Todavía no",
        "Mamá, papá o tutor",
        "Listo para enviar",
        "Preocupaciones",
    ):
        assert part in page, part


def test_the_unwritten_opening_of_a_web_chat_and_an_unknown_language_are_not_shown(desk: Desk, store: Store) -> None:
    case = a_case(store)
    with store.transaction() as session:
        last = session.query(Message).order_by(Message.seq.desc()).first()
        assert last is not None
        common = {"conversation_id": last.conversation_id, "direction": "inbound", "speaker": "you", "state": "done"}
        session.add(Message(**common, seq=last.seq + 1, text="", language="unknown", provider_id="open:made-up"))
        session.add(Message(**common, seq=last.seq + 2, text="nico", language="unknown"))
    page = desk.get(_path(case)).text
    assert "nico" in page and "unknown" not in page.lower() and "no words" not in page
