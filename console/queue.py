"""Reads the queue: flagged conversations, gravest first, then longest waiting, each with the lines that
raised its flags, when it is due, whose it is and who has it open.

The number of queries is the same for one row and for a thousand. Only what is needed to choose a case is
read: no phone, no whole family, no transcript.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, null, select
from sqlalchemy.orm import Session

from console.flagged import Chosen, FlaggedCase, Looking, choose
from console.order import flags_in_order
from console.queue_filter import ME, QueueFilter
from intake.rules.due import Calendar, due_at
from intake.rules.triage import Urgency
from intake.store.connection import Store
from intake.store.models import Child, Concern, Conversation, Family, Flag, Message, Referral, Staff
from intake.usecases.assigning import viewers
from intake.usecases.sight import Sight

PAGE_ROWS = 25
_IN_WORDS = ("worry", "lost_skill")  # reasons whose words the packet tells
GRAVE = (Urgency.EMERGENCY.value, Urgency.URGENT.value)


@dataclass(frozen=True)
class RaisedFlag:
    """Why a case is in the queue: the flag's code and item, its urgency, and the parent's line behind it, or of it what the
    packet tells."""

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
    due: datetime
    child_name: str | None
    birth_date: date | None
    place: str | None
    assignee_id: int | None
    assignee: str | None
    viewers: tuple[str, ...]
    flags: tuple[RaisedFlag, ...]
    referrals: tuple[tuple[str, str], ...]
    best_time: str | None = None


@dataclass(frozen=True)
class Counts:
    """How many flagged conversations there are of each kind, whatever the filter shows."""

    total: int
    urgency: Mapping[str, int]
    language: Mapping[str, int]
    channel: Mapping[str, int]
    assignee: Mapping[str, int]
    overdue: int
    grave: int
    newest_grave: datetime | None


@dataclass(frozen=True)
class Queue:
    """One page of the queue; ``matching`` counts those that the filter shows."""

    rows: tuple[QueueRow, ...]
    counts: Counts
    matching: int
    pages: int
    page: int


def read_queue(store: Store, wanted: QueueFilter, looking: Looking) -> Queue:
    """The page of the queue that ``wanted`` asks for; a page after the last gives the last."""
    page = max(wanted.page, 1)
    with store.reading() as session:
        chosen = choose(session, wanted, looking, page, PAGE_ROWS)
        matching = chosen.count(lambda kind: kind.shown)
        pages = max(1, -(-matching // PAGE_ROWS))
        if page > pages:
            page = pages
            chosen = choose(session, wanted, looking, page, PAGE_ROWS)
        rows = _rows(session, looking, chosen.cases)
    return Queue(rows, _counted(chosen), matching, pages, page)


def cases_of(session: Session, looking: Looking, limit: int) -> tuple[QueueRow, ...]:
    """The flagged conversations of ``looking.staff``, the one due first at the top."""
    rows = _rows(session, looking, choose(session, QueueFilter(assignee=ME), looking, 1, limit).cases)
    return tuple(sorted(rows, key=lambda row: row.due))


def _counted(chosen: Chosen) -> Counts:
    return Counts(
        chosen.count(lambda kind: True),
        chosen.by(lambda kind: kind.urgency),
        chosen.by(lambda kind: kind.language),
        chosen.by(lambda kind: kind.channel),
        chosen.by(lambda kind: kind.whose),
        chosen.count(lambda kind: kind.overdue),
        chosen.count(lambda kind: kind.urgency in GRAVE),
        max((newest for kind, newest in chosen.newest.items() if kind.urgency in GRAVE), default=None),
    )


def _rows(session: Session, looking: Looking, cases: Sequence[FlaggedCase]) -> tuple[QueueRow, ...]:
    """What is shown of the ``cases``, in their order."""
    ids = [case.id for case in cases]
    query = (
        select(Conversation, Child, *_place_and_best_time(looking.sight), Staff.name)
        .select_from(Conversation)
        .join(Family, Family.id == Conversation.family_id)
        .outerjoin(Child, Child.id == Conversation.child_id)
        .outerjoin(Staff, Staff.id == Conversation.assignee_id)
        .where(Conversation.id.in_(ids))
    )
    found = {row[0].id: row for row in session.execute(query)}
    flags, referrals = _flags(session, ids, looking.sight), _referrals(session, ids, looking.sight)
    seen = viewers(session, ids, looking.staff, looking.now)
    return tuple(
        _row(case, found[case.id], looking.calendar, seen.get(case.id, ()), tuple(flags[case.id]), tuple(referrals[case.id]))
        for case in cases
        if case.id in found  # not deleted since
    )


def _place_and_best_time(sight: Sight) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    if not sight.limited:
        return Family.place.expression, Family.best_time.expression
    # They may have been told in another talk of a merged family, which agreed to nothing there.
    return null(), null()


def _row(
    case: FlaggedCase,
    found: Any,
    calendar: Calendar,
    seen: tuple[str, ...],
    flags: tuple[RaisedFlag, ...],
    referrals: tuple[tuple[str, str], ...],
) -> QueueRow:
    conversation, child, place, best_time, assignee = found
    return QueueRow(
        case.id,
        case.urgency,
        conversation.language,
        conversation.channel,
        conversation.receipt_number,
        case.since,
        due_at(Urgency(case.urgency), case.since, calendar),
        child.name if child else None,
        child.birth_date if child else None,
        place,
        conversation.assignee_id,
        assignee,
        seen,
        flags,
        referrals,
        best_time,
    )


def _flags(session: Session, ids: list[UUID], sight: Sight) -> Mapping[UUID, list[RaisedFlag]]:
    query = select(Flag, _told()) if sight.limited else (
        select(Flag, Message.text).outerjoin(Message, Message.id == Flag.message_id)
    )
    query = (
        query.where(Flag.conversation_id.in_(ids), Flag.cleared_at.is_(None), sight.flags())
        .order_by(*flags_in_order())
    )
    found: dict[UUID, list[RaisedFlag]] = defaultdict(list)
    for flag, line in session.execute(query):
        found[flag.conversation_id].append(RaisedFlag(flag.code, flag.item, flag.urgency, line))
    return found


def _told() -> ColumnElement[str | None]:
    """The words behind a flag as a packet tells them: a worry that stands, and no other line of the transcript."""
    words = select(Concern.words).where(
        Concern.conversation_id == Flag.conversation_id,
        Concern.message_id == Flag.message_id,
        Concern.withdrawn_at.is_(None),
        Flag.code.in_(_IN_WORDS),
    )
    return words.order_by(Concern.created_at, Concern.domain).limit(1).correlate(Flag).scalar_subquery()


def _referrals(session: Session, ids: list[UUID], sight: Sight) -> Mapping[UUID, list[tuple[str, str]]]:
    query = (
        select(Referral.conversation_id, Referral.program_id, Referral.status)
        .where(Referral.conversation_id.in_(ids), sight.referrals())
        .order_by(Referral.created_at, Referral.program_id)
    )
    found: dict[UUID, list[tuple[str, str]]] = defaultdict(list)
    for conversation_id, program_id, status in session.execute(query):
        found[conversation_id].append((program_id, status))
    return found
