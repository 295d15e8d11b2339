"""Alarms: something that whoever runs the program must look at, by its code, from when until when.

An alarm that stands is not raised again, so the log has one line for it. Two kinds keep every text back until they are over:
the provider refuses us at sending (``refused_20003``), or takes our texts and delivers none (``undelivered_30034``).
"""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from intake.store.models import Alarm, Watermark

logger = logging.getLogger("growline.alarms")

SPEND_CAP = "spend_cap"
FILTERED = "filtered"  # too many of our texts are taken for unwanted
REFUSED, UNDELIVERED = "refused_", "undelivered_"  # the code of the refusal follows
PROBE_EVERY = timedelta(seconds=30)  # while nothing gets through, one text tries this often
_PROBE = "halt_probe"
_DAY = timedelta(hours=24)


def raise_alarm(session: Session, code: str) -> bool:
    """Raises an alarm unless it stands; True when it is new."""
    new = insert(Alarm).values(id=uuid4(), code=code[:32]).on_conflict_do_nothing(
        index_elements=["code"], index_where=Alarm.cleared_at.is_(None))
    raised = session.scalar(new.returning(Alarm.id)) is not None
    if raised:
        logger.error("alarm %s", code)
    return raised


def clear_alarm(session: Session, code: str) -> bool:
    """Ends an alarm; False when none stood."""
    ended = update(Alarm).where(Alarm.code == code, Alarm.cleared_at.is_(None)).values(cleared_at=datetime.now(UTC))
    cleared = session.scalar(ended.returning(Alarm.id)) is not None
    if cleared:
        logger.warning("alarm %s is over", code)
    return cleared


def open_alarms(session: Session) -> list[Alarm]:
    """The alarms that stand, oldest first."""
    return list(session.scalars(select(Alarm).where(Alarm.cleared_at.is_(None)).order_by(Alarm.raised_at)))


def stood_since(session: Session, code: str, since: datetime) -> bool:
    """Whether the alarm stands, or stood at some time after ``since``."""
    query = select(Alarm.id).where(Alarm.code == code, (Alarm.cleared_at.is_(None)) | (Alarm.cleared_at > since)).limit(1)
    return session.scalar(query) is not None


def a_text_was_taken(session: Session, now: datetime) -> None:
    """The provider has taken a text: it refuses us no more. What was filtered a day ago and more is over, or comes back."""
    for alarm in open_alarms(session):
        if alarm.code.startswith(REFUSED) or (alarm.code == FILTERED and alarm.raised_at < now - _DAY):
            clear_alarm(session, alarm.code)


def a_text_arrived(session: Session) -> None:
    """A text reached its phone: what we send is delivered again."""
    for alarm in open_alarms(session):
        if alarm.code.startswith(UNDELIVERED):
            clear_alarm(session, alarm.code)


def keeps_texts_back(session: Session, now: datetime) -> bool:
    """Whether texts wait because none gets through. Every half minute one of them is let by, to see whether it is over."""
    if not any(alarm.code.startswith((REFUSED, UNDELIVERED)) for alarm in open_alarms(session)):
        return False
    probe = insert(Watermark).values(name=_PROBE, at=now)
    taken = probe.on_conflict_do_update(index_elements=["name"], set_={"at": now},
                                        where=Watermark.at <= now - PROBE_EVERY).returning(Watermark.name)
    return session.scalar(taken) is None
