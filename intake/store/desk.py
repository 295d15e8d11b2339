"""The tables of the people who work at the console: who they are, what they note, and who did what."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, Boolean, Column, DateTime, ForeignKey, Index, LargeBinary, String, Table
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from intake.store.base import Base, new_id
from intake.store.base import now as _now
from intake.store.base import time as _time
from intake.store.encryption import Encrypted

staff_role = Table(
    "staff_role", Base.metadata,
    Column("staff_id", ForeignKey("staff.id"), primary_key=True),
    Column("role_id", ForeignKey("role.id"), primary_key=True),
)


class Role(Base):
    """What a member of staff may do: intake, supervisor, administrator."""

    __tablename__ = "role"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(32), unique=True)
    description: Mapped[str | None] = mapped_column(String(120))


class Staff(Base):
    """A member of staff; the columns are those Flask-Security keeps accounts in."""

    __tablename__ = "staff"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(255), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    password: Mapped[str | None] = mapped_column(String(255))
    active: Mapped[bool] = mapped_column(Boolean, default=True)
    fs_uniquifier: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime] = _now()
    tf_primary_method: Mapped[str | None] = mapped_column(String(64))
    tf_totp_secret: Mapped[str | None] = mapped_column(Encrypted("staff.tf_totp_secret"))
    tf_last_step: Mapped[int | None] = mapped_column(BigInteger)
    mf_recovery_codes: Mapped[list[str] | None] = mapped_column(JSONB)
    fs_webauthn_user_handle: Mapped[str | None] = mapped_column(String(64), unique=True)
    last_login_at: Mapped[datetime | None] = _time()
    roles: Mapped[list[Role]] = relationship(secondary=staff_role)


class StaffLink(Base):
    """A link of one use with which a person chooses a password. kept: it is good for a day; its row proves who was asked when."""

    __tablename__ = "staff_link"

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    made_at: Mapped[datetime] = _now()
    until: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    closed_at: Mapped[datetime | None] = _time()


class Audit(Base):
    """Who did what to which record, chained by keyed hashes so that an altered row shows. Ids only, no personal data."""

    __tablename__ = "audit"
    __table_args__ = (Index("ix_audit_object", "object_type", "object_id", "seq"),)

    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=True)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    actor: Mapped[str] = mapped_column(String(64))
    action: Mapped[str] = mapped_column(String(48))
    object_type: Mapped[str] = mapped_column(String(24))
    object_id: Mapped[str | None] = mapped_column(String(64))
    detail: Mapped[str | None] = mapped_column(String(120))
    previous_hash: Mapped[bytes] = mapped_column(LargeBinary)
    hash: Mapped[bytes] = mapped_column(LargeBinary)


class StaffText(Base):
    """What a person wrote to a family: it leaves as a message ten seconds later, unless it is taken back.

    The id is made by the form it was written in, so that a form sent twice is one text. kept: with its conversation.
    """

    __tablename__ = "staff_text"

    id: Mapped[UUID] = new_id()
    conversation_id: Mapped[UUID] = mapped_column(ForeignKey("conversation.id"), index=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    text: Mapped[str] = mapped_column(Encrypted("staff_text.text"))
    written_at: Mapped[datetime] = _now()
    taken_back_at: Mapped[datetime | None] = _time()
    message_id: Mapped[UUID | None] = mapped_column(ForeignKey("message.id"), unique=True)
