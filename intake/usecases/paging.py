"""Pages staff: calls somebody to a flag that cannot wait, once for each flag, and again when nobody has looked.

The page is written in the transaction that raises the flag, together with its job, so it is lost in no crash and made up by none.
It holds no word of a family: the case, what kind of danger, how urgent, when, in which language. The worker says it to the log
and sends it by the ways that are set; each way is told once, and a page that cannot be sent ends in an alarm.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from uuid import UUID, uuid4

from sqlalchemy import exists, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from intake.rules.triage import Urgency
from intake.store.connection import Store
from intake.store.jobs import PAGE_AGAIN, PAGE_STAFF, defer
from intake.store.models import Audit, Conversation, Flag, StaffPage
from intake.usecases.alarms import clear_alarm, raise_alarm

PAGE_FAILED = "page_failed"  # the alarm: a page did not reach staff
REFUSED = "access.refused"  # who was not let in has not looked
_STAFF = "staff:"


class PageOutcome(StrEnum):
    """How a page ended."""

    SENT = "sent"
    LOGGED = "logged"
    FAILED = "failed"


class PageWay(StrEnum):
    """A way by which a page reaches staff, beside the log."""

    EMAIL = "email"
    WEBHOOK = "webhook"


@dataclass(frozen=True)
class PagingRules:
    """What an operator sets: ``again_after`` how long a page is repeated while nobody looks (None: never), ``most`` pages for one
    flag, and the failed ``tries`` after which an alarm is raised instead."""

    again_after: timedelta | None = timedelta(minutes=10)
    most: int = 3
    tries: int = 8


@dataclass(frozen=True)
class Page:
    """What a page says, and which ways have ``done`` it. ``case`` is a receipt number, or the conversation's public id."""

    id: UUID
    case: str
    conversation_id: UUID
    category: str
    urgency: str
    language: str
    raised_at: datetime
    number: int
    first_try: bool
    done: frozenset[PageWay]


def page_once(session: Session, flag_id: UUID, number: int = 1) -> bool:
    """Writes page ``number`` of a flag and defers its job, in the caller's transaction; False when it was written before."""
    new = (insert(StaffPage).values(id=uuid4(), flag_id=flag_id, number=number)
           .on_conflict_do_nothing(index_elements=["flag_id", "number"]).returning(StaffPage.id))
    page_id = session.scalar(new)
    if page_id is not None:
        defer(session, PAGE_STAFF, f"page:{page_id}", page_id=page_id)
    return page_id is not None


def take_up(store: Store, page_id: UUID, rules: PagingRules) -> Page | None:
    """What is to be sent; None when nothing is left to do. The first time, the look whether anybody came is deferred, too."""
    with store.transaction() as session:
        row = session.get(StaffPage, page_id, with_for_update=True)
        if row is None or row.ended_at is not None:
            return None
        flag = session.get_one(Flag, row.flag_id)
        conversation = session.get_one(Conversation, flag.conversation_id)
        first = row.begun_at is None
        row.begun_at = row.begun_at or datetime.now(UTC)
        if first and rules.again_after is not None and row.number < rules.most:
            defer(session, PAGE_AGAIN, None, after=rules.again_after, flag_id=flag.id, number=row.number + 1)
        done = {PageWay.EMAIL: row.emailed_at, PageWay.WEBHOOK: row.posted_at}
        return Page(row.id, conversation.receipt_number or conversation.public_id, conversation.id, flag.item or flag.code,
                    flag.urgency, conversation.language, flag.raised_at, row.number, first,
                    frozenset(way for way, at in done.items() if at is not None))


def page_again(store: Store, flag_id: UUID, number: int) -> bool:
    """Writes the next page of a flag unless somebody has looked meanwhile; says whether it did."""
    with store.transaction() as session:
        flag = session.get(Flag, flag_id)
        if flag is None or flag.urgency != Urgency.EMERGENCY or somebody_looked(session, flag):
            return False
        return page_once(session, flag_id, number)


def somebody_looked(session: Session, flag: Flag) -> bool:
    """Whether staff have cleared the flag, write with the family, or have opened the case since the flag was raised."""
    conversation = session.get_one(Conversation, flag.conversation_id)
    if flag.cleared_at is not None or conversation.staff_id is not None:
        return True
    opened = exists().where(Audit.object_type == "conversation", Audit.object_id == str(flag.conversation_id),
                            Audit.at >= flag.raised_at, Audit.actor.startswith(_STAFF), Audit.action != REFUSED)
    return bool(session.scalar(select(opened)))


def record_way(store: Store, page_id: UUID, way: PageWay) -> None:
    """This way has taken the page: it is not told again."""
    with store.transaction() as session:
        row = session.get_one(StaffPage, page_id, with_for_update=True)
        if way is PageWay.EMAIL:
            row.emailed_at = datetime.now(UTC)
        else:
            row.posted_at = datetime.now(UTC)


def record_end(store: Store, page_id: UUID, outcome: PageOutcome) -> None:
    """The page has reached staff by all ways; an alarm that pages fail is over."""
    with store.transaction() as session:
        _end(session.get_one(StaffPage, page_id, with_for_update=True), outcome)
        if outcome is PageOutcome.SENT:
            clear_alarm(session, PAGE_FAILED)


def record_failed_page(store: Store, page_id: UUID, rules: PagingRules) -> bool:
    """Counts a failed try; True when it was the last one: the page is given up and an alarm stands."""
    with store.transaction() as session:
        row = session.get_one(StaffPage, page_id, with_for_update=True)
        row.tries += 1
        if row.tries < rules.tries:
            return False
        _end(row, PageOutcome.FAILED)
        raise_alarm(session, PAGE_FAILED)
        return True


def _end(row: StaffPage, outcome: PageOutcome) -> None:
    row.ended_at, row.outcome = datetime.now(UTC), outcome.value
