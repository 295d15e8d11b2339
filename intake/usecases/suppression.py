"""The list of phones that get no text. It is ours and has the last word, whatever else is queued."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from intake.store.models import Conversation, Message, Suppression, WrongNumber

CONFIRMS_OPT_OUT = "opt_out_confirmation"  # a key of a text's payload: the one text that may follow an opt-out
OPT_OUT = "opt_out"  # the same, as a text's purpose


def is_suppressed(session: Session, phone_index: bytes | None) -> bool:
    """Whether this phone must get no text."""
    return _open(session, phone_index) is not None


def suppress(session: Session, phone_index: bytes, reason: str, message_id: object) -> None:
    """Puts a phone on the list of those that get no text, once."""
    if not is_suppressed(session, phone_index):
        session.add(Suppression(phone_index=phone_index, reason=reason, message_id=message_id))
        session.flush()


def lift_suppression(session: Session, phone_index: bytes) -> bool:
    """Takes a phone off the list, on the person's own START; False when it was not on it."""
    row = _open(session, phone_index)
    if row is not None:
        row.lifted_at = datetime.now(UTC)
    return row is not None


def confirms_opt_out(message: Message) -> bool:
    """Whether this text only says that no more will come."""
    return message.purpose == OPT_OUT or bool((message.payload or {}).get(CONFIRMS_OPT_OUT))


def forbids(session: Session, conversation: Conversation, message: Message) -> bool:
    """Whether ``message`` must not leave: its phone is on the list. One confirmation may, and only one for each opt-out."""
    row = _open(session, conversation.phone_index)
    if row is None:
        return False
    return not confirms_opt_out(message) or _was_confirmed(session, row, message)


def found_wrong(session: Session, conversation: Conversation, phone_index: bytes | None, *, answers: bool = False) -> bool:
    """Whether a call found this phone to be nobody's of this case, or of another case of the same family. Cases of other
    families with the phone are not touched by it. Whoever writes is answered (``answers``) unless it was found in this case.
    """
    if phone_index is None:
        return False
    case = conversation.asked_for or conversation.id
    family = select(Conversation.family_id).where(Conversation.id == case).scalar_subquery()
    cases = [case] if answers else select(Conversation.id).where(Conversation.family_id == family)
    query = select(WrongNumber.id).where(WrongNumber.conversation_id.in_(cases), WrongNumber.phone_index == phone_index,
                                         WrongNumber.undone_at.is_(None))
    return session.scalar(query.limit(1)) is not None


def _was_confirmed(session: Session, row: Suppression, message: Message) -> bool:
    """Whether another confirmation has left, or may have, since the opt-out; the row's lock makes two of them queue."""
    session.refresh(row, with_for_update=True)
    query = (select(Message).join(Conversation, Message.conversation_id == Conversation.id)
             .where(Conversation.phone_index == row.phone_index, Message.id != message.id, Message.direction == "outbound",
                    Message.created_at >= row.since, Message.state.not_in(("queued", "canceled", "failed"))))
    return any(confirms_opt_out(other) for other in session.scalars(query))


def _open(session: Session, phone_index: bytes | None) -> Suppression | None:
    if phone_index is None:
        return None
    return session.scalar(select(Suppression).where(Suppression.phone_index == phone_index, Suppression.lifted_at.is_(None)))
