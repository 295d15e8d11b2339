"""Reads a person's day: their cases by due time, the calls they promised, their referrals that wait, the notes for them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import Session, aliased

from console.flagged import Looking
from console.queue import QueueRow, cases_of
from intake.rules.calls import KEEPS_A_PROMISE, CallOutcome
from intake.rules.promised import Promise
from intake.rules.referral import ON_THEIR_WAY
from intake.store.connection import Store
from intake.store.models import Call, Conversation, Referral
from intake.usecases.assigning import Colleague, colleagues
from intake.usecases.calls import promise_of
from intake.usecases.hand_over import Notes, read_notes
from intake.usecases.sight import Sight

MOST_SHOWN = 100
_NO_NOTES = Notes(None, None, ())


@dataclass(frozen=True)
class PromisedCall:
    """A call that ended with "I call again later" and has not been made since; ``promise`` when a time was said."""

    conversation_id: UUID
    receipt_number: str | None
    at: datetime
    promise: Promise | None


@dataclass(frozen=True)
class WaitingReferral:
    """A referral of one's own case that is on its way."""

    conversation_id: UUID
    receipt_number: str | None
    program_id: str
    status: str
    since: datetime


@dataclass(frozen=True)
class Day:
    """Everything on one person's page; ``own_notes`` are for them, ``notes`` for whom they chose to leave one."""

    cases: tuple[QueueRow, ...]
    calls: tuple[PromisedCall, ...]
    referrals: tuple[WaitingReferral, ...]
    own_notes: Notes
    notes: Notes
    colleagues: tuple[Colleague, ...]


def read_day(store: Store, looking: Looking, to: int | None) -> Day:
    """The day of ``looking.staff`` with the notes for the person ``to``, or for the team (None).

    Notes name families in free words. So somebody limited to a program reads those for themselves alone, and who practices none.
    The number of queries does not grow with what is on it.
    """
    sight = looking.sight
    with store.reading() as session:
        return Day(
            cases_of(session, looking, MOST_SHOWN),
            _promised(session, looking.sight),
            _waiting(session, looking.sight),
            _NO_NOTES if sight.practice else read_notes(session, looking.staff),
            _NO_NOTES if sight.practice else read_notes(session, looking.staff if sight.limited else to),
            () if sight.limited else tuple(colleagues(session)),
        )


def _promised(session: Session, sight: Sight) -> tuple[PromisedCall, ...]:
    """Calls of this person that are to be made again and were not made since: by the time promised, so what is overdue stands
    first; those without a time behind them, the oldest first."""
    later = aliased(Call)
    query = (
        select(Call, Conversation.receipt_number)
        .join(Conversation, Conversation.id == Call.conversation_id)
        .where(
            Call.staff_id == sight.staff,
            sight.conversations(),
            sight.calls(),
            Call.outcome == CallOutcome.CALL_BACK_LATER.value,
            ~exists().where(
                later.conversation_id == Call.conversation_id,
                later.callee == Call.callee,
                later.referral_id.is_not_distinct_from(Call.referral_id),
                later.logged_at > Call.logged_at,
                later.outcome.in_([outcome.value for outcome in KEEPS_A_PROMISE]),
            ),
        )
        .order_by(Call.promised_for.nulls_last(), Call.at)
        .limit(MOST_SHOWN)
    )
    return tuple(PromisedCall(call.conversation_id, number, call.at, promise_of(call))
                 for call, number in session.execute(query))


def _waiting(session: Session, sight: Sight) -> tuple[WaitingReferral, ...]:
    query = (
        select(Conversation.id, Conversation.receipt_number, Referral.program_id, Referral.status, Referral.status_at)
        .join(Conversation, Conversation.id == Referral.conversation_id)
        .where(Conversation.assignee_id == sight.staff, sight.conversations(), sight.referrals(),
               Referral.status.in_([status.value for status in ON_THEIR_WAY]))
        .order_by(Referral.status_at)
        .limit(MOST_SHOWN)
    )
    return tuple(WaitingReferral(*row) for row in session.execute(query))
