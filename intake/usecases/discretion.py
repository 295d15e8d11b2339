"""Violence at home is discreet: somebody else may hold the phone.

What is said about it is never sent hours late, and after it no text that we start leaves, unless the family itself said that
it may be texted there. The one question that outreach asks is ``keeps_us_from_starting``.
"""

from __future__ import annotations

from enum import StrEnum
from uuid import UUID

from sqlalchemy import false, or_, select
from sqlalchemy.orm import Session

from intake.rules.after_danger import Asked, Told
from intake.rules.safety import SafetyCategory
from intake.store.models import Conversation, DangerTold, Flag, Message

DISCREET = "discreet"  # in the payload of what is said about it


class Discretion(StrEnum):
    """What a family that told of violence at home said about being texted here."""

    NOT_ASKED = "not_asked"
    SAFE_TO_TEXT = "safe_to_text"
    NOT_SAFE_TO_TEXT = "not_safe_to_text"
    OTHER_WAY = "other_way"


def latest_danger(session: Session, conversation_id: UUID) -> DangerTold | None:
    """The danger that was answered last and asked about."""
    query = (select(DangerTold).where(DangerTold.conversation_id == conversation_id, DangerTold.asked.is_not(None))
             .order_by(DangerTold.said_at.desc(), DangerTold.id).limit(1))
    return session.scalar(query)


def is_discreet(danger: DangerTold | None) -> bool:
    """Whether nothing of this danger may be seen by somebody else at home."""
    return danger is not None and danger.category == SafetyCategory.ABUSE_VIOLENCE


def is_said_discreetly(message: Message) -> bool:
    """Whether ``message`` may leave now or not at all."""
    return bool((message.payload or {}).get(DISCREET))


def discretion(session: Session, conversation_id: UUID) -> Discretion | None:
    """How this family may be reached since it told of violence or harm at home; None when it never did."""
    flagged = select(Flag.id).where(Flag.conversation_id == conversation_id, Flag.code == "safety",
                                    Flag.item == SafetyCategory.ABUSE_VIOLENCE.value)
    if session.scalar(flagged.limit(1)) is None:
        return None
    query = select(DangerTold).where(DangerTold.conversation_id == conversation_id,
                                     DangerTold.category == SafetyCategory.ABUSE_VIOLENCE.value)
    danger = session.scalar(query.order_by(DangerTold.said_at.desc(), DangerTold.id).limit(1))
    if danger is None or danger.asked != Asked.SAFE_TO_READ or danger.told in (None, Told.GO_ON):
        return Discretion.NOT_ASKED
    if danger.told == Told.OTHER_WAY:
        return Discretion.OTHER_WAY
    return Discretion.SAFE_TO_TEXT if danger.told == Told.SAFE else Discretion.NOT_SAFE_TO_TEXT


def keeps_us_from_starting(session: Session, conversation: Conversation) -> bool:
    """Whether violence at home was ever told by this family or from this phone, and they have not chosen to be texted all the
    same. Another conversation counts, for its texts light up on the same phone."""
    same_phone = Conversation.phone_index == conversation.phone_index if conversation.phone_index is not None else false()
    query = (select(Flag.conversation_id).join(Conversation, Conversation.id == Flag.conversation_id)
             .where(or_(Conversation.id == conversation.id, Conversation.family_id == conversation.family_id, same_phone),
                    Flag.code == "safety", Flag.item == SafetyCategory.ABUSE_VIOLENCE.value).distinct())
    told_in = list(session.scalars(query))
    return any(discretion(session, each) is not Discretion.SAFE_TO_TEXT for each in told_in)
