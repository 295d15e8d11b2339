"""The tables of what staff decided about families that may be one: joined by hand, or said to be two.

What a merge did to the rows of a family is kept beside it, so that it can be undone to the letter.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from intake.store.base import Base
from intake.store.base import new_id as _id
from intake.store.base import now as _now
from intake.store.base import time as _time
from intake.store.encryption import EncryptedJson


class FamilyMerge(Base):
    """Two families that are one: ``lost_id`` was joined to ``kept_id`` by whom and when, and what stood ``before``.

    ``form_key`` is the key of the form, so that a form sent twice merges once. kept: with its families.
    """

    __tablename__ = "family_merge"
    __table_args__ = (
        Index("uq_family_merge_standing", "lost_id", unique=True, postgresql_where=text("undone_at is null")),
        CheckConstraint("kept_id <> lost_id", name="two_families"),
    )

    id: Mapped[UUID] = _id()
    kept_id: Mapped[UUID] = mapped_column(ForeignKey("family.id"), index=True)
    lost_id: Mapped[UUID] = mapped_column(ForeignKey("family.id"))
    form_key: Mapped[UUID] = mapped_column(Uuid, unique=True)
    merged_by: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    merged_at: Mapped[datetime] = _now()
    before: Mapped[dict[str, Any]] = mapped_column(EncryptedJson("family_merge.before"))
    undone_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    undone_at: Mapped[datetime | None] = _time()


class FamilyApart(Base):
    """Two families of which a person said that they are not the same; ``one_id`` is the smaller id. kept: with its families."""

    __tablename__ = "family_apart"
    __table_args__ = (
        Index("uq_family_apart_standing", "one_id", "other_id", unique=True, postgresql_where=text("undone_at is null")),
        CheckConstraint("one_id < other_id", name="in_order"),
    )

    id: Mapped[UUID] = _id()
    one_id: Mapped[UUID] = mapped_column(ForeignKey("family.id"))
    other_id: Mapped[UUID] = mapped_column(ForeignKey("family.id"), index=True)
    said_by: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    said_at: Mapped[datetime] = _now()
    undone_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    undone_at: Mapped[datetime | None] = _time()
