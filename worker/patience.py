"""Keeps the queue's own housekeeping going through a database that is away for a while.

A job that was done while the database went away must still be marked as done when it comes back; otherwise it stays "in
hand" of a worker that lives, no other worker takes it, and its conversation waits for ever.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any, LiteralString, TypeVar

from procrastinate import PsycopgConnector
from procrastinate.exceptions import ConnectorException, NoResult, UniqueViolation

logger = logging.getLogger("growline.worker")
PATIENCE_SECONDS = 600.0
PAUSE_SECONDS = 0.5

Answer = TypeVar("Answer")


class PatientConnector(PsycopgConnector):
    """The queue's connection to PostgreSQL; a write is tried again until the database is back, or ten minutes are over."""

    async def execute_query_async(self, query: LiteralString, **arguments: Any) -> None:
        await patiently(lambda: super(PatientConnector, self).execute_query_async(query, **arguments))


async def patiently(attempt: Callable[[], Awaitable[Answer]], patience: float = PATIENCE_SECONDS,
                    pause: float = PAUSE_SECONDS) -> Answer:
    """What ``attempt`` gives, as soon as the database answers. Raises its last failure after ``patience`` seconds.

    What the database refuses (a unique value, no result) is its answer and no reason to wait.
    """
    end = asyncio.get_running_loop().time() + patience
    while True:
        try:
            return await attempt()
        except (UniqueViolation, NoResult):
            raise
        except ConnectorException as error:
            if asyncio.get_running_loop().time() > end:
                raise
            logger.warning("the queue waits for the database: %s", type(error).__name__)
            await asyncio.sleep(pause)
