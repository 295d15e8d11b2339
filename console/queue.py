"""Reads the queue: flagged conversations, gravest first, then longest waiting, each with the lines that
raised its flags.

The number of queries is the same for one row and for a thousand. Only what is needed to choose a case is
read: no phone, no family, no transcript.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from console.order import flags_in_order, gravest_first
from intake.rules.triage import Urgency
from intake.store.connection import Store
from intake.store.models import Child, Conversation, Flag, Message, Referral

PAGE_ROWS = 25


@dataclass(frozen=True)
class QueueFilter:
    """What is shown: one ``urgency`` and one ``language``, or all; ``page`` counts from 1."""

    urgency: Urgency | None = None
    language: str | None = None
    page: int = 1


@dataclass(frozen=True)
class RaisedFlag:
    """Why a case is in the queue: the flag's code and item, its urgency, and the parent's line behind it."""

    code: str
    item: str | None
    urgency: str
    line: str | None


@dataclass(frozen=True)
class QueueRow:
    """One flagged conversation, with as little about the family as choosing takes."""

    conversation_id: UUID
    urgency: str
    language: str
    channel: str
    receipt_number: str | None
    waiting_since: datetime
    child_name: str | None
    birth_date: date | None
    flags: tuple[RaisedFlag, ...]
    referrals: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Queue:
    """One page of the queue; the counts are of all flagged conversations, ``matching`` of those the filter
    shows.
    """

    rows: tuple[QueueRow, ...]
    total: int
    by_urgency: Mapping[str, int]
    by_language: Mapping[str, int]
    matching: int
    pages: int
    page: int


def read_queue(store: Store, wanted: QueueFilter) -> Queue:
    """The page of the queue that ``wanted`` asks for; a page after the last gives the last."""
    with store.reading() as session:
        counts = _counts(session)
        matching = sum(each.cases for each in counts if _matches(wanted, each))
        pages = max(1, -(-matching // PAGE_ROWS))
        page = min(max(wanted.page, 1), pages)
        rows = _rows(session, wanted, page)
    by_urgency, by_language = Counter[str](), Counter[str]()
    for each in counts:
        by_urgency[each.urgency] += each.cases
        by_language[each.language] += each.cases
    return Queue(rows, by_urgency.total(), by_urgency, by_language, matching, pages, page)


@dataclass(frozen=True)
class _Count:
    urgency: str
    language: str
    cases: int


def _counts(session: Session) -> list[_Count]:
    query = (
        select(Conversation.urgency, Conversation.language, func.count())
        .where(Conversation.flagged)
        .group_by(Conversation.urgency, Conversation.language)
    )
    return [_Count(urgency, language, cases) for urgency, language, cases in session.execute(query)]


def _matches(wanted: QueueFilter, counted: _Count) -> bool:
    return wanted.urgency in (None, counted.urgency) and wanted.language in (None, counted.language)


def _rows(session: Session, wanted: QueueFilter, page: int) -> tuple[QueueRow, ...]:
    query = (
        select(Conversation, Child)
        .outerjoin(Child, Child.id == Conversation.child_id)
        .where(*_conditions(wanted))
        .order_by(gravest_first(Conversation.urgency), _waiting_since(), Conversation.id)
        .limit(PAGE_ROWS)
        .offset((page - 1) * PAGE_ROWS)
    )
    found = session.execute(query).all()
    ids = [conversation.id for conversation, _ in found]
    flags, referrals = _flags(session, ids), _referrals(session, ids)
    return tuple(
        _row(conversation, child, flags[conversation.id], referrals[conversation.id])
        for conversation, child in found
    )


def _conditions(wanted: QueueFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [Conversation.flagged.is_(True)]
    if wanted.urgency is not None:
        conditions.append(Conversation.urgency == wanted.urgency.value)
    if wanted.language is not None:
        conditions.append(Conversation.language == wanted.language)
    return conditions


def _waiting_since() -> ColumnElement[datetime]:
    return func.coalesce(Conversation.flagged_at, Conversation.started_at)


def _row(
    conversation: Conversation, child: Child | None, flags: list[RaisedFlag], referrals: list[tuple[str, str]]
) -> QueueRow:
    return QueueRow(
        conversation.id,
        conversation.urgency,
        conversation.language,
        conversation.channel,
        conversation.receipt_number,
        conversation.flagged_at or conversation.started_at,
        child.name if child else None,
        child.birth_date if child else None,
        tuple(flags),
        tuple(referrals),
    )


def _flags(session: Session, ids: list[UUID]) -> Mapping[UUID, list[RaisedFlag]]:
    query = (
        select(Flag, Message.text)
        .outerjoin(Message, Message.id == Flag.message_id)
        .where(Flag.conversation_id.in_(ids), Flag.cleared_at.is_(None))
        .order_by(*flags_in_order())
    )
    found: dict[UUID, list[RaisedFlag]] = defaultdict(list)
    for flag, line in session.execute(query):
        found[flag.conversation_id].append(RaisedFlag(flag.code, flag.item, flag.urgency, line))
    return found


def _referrals(session: Session, ids: list[UUID]) -> Mapping[UUID, list[tuple[str, str]]]:
    query = (
        select(Referral.conversation_id, Referral.program_id, Referral.status)
        .where(Referral.conversation_id.in_(ids))
        .order_by(Referral.created_at, Referral.program_id)
    )
    found: dict[UUID, list[tuple[str, str]]] = defaultdict(list)
    for conversation_id, program_id, status in session.execute(query):
        found[conversation_id].append((program_id, status))
    return found
