"""Finds out which question a text was written to, and what becomes of one that crossed our next question in the air."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from intake.rules.crossing import Crossing, judge
from intake.rules.interview import Expects, Kind
from intake.rules.taken import Taken
from intake.store.models import Conversation, Message
from intake.usecases.replying import came_by

QUESTIONS_LOOKED_AT = 8


@dataclass(frozen=True)
class Crossed:
    """``judgement`` of a text, and the question it is ``about`` (None: the one that is open)."""

    judgement: Crossing
    about: Expects | None = None

    def goes_with(self, later: Crossed) -> bool:
        """Whether ``later`` was written to the same question, so that both are read together."""
        asked_about = {self.judgement, later.judgement} <= {Crossing.ASKED_ABOUT, Crossing.REPEATED}
        return asked_about or self == later


NOT_CROSSED = Crossed(Crossing.GOES_ON)


def look_for_crossing(session: Session, conversation: Conversation, message: Message, crossing_seconds: float) -> Crossed:
    """What is to be done with ``message``. A question counts as seen when it was written before the message came and, by
    SMS, had left at least ``crossing_seconds`` before; with 0 the order alone counts."""
    asked = _questions(session, conversation)
    if not asked or conversation.expects_kind is None:
        return NOT_CROSSED
    grace = crossing_seconds if came_by(conversation, message) == "sms" else 0.0
    if _was_seen(asked[0], message, grace):
        return NOT_CROSSED
    seen = next((question for question in asked if _was_seen(question, message, grace)), None)
    about = None if seen is None else _expects(seen)
    now = Expects(Kind(conversation.expects_kind), conversation.expects_id)
    judgement = judge(message.text, _answered_by(session, asked, message), about, now, asked_which=_asks_which(session, asked[0]))
    return Crossed(judgement, about if judgement is Crossing.PREVIOUS else None)


def _questions(session: Session, conversation: Conversation) -> list[Message]:
    """The last texts of ours that asked something, newest first."""
    query = (select(Message).where(Message.conversation_id == conversation.id, Message.direction == "outbound")
             .order_by(Message.seq.desc()).limit(QUESTIONS_LOOKED_AT))
    return [message for message in session.scalars(query) if (message.payload or {}).get("expects")]


def _was_seen(question: Message, message: Message, grace: float) -> bool:
    if question.seq > message.seq:
        return False
    if not grace:
        return True
    left = question.sent_at or question.attempted_at
    if left is None and question.state == "delivered":  # shown on the web, in the order in which all stands there
        return True
    return left is not None and message.created_at >= left + timedelta(seconds=grace)


def _expects(question: Message) -> Expects:
    expects = (question.payload or {})["expects"]
    return Expects(Kind(expects["kind"]), expects["id"])


def _answered_by(session: Session, asked: list[Message], message: Message) -> str | None:
    """The parent's text that brought the first question not seen: what was taken as the answer to the one before."""
    unseen = [question for question in asked if question.in_reply_to not in (None, message.id)]
    answered = session.get(Message, unseen[0].in_reply_to) if unseen else None
    return None if answered is None else answered.text


def _asks_which(session: Session, question: Message) -> bool:
    """Whether ``question`` asks which of several answers holds."""
    answers = session.get(Message, question.in_reply_to) if question.in_reply_to else None
    return answers is not None and (answers.understood or {}).get("rule") == Taken.SEVERAL_ANSWERS
