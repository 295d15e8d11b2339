"""Reads which numbers of a case a call found to be somebody else's."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from intake.store.models import Conversation, Staff, WrongNumber
from intake.usecases.wrong_number import mark_of


@dataclass(frozen=True)
class FoundNumber:
    """A number that a call found wrong: since when and by whom; ``corrected_at`` when the right one was entered since."""

    id: UUID
    phone: str
    found_at: datetime
    found_by: str
    corrected_at: datetime | None


@dataclass(frozen=True)
class Numbers:
    """``wrong`` when the number the family has now was found wrong, ``earlier`` the ones before it, newest first.

    ``mark`` is what a form carries of the number it shows.
    """

    wrong: FoundNumber | None
    earlier: tuple[FoundNumber, ...]
    mark: str


def numbers_of(session: Session, conversation: Conversation) -> Numbers:
    """The numbers of a case, by one query."""
    query = (
        select(WrongNumber, Staff.name)
        .join(Staff, Staff.id == WrongNumber.found_by)
        .where(WrongNumber.conversation_id == conversation.id, WrongNumber.undone_at.is_(None))
        .order_by(WrongNumber.found_at.desc())
    )
    now = conversation.family.phone_index
    found = [(row.phone_index == now and row.corrected_at is None, row, name) for row, name in session.execute(query)]
    return Numbers(
        next((_found(row, name) for is_wrong, row, name in found if is_wrong), None),
        tuple(_found(row, name) for is_wrong, row, name in found if not is_wrong),
        mark_of(now),
    )


def _found(row: WrongNumber, name: str) -> FoundNumber:
    return FoundNumber(row.id, row.phone, row.found_at, name, row.corrected_at)
