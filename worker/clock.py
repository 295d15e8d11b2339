"""The worker's time of day: the database's, carried on by this machine's monotonic clock from one look to the next.

Everything that ages (jobs, messages, tries) is dated by the database. A worker that counted ages on a clock of its own would
pause for an hour, or take a waiting text for overdue, as soon as the two clocks disagree; and a clock that is set while the
worker runs must change nothing either.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select

from intake.store.connection import Store

logger = logging.getLogger("growline.worker")
LOOK_EVERY_SECONDS = 1.0

Clock = Callable[[], datetime]
"""Gives the time of day, in UTC."""


def local_clock() -> datetime:
    """This machine's own time of day."""
    return datetime.now(UTC)


class SharedClock:
    """Called, gives the database's time of day; until it was first seen, this machine's. Never waits for the database."""

    def __init__(self, store: Store, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._store = store
        self._monotonic = monotonic
        self._seen: tuple[datetime, float] | None = None

    def __call__(self) -> datetime:
        if self._seen is None:
            return local_clock()
        at, counted = self._seen
        return at + timedelta(seconds=self._monotonic() - counted)

    def look(self) -> None:
        """Asks the database what time it is. Raises what a database that is away raises."""
        with self._store.reading() as session:
            at = session.execute(select(func.clock_timestamp())).scalar_one()
        self._seen = at, self._monotonic()


async def look_for_ever(clock: SharedClock, every_seconds: float = LOOK_EVERY_SECONDS) -> None:
    """Looks again and again until cancelled; while the database is away the last look counts on."""
    while True:
        try:
            await asyncio.to_thread(clock.look)
        except Exception as error:
            logger.warning("the database's clock could not be read: %s", type(error).__name__)
        await asyncio.sleep(every_seconds)
