"""Reads what the talk with a family shows: the messages, who writes now, what is about to leave, and to whom it goes."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from console.case import Case, messages_of
from console.heard import Hearing, Rows, read_hearing
from intake.store.connection import Store
from intake.store.models import Conversation, Family, Message, Staff, StaffText
from intake.usecases.casework import CaseUnknown
from intake.usecases.stepping_in import can_be_written_to


@dataclass(frozen=True)
class Talk:
    """The talk as it stands; ``waiting`` leaves within seconds, ``holder`` is the colleague who writes (None: the agent)."""

    conversation: Conversation
    family: Family
    messages: tuple[Message, ...]
    waiting: tuple[StaffText, ...]
    holder: Staff | None
    can_write: bool
    hearing: Hearing

    @property
    def etag(self) -> str:
        """Changes when anything that is shown does."""
        shown = (self.conversation.status, self.holder and self.holder.id, [text.id for text in self.waiting],
                 [(message.seq, message.state, message.error_code) for message in self.messages], self.hearing.marks)
        return f'"{self._words}-{hashlib.sha256(repr(shown).encode()).hexdigest()[:24]}"'

    def has_news(self, since: str) -> bool:
        """Whether more was said than when the etag was ``since``."""
        return since.strip('"').split("-")[0] != str(self._words)

    @property
    def _words(self) -> int:
        return self.messages[-1].seq if self.messages else 0


def read_talk(store: Store, conversation_id: UUID) -> Talk:
    """The talk of a conversation alone. Raises CaseUnknown."""
    with store.reading() as session:
        conversation = session.get(Conversation, conversation_id, options=[joinedload(Conversation.family)])
        if conversation is None:
            raise CaseUnknown("no such conversation")
        return _talk(session, conversation, messages_of(session, conversation_id))


def talk_of(store: Store, case: Case) -> Talk:
    """The talk of a case that was read already."""
    answers = [answer for group in case.answers for answer in (*reversed(group.replaced), group.current) if answer is not None]
    with store.reading() as session:
        return _talk(session, case.conversation, case.messages, Rows(answers, case.concerns, case.flags))


def _talk(session: Session, conversation: Conversation, messages: tuple[Message, ...], rows: Rows | None = None) -> Talk:
    holder = session.get(Staff, conversation.staff_id) if conversation.staff_id is not None else None
    return Talk(conversation, conversation.family, messages, _waiting(session, conversation.id), holder,
                can_be_written_to(session, conversation), read_hearing(session, conversation.id, messages, rows))


def _waiting(session: Session, conversation_id: UUID) -> tuple[StaffText, ...]:
    query = select(StaffText).where(StaffText.conversation_id == conversation_id, StaffText.message_id.is_(None),
                                    StaffText.taken_back_at.is_(None)).order_by(StaffText.written_at)
    return tuple(session.scalars(query))
