"""Walks the audit trail once a day: a line that was altered, removed or moved in the database raises an alarm by itself."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from intake.store.audit import verify
from intake.store.connection import Store
from intake.store.models import Watermark
from intake.usecases.alarms import clear_alarm, raise_alarm

logger = logging.getLogger("growline.alarms")

AUDIT_BROKEN = "audit_broken"
CHECK_EVERY = timedelta(hours=24)
_CHECKED = "audit_checked"
_ONE_AT_A_TIME = 0x77616C6B  # an advisory lock; whoever does not get it leaves the walk to another worker


def check_audit_when_due(store: Store, now: datetime) -> bool:
    """Walks the whole trail, a few hundred lines in memory at a time, unless that was done within a day or is being done.

    Raises the alarm when a line does not fit, and ends it once the trail is whole again. Whether it was walked now: a walk that
    was broken off counts for nothing.
    """
    with store.transaction() as session:
        if not session.scalar(text("select pg_try_advisory_xact_lock(:key)"), {"key": _ONE_AT_A_TIME}):
            return False
        last = session.scalar(select(Watermark.at).where(Watermark.name == _CHECKED))
        if last is not None and last > now - CHECK_EVERY:
            return False
        _tell(session, verify(session))
        mark = insert(Watermark).values(name=_CHECKED, at=now)
        session.execute(mark.on_conflict_do_update(index_elements=["name"], set_={"at": now}))
        return True


def _tell(session: Session, broken: int | None) -> None:
    if broken is None:
        clear_alarm(session, AUDIT_BROKEN)
        return
    logger.error("the audit trail is broken at line %d", broken)
    raise_alarm(session, AUDIT_BROKEN)
