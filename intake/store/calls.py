"""The table of the calls that staff made for a case."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, Index, String, UniqueConstraint, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from intake.store.base import Base
from intake.store.base import new_id as _id
from intake.store.base import now as _now
from intake.store.encryption import Encrypted


class Call(Base):
    """A call to a family, or to the program of a referral: who made it, when, what it came to. ``form_key`` is the key of the
    form it was logged with, so that a form sent twice logs one call. ``promised_for`` is the moment by which to call again,
    ``promised_part`` the part of the day that was said instead of a time. kept: with its conversation.
    """

    __tablename__ = "call"
    __table_args__ = (
        UniqueConstraint("conversation_id", "staff_id", "form_key"),
        CheckConstraint("callee in ('family', 'program')", name="callee_known"),
        CheckConstraint("outcome in ('reached', 'left_message', 'no_answer', 'wrong_number', 'call_back_later')",
                        name="outcome_known"),
        CheckConstraint("referral_id is null or callee = 'program'", name="referral_of_program"),
        CheckConstraint("promised_for is null or outcome = 'call_back_later'", name="promised_to_call_back"),
        CheckConstraint("promised_part is null or (promised_for is not null and promised_part in "
                        "('morning', 'afternoon', 'evening', 'any_time'))", name="promised_part_known"),
        Index("ix_call_promised", "staff_id", postgresql_where=text("outcome = 'call_back_later'")),
    )

    id: Mapped[UUID] = _id()
    conversation_id: Mapped[UUID] = mapped_column(ForeignKey("conversation.id"))
    referral_id: Mapped[UUID | None] = mapped_column(ForeignKey("referral.id"))
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    form_key: Mapped[UUID] = mapped_column(Uuid)
    callee: Mapped[str] = mapped_column(String(8))
    outcome: Mapped[str] = mapped_column(String(16))
    note: Mapped[str | None] = mapped_column(Encrypted("call.note"))
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    promised_for: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    promised_part: Mapped[str | None] = mapped_column(String(12))
    logged_at: Mapped[datetime] = _now()
