"""The tables of who sees what: the programs that a person is limited to, and whose made-up families are whose."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import ForeignKey, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from intake.store.base import Base


class StaffProgram(Base):
    """A program that a person is limited to; whoever has none sees all cases. kept: until an administrator changes it."""

    __tablename__ = "staff_program"

    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), primary_key=True)
    program_id: Mapped[str] = mapped_column(String(48), primary_key=True)


class PracticeCase(Base):
    """A made-up family's conversation: who practices with it, which family of the content it is (None: made up by that person),
    and how much of what that family answers was said. kept: until that person starts afresh."""

    __tablename__ = "practice_case"

    conversation_id: Mapped[UUID] = mapped_column(ForeignKey("conversation.id"), primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)
    family: Mapped[str | None] = mapped_column(String(48))
    answered: Mapped[int] = mapped_column(Integer, default=0)
