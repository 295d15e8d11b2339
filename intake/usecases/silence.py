"""Keeps quiet to another robot and to a flood of texts: every text is kept, staff are told, nothing is lost."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from intake.content.bilingual import Language
from intake.content.library import Content
from intake.rules.throttling import LEAST_WORDS, TIMES_ANYWHERE, Heard, is_a_flood, is_a_robot
from intake.rules.triage import Urgency
from intake.rules.words import words_of
from intake.store.models import Conversation, Message
from intake.usecases.flags import raise_flag
from intake.usecases.replying import Reply, reply_plainly

FLOOD, ROBOT = "flood", "robot"
ONE_NOTICE_IN = timedelta(hours=1)
LAST_SAID = 5


def keeps_silent(session: Session, content: Content, conversation: Conversation, message: Message, language: Language, *,
                 flooded: bool) -> bool:
    """Whether ``message`` is one of a flood or of a robot; it is kept then, and a flood is told so once."""
    if flooded:
        told = _told_lately(session, conversation)
        raise_flag(session, conversation, FLOOD, "W28", Urgency.STANDARD, message_id=message.id)
        if told:
            _silence(message)
        else:
            reply_plainly(session, conversation, message, Reply(content.messages.system("flood", language)),
                          payload={FLOOD: True})
        return True
    if len(words_of(message.text)) >= LEAST_WORDS and is_a_robot(_heard(session, message)):
        raise_flag(session, conversation, ROBOT, "W16", Urgency.STANDARD, message_id=message.id)
        _silence(message)
        return True
    return False


def _silence(message: Message) -> None:
    message.state, message.done_at = "silent", datetime.now(UTC)


def is_flood(session: Session, message: Message, texts_a_minute: int) -> bool:
    """Whether more than ``texts_a_minute`` texts of this conversation came within the minute before ``message``."""
    query = (select(Message.created_at).where(Message.conversation_id == message.conversation_id,
                                              Message.direction == "inbound", Message.seq < message.seq)
             .order_by(Message.seq.desc()).offset(texts_a_minute - 1).limit(1))
    return is_a_flood(message.created_at, session.scalar(query))


def _told_lately(session: Session, conversation: Conversation) -> bool:
    """Whether this flood was told of within the hour; in a flood nothing else is said, so the notice is among the last."""
    since = datetime.now(UTC) - ONE_NOTICE_IN
    query = (select(Message).where(Message.conversation_id == conversation.id, Message.direction == "outbound",
                                   Message.created_at > since).order_by(Message.seq.desc()).limit(LAST_SAID))
    return any((message.payload or {}).get(FLOOD) for message in session.scalars(query))


def _heard(session: Session, message: Message) -> list[Heard]:
    query = (select(Message).where(Message.conversation_id == message.conversation_id, Message.direction == "inbound",
                                   Message.seq <= message.seq).order_by(Message.seq.desc()).limit(TIMES_ANYWHERE))
    texts = list(session.scalars(query))
    before = [_question(text) for text in texts[1:]]
    return [Heard(text.text, text.created_at, question)
            for text, question in zip(texts, [_now(session, message), *before], strict=True)]


def _question(message: Message) -> str | None:
    expects = (message.context or {}).get("expects")
    return None if not expects else f"{expects['kind']}/{expects['id']}"


def _now(session: Session, message: Message) -> str | None:
    conversation = session.get_one(Conversation, message.conversation_id)
    return None if conversation.expects_kind is None else f"{conversation.expects_kind}/{conversation.expects_id}"
