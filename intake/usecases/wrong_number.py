"""A call found that a family's number is somebody else's: nothing is texted to it about this case any more, nor about another
case of the family, where families were joined.

It is the same end as when the person texts "wrong number" (``wrong_person``), but a member of staff says so and not the phone:
no word of the phone is written into the ledger, and no other family that uses the number loses its texts. It can be undone, and
the right number can be entered. No text goes to a number that staff typed: it has agreed to none.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from intake.rules.outreach import WhyNot
from intake.store.audit import write_audit
from intake.store.connection import Store
from intake.store.models import Conversation, Family, Flag, Message, Outreach, WrongNumber
from intake.usecases.casework import CaseUnknown
from intake.usecases.clearing import settle
from intake.usecases.contact import read_phone
from intake.usecases.going_on_by_text import move_texts_behind
from intake.usecases.outreach import CANCELED, SENT, WAITING
from intake.usecases.receiving import WRONG_PERSON
from intake.usecases.staff import actor_of

CODE = "called_wrong_number"
_MARK_LENGTH = 16


class NumberChanged(Exception):
    """The number, or what was found of it, is no longer what was shown: a colleague or the family was faster."""


class NoPhone(ValueError):
    """What was typed is no US phone number; nothing was changed."""


class SameNumber(ValueError):
    """What was typed is the very number that was found wrong; nothing was changed."""


def mark_of(phone_index: bytes | None) -> str:
    """What a form carries of the number it showed, so that a press is about that number. It opens nothing."""
    return "" if phone_index is None else phone_index.hex()[:_MARK_LENGTH]


def lock_cases(session: Session, conversation_id: UUID) -> None:
    """Locks all cases of a family, then the family, as a merge does: of two people at two cases one comes after the other."""
    family_id = select(Conversation.family_id).where(Conversation.id == conversation_id).scalar_subquery()
    session.execute(select(Conversation.id).where(Conversation.family_id == family_id).order_by(Conversation.id)
                    .with_for_update())
    session.execute(select(Family).where(Family.id == family_id).with_for_update(key_share=True)
                    .execution_options(populate_existing=True))


def found_wrong_by_call(session: Session, conversation: Conversation, call_id: UUID, staff: int) -> None:
    """Ends all texts to the family's number, those of its other cases too. ``lock_cases`` has locked them."""
    family = conversation.family
    if family.phone is None or family.phone_index is None or _open(session, conversation.id, family.phone_index):
        return
    by_text = session.scalars(select(Conversation).where(
        Conversation.family_id == family.id, Conversation.phone_index == family.phone_index,
        Conversation.status != WRONG_PERSON, Conversation.id != conversation.id)).all()
    for case in (conversation, *(case for case in by_text if not _open(session, case.id, family.phone_index))):
        row = WrongNumber(conversation_id=case.id, call_id=call_id, phone=family.phone, phone_index=family.phone_index,
                          found_by=staff)
        session.add(row)
        if case.phone_index == family.phone_index:
            _end_texts(session, case, row)
        session.flush()
        write_audit(session, actor_of(staff), "phone.found_wrong", "conversation", case.id)


def _end_texts(session: Session, conversation: Conversation, row: WrongNumber) -> None:
    stopped = session.scalars(update(Message).where(
        Message.conversation_id == conversation.id, Message.direction == "outbound", Message.state == "queued")
        .values(state="canceled", error_code=WRONG_PERSON).returning(Message.id)).all()
    planned = (Outreach.state == WAITING) | ((Outreach.state == SENT) & Outreach.message_id.in_(stopped))
    session.execute(update(Outreach).where(Outreach.conversation_id == conversation.id, planned)
                    .values(state=CANCELED, why_canceled=WhyNot.WRONG_NUMBER.value, message_id=None))
    begun_on_the_web = select(Conversation).where(Conversation.asked_for == conversation.id,
                                                  Conversation.phone_index == conversation.phone_index)
    asked = session.scalar(begun_on_the_web.order_by(Conversation.started_at.desc()).limit(1))
    if asked is not None:
        row.went_by_text = True
        move_texts_behind(session, conversation, asked)
        conversation.channel, conversation.phone, conversation.phone_index = "web", None, None
    else:
        row.status_before, conversation.status = conversation.status, WRONG_PERSON


