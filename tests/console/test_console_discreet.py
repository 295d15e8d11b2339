"""Staff see before anything else that contact must be discreet, and what the family said about being texted."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from intake.rules.triage import Urgency
from intake.store.connection import Store
from intake.store.models import DangerTold, Flag, Message
from tests.console.desk import Desk
from tests.console.made_up_families import MadeUpCase, a_case


def _told_of_violence(store: Store, told: str | None) -> MadeUpCase:
    case = a_case(store, urgency=Urgency.STANDARD)
    with store.transaction() as session:
        message = session.scalars(select(Message.id).where(Message.conversation_id == case.conversation).limit(1)).one()
        session.add(Flag(conversation_id=case.conversation, code="safety", item="abuse_violence", rule="E9", urgency="emergency",
                         message_id=message))
        session.add(DangerTold(conversation_id=case.conversation, message_id=message, situation="violence", trigger="E9",
                               category="abuse_violence", level="urgent_same_day", unclear=False, asked="safe_to_read", told=told,
                               told_at=None if told is None else datetime.now(UTC)))
    return case


@pytest.mark.parametrize(("told", "words"), [
    (None, "They have not said that it is safe to text"), ("safe", "said that it is safe to read this here"),
    ("not_safe", "Not safe to text."), ("unsure", "Not safe to text."), ("other_way", "asked to be reached another way")])
def test_the_case_says_that_contact_must_be_discreet(desk: Desk, store: Store, told: str | None, words: str) -> None:
    case = _told_of_violence(store, told)
    page = desk.get(f"/cases/{case.conversation}").text
    assert "Contact with this family must be discreet" in page and words in page
    assert page.index("must be discreet") < page.index('id="why"'), "before anything that could be acted on"


def test_an_ordinary_case_says_nothing_of_it(desk: Desk, store: Store) -> None:
    case = a_case(store, urgency=Urgency.STANDARD)
    assert "must be discreet" not in desk.get(f"/cases/{case.conversation}").text
