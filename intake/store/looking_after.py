"""The tables of how the team shares its work: who has a case open, whose it is to find again, what is handed over.

Which case is whose stands with the conversation (``assignee_id``).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import DateTime, ForeignKey, Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from intake.store.base import Base, new_id
from intake.store.base import now as _now
from intake.store.encryption import Encrypted


class SavedView(Base):
    """A filter of the queue that a person kept under a name of their own. kept: until they delete it."""

    __tablename__ = "saved_view"

    id: Mapped[UUID] = new_id()
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)
    name: Mapped[str] = mapped_column(Encrypted("saved_view.name"))
    filter: Mapped[dict[str, Any]] = mapped_column(JSONB)
    created_at: Mapped[datetime] = _now()


class CaseViewing(Base):
    """A person has a case open: ``seen_at`` is moved on while the page stands open. kept: half a minute."""

    __tablename__ = "case_viewing"

    conversation_id: Mapped[UUID] = mapped_column(ForeignKey("conversation.id"), primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), primary_key=True)
    seen_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class HandOverNote(Base):
    """A note to a colleague, or to the whole team (``for_staff_id`` is None). Append-only: the newest is the one that is open,
    an empty one says that it is done. kept: with the cases it speaks of."""

    __tablename__ = "hand_over_note"
    __table_args__ = (Index("ix_hand_over_note_for", "for_staff_id", "written_at"),)

    id: Mapped[UUID] = new_id()
    for_staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    written_by: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    text: Mapped[str] = mapped_column(Encrypted("hand_over_note.text"))
    written_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
