"""A made-up family answers what staff write to it, with the next line that the content gives it."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy.orm import Session

from intake.content.library import Content
from intake.store.models import Conversation, Message, PracticeCase
from intake.usecases.receiving import next_seq


def family_answers(session: Session, content: Content, conversation: Conversation) -> None:
    """To be called when a person's words have reached a made-up family; it falls silent when all its lines are said."""
    case = session.get(PracticeCase, conversation.id, with_for_update=True)
    family = content.practice.get(case.family or "") if case is not None else None
    if case is None or family is None or case.answered >= len(family.answers):
        return
    words = family.answers[case.answered]
    case.answered += 1
    session.add(Message(
        conversation_id=conversation.id, seq=next_seq(session, conversation.id, inbound=True), direction="inbound",
        speaker="you", text=words, language=family.language, state="done", done_at=datetime.now(UTC)))
    session.flush()
