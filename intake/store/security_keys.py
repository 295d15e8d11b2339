"""The tables of security keys and passkeys (WebAuthn): the public half of each, and the question that one has to answer now.

The columns of ``staff_webauthn`` have the names that Flask-Security gives them. The secret half never leaves the key.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Boolean, DateTime, ForeignKey, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from intake.store.base import Base
from intake.store.base import now as _now
from intake.store.base import time as _time


class StaffWebauthn(Base):
    """A security key or passkey of a person. kept: until they, or an administrator, remove it."""

    __tablename__ = "staff_webauthn"
    __table_args__ = (UniqueConstraint("staff_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    credential_id: Mapped[bytes] = mapped_column(LargeBinary(1024), unique=True)
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    name: Mapped[str] = mapped_column(String(64))
    sign_count: Mapped[int] = mapped_column(BigInteger)
    transports: Mapped[list[str] | None] = mapped_column(JSONB)
    backup_state: Mapped[bool] = mapped_column(Boolean)
    device_type: Mapped[str] = mapped_column(String(64))
    extensions: Mapped[str | None] = mapped_column(Text)
    usage: Mapped[str] = mapped_column(String(64))
    added_at: Mapped[datetime] = _now()
    lastuse_datetime: Mapped[datetime | None] = _time()


class StaffChallenge(Base):
    """What a person's key is asked to sign right now, as a hash; its answer takes it away. kept: until the next one."""

    __tablename__ = "staff_challenge"

    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), primary_key=True)
    challenge_hash: Mapped[bytes] = mapped_column(LargeBinary)
    until: Mapped[datetime] = mapped_column(DateTime(timezone=True))
