"""What a day's texts cost, in segments, and whether one more may leave."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import func, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from intake.store.models import DailySpend

SHARE_FOR_STARTED = 0.8  # texts that we start leave the rest of the day's amount to replies


def book(session: Session, at: datetime, zone: str, segments: int, most: int | None) -> int | None:
    """Adds ``segments`` to the day of ``at`` in ``zone`` and returns the day's sum; None, and nothing, above ``most``.

    The day's row stays locked until the transaction ends: whoever comes next counts on from there.
    """
    day = at.astimezone(ZoneInfo(zone)).date()
    row = update(DailySpend).where(DailySpend.day == day)
    if most is not None:
        row = row.where(DailySpend.segments + segments <= most)
    add = row.values(segments=DailySpend.segments + segments).returning(DailySpend.segments)
    booked = session.scalar(add)
    if booked is None and session.get(DailySpend, day) is None:  # the first text of the day
        session.execute(insert(DailySpend).values(day=day, segments=0).on_conflict_do_nothing())
        booked = session.scalar(add)
    return booked


def give_back(session: Session, at: datetime, zone: str, segments: int) -> None:
    """Takes ``segments`` off the day of ``at`` again: the text was not sent after all."""
    day = at.astimezone(ZoneInfo(zone)).date()
    session.execute(update(DailySpend).where(DailySpend.day == day)
                    .values(segments=func.greatest(DailySpend.segments - segments, 0)))
