"""The tables of a chat in a browser: the right to a conversation, and the links into one."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Boolean, CheckConstraint, DateTime, ForeignKey, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column

from intake.store.base import Base
from intake.store.base import new_id as _id
from intake.store.base import now as _now
from intake.store.base import time as _time


class ChatSession(Base):
    """A browser's right to one conversation: only the hash of its secret is kept. One on a ``shared`` computer expires soon
    after the last message. kept: until it expires."""

    __tablename__ = "chat_session"

    id: Mapped[UUID] = _id()
    conversation_id: Mapped[UUID] = mapped_column(ForeignKey("conversation.id"), index=True)
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    created_at: Mapped[datetime] = _now()
    expires_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    shared: Mapped[bool] = mapped_column(Boolean, default=False, server_default=text("false"))


class ChatLink(Base):
    """A link of one use into a conversation: only the hash of its code is kept. kept: until it expires."""

    __tablename__ = "chat_link"
    __table_args__ = (CheckConstraint("purpose in ('chat', 'visit')", name="purpose_known"),)

    id: Mapped[UUID] = _id()
    conversation_id: Mapped[UUID] = mapped_column(ForeignKey("conversation.id"), index=True)
    purpose: Mapped[str] = mapped_column(String(8))
    code_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    created_at: Mapped[datetime] = _now()
    expires_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    used_at: Mapped[datetime | None] = _time()
