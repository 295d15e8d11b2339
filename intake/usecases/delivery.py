"""What became of a text we sent: states only move forward, whatever order the receipts arrive in.

Each try has a number; what a worker tells of an old try undoes nothing that a newer one did, but a provider's id that came
back is never lost. ``report`` takes the provider's receipts. Whether a text may leave at all is ``claiming``'s to say.
"""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from uuid import UUID, uuid4

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from intake.rules.text import clean
from intake.store.connection import Store
from intake.store.models import Conversation, DeliveryReceipt, Message
from intake.usecases import spend
from intake.usecases.alarms import REFUSED, a_text_arrived, a_text_was_taken, raise_alarm
from intake.usecases.claiming import NO_RULES, SendingRules, ToSend, lock_text
from intake.usecases.claiming import claim as claim
from intake.usecases.resending import follow_carrier, settle_failure
from intake.usecases.suppression import is_suppressed as is_suppressed
from intake.usecases.suppression import lift_suppression as lift_suppression
from intake.usecases.suppression import suppress as suppress

logger = logging.getLogger("growline.delivery")

# A later state never gives way to an earlier one. Twilio's own further names are mapped onto these or ignored.
RANK = {"queued": 0, "sending": 1, "unknown": 2, "sent": 3, "undelivered": 4, "failed": 4, "canceled": 4, "delivered": 5}
FINAL = frozenset({"delivered", "failed", "undelivered", "canceled"})
LEFT_TWICE = "left_twice"  # beside the provider's own states: a second id came back for one text
_FROM_PROVIDER = {"accepted": "sending", "scheduled": "sending", "queued": "sending", "sending": "sending", "sent": "sent",
                  "delivered": "delivered", "undelivered": "undelivered", "failed": "failed", "read": "delivered",
                  "canceled": "canceled"}


def sids_of_others(store: Store, text: ToSend, since: datetime) -> frozenset[str]:
    """The provider's ids of the phone's other texts since ``since``: words said twice are two texts."""
    with store.reading() as session:
        phone = session.scalar(select(Conversation.phone_index).where(Conversation.id == text.conversation_id))
        same_phone = Conversation.phone_index == phone if phone else Conversation.id == text.conversation_id
        query = (select(Message.twilio_sid).join(Conversation, Message.conversation_id == Conversation.id)
                 .where(same_phone, Message.id != text.message_id, Message.created_at >= since, Message.twilio_sid.is_not(None)))
        return frozenset(sid for sid in session.scalars(query) if sid)


def record_sent(store: Store, message_id: UUID, provider_sid: str, segments: int | None) -> None:
    """The provider has taken the text under ``provider_sid``, in whichever try. A second id means that it left twice."""
    with store.transaction() as session:
        message = session.get_one(Message, message_id, with_for_update=True)
        if message.twilio_sid and message.twilio_sid != provider_sid:
            keep_receipt(session, message_id, LEFT_TWICE, provider_sid, None, known=True)
            logger.error("text %s left twice", message_id)
            return
        message.twilio_sid, message.sent_at = provider_sid, message.sent_at or func.clock_timestamp()
        message.segments = segments or message.segments
        _forward(message, "sent")
        a_text_was_taken(session, datetime.now(UTC))


def record_failure(store: Store, message_id: UUID, error_code: str, tries: int | None = None,
                   rules: SendingRules = NO_RULES) -> None:
    """The provider refused the text for good in the try of this number; the table says what follows."""
    with store.transaction() as session:
        found = lock_text(session, message_id)
        if found is None:
            return
        conversation, message = found
        follow_carrier(session, conversation, error_code)
        if _is_current(message, tries) and _forward(message, "failed"):
            _give_back(session, message, rules)
            message.error_code = error_code
            settle_failure(session, conversation, message, error_code)


def record_not_sent(store: Store, text: ToSend, rules: SendingRules = NO_RULES, *, refused: str | None = None) -> None:
    """Nothing left in this try; the text waits as before it. ``refused``: the provider's code for refusing all we send."""
    with store.transaction() as session:
        message = session.get_one(Message, text.message_id, with_for_update=True)
        if _is_current(message, text.tries) and message.state == "sending":
            _give_back(session, message, rules)
            if message.unclear_since is None:
                message.state = "queued"
            message.attempted_at = message.unclear_since
        if refused is not None:
            raise_alarm(session, f"{REFUSED}{refused}")


def record_unclear(store: Store, text: ToSend) -> None:
    """Whether the text left in this try cannot be told yet; it is looked up before anything else is done."""
    with store.transaction() as session:
        message = session.get_one(Message, text.message_id, with_for_update=True)
        if _is_current(message, text.tries) and message.state == "sending":
            message.unclear_since = message.unclear_since or func.clock_timestamp()


def _is_current(message: Message, tries: int | None) -> bool:
    """Whether no newer try has begun, and none has succeeded: a worker that was stopped for a while comes too late."""
    return not message.twilio_sid and tries in (None, message.tries)


def _give_back(session: Session, message: Message, rules: SendingRules) -> None:
    if message.attempted_at is not None and message.segments:
        spend.give_back(session, message.attempted_at, rules.time_zone or "UTC", message.segments)


def record_unknown(store: Store, message_id: UUID) -> None:
    """Whether the text left cannot be told; staff see it."""
    with store.transaction() as session:
        _forward(session.get_one(Message, message_id, with_for_update=True), "unknown")


def report(store: Store, told_of: UUID | str, provider_state: str, provider_sid: str, error_code: str | None) -> bool:
    """A receipt of the provider for the text ``told_of``, kept once. False when we know no such text.

    Receipts come in any order and more than once: unknown states and steps back are kept and change nothing.
    """
    with store.transaction() as session:
        found = _text_of_ours(session, told_of)
        keep_receipt(session, told_of, provider_state, provider_sid, error_code, known=found is not None)
        if found is None:
            return False
        conversation, message = found
        message.twilio_sid = message.twilio_sid or provider_sid
        message.sent_at = message.sent_at or func.clock_timestamp()
        state = _FROM_PROVIDER.get(provider_state)
        follow_carrier(session, conversation, error_code)
        if state is not None and _forward(message, state):
            message.error_code = error_code or message.error_code
            _what_follows(session, conversation, message)
        return True


def _what_follows(session: Session, conversation: Conversation, message: Message) -> None:
    """Once, when a receipt has moved the text to its end."""
    if message.state in ("failed", "undelivered"):
        settle_failure(session, conversation, message, message.error_code)
    elif message.state == "delivered":
        a_text_arrived(session)


def _text_of_ours(session: Session, told_of: UUID | str) -> tuple[Conversation, Message] | None:
    """The text of ours with this id and its conversation, locked; None for another's id and for what is none."""
    try:
        return lock_text(session, UUID(str(told_of)))
    except ValueError:
        return None


def keep_receipt(session: Session, told_of: UUID | str, state: str, provider_sid: str, error_code: str | None, *,
                 known: bool) -> None:
    """Keeps what was told, each telling once, whatever stands in it."""
    row = {"told_of": clean(str(told_of))[:64], "state": clean(state)[:24], "provider_sid": clean(provider_sid)[:40],
           "error_code": error_code and error_code[:24], "known": known, "id": uuid4()}
    session.execute(insert(DeliveryReceipt).values(row).on_conflict_do_nothing(
        index_elements=["told_of", "provider_sid", "state"]))


def _forward(message: Message, state: str) -> bool:
    if RANK[state] <= RANK.get(message.state, 0) or message.state == "delivered":
        return False
    message.state = state
    return True
