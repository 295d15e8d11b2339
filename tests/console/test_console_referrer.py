"""A case that a doctor or a teacher began: who referred is seen, and only the parent's word lets the referral go."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from intake.rules.interview import AGENCY, CALL_BACK, OWN_NAME, PARENT_KNOWS, PARENT_PHONE, Kind
from intake.rules.referral import ReferralStatus
from intake.store.connection import Store
from intake.store.models import Answer, Consent, Conversation, Flag, Referral
from tests.console.desk import Desk
from tests.console.made_up_families import MadeUpCase, a_case

TOLD = {Kind.RELATION: "provider", OWN_NAME.item: "Dana Reyes", AGENCY.item: "River Clinic", CALL_BACK.item: "+18605550171",
        PARENT_KNOWS.item: "not_yet", PARENT_PHONE.item: "tells_them"}


@pytest.fixture
def referred(store: Store) -> MadeUpCase:
    """A case that waits for the parent."""
    case = a_case(store, status=ReferralStatus.DRAFT)
    with store.transaction() as session:
        session.add_all([Answer(conversation_id=case.conversation, item=item, value=value, message_id=case.first_message)
                         for item, value in TOLD.items()])
        session.add(Flag(conversation_id=case.conversation, code="parent_must_agree", rule="W6", urgency="standard"))
    return case


def _page(desk: Desk, case: MadeUpCase) -> str:
    return desk.get(f"/cases/{case.conversation}").text


def _moves(desk: Desk, case: MadeUpCase, **fields: str) -> TestResponse:
    _page(desk, case)
    form: dict[str, Any] = {"to": "ready", "version": 1, **fields}
    return desk.post(f"/cases/{case.conversation}/referrals/{case.referral}/moves", form)


def test_who_referred_is_seen_and_their_number_only_on_request(desk: Desk, referred: MadeUpCase) -> None:
    page = _page(desk, referred)
    for part in ("Who referred", "Doctor, nurse or therapist", "Dana Reyes", "River Clinic", "Not yet", "I will tell the parent",
                 "call the parent or guardian"):
        assert part in page, part
    assert "555-0171" not in page and "8605550171" not in page


@pytest.mark.parametrize("source", ["staff", "program"])
def test_nobody_says_yes_in_the_parents_place(desk: Desk, store: Store, referred: MadeUpCase, source: str) -> None:
    answer = _moves(desk, referred, source=source, note="they sounded fine")
    assert answer.status_code == 422 and "only when the parent or guardian said so" in answer.text
    assert "they sounded fine" in answer.text, "what was typed is kept"
    with store.reading() as session:
        assert session.get_one(Referral, referred.referral).status == "draft"


def test_the_parents_yes_by_phone_is_recorded_with_the_move(desk: Desk, store: Store, referred: MadeUpCase) -> None:
    assert _moves(desk, referred, source="family").status_code == 303
    with store.reading() as session:
        newest = session.scalars(select(Consent).where(Consent.conversation_id == referred.conversation)
                                 .order_by(Consent.at.desc())).first()
        flag = session.scalars(select(Flag).where(Flag.code == "parent_must_agree")).one()
        assert newest is not None and (newest.kind, newest.given, newest.source) == ("contact", True, "phone")
        assert session.get_one(Referral, referred.referral).consent_id == newest.id
        assert flag.cleared_because == "talked_with_family"


def test_the_case_of_the_parent_leads_to_that_of_who_referred_and_back(desk: Desk, store: Store, referred: MadeUpCase) -> None:
    parents = a_case(store)
    with store.transaction() as session:
        session.get_one(Conversation, parents.conversation).referred_from = referred.conversation
    assert f"/cases/{referred.conversation}" in _page(desk, parents) and referred.receipt in _page(desk, parents)
    assert f"/cases/{parents.conversation}" in _page(desk, referred)
