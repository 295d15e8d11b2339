"""A family comes back: for a milestone it wanted to watch, and for the list of the next age; through the real programs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from people import Phone
from sqlalchemy import select, update
from walking import about_a_child, born, in_words, walks_checklist

from intake.store.connection import Store
from intake.store.models import Child, Conversation, Message, Outreach

pytestmark = pytest.mark.system

Case = Callable[..., dict[str, Any]]


def _is_texted(store: Store, case: dict[str, Any], kind: str) -> None:
    """The planned text has arrived; the hours in which one may leave are tested elsewhere, so that this runs at any hour."""
    with store.transaction() as session:
        talk = session.scalars(select(Conversation).where(Conversation.public_id == case["conversation"]).with_for_update()).one()
        row = session.scalars(select(Outreach).where(Outreach.conversation_id == talk.id, Outreach.kind == kind)).one()
        talk.last_seq += 1
        text = Message(id=uuid4(), conversation_id=talk.id, seq=talk.last_seq, direction="outbound", speaker="bot", text="GO?",
                       state="delivered", purpose=kind, sent_at=datetime.now(UTC), payload={"expects": None, "choices": []})
        session.add(text)
        session.flush()
        row.state, row.message_id = "sent", text.id


def _answers(case: dict[str, Any]) -> dict[str, str]:
    return {answer["item"]: answer["value"] for answer in case["answers"]}


@pytest.mark.parametrize("spanish", [False, True])
def test_a_milestone_to_watch_comes_back_and_so_does_the_family_at_the_next_age(
        phone: Phone, case: Case, live_store: Store, spanish: bool) -> None:
    words = ("hola, una amiga me dio este número", "sí", "soy la mamá", "voy a ver", "Nos pidió", "SEGUIR", "todavía no",
             "¿Le podemos escribir una vez") if spanish else (
             "hi, a friend told me to text", "yes", "im her mom", "I'll watch for it", "You asked", "GO", "not yet",
             "May we text you once")
    hello, yes, mom, watching, _, go, not_yet, invited = words
    phone.says(hello)
    said = about_a_child(phone, yes=yes, relation=mom, name="Camila", birth=in_words(born(13)), early="no")
    phone.says("no")
    said = phone.says("no")
    said = walks_checklist(phone, said, {1: watching}, yes)
    phone.says(yes)
    phone.says("no")
    said = phone.says(yes)
    assert "PAGE" in said or "HOJA" in said
    assert invited in said and "15" in said
    phone.says(yes)

    seen = case(phone=phone.number)
    watched = next(item for item, value in _answers(seen).items() if value == "not_sure" and item.startswith("m12."))
    _is_texted(live_store, seen, "ask_again")
    said = phone.says(go)
    assert "Camila" in said and " 10 " not in said.split("\n")[-1][:8]
    assert case(phone=phone.number)["flagged"] is False
    phone.says(not_yet)
    seen = case(phone=phone.number)
    assert _answers(seen)[watched] == "not_yet" and seen["flagged"]
    assert ("not_yet", watched) in {(reason["code"], reason["item"]) for reason in seen["reasons"]}

    with live_store.transaction() as session:  # three months pass
        query = select(Conversation.child_id).where(Conversation.public_id == seen["conversation"])
        session.execute(update(Child).where(Child.id == session.scalar(query)).values(birth_date=born(15)))
    _is_texted(live_store, seen, "next_check")
    said = phone.says(go)
    assert "Camila" in said and "?" in said
    phone.says("no")
    said = phone.says("no")
    assert "1 of " in said or "1 de " in said
    walks_checklist(phone, said, {}, yes)
    assert any(item.startswith("m15.") for item in _answers(case(phone=phone.number)))
