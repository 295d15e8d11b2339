"""The table of the notes that staff write on a case."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, UniqueConstraint, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from intake.store.base import Base
from intake.store.base import new_id as _id
from intake.store.base import now as _now
from intake.store.encryption import Encrypted


class CaseNote(Base):
    """A note of staff on a case; one that ``replaces`` another corrects it, and both are kept. ``form_key`` is the key of the
    form it was written in, so that a form sent twice is one note. Never changed. kept: with its conversation.
    """

    __tablename__ = "case_note"
    __table_args__ = (UniqueConstraint("conversation_id", "staff_id", "form_key"),)

    id: Mapped[UUID] = _id()
    conversation_id: Mapped[UUID] = mapped_column(ForeignKey("conversation.id"))
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    form_key: Mapped[UUID] = mapped_column(Uuid)
    text: Mapped[str] = mapped_column(Encrypted("case_note.text"))
    replaces: Mapped[UUID | None] = mapped_column(ForeignKey("case_note.id"), unique=True)
    written_at: Mapped[datetime] = _now()
