"""The table of single sign-on: which account at an identity provider (OpenID Connect) opens which account here."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from intake.store.base import Base
from intake.store.base import now as _now


class StaffIdentity(Base):
    """A person's account at a provider, by the provider's own id for it: an address may pass to somebody else, this id does not.

    kept: until an administrator removes it.
    """

    __tablename__ = "staff_identity"
    __table_args__ = (UniqueConstraint("issuer", "subject"),)

    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), primary_key=True)
    issuer: Mapped[str] = mapped_column(String(255), primary_key=True)
    subject: Mapped[str] = mapped_column(String(255))
    bound_at: Mapped[datetime] = _now()