def undo(store: Store, conversation_id: UUID, shown: UUID, staff: int) -> None:
    """It was the right number after all: texts may go on, and what was planned is planned again. Undone twice is undone once.

    Raises CaseUnknown, NumberChanged when the right number was entered meanwhile.
    """
    with store.transaction() as session:
        family, row = _locked(session, conversation_id, shown)
        if row.undone_at is not None:
            return
        if row.corrected_at is not None:
            raise NumberChanged
        for case, found in _standing(session, family.id, row.phone_index):
            if found.corrected_at is not None:
                continue
            _revoke(session, case, found, staff)
            for flag in session.scalars(select(Flag).where(Flag.conversation_id == case.id, Flag.code == CODE,
                                                           Flag.cleared_at.is_(None))):
                flag.cleared_at, flag.cleared_by = datetime.now(UTC), staff
            settle(session, case)


def correct(store: Store, conversation_id: UUID, shown: UUID, typed: str, staff: int) -> None:
    """Keeps the right number to call; the old one stays in the history. Nothing is texted to it, and the flag stays: the family
    is still to be called.

    Raises CaseUnknown, NoPhone, SameNumber, NumberChanged when somebody was faster with another number or has undone it.
    """
    phone = read_phone(typed)
    if phone is None:
        raise NoPhone
    index = store.keys.phone_index(phone)
    with store.transaction() as session:
        family, row = _locked(session, conversation_id, shown)
        if row.corrected_at is not None and family.phone_index == index:
            return
        if row.undone_at is not None or row.corrected_at is not None or family.phone_index != row.phone_index:
            raise NumberChanged
        if index == row.phone_index:
            raise SameNumber
        row.corrected_at, row.corrected_by, row.corrected_to = datetime.now(UTC), staff, phone
        family.phone, family.phone_index = phone, index
        write_audit(session, actor_of(staff), "phone.corrected", "conversation", row.conversation_id)
        for case, earlier in _standing(session, family.id, index):
            _revoke(session, case, earlier, staff)  # who enters it again says that it was not wrong


def _revoke(session: Session, conversation: Conversation, row: WrongNumber, staff: int) -> None:
    row.undone_at, row.undone_by = datetime.now(UTC), staff
    if row.status_before is not None and conversation.status == WRONG_PERSON:
        conversation.status = row.status_before
    if row.went_by_text and conversation.channel == "web":
        conversation.channel, conversation.phone, conversation.phone_index = "sms", row.phone, row.phone_index
    session.execute(update(Outreach).where(
        Outreach.conversation_id == conversation.id, Outreach.state == CANCELED,
        Outreach.why_canceled == WhyNot.WRONG_NUMBER).values(state=WAITING, why_canceled=None))
    write_audit(session, actor_of(staff), "phone.found_right", "conversation", conversation.id)
    session.flush()


def _locked(session: Session, conversation_id: UUID, shown: UUID) -> tuple[Family, WrongNumber]:
    """The family of a case and a number that was found wrong in this or another case of it, as they are now."""
    lock_cases(session, conversation_id)
    conversation = session.get(Conversation, conversation_id, populate_existing=True)
    row = session.get(WrongNumber, shown)
    found_in = None if row is None else session.get(Conversation, row.conversation_id)
    if conversation is None or row is None or found_in is None or found_in.family_id != conversation.family_id:
        raise CaseUnknown("no such number of this case")
    return conversation.family, row


def _standing(session: Session, family_id: UUID, phone_index: bytes) -> Sequence[tuple[Conversation, WrongNumber]]:
    """The findings of one number that are not undone, in all cases of a family."""
    query = (select(Conversation, WrongNumber).join(WrongNumber, WrongNumber.conversation_id == Conversation.id)
             .where(Conversation.family_id == family_id, WrongNumber.phone_index == phone_index,
                    WrongNumber.undone_at.is_(None)))
    return [(case, found) for case, found in session.execute(query.order_by(Conversation.id))]


def _open(session: Session, conversation_id: UUID, phone_index: bytes) -> WrongNumber | None:
    return session.scalar(select(WrongNumber).where(
        WrongNumber.conversation_id == conversation_id, WrongNumber.phone_index == phone_index,
        WrongNumber.undone_at.is_(None), WrongNumber.corrected_at.is_(None)))
