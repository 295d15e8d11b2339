"""Finds the very message that asked for an answer: the newest before it that asked for that item and may have been seen.

A message that only reads an answer back ("so you said ... right?") does not ask for it. What had not left, or did not arrive,
was not seen. Kept with each answer as ``asked_in``; for rows from before, the same is worked out when they are shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from intake.rules.interview import Expects, Kind
from intake.store.models import Message

NOT_SEEN = ("canceled", "failed", "undelivered")
LOOKED_AT = 300  # more of our messages than the longest conversation with all its repeated questions has


def question_in(payload: Mapping[str, Any] | None) -> Expects | None:
    """The question that a message of ours asks or reads back, from its ``payload``; None for one that asks nothing."""
    expects = (payload or {}).get("expects")
    kind, id_ = (expects.get("kind"), expects.get("id")) if isinstance(expects, dict) else (None, None)
    if kind not in list(Kind):
        return None
    return Expects(Kind(kind), id_ if isinstance(id_, str) else None)


def asked_item(payload: Mapping[str, Any] | None) -> str | None:
    """The item that a message of ours asks for; None when it asks nothing, or only reads an answer back."""
    question = question_in(payload)
    return None if question is None or question.kind is Kind.FREE or question.reading else question.item


def message_that_asked(messages: Iterable[Message], item: str, before: int) -> Message | None:
    """The one of ``messages`` (oldest first) that asked for ``item`` last before the message with the number ``before``."""
    found = None
    for message in messages:
        if message.seq >= before:
            break
        if message.direction == "outbound" and message.state not in NOT_SEEN and asked_item(message.payload) == item:
            found = message
    return found


def asked_before(session: Session, conversation_id: UUID, message_id: UUID) -> dict[str, UUID]:
    """For every item the message that asked for it last before ``message_id`` came, in one query."""
    seq = select(Message.seq).where(Message.id == message_id).scalar_subquery()
    query = (select(Message.id, Message.payload)
             .where(Message.conversation_id == conversation_id, Message.direction == "outbound",
                    Message.state.not_in(NOT_SEEN), Message.seq < func.coalesce(seq, 0))
             .order_by(Message.seq.desc()).limit(LOOKED_AT))
    found: dict[str, UUID] = {}
    for id_, payload in session.execute(query):
        item = asked_item(payload)
        if item is not None:
            found.setdefault(item, id_)
    return found
