"""Reads the queue: flagged conversations, gravest first, then longest waiting, each with the lines that
raised its flags, when it is due, whose it is and who has it open.

The number of queries is the same for one row and for a thousand. Only what is needed to choose a case is
read: no phone, no whole family, no transcript.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, FromClause, Select, and_, case, exists, func, null, or_, select, true
from sqlalchemy.orm import Session

from console.order import flags_in_order
from console.queue_filter import ME, NOBODY, QueueFilter
from intake.rules.due import Calendar, due_at, overdue_when_before
from intake.rules.referral import ENDED
from intake.rules.triage import Urgency
from intake.store.connection import Store
from intake.store.models import Child, Concern, Conversation, Family, Flag, Message, Referral, Staff
from intake.usecases.assigning import viewers
from intake.usecases.seen_flags import gravest_first, seen_flags
from intake.usecases.sight import Sight

PAGE_ROWS = 25
_SOMEBODY = "somebody"
_IN_WORDS = ("worry", "lost_skill")  # reasons whose words the packet tells
GRAVE = (Urgency.EMERGENCY.value, Urgency.URGENT.value)


@dataclass(frozen=True)
class Looking:
    """Who looks at the queue, when, by which calendar cases fall due, and what they may see."""

    staff: int
    now: datetime
    calendar: Calendar
    sight: Sight


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
    with store.reading() as session:
        facets = _facets(session, wanted, looking)
        matching = sum(each.cases for each in facets if each.matches(wanted))
        pages = max(1, -(-matching // PAGE_ROWS))
        page = min(max(wanted.page, 1), pages)
        rows = _rows(session, wanted, looking, page)
    return Queue(rows, _counted(facets), matching, pages, page)


def cases_of(session: Session, looking: Looking, limit: int) -> tuple[QueueRow, ...]:
    """The flagged conversations of ``looking.staff``, the one due first at the top."""
    rows = _rows(session, QueueFilter(assignee=ME), looking, 1, limit)
    return tuple(sorted(rows, key=lambda row: row.due))


@dataclass(frozen=True)
class _Facet:
    """How many flagged conversations are alike in everything that can be filtered."""

    urgency: str
    language: str
    channel: str
    assignee: str
    overdue: bool
    of_program: bool
    cases: int
    newest: datetime | None

    def matches(self, wanted: QueueFilter) -> bool:
        return (
            wanted.urgency in (None, self.urgency)
            and wanted.language in (None, self.language)
            and wanted.channel in (None, self.channel)
            and wanted.assignee in (None, self.assignee)
            and (self.overdue or not wanted.overdue)
            and self.of_program
        )


@dataclass(frozen=True)
class _Standing:
    """How grave a conversation is and since when it waits, for who looks; ``seen`` is to be joined where both are worked out from
    the reasons they see."""

    urgency: ColumnElement[str]
    since: ColumnElement[datetime]
    seen: FromClause | None = None

    def joined(self, query: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
        """The query on conversations, with what is worked out for it; those without a reason that is seen fall out."""
        return query if self.seen is None else query.join(self.seen, true())


def _standing(sight: Sight) -> _Standing:
    if sight.limited:
        seen = seen_flags(sight)
        return _Standing(seen.c.urgency, seen.c.since, seen)
    return _Standing(Conversation.urgency.expression, func.coalesce(Conversation.flagged_at, Conversation.started_at))


def _facets(session: Session, wanted: QueueFilter, looking: Looking) -> list[_Facet]:
    standing = _standing(looking.sight)
    whose = case(
        (Conversation.assignee_id.is_(None), NOBODY),
        (Conversation.assignee_id == looking.staff, ME),
        else_=_SOMEBODY,
    )
    parts: list[ColumnElement[Any]] = [
        standing.urgency,
        Conversation.language.expression,
        Conversation.channel.expression,
        whose.label("whose"),
        _is_overdue(looking, standing).label("is_overdue"),
        _is_of_program(wanted, looking.sight).label("of_program"),
    ]
    query = (
        select(*parts, func.count(), func.max(standing.since))
        .select_from(Conversation)
        .where(Conversation.flagged, looking.sight.conversations())
        .group_by(*parts[:3], "whose", "is_overdue", "of_program")
    )
    rows: Sequence[Any] = session.execute(standing.joined(query)).all()
    return [_Facet(*row) for row in rows]


def _counted(facets: list[_Facet]) -> Counts:
    grave = [each for each in facets if each.urgency in GRAVE]
    return Counts(
        sum(each.cases for each in facets),
        _by(facets, lambda each: each.urgency),
        _by(facets, lambda each: each.language),
        _by(facets, lambda each: each.channel),
        _by(facets, lambda each: each.assignee),
        sum(each.cases for each in facets if each.overdue),
        sum(each.cases for each in grave),
        max((each.newest for each in grave if each.newest), default=None),
    )


def _by(facets: list[_Facet], part: Callable[[_Facet], str]) -> Mapping[str, int]:
    counted = Counter[str]()
    for each in facets:
        counted[part(each)] += each.cases
    return counted


def _is_overdue(looking: Looking, standing: _Standing) -> ColumnElement[bool]:
    return or_(
        *(
            and_(
                standing.urgency == urgency.value,
                standing.since < overdue_when_before(urgency, looking.now, looking.calendar),
            )
            for urgency in Urgency
        )
    )


def _is_of_program(wanted: QueueFilter, sight: Sight) -> ColumnElement[bool]:
    """Whether a conversation has an open referral to the program asked for, of those that are seen; with no program, it has."""
    if wanted.program is None:
        return true()
    return exists().where(
        Referral.conversation_id == Conversation.id,
        Referral.program_id == wanted.program,
        Referral.status.not_in([status.value for status in ENDED]),
        sight.referrals(),
    )


def _rows(
    session: Session, wanted: QueueFilter, looking: Looking, page: int, limit: int = PAGE_ROWS
) -> tuple[QueueRow, ...]:
    standing = _standing(looking.sight)
    query = (
        _columns(looking.sight, standing)
        .join(Family, Family.id == Conversation.family_id)
        .outerjoin(Child, Child.id == Conversation.child_id)
        .outerjoin(Staff, Staff.id == Conversation.assignee_id)
        .where(*_conditions(wanted, looking, standing))
        .order_by(gravest_first(standing.urgency), standing.since, Conversation.id)
        .limit(limit)
        .offset((page - 1) * limit)
    )
    found = session.execute(standing.joined(query)).all()
    ids = [conversation.id for conversation, *_ in found]
    flags, referrals = _flags(session, ids, looking.sight), _referrals(session, ids, looking.sight)
    seen = viewers(session, ids, looking.staff, looking.now)
    return tuple(
        _row(
            row,
            looking.calendar,
            seen.get(row[0].id, ()),
            tuple(flags[row[0].id]),
            tuple(referrals[row[0].id]),
        )
        for row in found
    )


def _columns(sight: Sight, standing: _Standing) -> Select[*tuple[Any, ...]]:
    if not sight.limited:
        return select(Conversation, Child, Family.place, Staff.name, Family.best_time).select_from(Conversation)
    # The place may have been told in another talk of a merged family, which agreed to nothing there.
    return select(Conversation, Child, null(), Staff.name, null(), standing.urgency, standing.since).select_from(Conversation)


def _conditions(wanted: QueueFilter, looking: Looking, standing: _Standing) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [Conversation.flagged.is_(True), looking.sight.conversations()]
    if wanted.urgency is not None:
        conditions.append(standing.urgency == wanted.urgency.value)
    if wanted.language is not None:
        conditions.append(Conversation.language == wanted.language)
    if wanted.channel is not None:
        conditions.append(Conversation.channel == wanted.channel)
    if wanted.assignee is not None:
        nobody = wanted.assignee == NOBODY
        conditions.append(
            Conversation.assignee_id.is_(None) if nobody else Conversation.assignee_id == looking.staff
        )
    if wanted.overdue:
        conditions.append(_is_overdue(looking, standing))
    if wanted.program is not None:
        conditions.append(_is_of_program(wanted, looking.sight))
    return conditions


def _row(
    row: Any,
    calendar: Calendar,
    seen: tuple[str, ...],
    flags: tuple[RaisedFlag, ...],
    referrals: tuple[tuple[str, str], ...],
) -> QueueRow:
    conversation, child, place, assignee, best_time = row[:5]
    urgency, since = row[5:] or (conversation.urgency, conversation.flagged_at or conversation.started_at)
    return QueueRow(
        conversation.id,
        urgency,
        conversation.language,
        conversation.channel,
        conversation.receipt_number,
        since,
        due_at(Urgency(urgency), since, calendar),
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
