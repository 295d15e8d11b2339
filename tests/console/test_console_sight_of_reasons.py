"""What a person limited to a program is not told beside what they see: another talk's contact, the transcript, hidden reasons."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import delete, event, update

from intake.rules.triage import Urgency
from intake.store.connection import Store
from intake.store.models import Call, Concern, Conversation, Flag, WrongNumber
from intake.usecases.sight import limit_to
from tests.console.colleagues import a_colleague, desk_of
from tests.console.desk import Desk
from tests.console.made_up_families import PHONE, MadeUpCase, a_case
from tests.console.test_console_family import OTHER_PHONE, change, joins

HOUR = timedelta(hours=1)


@pytest.fixture
def his(app: Flask, store: Store, ines: int) -> Desk:
    """The desk of Omar, who works for Birth to Three alone."""
    omar = a_colleague(store)
    with store.transaction() as session:
        limit_to(session, omar, ["birth_to_three"])
    return desk_of(app, "Omar")


def _flag(store: Store, case: MadeUpCase, code: str, urgency: Urgency, waiting: timedelta) -> None:
    with store.transaction() as session:
        at = datetime.now(UTC) - waiting
        session.add(Flag(conversation_id=case.conversation, code=code, rule="T", urgency=urgency.value, raised_at=at,
                         message_id=case.first_message))
        kept = session.get_one(Conversation, case.conversation)
        kept.urgency, kept.flagged, kept.flagged_at = urgency.value, True, at



@pytest.fixture
def joined(desk: Desk, store: Store) -> MadeUpCase:
    """A talk whose program was agreed to; the family was joined to another, whose contact it is called by since."""
    case, other = a_case(store), a_case(store, child_name="mateo luis", channel="web", worry="he hits")
    change(store, other, phone=OTHER_PHONE, phone_index=store.keys.phone_index(OTHER_PHONE), place="Hartford",
           contact_name="Ana Pryce")
    facts = {f"fact_{fact}": "other" for fact in ("phone", "place", "contact_name")}
    assert joins(desk, case, other, **facts).status_code == 303
    with store.transaction() as session:  # nobody agreed in the other talk
        session.execute(update(Conversation).where(Conversation.id == other.conversation).values(flagged=False))
    return case


def test_a_merged_familys_contact_of_another_talk_is_not_shown(store: Store, joined: MadeUpCase, desk: Desk, his: Desk) -> None:
    here = f"/cases/{joined.conversation}"
    hers = desk.get(here).text
    assert "Ana Pryce" in hers and "Hartford" in hers
    page = his.get(here).text
    assert "Rosa Delgado-Ortiz" in page and "06106" in page
    assert "Ana Pryce" not in page and "Hartford" not in page
    revealed = his.post(f"{here}/phone").text
    assert "555-0142" in revealed and "555-0177" not in revealed
    for text in (his.get("/").text, his.post("/search", {"looked_for": joined.receipt}).text):
        assert joined.receipt in text and "Hartford" not in text and "06106" not in text
    assert "Hartford" in desk.get("/").text and "Hartford" in desk.post("/search", {"looked_for": joined.receipt}).text


def test_a_number_told_here_that_was_found_wrong_is_marked(store: Store, joined: MadeUpCase, ines: int, his: Desk) -> None:
    """The family is called by another number since, which is not the one that is shown here."""
    with store.transaction() as session:
        call = Call(conversation_id=joined.conversation, staff_id=ines, form_key=uuid4(), callee="family",
                    outcome="wrong_number", at=datetime.now(UTC))
        session.add(call)
        session.flush()
        session.add(WrongNumber(conversation_id=joined.conversation, call_id=call.id, phone=PHONE, found_by=ines,
                                phone_index=store.keys.phone_index(PHONE)))
    page = his.get(f"/cases/{joined.conversation}").text
    assert "Rosa Delgado-Ortiz" in page and "Wrong number since" in page


def test_the_queue_shows_a_program_the_words_of_a_worry_and_no_other_line(store: Store, desk: Desk, his: Desk) -> None:
    case = a_case(store)
    page = his.get("/").text
    assert "he only says two words" in page and "no he does not do that" not in page
    assert "no he does not do that" in desk.get("/").text
    with store.transaction() as session:
        told = update(Concern).where(Concern.conversation_id == case.conversation)
        session.execute(told.values(withdrawn_at=datetime.now(UTC)))
    assert "he only says two words" not in his.get("/").text
    assert "he only says two words" in desk.get("/").text


def test_a_lost_skill_is_shown_to_a_program_in_its_words(store: Store, his: Desk) -> None:
    a_case(store, worry="she stopped waving bye", urgency=Urgency.URGENT)
    page = his.get("/").text
    assert "she stopped waving bye" in page and page.count("<q ") == 1


def test_a_worry_under_two_domains_is_one_reason_of_the_queue(store: Store, his: Desk) -> None:
    case = a_case(store)
    with store.transaction() as session:
        session.add(Concern(conversation_id=case.conversation, domain="behavior", words="he only says two words",
                            message_id=case.first_message))
    assert his.get("/").text.count("he only says two words") == 1


def test_a_hidden_danger_makes_no_case_graver_for_a_program(store: Store, desk: Desk, his: Desk) -> None:
    case = a_case(store, waiting=2 * HOUR)
    _flag(store, case, "safety", Urgency.EMERGENCY, 50 * HOUR)
    here = f"/cases/{case.conversation}"
    found = {"looked_for": case.receipt}
    for page in (desk.get("/").text, desk.get(here).text, desk.post("/search", found).text):
        assert "urgency-emergency" in page
    his_page, his_search = his.get("/").text, his.post("/search", found).text
    assert "row-standard" in his_page and "row-emergency" not in his_page and 'data-grave="0"' in his_page
    assert case.receipt not in his.get("/?urgency=emergency").text and case.receipt in his.get("/?urgency=standard").text
    assert case.receipt in his_search and "urgency-emergency" not in his_search and "urgency-standard" in his_search
    opened = his.get(here).text
    assert "urgency-emergency" not in opened and "urgency-standard" in opened
    for page in (his_page, opened):
        assert "2 h" in page and "50 h" not in page and "2 d" not in page
    assert case.receipt in desk.get("/?overdue=1").text and case.receipt not in his.get("/?overdue=1").text


def test_a_case_that_waits_for_hidden_reasons_alone_does_not_wait_for_a_program(store: Store, desk: Desk, his: Desk) -> None:
    case = a_case(store)
    with store.transaction() as session:
        session.execute(delete(Flag).where(Flag.conversation_id == case.conversation))
    _flag(store, case, "safety", Urgency.EMERGENCY, HOUR)
    assert case.receipt in desk.get("/").text
    page = his.get("/").text
    assert case.receipt not in page and ">0<" in page
    assert case.receipt in his.post("/search", {"looked_for": case.receipt}).text
    opened = his.get(f"/cases/{case.conversation}").text
    assert "urgency-emergency" not in opened and "urgency-none" in opened


def test_the_queue_of_a_program_is_in_the_order_of_what_it_sees(store: Store, his: Desk) -> None:
    ordinary = a_case(store, waiting=2 * HOUR)
    _flag(store, ordinary, "safety", Urgency.EMERGENCY, 9 * HOUR)
    older, urgent = a_case(store, waiting=5 * HOUR), a_case(store, urgency=Urgency.URGENT, waiting=HOUR)
    receipts = re.findall(r">(HMG-T\d+)<", his.get("/").text)
    assert receipts == [urgent.receipt, older.receipt, ordinary.receipt]


def test_the_number_of_queries_of_a_programs_queue_does_not_grow(store: Store, his: Desk) -> None:
    counted = []
    a_case(store)
    his.get("/")
    event.listen(store.engine, "before_cursor_execute", lambda *_: counted.append(1))
    his.get("/")
    one = len(counted)
    for _ in range(5):
        _flag(store, a_case(store), "safety", Urgency.EMERGENCY, HOUR)
    counted.clear()
    his.get("/")
    assert len(counted) == one


