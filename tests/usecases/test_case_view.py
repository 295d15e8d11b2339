"""A whole case as plain data, found by receipt, conversation or phone; every look leaves an audit line."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from a_family import OTHER_PHONE, PHONE, POINTS, WORRY, AFamily, Answer, born, milestone
from sqlalchemy import text

from intake.rules.interview import Kind
from intake.store.audit import verify
from intake.store.models import Audit, Base, Message
from intake.usecases.about_child import tell_child_name
from intake.usecases.case_view import CaseUnknown, view_case
from intake.usecases.contact import tell_contact_name
from intake.usecases.optional_facts import tell_fact

Family = Callable[..., AFamily]
POINTS_WORDS = "no todavía no señala, Anselmo"


def _fact(words: str) -> Answer:
    return words, lambda scene: tell_fact(scene, "inform")


@pytest.fixture
def whole(family: Family) -> AFamily:
    """A conversation from the first word to the last."""
    return family(until=Kind.FREE, answers={
        POINTS: (POINTS_WORDS, milestone("not_yet")[1]), Kind.CHILD_NAME: ("Anselmo", tell_child_name),
        Kind.CONTACT_NAME: ("Ximena", tell_contact_name), Kind.DOCTOR: _fact("Dr. Quimby"), Kind.PLACE: _fact("Willimantic")})


def test_a_whole_case_shows_flag_reasons_concerns_answers_and_the_referral(whole: AFamily) -> None:
    case = whole.case()
    assert (case["flagged"], case["urgency"], case["status"]) == (True, "standard", "open")
    assert {(r["code"], r["item"], r["rule"]) for r in case["reasons"]} == {
        ("worry", "language_communication", "T2"), ("not_yet", POINTS, "T1")}
    assert case["concerns"] == [{"domain": "language_communication", "words": WORRY, "coded_by": "agent"}]
    assert {"item": POINTS, "value": "not_yet", "own_words": POINTS_WORDS} in case["answers"]
    assert case["programs"] == ["birth_to_three"] and case["referrals"][0]["status"] == "ready"
    assert case["child"]["name"] == "Anselmo" and case["family"]["contact_name"] == "Ximena"
    assert case["messages"]["inbound"] == len({message.id for message in whole.all(Message) if message.direction == "inbound"})
    json.dumps(case)


def test_a_case_is_found_by_receipt_by_conversation_and_by_phone(whole: AFamily) -> None:
    case = whole.case()
    by_receipt = view_case(whole.store, actor="operator", receipt_or_conversation=case["receipt"])
    by_phone = view_case(whole.store, actor="operator", phone=PHONE)
    assert by_receipt["conversation"] == by_phone["conversation"] == case["conversation"]


def test_who_names_nobody_sees_nobody(family: Family) -> None:
    parent = family(until=Kind.RELATION)
    for names in ({}, {"receipt_or_conversation": "HMG-000000"}, {"phone": OTHER_PHONE}):
        with pytest.raises(CaseUnknown):
            view_case(parent.store, actor="operator", **names)
    assert [line for line in parent.all(Audit) if line.action == "case.viewed"] == []


def test_every_look_leaves_a_line_with_who_looked(family: Family) -> None:
    parent = family(until=Kind.RELATION)
    view_case(parent.store, actor="operator", phone=PHONE)
    [line] = [line for line in parent.all(Audit) if line.action == "case.viewed"]
    assert (line.actor, line.object_type, line.object_id) == ("operator", "conversation", str(parent.conversation().id))


def test_the_raw_rows_of_a_whole_conversation_hold_nothing_a_family_told(whole: AFamily) -> None:
    told = ["Anselmo", "Ximena", "Quimby", "Willimantic", "two words", "señala", "8605550142", "860-555-0142",
            born(18).isoformat(), str(born(18).strftime("%Y%m%d"))]
    raw = _raw_rows(whole)
    assert len(raw) > 20_000 and b"language_communication" in raw, "the dump must hold the rows"
    assert [word for word in told if word.encode() in raw or word.lower().encode() in raw.lower()] == []


def test_the_audit_trail_of_a_whole_conversation_verifies(whole: AFamily) -> None:
    with whole.store.reading() as session:
        assert verify(session) is None


def _raw_rows(parent: AFamily) -> bytes:
    """Every value of every table, the queue's too, as the database's own dump would hold it: bytes as bytes."""
    with parent.store.engine.connect() as connection:
        names = [*(table.name for table in Base.metadata.sorted_tables), "procrastinate_jobs", "procrastinate_events"]
        values = [value for name in names for row in connection.execute(text(f'select * from "{name}"')) for value in row]
    return b"|".join(bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode() for value in values)
