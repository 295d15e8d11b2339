"""Two joined families are two again: whose the number is that staff entered meanwhile, and which number stays a wrong one."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from intake.store.models import Conversation, Family, WrongNumber


def case_of_correction(session: Session, talks: Collection[UUID], phone: str | None, since: datetime) -> UUID | None:
    """The case in which staff entered ``phone`` for a number found wrong, the newest if several."""
    query = select(WrongNumber).where(WrongNumber.conversation_id.in_(talks), WrongNumber.undone_at.is_(None),
                                      WrongNumber.corrected_at > since).order_by(WrongNumber.corrected_at.desc())
    return next((row.conversation_id for row in session.scalars(query) if row.corrected_to in (phone, None)), None)


def keep_found_wrong(session: Session, family: Family, talks: Collection[UUID], since: datetime) -> None:
    """A number that a call found wrong while two families were one is wrong for each that has it again.

    The finding stays with the case it was made in. A family that has no open one of its number gets it on its newest case.
    """
    if family.phone_index is None:
        return
    query = select(WrongNumber).where(
        WrongNumber.conversation_id.in_(talks), WrongNumber.phone_index == family.phone_index,
        WrongNumber.undone_at.is_(None), WrongNumber.found_at > since)
    found = session.scalars(query.order_by(WrongNumber.found_at.desc())).all()
    own = session.scalars(select(Conversation.id).where(Conversation.family_id == family.id, Conversation.id.in_(talks))
                          .order_by(Conversation.started_at.desc())).all()
    if not found or not own or any(row.conversation_id in own and row.corrected_at is None for row in found):
        return
    newest = found[0]
    session.add(WrongNumber(conversation_id=own[0], call_id=newest.call_id, phone=newest.phone, phone_index=newest.phone_index,
                            found_by=newest.found_by, found_at=newest.found_at))
    session.flush()
