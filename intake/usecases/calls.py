"""Staff log a call to a family or to a program: what it came to, when, and a note.

A form sent twice logs one call. A wrong number flags the case, so that nobody calls it again unawares.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import select, true
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from intake.rules.calls import CallOutcome, CallTo
from intake.rules.triage import Urgency
from intake.store.audit import write_audit
from intake.store.connection import Store
from intake.store.models import Call, Conversation, Referral, Staff
from intake.usecases.casework import NOTE_LIMIT, CaseUnknown, FormUsed, NoteTooLong, ReferralUnknown
from intake.usecases.flags import raise_flag
from intake.usecases.sight import Sight, sight_of
from intake.usecases.staff import actor_of

_BEFORE_THE_CASE = timedelta(days=1)  # a call may have led to the case


class CallAtImpossibleTime(ValueError):
    """The call is said to have been made later than now, or long before the case began; nothing was logged."""


@dataclass(frozen=True)
class CallMade:
    """A call as a person tells it: to whom, for which referral when it went to a program, what it came to, when, a note."""

    callee: CallTo
    outcome: CallOutcome
    at: datetime
    referral_id: UUID | None = None
    note: str | None = None


@dataclass(frozen=True)
class LoggedCall:
    """A call as it is shown: who made it, and which program it went to."""

    callee: CallTo
    outcome: CallOutcome
    at: datetime
    program_id: str | None
    staff_name: str
    note: str | None


def log_call(store: Store, conversation_id: UUID, made: CallMade, *, staff: int, form_key: UUID) -> bool:
    """Logs a call; False when the same form has logged it already.

    Who is limited to a program logs the calls to that program alone; the others are unknown referrals to them.
    Raises CaseUnknown, ReferralUnknown, NoteTooLong, CallAtImpossibleTime, and FormUsed when the form has logged
    another call. Nothing is changed then.
    """
    if made.note is not None and len(made.note) > NOTE_LIMIT:
        raise NoteTooLong(f"a note has at most {NOTE_LIMIT} characters")
    with store.transaction() as session:
        conversation = session.get(Conversation, conversation_id, with_for_update=True)
        if conversation is None:
            raise CaseUnknown("no such conversation")
        if not conversation.started_at - _BEFORE_THE_CASE <= made.at <= datetime.now(UTC):
            raise CallAtImpossibleTime("a call is made during its case")
        _check_referral(session, conversation_id, made, sight_of(session, staff))
        call_id = _insert(session, conversation_id, made, staff, form_key)
        if call_id is None:
            _check_same(session, conversation_id, made, staff, form_key)
            return False
        _flag_wrong_number(session, conversation, made)
        write_audit(session, actor_of(staff), "call.logged", "call", call_id, detail=f"{made.callee} {made.outcome}")
        return True


def calls_of(store: Store, conversation_id: UUID, sight: Sight | None = None) -> tuple[LoggedCall, ...]:
    """The calls of a case, newest first; only those in ``sight``, if it is given."""
    query = (select(Call, Staff.name, Referral.program_id).join(Staff, Staff.id == Call.staff_id)
             .outerjoin(Referral, Referral.id == Call.referral_id)
             .where(Call.conversation_id == conversation_id, sight.calls() if sight else true())
             .order_by(Call.at.desc(), Call.logged_at.desc()))
    with store.reading() as session:
        return tuple(LoggedCall(CallTo(call.callee), CallOutcome(call.outcome), call.at, program_id, name, call.note)
                     for call, name, program_id in session.execute(query))


def _check_referral(session: Session, conversation_id: UUID, made: CallMade, sight: Sight) -> None:
    if made.referral_id is None and not sight.limited:
        return
    seen = select(Referral.id).where(Referral.id == made.referral_id, Referral.conversation_id == conversation_id,
                                     sight.referrals())
    if session.scalar(seen) is None or made.callee is not CallTo.PROGRAM:
        raise ReferralUnknown("no such referral of this case")


def _insert(session: Session, conversation_id: UUID, made: CallMade, staff: int, form_key: UUID) -> UUID | None:
    row = {"conversation_id": conversation_id, "referral_id": made.referral_id, "staff_id": staff, "form_key": form_key,
           "callee": made.callee.value, "outcome": made.outcome.value, "note": made.note or None, "at": made.at}
    once = insert(Call).values(row).on_conflict_do_nothing(index_elements=["conversation_id", "staff_id", "form_key"])
    return session.scalar(once.returning(Call.id))


def _check_same(session: Session, conversation_id: UUID, made: CallMade, staff: int, form_key: UUID) -> None:
    """Pressing a button twice is one call; another button, or other words, is another call that must not get lost."""
    call = session.scalars(select(Call).where(Call.conversation_id == conversation_id, Call.staff_id == staff,
                                              Call.form_key == form_key)).one()
    told = (made.callee.value, made.outcome.value, made.referral_id, made.note or None)
    if told != (call.callee, call.outcome, call.referral_id, call.note):
        raise FormUsed


def _flag_wrong_number(session: Session, conversation: Conversation, made: CallMade) -> None:
    if made.outcome is not CallOutcome.WRONG_NUMBER:
        return
    if made.callee is CallTo.FAMILY:
        raise_flag(session, conversation, "called_wrong_number", "C1", Urgency.STANDARD)
    else:
        raise_flag(session, conversation, "program_wrong_number", "C2", Urgency.STANDARD)
