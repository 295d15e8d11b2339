"""Reads who looks after a case: whose it is, to whom it could be given, who has it open, and when it is due."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, true
from sqlalchemy.orm import Session

from console.flagged import Looking
from intake.rules.due import due_at
from intake.rules.triage import Urgency
from intake.store.connection import Store
from intake.store.models import Conversation, Staff
from intake.usecases.assigning import Colleague, colleagues, keep_viewing, viewers
from intake.usecases.seen_flags import seen_flags
from intake.usecases.sight import Sight


@dataclass(frozen=True)
class CaseDesk:
    """Who looks after one case. ``assignee`` is None when it is nobody's, ``since`` and ``due`` when nothing flags it."""

    assignee: Colleague | None
    colleagues: tuple[Colleague, ...]
    viewers: tuple[str, ...]
    urgency: str
    since: datetime | None
    due: datetime | None


def open_desk(store: Store, conversation_id: UUID, looking: Looking) -> CaseDesk:
    """Who looks after a case that exists; remembers that ``looking.staff`` has it open now."""
    with store.transaction() as session:
        keep_viewing(session, conversation_id, looking.staff, looking.now)
        conversation = session.get_one(Conversation, conversation_id)
        urgency, since = _standing(session, conversation, looking.sight)
        return CaseDesk(
            _assignee(session, conversation.assignee_id),
            tuple(colleagues(session, conversation)),
            viewers(session, [conversation_id], looking.staff, looking.now).get(conversation_id, ()),
            urgency,
            since,
            due_at(Urgency(urgency), since, looking.calendar) if since is not None else None,
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


def _standing(session: Session, conversation: Conversation, sight: Sight) -> tuple[str, datetime | None]:
    """How grave a case is and since when it waits, by the reasons that are seen."""
    if not sight.limited:
        since = conversation.flagged_at or conversation.started_at
        return conversation.urgency, since if conversation.flagged else None
    seen = seen_flags(sight)
    query = select(seen.c.urgency, seen.c.since).select_from(Conversation).join(seen, true())
    found = session.execute(query.where(Conversation.id == conversation.id)).one_or_none()
    return (found.urgency, found.since) if found is not None else (Urgency.NONE.value, None)
