"""Looks every minute for messages that no job has in hand (``intake.usecases.sweeping``)."""

from __future__ import annotations

import asyncio
import logging

from prometheus_client import Counter

from intake.store.connection import Store
from intake.usecases.sweeping import sweep
from worker.clock import Clock, local_clock

logger = logging.getLogger("growline.worker")
EVERY_SECONDS = 60.0

_SWEPT = Counter("growline_swept_messages", "Messages found without a job and given back (turn, delivery, read_with)", ["kind"])


async def sweep_for_ever(store: Store, every_seconds: float = EVERY_SECONDS, now: Clock = local_clock) -> None:
    """Sweeps until cancelled; a database that is away is tried again at the next look."""
    while True:
        await asyncio.sleep(every_seconds)
        try:
            swept = await asyncio.to_thread(sweep, store, now())
        except Exception as error:
            logger.warning("sweeping failed: %s", type(error).__name__)
            continue
        if swept:
            logger.error("messages without a job: %d turns, %d deliveries, %d read with others", swept.turns,
                         swept.deliveries, swept.read_with)
        for kind, count in (("turn", swept.turns), ("delivery", swept.deliveries), ("read_with", swept.read_with)):
            _SWEPT.labels(kind).inc(count)
