"""Keeps the queue moving: pauses between tries, and jobs of dead workers taken up by the living."""

from __future__ import annotations

import asyncio
import logging

from procrastinate import App
from procrastinate.jobs import Job
from procrastinate.retry import BaseRetryStrategy, RetryDecision

logger = logging.getLogger("growline.worker")

HEARTBEAT_SECONDS = 1.0
DEAD_AFTER_SECONDS = 3.0  # a worker that has not beaten for this long is dead; with the look every second, under 5 s in all
LOOK_EVERY_SECONDS = 1.0
LONGEST_PAUSE = 60


class GrowingPauses(BaseRetryStrategy):
    """Tries for ever with doubling pauses from ``first`` seconds up to a minute: a message is never given up."""

    def __init__(self, first: float, longest: float = LONGEST_PAUSE) -> None:
        self._first = first
        self._longest = longest

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        """Every failure is tried again after a pause that doubles with each try."""
        pause = min(self._first * 2 ** min(job.attempts, 10), self._longest)
        return RetryDecision(retry_in={"milliseconds": int(pause * 1000)})


async def retry_jobs_of_dead_workers(app: App) -> None:
    """Every second, gives the jobs of workers that died back to the queue, their locks with them. Runs until cancelled."""
    while True:
        await asyncio.sleep(LOOK_EVERY_SECONDS)
        try:
            for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=DEAD_AFTER_SECONDS):
                logger.warning("job %s of a dead worker is taken up again", job.id)
                await app.job_manager.retry_job(job)
        except Exception as error:  # the database may be away for a moment; the next look is a second off
            logger.warning("looking for jobs of dead workers failed: %s", type(error).__name__)
