"""The table of the numbers that a call found to be somebody else's."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Boolean, ForeignKey, Index, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column

from intake.store.base import Base
from intake.store.base import new_id as _id
from intake.store.base import now as _now
from intake.store.base import time as _time
from intake.store.encryption import Encrypted


class WrongNumber(Base):
    """A number of a case that a call found to be somebody else's. While it is not undone, nothing is texted to it about this
    case; cases of other families with the number are not touched. ``corrected_at``: the right number, ``corrected_to``, was
    entered since (None: it was entered before this was kept).

    ``status_before`` is the status of a conversation that went by this number, ``went_by_text`` is set for a chat that had gone
    on there: both are put back when the finding is undone. kept: with its conversation.
    """

    __tablename__ = "wrong_number"
    __table_args__ = (
        Index("ix_wrong_number_case", "conversation_id", "phone_index"),
        Index("uq_wrong_number_open", "conversation_id", "phone_index", unique=True,
              postgresql_where=text("undone_at is null and corrected_at is null")),
    )

    id: Mapped[UUID] = _id()
    conversation_id: Mapped[UUID] = mapped_column(ForeignKey("conversation.id"))
    call_id: Mapped[UUID] = mapped_column(ForeignKey("call.id"))
    phone: Mapped[str] = mapped_column(Encrypted("wrong_number.phone"))
    phone_index: Mapped[bytes] = mapped_column(LargeBinary)
    found_by: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    found_at: Mapped[datetime] = _now()
    status_before: Mapped[str | None] = mapped_column(String(16))
    went_by_text: Mapped[bool] = mapped_column(Boolean, default=False, server_default=text("false"))
    undone_at: Mapped[datetime | None] = _time()
    undone_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    corrected_at: Mapped[datetime | None] = _time()
    corrected_to: Mapped[str | None] = mapped_column(Encrypted("wrong_number.corrected_to"))
    corrected_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
