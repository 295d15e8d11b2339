"""Finds messages that nobody has in hand any more, and gives them back to the queue: the net under every fault of the queue.

The queue loses nothing by design. Should it all the same, a message without a job would wait for ever; nobody would notice.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import exists, select, text, update
from sqlalchemy.orm import Session, aliased
from sqlalchemy.sql import Select

from intake.store.connection import Store
from intake.store.jobs import DELIVER, TAKE_TURN, conversation_lock, defer, delivery_lock
from intake.store.models import Conversation, Message

LEFT_ALONE = timedelta(seconds=60)
AT_ONCE = 500
_HAS_JOB = ("not exists (select 1 from procrastinate_jobs where task_name = :task and status in ('todo', 'doing') "
            "and args->>'message_id' = cast(message.id as text))")
_IS_PRACTICE = exists().where(Conversation.id == Message.conversation_id, Conversation.practice)


@dataclass(frozen=True)
class Swept:
    """How many messages were found without a job: texts to answer, texts to send, texts read with one that is done."""

    turns: int
    deliveries: int
    read_with: int

    def __bool__(self) -> bool:
        return bool(self.turns or self.deliveries or self.read_with)


def sweep(store: Store, now: datetime) -> Swept:
    """Defers the job of every open message that is older than a minute and has none."""
    before = now - LEFT_ALONE
    with store.transaction() as session:
        turns = _without_job(session, TAKE_TURN, _open_inbound(before))
        for message in turns:
            defer(session, TAKE_TURN, conversation_lock(message.conversation_id), message_id=message.id)
        deliveries = _without_job(session, DELIVER, _open_outbound(before))
        for message in deliveries:
            defer(session, DELIVER, delivery_lock(message.conversation_id), message_id=message.id)
        return Swept(len(turns), len(deliveries), _close_what_was_read(session))


def _open_inbound(before: datetime) -> Select[Message]:
    return select(Message).where(Message.direction == "inbound", Message.state == "received", Message.read_with.is_(None),
                                 Message.created_at < before, ~_IS_PRACTICE)


def _open_outbound(before: datetime) -> Select[Message]:
    return select(Message).where(Message.direction == "outbound", Message.state.in_(("queued", "sending")),
                                 Message.created_at < before, ~_IS_PRACTICE)


def _without_job(session: Session, task: str, query: Select[Message]) -> list[Message]:
    lost = query.where(text(_HAS_JOB).bindparams(task=task)).order_by(Message.seq).limit(AT_ONCE)
    return list(session.scalars(lost))


def _close_what_was_read(session: Session) -> int:
    """A message that was read together with one that has been dealt with has been dealt with, too."""
    first = aliased(Message)
    dealt_with = exists().where(first.id == Message.read_with, first.state != "received")
    query = (update(Message).where(Message.direction == "inbound", Message.state == "received", dealt_with)
             .values(state="done").returning(Message.id))
    return len(session.scalars(query).all())
