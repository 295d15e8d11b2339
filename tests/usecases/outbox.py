"""A family's texts that wait, for tests of sending: which they are, how they stand, and how to make them older."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from a_family import AFamily
from sqlalchemy import text, update

from intake.store.models import Alarm, DailySpend, Flag, Message


def queued(parent: AFamily) -> list[UUID]:
    """The ids of the texts that wait, in order."""
    rows = sorted((row for row in parent.all(Message) if row.state == "queued"), key=lambda row: row.seq)
    return [row.id for row in rows]


def row(parent: AFamily, message: UUID) -> Message:
    """The text as it stands."""
    return next(found for found in parent.all(Message) if found.id == message)


def change(parent: AFamily, message: UUID, **values: Any) -> None:
    """Writes ``values`` into the row of a text, as if they had come about."""
    with parent.store.transaction() as session:
        session.execute(update(Message).where(Message.id == message).values(values))


def makes_older(parent: AFamily, message: UUID, **age: float) -> None:
    """The same text, written and tried ``age`` earlier (``hours=3``)."""
    stands, earlier = row(parent, message), timedelta(**age)
    times = {name: at - earlier for name in ("created_at", "attempted_at", "unclear_since", "sent_at")
             if (at := getattr(stands, name)) is not None}
    change(parent, message, **times)


def resends(parent: AFamily) -> list[Message]:
    """The texts that were written anew, in order."""
    return sorted((found for found in parent.all(Message) if found.resend_of), key=lambda found: found.seq)


def flags(parent: AFamily) -> list[str]:
    """The codes of the flags that stand."""
    return [flag.code for flag in parent.all(Flag) if flag.cleared_at is None]


def alarms(parent: AFamily) -> list[str]:
    """The codes of the alarms that stand."""
    return sorted(alarm.code for alarm in parent.all(Alarm) if alarm.cleared_at is None)


def spent(parent: AFamily) -> int:
    """The segments of all days."""
    return sum(day.segments for day in parent.all(DailySpend))


def pause_of_job(parent: AFamily, message: UUID) -> timedelta:
    """How far off the job is that delivers this text."""
    with parent.store.reading() as session:
        query = text("select scheduled_at - now() from procrastinate_jobs where args->>'message_id' = :id and lock is null")
        found = session.scalar(query, {"id": str(message)})
    assert isinstance(found, timedelta)
    return found
