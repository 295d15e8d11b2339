"""Reads who looks after a case: whose it is, to whom it could be given, who has it open, and when it is due."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from console.queue import Looking
from intake.rules.due import due_at
from intake.rules.triage import Urgency
from intake.store.connection import Store
from intake.store.models import Conversation, Staff
from intake.usecases.assigning import Colleague, colleagues, keep_viewing, viewers


@dataclass(frozen=True)
class CaseDesk:
    """Who looks after one case. ``assignee`` is None when it is nobody's, ``due`` when nothing flags it."""

    assignee: Colleague | None
    colleagues: tuple[Colleague, ...]
    viewers: tuple[str, ...]
    due: datetime | None


def open_desk(store: Store, conversation_id: UUID, looking: Looking) -> CaseDesk:
    """Who looks after a case that exists; remembers that ``looking.staff`` has it open now."""
    with store.transaction() as session:
        keep_viewing(session, conversation_id, looking.staff, looking.now)
        conversation = session.get_one(Conversation, conversation_id)
        return CaseDesk(
            _assignee(session, conversation.assignee_id),
            tuple(colleagues(session, conversation)),
            viewers(session, [conversation_id], looking.staff, looking.now).get(conversation_id, ()),
            _due(conversation, looking),
        )


def who_is_viewing(store: Store, conversation_id: UUID, looking: Looking) -> tuple[str, ...]:
    """Who else has a case open; keeps the look of ``looking.staff`` fresh. Nobody when there is no such case."""
    with store.transaction() as session:
        if session.get(Conversation, conversation_id) is None:
            return ()
        keep_viewing(session, conversation_id, looking.staff, looking.now)
        return viewers(session, [conversation_id], looking.staff, looking.now).get(conversation_id, ())


def _assignee(session: Session, staff: int | None) -> Colleague | None:
    name = session.scalar(select(Staff.name).where(Staff.id == staff)) if staff is not None else None
    return Colleague(staff, name) if staff is not None and name is not None else None


def _due(conversation: Conversation, looking: Looking) -> datetime | None:
    if not conversation.flagged:
        return None
    since = conversation.flagged_at or conversation.started_at
    return due_at(Urgency(conversation.urgency), since, looking.calendar)
