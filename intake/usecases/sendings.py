"""A text and the times it was sent anew: each sending is a row that names the one before it."""

from __future__ import annotations

from sqlalchemy.orm import Session

from intake.store.models import Conversation, Message

DANGER = "danger"  # the purpose of a text about danger: no cap and no pause holds it up
STAFF = "staff"  # the purpose of what a person of the team writes, and of what is said around it
ASKS_PHONE = "asks_phone"  # the purpose of a text to a phone that somebody typed into a web chat: asked once, never anew
PRACTICE = "practice"  # the state of what is said to a made-up family: it is shown as sent, and went nowhere


def first_state(conversation: Conversation, *, by_sms: bool) -> str:
    """The state in which a new word of ours stands: a text waits for its way, a chat is there when it is stored."""
    if conversation.practice:
        return PRACTICE
    return "queued" if by_sms else "delivered"


def sendings(session: Session, message: Message) -> list[Message]:
    """``message``, the text it sends anew, the one before that, and so on; the last is the text as it was first written."""
    chain = [message]
    while chain[-1].resend_of is not None:
        chain.append(session.get_one(Message, chain[-1].resend_of))
    return chain


def first_sending(session: Session, message: Message) -> Message:
    """The text as it was first written; ``message`` itself when it was never sent anew."""
    return sendings(session, message)[-1]
