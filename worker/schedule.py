"""Keeps the queue moving: pauses between tries, and jobs of dead workers taken up by the living."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable
from datetime import timedelta

from procrastinate import App
from procrastinate.jobs import Job
from procrastinate.retry import BaseRetryStrategy, RetryDecision

from intake.rules.pauses import FLOOR, growing_pause
from worker.clock import Clock, local_clock

logger = logging.getLogger("growline.worker")

HEARTBEAT_SECONDS = 1.0
DEAD_AFTER_SECONDS = 3.0  # a worker that has not beaten for this long is dead; with the look every second, under 5 s in all
LOOK_EVERY_SECONDS = 1.0
LONGEST_PAUSE = 60


class GrowingPauses(BaseRetryStrategy):
    """Tries for ever, with doubling pauses drawn by lot from ``first`` seconds up to a minute: a message is never given up.

    An exception that carries ``within`` (seconds) shortens the pause: by then another try is worth while. One that is
    ``aside`` gives the lock up, so that what waits behind it need not. ``lots`` gives numbers from 0 to 1; ``now`` is the clock
    by which the queue hands jobs out.
    """

    def __init__(self, first: float, longest: float = LONGEST_PAUSE, lots: Callable[[], float] = random.random,
                 now: Clock = local_clock) -> None:
        self._first = first
        self._longest = longest
        self._lots = lots
        self._now = now

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        """Every failure is tried again, whatever it was."""
        pause = growing_pause(job.attempts, self._first, self._longest, self._lots())
        within = getattr(exception, "within", None)
        if within is not None:
            pause = min(pause, max(within, self._first * FLOOR))
        lock = f"aside:{job.id}" if getattr(exception, "aside", False) else None
        return RetryDecision(retry_at=self._now() + timedelta(milliseconds=int(pause * 1000)), lock=lock)


async def retry_jobs_of_dead_workers(app: App, now: Clock = local_clock) -> None:
    """Every second, gives the jobs of workers that died back to the queue, their locks with them. Runs until cancelled."""
    while True:
        await asyncio.sleep(LOOK_EVERY_SECONDS)
        try:
            for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=DEAD_AFTER_SECONDS):
                logger.warning("job %s of a dead worker is taken up again", job.id)
                await app.job_manager.retry_job(job, retry_at=now())
        except Exception as error:  # the database may be away for a moment; the next look is a second off
            logger.warning("looking for jobs of dead workers failed: %s", type(error).__name__)
