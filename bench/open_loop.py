"""Sends so many requests a second, whatever becomes of those before, and counts each from the moment it was due.

A driver that waits for an answer before it asks again flatters a slow server: while it waits, nobody asks. Here a
request leaves when its moment comes, and what it waited before it left counts as the server's.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

Send = Callable[[int], Awaitable[bool]]

NEVER = math.inf
FIRST_IN = 0.2  # seconds from the call to the first request


@dataclass(frozen=True)
class Sent:
    """Request ``number``: when it was ``due`` (seconds since the epoch), and the ``seconds`` to its good end, or NEVER."""

    number: int
    due: float
    seconds: float


@dataclass(frozen=True)
class Spread:
    """How long ``count`` requests took, in seconds; those that never ended well stand at the far end."""

    count: int
    failed: int
    p50: float
    p95: float
    p99: float


def spread(seconds: Sequence[float]) -> Spread:
    """The spread of ``seconds``, NEVER among them where a request failed; raises ValueError for none at all."""
    ordered = sorted(seconds)
    return Spread(len(ordered), ordered.count(NEVER), *(_percentile(ordered, share) for share in (50, 95, 99)))


def _percentile(ordered: Sequence[float], share: int) -> float:
    """The nearest-rank percentile: a time that was really measured, never one between a number and NEVER."""
    if not ordered:
        raise ValueError("nothing was measured")
    return ordered[max(0, math.ceil(len(ordered) * share / 100) - 1)]


async def at_rate(a_second: float, seconds: float, send: Send) -> list[Sent]:
    """Calls ``send`` with 0, 1, 2 … at a steady rate, and returns how each ended, in order of number.

    ``send`` says whether its request ended well; it must end by itself and raise nothing.
    """
    began, wall = time.perf_counter() + FIRST_IN, time.time() + FIRST_IN

    async def one(number: int) -> Sent:
        due = number / a_second
        ended_well = await send(number)
        took = time.perf_counter() - began - due
        return Sent(number, wall + due, took if ended_well else NEVER)

    under_way = []
    for number in range(round(a_second * seconds)):
        await asyncio.sleep(max(0.0, began + number / a_second - time.perf_counter()))
        under_way.append(asyncio.create_task(one(number)))
    return list(await asyncio.gather(*under_way))
