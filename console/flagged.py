"""The flagged conversations that somebody sees, as a table: what the queue counts and filters, and takes its pages from.

The team goes by what is kept with a conversation. For somebody who is limited to programs, how grave a case is and since when it
waits are worked out from the reasons that they see.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import CTE, ColumnElement, FromClause, Uuid, and_, case, cast, func, literal, null, or_, select, true, union_all
from sqlalchemy.orm import Session

from console.queue_filter import ME, NOBODY, QueueFilter
from intake.rules.due import Calendar, overdue_when_before
from intake.rules.referral import ENDED
from intake.rules.triage import Urgency
from intake.store.models import Conversation, Referral
from intake.usecases.seen_flags import gravest_first, seen_flags
from intake.usecases.sight import Sight

_SOMEBODY = "somebody"


@dataclass(frozen=True)
class Looking:
    """Who looks at the queue, when, by which calendar cases fall due, and what they may see."""

    staff: int
    now: datetime
    calendar: Calendar
    sight: Sight


class CaseKind(NamedTuple):
    """All that a flagged conversation can be filtered by but for its programs, and whether it is among those asked for."""

    urgency: str
    language: str
    channel: str
    whose: str
    overdue: bool
    shown: bool


class FlaggedCase(NamedTuple):
    """One flagged conversation: how grave it is, and since when it waits."""

    id: UUID
    urgency: str
    since: datetime


@dataclass(frozen=True)
class Chosen:
    """The cases of a page, and how many of each kind there are beside them, with the moment the newest came in."""

    cases: Sequence[FlaggedCase]
    kinds: Mapping[CaseKind, int]
    newest: Mapping[CaseKind, datetime]

    def by(self, part: Callable[[CaseKind], str]) -> Mapping[str, int]:
        """How many there are by one part of their kind, whatever is shown."""
        counted = Counter[str]()
        for kind, many in self.kinds.items():
            counted[part(kind)] += many
        return counted

    def count(self, counts: Callable[[CaseKind], bool]) -> int:
        """How many are of a kind that ``counts``."""
        return sum(many for kind, many in self.kinds.items() if counts(kind))


def choose(session: Session, wanted: QueueFilter, looking: Looking, page: int, limit: int) -> Chosen:
    """The cases of the ``page`` (from 1, of ``limit``) that ``wanted`` shows, gravest first, then longest waiting, and all kinds:
    in one query, because what is seen takes the most time."""
    table = _flagged(wanted, looking)
    is_shown = _is_shown(table, wanted)
    kind = [table.c[name] for name in CaseKind._fields if name != "shown"] + [is_shown.label("shown")]
    kinds = select(*kind, table.c.rank, func.count(), func.max(table.c.since), cast(null(), Uuid)).group_by(*kind, table.c.rank)
    order = (table.c.rank, table.c.since, table.c.id)
    cases = select(*kind, table.c.rank, literal(1), table.c.since, table.c.id).where(is_shown).order_by(*order)
    rows = session.execute(union_all(kinds, cases.limit(limit).offset((page - 1) * limit).subquery().select())).all()
    counted = [(CaseKind._make(kind), many, newest) for *kind, _, many, newest, of_case in rows if of_case is None]
    found = sorted((rank, since, of_case, urgency) for urgency, *_, rank, _, since, of_case in rows if of_case is not None)
    return Chosen(
        [FlaggedCase(of_case, urgency, since) for _, since, of_case, urgency in found],
        {kind: many for kind, many, _ in counted},
        {kind: newest for kind, _, newest in counted},
    )


def _flagged(wanted: QueueFilter, looking: Looking) -> CTE:
    """A row for each: its id, all that it can be filtered by, ``rank`` (0: gravest) and ``since`` when it waits.

    ``of_program`` is true of all when no program is asked for.
    """
    urgency, since, table = _standing(looking.sight)
    open_referral = _open_referral(wanted.program, looking.sight)
    columns = (
        Conversation.id.label("id"),
        urgency.label("urgency"),
        gravest_first(urgency).label("rank"),
        since.label("since"),
        Conversation.language.label("language"),
        Conversation.channel.label("channel"),
        _whose(looking.staff).label("whose"),
        _is_overdue(urgency, since, looking).label("overdue"),
        (true() if open_referral is None else open_referral.c.found.is_not(None)).label("of_program"),
    )
    query = select(*columns).select_from(Conversation)
    query = query.where(looking.sight.conversations()) if table is None else query.join(table, true())
    query = query if open_referral is None else query.outerjoin(open_referral, true())
    return query.where(Conversation.flagged.is_(True)).cte("flagged")


def _standing(sight: Sight) -> tuple[ColumnElement[str], ColumnElement[Any], FromClause | None]:
    """How grave a case is, since when it waits, and what is to be joined for it; those without a reason that is seen fall out."""
    if not sight.limited:
        return Conversation.urgency.expression, func.coalesce(Conversation.flagged_at, Conversation.started_at), None
    # The sight stands within what is joined, so that it is asked of the flagged cases alone: asked of all there ever were, it
    # takes longer the more there are.
    seen = seen_flags(sight, sight.conversations())
    return seen.c.urgency, seen.c.since, seen


def _open_referral(program: str | None, sight: Sight) -> FromClause | None:
    """To be joined: ``found``, where the conversation has an open referral to ``program`` among those that are seen. None: no
    program is asked for."""
    if program is None:
        return None
    open_ones = (
        Referral.conversation_id == Conversation.id,
        Referral.program_id == program,
        Referral.status.not_in([status.value for status in ENDED]),
        sight.referrals(),
    )
    found = select(literal(1).label("found")).select_from(Referral).where(*open_ones).limit(1)
    return found.correlate(Conversation).lateral("theirs")


def _whose(staff: int) -> ColumnElement[str]:
    return case((Conversation.assignee_id.is_(None), NOBODY), (Conversation.assignee_id == staff, ME), else_=_SOMEBODY)


def _is_overdue(urgency: ColumnElement[str], since: ColumnElement[Any], looking: Looking) -> ColumnElement[bool]:
    late = {each: overdue_when_before(each, looking.now, looking.calendar) for each in Urgency}
    return or_(*(and_(urgency == each.value, since < before) for each, before in late.items()))


def _is_shown(table: FromClause, wanted: QueueFilter) -> ColumnElement[bool]:
    """Which of the flagged conversations are ``wanted``."""
    equal = {
        "urgency": wanted.urgency.value if wanted.urgency else None,
        "language": wanted.language,
        "channel": wanted.channel,
        "whose": wanted.assignee,
        "overdue": wanted.overdue or None,
    }
    return and_(table.c.of_program, *(table.c[name] == value for name, value in equal.items() if value is not None))
