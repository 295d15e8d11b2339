"""Staff log a call to a family or to a program: what it came to, when, and a note.

A form sent twice logs one call. A wrong number flags the case, so that nobody calls it again unawares, and
nothing is texted to it about the case any more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import select, true
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from intake.content.library import Content
from intake.rules.calls import KEEPS_A_PROMISE, CallOutcome, CallTo
from intake.rules.promised import PartOfDay, Promise
from intake.rules.triage import Urgency
from intake.store.audit import write_audit
from intake.store.connection import Store
from intake.store.models import Call, Conversation, Referral, Staff
from intake.usecases.casework import NOTE_LIMIT, CaseUnknown, FormUsed, NoteTooLong, ReferralUnknown
from intake.usecases.flags import raise_flag
from intake.usecases.sight import Sight, sight_of
from intake.usecases.staff import actor_of
from intake.usecases.told_to_staff import flag_danger_told
from intake.usecases.wrong_number import NumberChanged, found_wrong_by_call, lock_cases, mark_of

_BEFORE_THE_CASE = timedelta(days=1)  # a call may have led to the case


class CallAtImpossibleTime(ValueError):
    """The call is said to have been made later than now, or long before the case began; nothing was logged."""


class PromiseNotAsked(ValueError):
    """A time to call again came with another outcome than "call back later"; nothing was logged."""


@dataclass(frozen=True)
class CallMade:
    """A call as a person tells it: to whom, for which referral when it went to a program, what it came to, when, a note, and
    when to call again, which only goes with "call back later". ``number_shown`` is the mark of the number that was shown.
    """

    callee: CallTo
    outcome: CallOutcome
    at: datetime
    referral_id: UUID | None = None
    note: str | None = None
    promise: Promise | None = None
    number_shown: str | None = None


@dataclass(frozen=True)
class LoggedCall:
    """A call as it is shown: who made it, which program it went to; ``promise`` when it says when to call again, and
    ``waits`` while no later call has kept it."""

    callee: CallTo
    outcome: CallOutcome
    at: datetime
    program_id: str | None
    staff_name: str
    note: str | None
    promise: Promise | None = None
    waits: bool = False


def log_call(store: Store, content: Content, conversation_id: UUID, made: CallMade, *, staff: int, form_key: UUID) -> bool:
    """Logs a call; False when the same form has logged it already. The note of a call to the family is read for danger.

    Who is limited to a program logs the calls to that program alone; the others are unknown referrals to them.
    Raises CaseUnknown, ReferralUnknown, NoteTooLong, CallAtImpossibleTime, PromiseNotAsked, NumberChanged when a wrong
    number is another by now, and FormUsed when the form has logged another call. Nothing is changed then.
    """
    if made.note is not None and len(made.note) > NOTE_LIMIT:
        raise NoteTooLong(f"a note has at most {NOTE_LIMIT} characters")
    if made.promise is not None and made.outcome is not CallOutcome.CALL_BACK_LATER:
        raise PromiseNotAsked("only a call to be made again has a time to come")
    with store.transaction() as session:
        if made.outcome is CallOutcome.WRONG_NUMBER:
            lock_cases(session, conversation_id)
        conversation = session.get(Conversation, conversation_id, with_for_update=True)
        if conversation is None:
            raise CaseUnknown("no such conversation")
        if not conversation.started_at - _BEFORE_THE_CASE <= made.at <= datetime.now(UTC):
            raise CallAtImpossibleTime("a call is made during its case")
        _check_referral(session, conversation_id, made, sight_of(session, staff))
        _check_number(conversation, made)
        call_id = _insert(session, conversation_id, made, staff, form_key)
        if call_id is None:
            _check_same(session, conversation_id, made, staff, form_key)
            return False
        _heed_wrong_number(session, conversation, made, call_id, staff)
        if made.note and made.callee is CallTo.FAMILY:
            flag_danger_told(session, content, conversation, made.note)
        write_audit(session, actor_of(staff), "call.logged", "call", call_id, detail=f"{made.callee} {made.outcome}")
        return True


def calls_of(store: Store, conversation_id: UUID, sight: Sight | None = None) -> tuple[LoggedCall, ...]:
    """The calls of a case, newest first; only those in ``sight``, if it is given."""
    query = (select(Call, Staff.name, Referral.program_id).join(Staff, Staff.id == Call.staff_id)
             .outerjoin(Referral, Referral.id == Call.referral_id)
             .where(Call.conversation_id == conversation_id, sight.calls() if sight else true())
             .order_by(Call.at.desc(), Call.logged_at.desc()))
    with store.reading() as session:
        rows = session.execute(query).all()
    calls = [row.Call for row in rows]
    return tuple(LoggedCall(CallTo(call.callee), CallOutcome(call.outcome), call.at, program_id, name, call.note,
                            promise_of(call), _waits(call, calls)) for call, name, program_id in rows)


def promise_of(call: Call) -> Promise | None:
    """When to call again, as it was said."""
    part = PartOfDay(call.promised_part) if call.promised_part else None
    return None if call.promised_for is None else Promise(call.promised_for, part)


def _waits(call: Call, calls: Sequence[Call]) -> bool:
    """Whether this call was to be made again and no later one to the same has kept it, as "my day" counts it."""
    return call.outcome == CallOutcome.CALL_BACK_LATER and not any(
        (later.callee, later.referral_id) == (call.callee, call.referral_id) and later.logged_at > call.logged_at
        and later.outcome in KEEPS_A_PROMISE for later in calls)


def _check_referral(session: Session, conversation_id: UUID, made: CallMade, sight: Sight) -> None:
    if made.referral_id is None and not sight.limited:
        return
    seen = select(Referral.id).where(Referral.id == made.referral_id, Referral.conversation_id == conversation_id,
                                     sight.referrals())
    if session.scalar(seen) is None or made.callee is not CallTo.PROGRAM:
        raise ReferralUnknown("no such referral of this case")


def _insert(session: Session, conversation_id: UUID, made: CallMade, staff: int, form_key: UUID) -> UUID | None:
    row = {"conversation_id": conversation_id, "referral_id": made.referral_id, "staff_id": staff, "form_key": form_key,
           "callee": made.callee.value, "outcome": made.outcome.value, "note": made.note or None, "at": made.at,
           "promised_for": made.promise and made.promise.at, "promised_part": made.promise and made.promise.part}
    once = insert(Call).values(row).on_conflict_do_nothing(index_elements=["conversation_id", "staff_id", "form_key"])
    return session.scalar(once.returning(Call.id))


def _check_same(session: Session, conversation_id: UUID, made: CallMade, staff: int, form_key: UUID) -> None:
    """Pressing a button twice is one call; another button, or other words, is another call that must not get lost."""
    call = session.scalars(select(Call).where(Call.conversation_id == conversation_id, Call.staff_id == staff,
                                              Call.form_key == form_key)).one()
    told = (made.callee.value, made.outcome.value, made.referral_id, made.note or None, made.promise)
    if told != (call.callee, call.outcome, call.referral_id, call.note, promise_of(call)):
        raise FormUsed


def _check_number(conversation: Conversation, made: CallMade) -> None:
    """Who presses "wrong number" means the number they saw."""
    is_about_number = made.outcome is CallOutcome.WRONG_NUMBER and made.callee is CallTo.FAMILY
    if is_about_number and made.number_shown not in (None, mark_of(conversation.family.phone_index)):
        raise NumberChanged


def _heed_wrong_number(session: Session, conversation: Conversation, made: CallMade, call_id: UUID, staff: int) -> None:
    if made.outcome is not CallOutcome.WRONG_NUMBER:
        return
    if made.callee is CallTo.FAMILY:
        raise_flag(session, conversation, "called_wrong_number", "C1", Urgency.STANDARD)
        found_wrong_by_call(session, conversation, call_id, staff)
    else:
        raise_flag(session, conversation, "program_wrong_number", "C2", Urgency.STANDARD)
