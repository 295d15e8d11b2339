"""What staff do with a case: open it, see its phone number, move a referral on.

Every look at a record and every deed writes its line into the audit trail in the same transaction. Two people
may have one case open: a move names the version it was made on, and the second person is told what changed
instead of undoing it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from intake.rules.referral import MoveSource, Reason, ReferralStatus
from intake.store.audit import write_audit
from intake.store.connection import Store
from intake.store.models import Conversation, Referral, ReferralMove
from intake.usecases.agreed_by_phone import heed_parent
from intake.usecases.outreach import end_follow_ups
from intake.usecases.referral_steps import Step, reason_of, take_step
from intake.usecases.staff import actor_of

NOTE_LIMIT = 2_000  # characters


class FormUsed(Exception):
    """A form that was sent before came again with something else in it; nothing was kept. ``conversation_id`` is what the
    first one opened, if it opened a case."""

    def __init__(self, conversation_id: UUID | None = None) -> None:
        self.conversation_id = conversation_id
        super().__init__("this form was used for something else")


class CaseUnknown(LookupError):
    """There is no conversation with this id."""


class ReferralUnknown(LookupError):
    """There is no referral with this id."""


class NoteTooLong(ValueError):
    """A note is longer than it may be; nothing was changed."""


@dataclass(frozen=True)
class Change:
    """A move somebody else made meanwhile: the statuses, who (as in the audit trail), when, who told them, and
    the barrier or gap named.
    """

    from_status: ReferralStatus | None
    to_status: ReferralStatus
    actor: str
    at: datetime
    source: MoveSource
    reason: Reason | None


class ConflictError(Exception):
    """The referral has changed since it was shown. ``status`` and ``version`` are now, ``changes`` what
    happened since.
    """

    def __init__(self, status: ReferralStatus, version: int, changes: tuple[Change, ...]) -> None:
        self.status, self.version, self.changes = status, version, changes
        super().__init__(f"the referral is at version {version} by now, {status}")


def record_queue_view(store: Store, staff: int, page: int) -> None:
    """Writes down that a page of the queue, with its families' lines, was looked at."""
    with store.transaction() as session:
        write_audit(session, actor_of(staff), "queue.viewed", "queue", detail=f"page {page}")


def record_day_view(store: Store, staff: int) -> None:
    """Writes down that a person looked at their own day, with its cases and notes."""
    with store.transaction() as session:
        write_audit(session, actor_of(staff), "day.viewed", "staff", staff)


def record_figures_view(store: Store, staff: int) -> None:
    """Writes down that the team's figures were looked at; there is nothing of a single family in them."""
    with store.transaction() as session:
        write_audit(session, actor_of(staff), "figures.viewed", "figures")


def view_case(store: Store, conversation_id: UUID, staff: int) -> None:
    """Writes down that a case is opened; raises CaseUnknown when there is none. Call it before anything is
    shown.
    """
    _look(store, conversation_id, staff, "case.viewed")


def reveal_phone(store: Store, conversation_id: UUID, staff: int) -> None:
    """Writes down that a family's whole phone number is shown; raises CaseUnknown when there is none."""
    _look(store, conversation_id, staff, "phone.revealed")


def view_trail(store: Store, conversation_id: UUID, staff: int) -> str | None:
    """Writes down that the audit trail of a case is looked at, and returns the case's number; raises CaseUnknown."""
    _look(store, conversation_id, staff, "trail.viewed")
    with store.reading() as session:
        return session.scalar(select(Conversation.receipt_number).where(Conversation.id == conversation_id))


def _look(store: Store, conversation_id: UUID, staff: int, action: str) -> None:
    with store.transaction() as session:
        if session.get(Conversation, conversation_id) is None:
            raise CaseUnknown("no such conversation")
        write_audit(session, actor_of(staff), action, "conversation", conversation_id)


def move_referral(
    store: Store,
    referral_id: UUID,
    to: ReferralStatus,
    staff: int,
    expected_version: int,
    reason: Reason | None = None,
    note: str | None = None,
    source: MoveSource = MoveSource.STAFF,
) -> int:
    """Moves a referral to the status ``to`` and keeps the step with who, when, ``source`` (who told us),
    ``reason`` and ``note``.

    Returns the new version. Raises ReferralUnknown, ConflictError when the referral is no longer at
    ``expected_version``, MoveNotAllowed when the table of moves has no such step, ReasonMissing when it asks
    for a barrier or a gap, NoteTooLong, ParentMustAgree. Nothing is changed then.
    """
    if note is not None and len(note) > NOTE_LIMIT:
        raise NoteTooLong(f"a note has at most {NOTE_LIMIT} characters")
    with store.transaction() as session:
        referral = session.get(Referral, referral_id, with_for_update=True)
        if referral is None:
            raise ReferralUnknown("no such referral")
        _check_version(session, referral, expected_version)
        heed_parent(session, referral, to, source, staff)
        version = take_step(session, referral, Step(to, actor_of(staff), source, reason, note))
        end_follow_ups(session, referral)
        return version


def _check_version(session: Session, referral: Referral, expected: int) -> None:
    if referral.version != expected:
        raise ConflictError(
            ReferralStatus(referral.status), referral.version, _changes_since(session, referral, expected)
        )


def _changes_since(session: Session, referral: Referral, version: int) -> tuple[Change, ...]:
    """The moves after ``version``: each move raises the version by one, so they are the newest ones."""
    newest = max(referral.version - version, 0)
    query = (
        select(ReferralMove)
        .where(ReferralMove.referral_id == referral.id)
        .order_by(ReferralMove.at.desc())
        .limit(newest)
    )
    return tuple(_change(move) for move in reversed(session.scalars(query).all()))


def _change(move: ReferralMove) -> Change:
    before = ReferralStatus(move.from_status) if move.from_status else None
    return Change(
        before,
        ReferralStatus(move.to_status),
        move.actor,
        move.at,
        MoveSource(move.source),
        reason_of(move),
    )
