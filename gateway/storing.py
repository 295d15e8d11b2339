"""Keeps what Twilio told us before it is answered: in the database, or within seconds in the spool when that cannot be.

Only what is on a disk is acknowledged. While anything waits in the spool, whatever comes later waits behind it, so that a
family's texts stay in their order; and a database that is down is asked by nobody but the draining.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import TypeVar

import anyio
import anyio.to_thread

from gateway.edge import Edge
from gateway.incoming import Incoming, keep, name_of, to_bytes
from gateway.problems import Problem
from gateway.protection import place_of
from intake.store.connection import UNAVAILABLE

STORE_SECONDS = 2.0  # Twilio waits 15 s at most, 4 s as our operating page sets it up
SPOOL_SECONDS = 2.0
_log = logging.getLogger("growline.gateway")
_Result = TypeVar("_Result")


async def within(
    seconds: float, function: Callable[[], _Result], limiter: anyio.CapacityLimiter | None = None
) -> _Result:
    """``function`` run in a thread; TimeoutError after ``seconds``, whatever it waits for. It then ends by itself, unheard."""
    with anyio.fail_after(seconds):
        return await anyio.to_thread.run_sync(
            function, abandon_on_cancel=True, limiter=limiter or anyio.CapacityLimiter(1)
        )


async def take_in(edge: Edge, incoming: Incoming) -> str:
    """Keeps ``incoming``; returns what became of it, ``spooled`` when it waits. Raises Problem 503 when it is not kept."""
    arrived_ns = time.time_ns()
    if not edge.spool.holds_any():
        # A store that is late may still end well beside the spooled file: the same id is stored once.
        try:
            return await within(STORE_SECONDS, lambda: keep(edge.store, incoming), edge.places.storing)
        except (TimeoutError, *UNAVAILABLE) as error:
            _log.warning("the database does not take what comes in: %s", type(error).__name__)
        except Exception as error:
            # A fault of ours, such as a schema that is not up to date: the text waits until it is mended.
            edge.metrics.failures.inc()
            where = place_of(error)
            _log.error("not stored, %s at %s", type(error).__name__, where)
    await _spool(edge, incoming, arrived_ns)
    return "spooled"


async def _spool(edge: Edge, incoming: Incoming, arrived_ns: int) -> None:
    def put() -> None:
        edge.spool.put(name_of(incoming), to_bytes(incoming), arrived_ns)

    try:
        await within(SPOOL_SECONDS, put, edge.places.spooling)
    except (TimeoutError, OSError) as error:
        _log.error("the spool takes nothing: %s", type(error).__name__)
        raise Problem(503, "unavailable", reason="spool_failed", retry_after=2) from None
