"""Reads what the case page says of the family beside this case: other cases and children of it, families that may be the same,
what was joined and what was said to be two.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select

from intake.store.connection import Store
from intake.store.models import Child, Conversation
from intake.usecases.same_family import Relatives, relatives_of
from intake.usecases.unmerging import StandingMerge, merges_of


@dataclass(frozen=True)
class Kin:
    """``side_by_side`` when the family has more than one child or case."""

    relatives: Relatives
    merges: tuple[StandingMerge, ...]
    side_by_side: bool

    @property
    def has_news(self) -> bool:
        """Whether there is anything to show."""
        return bool(self.relatives.suggested or self.relatives.apart or self.merges or self.side_by_side)


def kin_of(store: Store, conversation: Conversation, today: date) -> Kin:
    """The kin of a case, in a number of queries that does not grow."""
    family = conversation.family_id
    children = select(func.count()).where(Child.family_id == family, Child.same_as.is_(None)).scalar_subquery()
    cases = select(func.count()).where(Conversation.family_id == family).scalar_subquery()
    with store.reading() as session:
        counted = session.execute(select(children, cases)).one()
        return Kin(relatives_of(session, conversation, today), merges_of(session, conversation), max(counted) > 1)
