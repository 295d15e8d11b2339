"""The tables of what follows words of danger: what was asked and told then, and the pages that call staff."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Boolean, ForeignKey, Index, Integer, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from intake.store.base import Base, new_id, now, time


class DangerTold(Base):
    """Lines about danger that were said to a family: by which rule, what was asked after them, and what was told then (D10).

    It holds no word of anybody. ``before_kind`` and ``before_id`` are what was open before; ``asked`` is None where the
    conversation went on beside the line; ``held`` counts the texts that were no answer to the question. kept: with its
    conversation.
    """

    __tablename__ = "danger_told"
    __table_args__ = (Index("ix_danger_told_latest", "conversation_id", "said_at"),)

    id: Mapped[UUID] = new_id()
    conversation_id: Mapped[UUID] = mapped_column(ForeignKey("conversation.id"))
    message_id: Mapped[UUID] = mapped_column(ForeignKey("message.id"), unique=True)
    situation: Mapped[str] = mapped_column(String(32))
    trigger: Mapped[str] = mapped_column(String(8))
    category: Mapped[str] = mapped_column(String(32))
    level: Mapped[str] = mapped_column(String(24))
    unclear: Mapped[bool] = mapped_column(Boolean)
    asked: Mapped[str | None] = mapped_column(String(16))
    before_kind: Mapped[str | None] = mapped_column(String(24))
    before_id: Mapped[str | None] = mapped_column(String(80))
    held: Mapped[int] = mapped_column(Integer, default=0, server_default=text("0"))
    told: Mapped[str | None] = mapped_column(String(16))
    told_in: Mapped[UUID | None] = mapped_column(ForeignKey("message.id"))
    said_at: Mapped[datetime] = now()
    told_at: Mapped[datetime | None] = time()


class StaffPage(Base):
    """A page: staff are called to a flag that cannot wait. ``number`` counts them, for nobody may have looked at the first.

    ``begun_at`` is when a worker first had it in hand, ``emailed_at`` and ``posted_at`` when each way took it, ``ended_at`` when
    nothing is left to do; ``outcome`` says how it ended. It holds nothing of a family. kept: with its flag.
    """

    __tablename__ = "staff_page"
    __table_args__ = (
        UniqueConstraint("flag_id", "number"),
        Index("ix_staff_page_open", "created_at", postgresql_where=text("ended_at is null")),
    )

    id: Mapped[UUID] = new_id()
    flag_id: Mapped[UUID] = mapped_column(ForeignKey("flag.id"))
    number: Mapped[int] = mapped_column(Integer)
    created_at: Mapped[datetime] = now()
    begun_at: Mapped[datetime | None] = time()
    emailed_at: Mapped[datetime | None] = time()
    posted_at: Mapped[datetime | None] = time()
    ended_at: Mapped[datetime | None] = time()
    outcome: Mapped[str | None] = mapped_column(String(16))
    tries: Mapped[int] = mapped_column(Integer, default=0, server_default=text("0"))
