"""What all tables are made of: the common base, the names of their constraints, ids and moments."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import DateTime, MetaData, Uuid, func
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

_NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s", "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s", "fk": "fk_%(table_name)s_%(column_0_name)s", "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """All tables of Growline."""

    metadata = MetaData(naming_convention=_NAMES)


def new_id() -> Mapped[UUID]:
    """A random id, made here and not by the database."""
    return mapped_column(Uuid, primary_key=True, default=uuid4)


def now() -> Mapped[datetime]:
    """A moment, set by the database when the row is written."""
    return mapped_column(DateTime(timezone=True), server_default=func.now())


def time() -> Mapped[datetime | None]:
    """A moment that may not have come yet."""
    return mapped_column(DateTime(timezone=True))
