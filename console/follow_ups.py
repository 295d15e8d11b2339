"""Reads the texts that we start for one case: what is planned, what was sent, what the family answered, why one ended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from intake.store.connection import Store
from intake.store.models import Outreach, Referral


@dataclass(frozen=True)
class FollowUp:
    """One text that we start: its ``kind``, when it is or was due, its ``state``, and the messages that carried and answered
    it. ``program_id`` is the program of its referral, ``item`` the milestone that is asked again."""

    id: UUID
    kind: str
    due_at: datetime
    state: str
    why: str | None
    answer: str | None
    program_id: str | None
    message_id: UUID | None
    answered_in: UUID | None
    item: str | None = None


def follow_ups_of(store: Store, conversation_id: UUID) -> tuple[FollowUp, ...]:
    """The texts that we start for a case, in the order in which they are due."""
    query = (select(Outreach, Referral.program_id).outerjoin(Referral, Referral.id == Outreach.referral_id)
             .where(Outreach.conversation_id == conversation_id).order_by(Outreach.due_at, Outreach.number, Outreach.id))
    with store.reading() as session:
        return tuple(FollowUp(row.id, row.kind, row.due_at, row.state, row.why_canceled, row.answer, program_id,
                              row.message_id, row.answered_in, row.item) for row, program_id in session.execute(query))
