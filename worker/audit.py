"""Looks now and then whether the audit trail is due to be walked (``intake.usecases.audit_check``)."""

from __future__ import annotations

import asyncio
import logging

from intake.store.connection import Store
from intake.usecases.audit_check import check_audit_when_due
from worker.clock import Clock, local_clock

logger = logging.getLogger("growline.worker")
EVERY_SECONDS = 600.0


async def check_audit_for_ever(store: Store, every_seconds: float = EVERY_SECONDS, now: Clock = local_clock) -> None:
    """Looks until cancelled; a database that is away is asked again at the next look."""
    while True:
        await asyncio.sleep(every_seconds)
        try:
            await asyncio.to_thread(check_audit_when_due, store, now())
        except Exception as error:
            logger.warning("walking the audit trail failed: %s", type(error).__name__)
