"""What staff see of who referred a child that is not theirs, and which cases are joined because of it. Only reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from intake.rules.interview import AGENCY, CALL_BACK, NO, OWN_NAME, PARENT_KNOWS, PARENT_PHONE, SKIP, Kind, is_somebody_else
from intake.store.connection import Store
from intake.store.models import Conversation
from intake.usecases.same_family import CaseName
from intake.usecases.somebody_else import WILL_TELL_THEM


@dataclass(frozen=True)
class Referrer:
    """Who told us of a child, as they told it; codes where a ready answer was picked. None: left out or not asked yet.

    ``call_back`` is a number only when they said that the team may call it.
    """

    relation: str
    name: str | None = None
    agency: str | None = None
    call_back: str | None = None
    parent_knows: str | None = None
    tells_parent: bool = False


def referrer_in(values: Mapping[str, str]) -> Referrer | None:
    """Who referred, out of the standing answers of a conversation; None where a parent or guardian wrote."""
    if not is_somebody_else(values):
        return None
    told = {item: value for item, value in values.items() if value not in (SKIP, NO) or item == PARENT_KNOWS.item}
    return Referrer(values[Kind.RELATION], told.get(OWN_NAME.item), told.get(AGENCY.item), told.get(CALL_BACK.item),
                    told.get(PARENT_KNOWS.item), told.get(PARENT_PHONE.item) == WILL_TELL_THEM)


def joined_cases(session: Session, conversation: Conversation) -> tuple[CaseName, ...]:
    """The cases in which somebody else referred the child of this one, and those in which its parent writes."""
    query = select(Conversation.id, Conversation.receipt_number).where(
        or_(Conversation.referred_from == conversation.id, Conversation.id == conversation.referred_from))
    return tuple(CaseName(id_, number) for id_, number in session.execute(query.order_by(Conversation.started_at)))


def cases_joined_to(store: Store, conversation: Conversation) -> tuple[CaseName, ...]:
    """``joined_cases`` for a page."""
    with store.reading() as session:
        return joined_cases(session, conversation)
