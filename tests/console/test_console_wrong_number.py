"""The case page and the packet say that a number is wrong; staff undo it or enter the right one, and nothing typed is lost."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import select, text

from intake.store.connection import Store
from intake.store.models import Answer, Conversation, WrongNumber
from intake.usecases.merging import compare, merge, proposed
from intake.usecases.staff import StaffRole
from tests.console.colleagues import a_colleague, desk_of
from tests.console.desk import Desk, audit_lines
from tests.console.made_up_families import PHONE, MadeUpCase, a_case

SAYS = "Wrong number since"


def _found_wrong(desk: Desk, store: Store, case: MadeUpCase) -> str:
    """Ines presses "wrong number" on the page she sees; the path of what was found."""
    page = desk.get(f"/cases/{case.conversation}").text
    shown = re.search(r'name="number_shown" value="(\w{16})"', page)
    assert shown
    fields = {"key": str(uuid4()), "call": "family/wrong_number", "number_shown": shown[1]}
    assert desk.post(f"/cases/{case.conversation}/calls", fields).status_code == 303
    with store.reading() as session:
        found = session.scalars(select(WrongNumber.id).where(WrongNumber.conversation_id == case.conversation)
                                .order_by(WrongNumber.found_at.desc())).first()
    return f"/cases/{case.conversation}/wrong-numbers/{found}"


def _phone(store: Store, case: MadeUpCase) -> str | None:
    with store.reading() as session:
        return session.get_one(Conversation, case.conversation).family.phone


def test_the_page_and_the_packet_say_since_when_the_number_is_wrong(desk: Desk, store: Store) -> None:
    case = a_case(store)
    assert SAYS not in desk.get(f"/cases/{case.conversation}").text
    _found_wrong(desk, store, case)
    page = desk.get(f"/cases/{case.conversation}").text
    assert SAYS in page and "Nothing is texted to it" in page and "Ines Vega" in page and "555-0142" not in page
    packet = desk.get(f"/cases/{case.conversation}/referrals/{case.referral}/packet").text
    assert re.search(r"555-0142 \(Wrong number since [^)]+\)", packet)
    desk.client.set_cookie("console_language", "es", domain="console.example")
    assert "Número equivocado desde" in desk.get(f"/cases/{case.conversation}").text


def test_a_wrong_button_is_undone_by_another(desk: Desk, store: Store, ines: int) -> None:
    case = a_case(store)
    found = _found_wrong(desk, store, case)
    assert desk.post(f"{found}/undo").status_code == 303
    page = desk.get(f"/cases/{case.conversation}").text
    assert SAYS not in page and "A call reached a wrong number" in page and 'class="past"' in page
    assert [(line.actor, line.object_id) for line in audit_lines(store, "phone.found_right")] == [
        (f"staff:{ines}", str(case.conversation))]


def test_the_right_number_is_kept_sealed_and_the_old_one_stays_in_the_history(desk: Desk, store: Store) -> None:
    case = a_case(store)
    found = _found_wrong(desk, store, case)
    answer = desk.post(f"{found}/correct", {"phone": "860 555 0177"})
    assert answer.status_code == 303 and answer.location.endswith("#family") and _phone(store, case) == "+18605550177"
    page = desk.get(f"/cases/{case.conversation}").text
    history = page.split("Earlier numbers")[1]
    assert SAYS in history and "replaced" in history and "555-0142" not in page and "555-0177" not in page
    shown = desk.post(f"/cases/{case.conversation}/phone").text
    assert "(860) 555-0142" in shown.split("Earlier numbers")[1]
    with store.engine.connect() as connection:
        sealed = bytes(connection.execute(text("select phone from wrong_number")).scalar_one())
    assert PHONE.encode() not in sealed
    assert SAYS not in desk.get(f"/cases/{case.conversation}/referrals/{case.referral}/packet").text


@pytest.mark.parametrize(("typed", "words"), [("", "no US phone number"), ("5550177", "no US phone number"),
                                              ("(860) 555-0142", "the very number")])
def test_what_is_no_right_number_is_refused_and_given_back(desk: Desk, store: Store, typed: str, words: str) -> None:
    case = a_case(store)
    answer = desk.post(f"{_found_wrong(desk, store, case)}/correct", {"phone": typed})
    assert answer.status_code == 422 and words in answer.text and f'value="{typed}"' in answer.text
    assert _phone(store, case) == PHONE and audit_lines(store, "phone.corrected") == []


def test_of_two_who_look_at_one_number_the_second_is_told_and_loses_nothing(desk: Desk, app: Flask, store: Store) -> None:
    case = a_case(store)
    a_colleague(store)
    his = desk_of(app, "Omar")
    found = _found_wrong(desk, store, case)
    page = his.get(f"/cases/{case.conversation}").text
    assert desk.post(f"{found}/correct", {"phone": "860 555 0177"}).status_code == 303
    answers = [his.post(f"{found}/correct", {"phone": "860 555 0188"}), his.post(f"{found}/undo")]
    seen = re.search(r'name="number_shown" value="(\w+)"', page)
    assert seen
    fields = {"key": str(uuid4()), "call": "family/wrong_number", "number_shown": seen[1], "note": "a bakery"}
    answers.append(his.post(f"/cases/{case.conversation}/calls", fields))
    assert [answer.status_code for answer in answers] == [409, 409, 409]
    assert all("Somebody changed this number" in answer.text for answer in answers)
    assert "860 555 0188" in answers[0].text and "a bakery" in answers[2].text
    assert _phone(store, case) == "+18605550177"


def test_a_number_of_another_case_is_not_found(desk: Desk, store: Store) -> None:
    case, other = a_case(store), a_case(store)
    found = _found_wrong(desk, store, case).replace(str(case.conversation), str(other.conversation))
    assert desk.post(f"{found}/undo").status_code == 404
    assert desk.post(f"{found}/correct", {"phone": "860 555 0177"}).status_code == 404


def test_an_administrator_changes_no_number(desk: Desk, app: Flask, store: Store) -> None:
    case = a_case(store)
    found = _found_wrong(desk, store, case)
    a_colleague(store, "Ada Cruz", StaffRole.ADMINISTRATOR)
    ada = desk_of(app, "Ada")
    assert ada.post(f"{found}/undo").status_code == 404
    assert ada.post(f"{found}/correct", {"phone": "860 555 0177"}).status_code == 404
    assert _phone(store, case) == PHONE


def test_a_packet_of_a_case_that_was_joined_has_the_right_number_or_the_mark(desk: Desk, store: Store, ines: int) -> None:
    case, other = a_case(store), a_case(store)
    pair = compare(store, case.conversation, other.conversation, ines)
    merge(store, case.conversation, other.conversation, proposed(pair), shown=pair.shown, staff=ines, form_key=uuid4())
    with store.transaction() as session:  # told in each talk, as the agent keeps it
        for told in (case, other):
            session.add(Answer(conversation_id=told.conversation, item="phone", value=PHONE, message_id=told.first_message))
    found = _found_wrong(desk, store, case)
    packets = [f"/cases/{of.conversation}/referrals/{of.referral}/packet" for of in (case, other)]
    for packet in packets:
        assert re.search(r"555-0142 \(Wrong number since [^)]+\)", desk.get(packet).text)
    assert desk.post(f"{found}/correct", {"phone": "(860) 555-0188"}).status_code == 303
    mine, theirs = (desk.get(packet).text for packet in packets)
    assert "555-0188" in mine and "555-0142" not in mine and SAYS not in mine
    assert re.search(r"555-0142 \(Wrong number since [^)]+\)", theirs), "the yes of the other case was for the number told there"
