"""Reads the children of one family side by side: what was told of each, what is missing, what is under way.

The number of queries is the same for one child and for five. Each case shown gets its line in the audit trail first.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from console.order import flags_in_order
from intake.rules.same_family import are_twins
from intake.rules.triage import AnswerValue, Urgency, worst
from intake.store.audit import write_audits
from intake.store.connection import Store
from intake.store.models import Answer, Child, Concern, Conversation, Flag, Referral
from intake.usecases.casework import CaseUnknown
from intake.usecases.family_facts import known_child
from intake.usecases.staff import actor_of

SIDE_BY_SIDE = 4
TO_LOOK_AT = (AnswerValue.NOT_YET, AnswerValue.NOT_SURE)
_Row = TypeVar("_Row")


@dataclass(frozen=True)
class Worry:
    """A worry in the parent's words and the domains it is sorted under."""

    words: str
    domains: tuple[str, ...]


@dataclass(frozen=True)
class ChildColumn:
    """One child, or the cases in which no child was told of yet (``child`` is None). ``missing`` holds item and answer."""

    child: Child | None
    twins: tuple[Child, ...]
    cases: tuple[Conversation, ...]
    urgency: str
    flags: tuple[Flag, ...]
    worries: tuple[Worry, ...]
    missing: tuple[tuple[str, str], ...]
    referrals: tuple[Referral, ...]


def read_children(store: Store, conversation_id: UUID, staff: int) -> tuple[ChildColumn, ...]:
    """The children of the family of a case, the one told of last first. Raises CaseUnknown."""
    with store.transaction() as session:
        family_id = session.scalar(select(Conversation.family_id).where(Conversation.id == conversation_id))
        if family_id is None:
            raise CaseUnknown("no such conversation")
        cases = list(session.scalars(select(Conversation).where(Conversation.family_id == family_id)
                                     .order_by(Conversation.started_at.desc(), Conversation.id)))
        write_audits(session, actor_of(staff), "case.viewed", "conversation", [case.id for case in cases], "children")
        return _columns(session, family_id, cases)


def _columns(session: Session, family_id: UUID, cases: list[Conversation]) -> tuple[ChildColumn, ...]:
    children = {child.id: child for child in session.scalars(
        select(Child).where(Child.family_id == family_id, Child.same_as.is_(None)))}
    told = _Told(session, [case.id for case in cases])
    by_child = _grouped(cases, lambda case: case.child_id)
    for id_ in children:
        by_child.setdefault(id_, [])
    columns = [_column(children.get(id_) if id_ else None, tuple(children.values()), tuple(own), told)
               for id_, own in by_child.items()]
    return tuple(sorted(columns, key=_last_told_of, reverse=True))


def _last_told_of(column: ChildColumn) -> datetime:
    """When the newest case of a child began; a child without a case has its own beginning."""
    begun = [case.started_at for case in column.cases]
    return max([*begun, *([column.child.created_at] if column.child and not begun else [])])


class _Told:
    """What was told in some conversations, each kind read once."""

    def __init__(self, session: Session, ids: list[UUID]) -> None:
        self.flags = _of(session, select(Flag).where(Flag.conversation_id.in_(ids), Flag.cleared_at.is_(None))
                         .order_by(*flags_in_order()))
        self.concerns = _of(session, select(Concern).where(Concern.conversation_id.in_(ids), Concern.withdrawn_at.is_(None))
                            .order_by(Concern.created_at, Concern.domain))
        self.answers = _of(session, select(Answer).where(Answer.conversation_id.in_(ids), Answer.replaced_at.is_(None))
                           .order_by(Answer.created_at, Answer.id))
        self.referrals = _of(session, select(Referral).where(Referral.conversation_id.in_(ids))
                             .order_by(Referral.created_at, Referral.program_id))


def _of(session: Session, query: Any) -> Mapping[UUID, list[Any]]:
    return _grouped(session.scalars(query), lambda row: row.conversation_id)


def _grouped(rows: Iterable[_Row], key: Callable[[_Row], Hashable]) -> dict[Any, list[_Row]]:
    groups: dict[Any, list[_Row]] = defaultdict(list)
    for row in rows:
        groups[key(row)].append(row)
    return groups


def _column(child: Child | None, siblings: tuple[Child, ...], cases: tuple[Conversation, ...], told: _Told) -> ChildColumn:
    def of(kind: Mapping[UUID, list[Any]]) -> list[Any]:
        return [row for case in reversed(cases) for row in kind.get(case.id, ())]

    twins = tuple(other for other in siblings if child and are_twins(known_child(child), known_child(other)))
    gravest = worst(*(Urgency(case.urgency) for case in cases))
    latest = {answer.item: answer.value for answer in sorted(of(told.answers), key=lambda answer: answer.created_at)}
    return ChildColumn(
        child, twins, cases, gravest.value, tuple(of(told.flags)), _worries(of(told.concerns)),
        tuple((item, value) for item, value in latest.items() if value in TO_LOOK_AT), tuple(of(told.referrals)))


def _worries(concerns: list[Concern]) -> tuple[Worry, ...]:
    by_message = _grouped(concerns, lambda concern: concern.message_id)
    return tuple(Worry(rows[0].words, tuple(row.domain for row in rows if row.domain)) for rows in by_message.values())
