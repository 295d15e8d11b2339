"""Whose case it is: a person takes it, gives it to a colleague, or gives it back to the team; and who has it open right now.

Each deed names whose the case was when it was shown. Two people who reach for one case at once do not undo each other: the
second is told who has it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from intake.store.audit import write_audit
from intake.store.connection import Store
from intake.store.models import CaseViewing, Conversation, Role, Staff
from intake.usecases.casework import CaseUnknown
from intake.usecases.sight import sees_case
from intake.usecases.staff import CASEWORK, actor_of

VIEWING_LASTS = timedelta(seconds=30)


class ColleagueUnknown(LookupError):
    """There is nobody with this id who works on cases."""


class AssignedMeanwhile(Exception):
    """The case is no longer whose it was when it was shown; ``assignee`` has it now, or nobody (None)."""

    def __init__(self, assignee: int | None) -> None:
        self.assignee = assignee
        super().__init__("somebody else was faster")


@dataclass(frozen=True)
class Colleague:
    """A person who works on cases."""

    id: int
    name: str


def assign(store: Store, conversation_id: UUID, to: int | None, *, shown: int | None, staff: int) -> None:
    """Makes a case that of the person ``to``, or of nobody (None).

    Raises CaseUnknown, ColleagueUnknown, and AssignedMeanwhile when the case is not that of ``shown`` any more. Nothing is
    changed then. Giving it to whoever has it already is no deed.
    """
    with store.transaction() as session:
        conversation = session.get(Conversation, conversation_id, with_for_update=True)
        if conversation is None:
            raise CaseUnknown("no such conversation")
        if to is not None and to not in {colleague.id for colleague in colleagues(session, conversation)}:
            raise ColleagueUnknown("nobody who works on cases has this id")
        if conversation.assignee_id == to:
            return
        if conversation.assignee_id != shown:
            raise AssignedMeanwhile(conversation.assignee_id)
        conversation.assignee_id = to
        write_audit(session, actor_of(staff), _deed(to, staff), "conversation", conversation_id,
                    detail=f"{_named(shown)} to {_named(to)}")


def _deed(to: int | None, staff: int) -> str:
    if to is None:
        return "case.given_back"
    return "case.taken" if to == staff else "case.given"


def _named(staff: int | None) -> str:
    return "nobody" if staff is None else actor_of(staff)


def colleagues(session: Session, conversation: Conversation | None = None) -> list[Colleague]:
    """Everybody who may sign in and works on cases, by name; of those, who may see this ``conversation``."""
    query = (select(Staff.id, Staff.name).where(Staff.active, Staff.roles.any(Role.name.in_(CASEWORK)))
             .order_by(Staff.name, Staff.id))
    if conversation is not None:
        query = query.where(sees_case(conversation))
    return [Colleague(staff_id, name) for staff_id, name in session.execute(query)]


def looks_on(session: Session, conversation_id: UUID, staff: int) -> bool:
    """Whether this person has the case open now."""
    seen = select(CaseViewing.seen_at).where(CaseViewing.conversation_id == conversation_id, CaseViewing.staff_id == staff,
                                             CaseViewing.seen_at > datetime.now(UTC) - VIEWING_LASTS)
    return session.scalar(seen) is not None


def keep_viewing(session: Session, conversation_id: UUID, staff: int, now: datetime | None = None) -> None:
    """Remembers that a person has a case open, for half a minute from now on."""
    now = now or datetime.now(UTC)
    row = insert(CaseViewing).values(conversation_id=conversation_id, staff_id=staff, seen_at=now)
    session.execute(row.on_conflict_do_update(index_elements=["conversation_id", "staff_id"], set_={"seen_at": now}))
    session.execute(delete(CaseViewing).where(CaseViewing.staff_id == staff, CaseViewing.seen_at < now - VIEWING_LASTS))


def viewers(session: Session, conversations: Iterable[UUID], but: int,
            now: datetime | None = None) -> Mapping[UUID, tuple[str, ...]]:
    """The names of those who have each of these cases open, except the person ``but``."""
    since = (now or datetime.now(UTC)) - VIEWING_LASTS
    query = (select(CaseViewing.conversation_id, Staff.name).join(Staff, Staff.id == CaseViewing.staff_id)
             .where(CaseViewing.conversation_id.in_(list(conversations)), CaseViewing.seen_at > since,
                    CaseViewing.staff_id != but).order_by(Staff.name))
    found: dict[UUID, tuple[str, ...]] = {}
    for conversation_id, name in session.execute(query):
        found[conversation_id] = (*found.get(conversation_id, ()), name)
    return found
