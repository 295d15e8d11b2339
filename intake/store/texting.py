"""The tables of the SMS path beside the messages themselves: receipts, system traffic, texts we start, spend, alarms.

``intake.store.models`` hands them on with all others.
"""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Boolean, Date, DateTime, ForeignKey, Index, Integer, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from intake.store.base import Base, new_id, now, time
from intake.store.encryption import Encrypted


class DeliveryReceipt(Base):
    """What the provider told of a text, each telling once, also of texts we do not know. kept: 30 days."""

    __tablename__ = "delivery_receipt"
    __table_args__ = (UniqueConstraint("told_of", "provider_sid", "state"),)

    id: Mapped[UUID] = new_id()
    told_of: Mapped[str] = mapped_column(String(64))
    provider_sid: Mapped[str] = mapped_column(String(40))
    state: Mapped[str] = mapped_column(String(24))
    error_code: Mapped[str | None] = mapped_column(String(24))
    known: Mapped[bool] = mapped_column(Boolean)
    at: Mapped[datetime] = now()


class SystemTraffic(Base):
    """A text of a short code, a name or a foreign number: kept so that nothing is lost, never answered. kept: 30 days."""

    __tablename__ = "system_traffic"

    id: Mapped[UUID] = new_id()
    provider_id: Mapped[str] = mapped_column(String(80), unique=True)
    sender: Mapped[str] = mapped_column(Encrypted("system_traffic.sender"))
    text: Mapped[str] = mapped_column(Encrypted("system_traffic.text"))
    at: Mapped[datetime] = now()


class Outreach(Base):
    """A text that we start: why, when it is due, what became of it. ``message_id`` is the text once it was written,
    ``answered_in`` the message that answered it. ``item`` is the milestone that is asked again; an invitation has the age in
    months for its ``number``. On the web an item is asked again when the family comes back, without a text.

    States: waiting, sent, answered, canceled. kept: with its conversation.
    """

    __tablename__ = "outreach"
    __table_args__ = (
        Index("uq_outreach_once", "conversation_id", "kind", text("coalesce(referral_id::text, '')"), "number", unique=True),
        Index("ix_outreach_followed_up", "due_at", "state", "answer", postgresql_where=text("kind = 'follow_up'")),
        Index("ix_outreach_due", "due_at", postgresql_where=text("state = 'waiting'")),
    )

    id: Mapped[UUID] = new_id()
    conversation_id: Mapped[UUID] = mapped_column(ForeignKey("conversation.id"), index=True)
    kind: Mapped[str] = mapped_column(String(24))
    referral_id: Mapped[UUID | None] = mapped_column(ForeignKey("referral.id"))
    item: Mapped[str | None] = mapped_column(String(80))
    number: Mapped[int] = mapped_column(Integer, default=1)
    due_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    state: Mapped[str] = mapped_column(String(12), default="waiting")
    why_canceled: Mapped[str | None] = mapped_column(String(24))
    answer: Mapped[str | None] = mapped_column(String(12))
    message_id: Mapped[UUID | None] = mapped_column(ForeignKey("message.id"))
    answered_in: Mapped[UUID | None] = mapped_column(ForeignKey("message.id"))
    created_at: Mapped[datetime] = now()


class DailySpend(Base):
    """How many SMS segments were handed to the provider on one day of the affiliate's calendar. kept: always."""

    __tablename__ = "daily_spend"

    day: Mapped[date] = mapped_column(Date, primary_key=True)
    segments: Mapped[int] = mapped_column(Integer, default=0)


class Alarm(Base):
    """Something that whoever runs the program must look at: its code, since when, until when. kept: 24 months."""

    __tablename__ = "alarm"
    __table_args__ = (Index("uq_alarm_open", "code", unique=True, postgresql_where=text("cleared_at is null")),)

    id: Mapped[UUID] = new_id()
    code: Mapped[str] = mapped_column(String(32))
    raised_at: Mapped[datetime] = now()
    cleared_at: Mapped[datetime | None] = time()


class Watermark(Base):
    """Up to which moment something has been gone through, for example the provider's list of texts. kept: always."""

    __tablename__ = "watermark"

    name: Mapped[str] = mapped_column(String(32), primary_key=True)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
