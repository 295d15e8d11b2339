"""Reads which numbers of a case a call found to be somebody else's."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from intake.store.models import Conversation, Family, Staff, WrongNumber
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


def numbers_of(session: Session, conversation: Conversation, handed_on: Family | None = None) -> Numbers:
    """The numbers of a case, by one query. What was found in one case of a family holds for all of its cases.

    ``handed_on`` is the contact that is given to a program, if it is that: its number is wrong also when another has been
    entered since.
    """
    now = (handed_on or conversation.family).phone_index
    of_family = select(Conversation.id).where(Conversation.family_id == conversation.family_id)
    own = WrongNumber.conversation_id == conversation.id
    query = (
        select(WrongNumber, Staff.name)
        .join(Staff, Staff.id == WrongNumber.found_by)
        .where(WrongNumber.undone_at.is_(None))
        .where(or_(own, WrongNumber.conversation_id.in_(of_family) & (WrongNumber.phone_index == now)))
        .order_by(own.desc(), WrongNumber.found_at.desc())
    )
    wrong, earlier = None, []
    for row, name in session.execute(query):
        if row.phone_index == now and (row.corrected_at is None or handed_on is not None):
            wrong = wrong or _found(row, name)
        elif row.conversation_id == conversation.id:
            earlier.append(_found(row, name))
    return Numbers(wrong, tuple(earlier), mark_of(now))


def _found(row: WrongNumber, name: str) -> FoundNumber:
    return FoundNumber(row.id, row.phone, row.found_at, name, row.corrected_at)
