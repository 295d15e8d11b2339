"""The table of the exports: who asked for which cases as a file, for what, who agreed, and whether it was fetched."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Date,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    String,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from intake.store.base import Base, new_id
from intake.store.base import time as _time
from intake.store.encryption import Encrypted


class Export(Base):
    """One export, from asking to the end; the file itself is never kept. ``number`` is what people call it by.

    ``asked_role`` is the asker's role then: whoever has another one by now gets nothing. ``state_at`` is when it came into its
    state; that it has expired is told by the time alone. ``line`` says in the asker's words what it is for. kept: always.
    """

    __tablename__ = "export"
    __table_args__ = (
        UniqueConstraint("asked_by", "form_key"),
        CheckConstraint("state in ('asked', 'approved', 'refused', 'downloaded')", name="state_known"),
        CheckConstraint("decided_by is null or decided_by <> asked_by", name="decided_by_another"),
        Index("ix_export_asked_at", "asked_at"),
        Index("ix_export_to_look_at", "asked_at",
              postgresql_where=text("state = 'downloaded' and columns = 'with_families' and seen_at is null")),
    )

    id: Mapped[UUID] = new_id()
    number: Mapped[int] = mapped_column(BigInteger, Identity(), unique=True)
    asked_by: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    asked_role: Mapped[str] = mapped_column(String(32))
    asked_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    form_key: Mapped[UUID] = mapped_column(Uuid)
    columns: Mapped[str] = mapped_column(String(16))
    from_day: Mapped[date] = mapped_column(Date)
    to_day: Mapped[date] = mapped_column(Date)
    program_id: Mapped[str | None] = mapped_column(String(48))
    status: Mapped[str | None] = mapped_column(String(24))
    language: Mapped[str | None] = mapped_column(String(2))
    purpose: Mapped[str] = mapped_column(String(24))
    line: Mapped[str] = mapped_column(Encrypted("export.line"))
    state: Mapped[str] = mapped_column(String(12))
    state_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    rows: Mapped[int | None] = mapped_column(Integer)
    seen_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    seen_at: Mapped[datetime | None] = _time()
