"""What becomes of a text we send: states only move forward, whatever order the receipts arrive in.

``claim`` is asked right before a send and says no to a phone that has opted out; ``report`` takes the provider's receipts.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from intake.store.connection import Store
from intake.store.models import Conversation, Message, Suppression

# A later state never gives way to an earlier one. Twilio's own further names are mapped onto these or ignored.
RANK = {"queued": 0, "sending": 1, "unknown": 2, "sent": 3, "undelivered": 4, "failed": 4, "canceled": 4, "delivered": 5}
FINAL = frozenset({"delivered", "failed", "undelivered", "canceled"})
_FROM_PROVIDER = {"accepted": "sending", "scheduled": "sending", "queued": "sending", "sending": "sending", "sent": "sent",
                  "delivered": "delivered", "undelivered": "undelivered", "failed": "failed", "read": "delivered",
                  "canceled": "canceled"}
OPTED_OUT_AT_CARRIER = "21610"


@dataclass(frozen=True)
class ToSend:
    """A text ready to leave: our message id, the phone (E.164), the words, and whether an earlier try may have gone out."""

    message_id: UUID
    conversation_id: UUID
    phone: str
    text: str
    tried_before: bool


def claim(store: Store, message_id: UUID) -> ToSend | None:
    """Marks a queued text as being sent and returns it; None when there is nothing to send (done, or opted out)."""
    with store.transaction() as session:
        message = session.scalar(select(Message).where(Message.id == message_id).with_for_update())
        if message is None or message.direction != "outbound" or message.state not in ("queued", "sending"):
            return None
        conversation = session.get_one(Conversation, message.conversation_id)
        if is_suppressed(session, conversation.phone_index) and not _may_pass(message):
            message.state = "canceled"
            return None
        tried = message.state == "sending"
        message.state, message.tries = "sending", message.tries + 1
        if conversation.phone is None:
            message.state, message.error_code = "failed", "no_phone"
            return None
        return ToSend(message.id, conversation.id, conversation.phone, message.text, tried)


def _may_pass(message: Message) -> bool:
    return bool((message.payload or {}).get("opt_out_confirmation"))


def is_suppressed(session: Session, phone_index: bytes | None) -> bool:
    """Whether this phone must get no text."""
    if phone_index is None:
        return False
    query = select(Suppression.id).where(Suppression.phone_index == phone_index, Suppression.lifted_at.is_(None))
    return session.scalar(query) is not None


def sids_of_others(store: Store, text: ToSend, since: datetime) -> frozenset[str]:
    """The provider's ids of this conversation's other texts since ``since``: words said twice are two texts."""
    with store.reading() as session:
        query = select(Message.twilio_sid).where(
            Message.conversation_id == text.conversation_id, Message.id != text.message_id,
            Message.created_at >= since, Message.twilio_sid.is_not(None))
        return frozenset(sid for sid in session.scalars(query) if sid)


def record_sent(store: Store, message_id: UUID, provider_sid: str, segments: int | None) -> None:
    """The provider has taken the text under ``provider_sid``."""
    with store.transaction() as session:
        message = session.get_one(Message, message_id, with_for_update=True)
        message.twilio_sid, message.sent_at = provider_sid, datetime.now(UTC)
        message.segments = segments or message.segments
        _forward(message, "sent")


def record_failure(store: Store, message_id: UUID, error_code: str) -> None:
    """The provider refused the text for good. When it says the phone opted out, our own list follows."""
    with store.transaction() as session:
        message = session.get_one(Message, message_id, with_for_update=True)
        message.error_code = error_code
        _forward(message, "failed")
        _follow_carrier(session, message, error_code)


def _follow_carrier(session: Session, message: Message, error_code: str | None) -> None:
    conversation = session.get_one(Conversation, message.conversation_id)
    if error_code == OPTED_OUT_AT_CARRIER and conversation.phone_index is not None:
        suppress(session, conversation.phone_index, "carrier", None)


def record_unknown(store: Store, message_id: UUID) -> None:
    """Whether the text left cannot be told; staff see it."""
    with store.transaction() as session:
        _forward(session.get_one(Message, message_id, with_for_update=True), "unknown")


def report(store: Store, message_id: UUID, provider_state: str, provider_sid: str, error_code: str | None) -> bool:
    """A receipt of the provider. False when we know no such message; unknown states and steps back change nothing."""
    with store.transaction() as session:
        message = session.get(Message, message_id, with_for_update=True)
        if message is None or message.direction != "outbound":
            return False
        message.twilio_sid = message.twilio_sid or provider_sid
        state = _FROM_PROVIDER.get(provider_state)
        if state is not None and _forward(message, state) and error_code:
            message.error_code = error_code
        _follow_carrier(session, message, error_code)
        return True


def _forward(message: Message, state: str) -> bool:
    if RANK[state] <= RANK.get(message.state, 0) or message.state == "delivered":
        return False
    message.state = state
    return True


def suppress(session: Session, phone_index: bytes, reason: str, message_id: UUID | None) -> None:
    """Puts a phone on the list of those that get no text, once."""
    if not is_suppressed(session, phone_index):
        session.add(Suppression(phone_index=phone_index, reason=reason, message_id=message_id))
        session.flush()


def lift_suppression(session: Session, phone_index: bytes) -> bool:
    """Takes a phone off the list, on the person's own START; False when it was not on it."""
    query = select(Suppression).where(Suppression.phone_index == phone_index, Suppression.lifted_at.is_(None))
    row = session.scalar(query)
    if row is not None:
        row.lifted_at = datetime.now(UTC)
    return row is not None
