"""Keeps any one sender from taking too much: size and slowness of bodies, how often, and how many wait at once.

All counts are kept in this process's memory; with several gateways each counts for itself.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.problems import Problem

FORM_BYTES = 64 * 1024
JSON_BYTES = 16 * 1024
_BODY_SECONDS = 15.0
# An over-long body is still read up to here, unkept, so that the sender gets to see the answer.
_DRAINED_BYTES = 8 * 1024 * 1024
_REMEMBERED = 20_000


@dataclass
class _Bucket:
    left: float
    at: float


class Rate:
    """A token bucket per key: ``burst`` at once, then ``per_second``."""

    def __init__(self, *, per_second: float, burst: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._per_second, self._burst, self._clock = per_second, burst, clock
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()

    def take(self, key: str) -> float:
        """Takes one; 0.0 when there was one, otherwise the seconds until there will be."""
        now = self._clock()
        bucket = self._buckets.setdefault(key, _Bucket(self._burst, now))
        self._buckets.move_to_end(key)
        if len(self._buckets) > _REMEMBERED:
            self._buckets.popitem(last=False)
        bucket.left = min(self._burst, bucket.left + (now - bucket.at) * self._per_second)
        bucket.at = now
        if bucket.left < 1:
            return (1 - bucket.left) / self._per_second
        bucket.left -= 1
        return 0.0

    def forget(self, key: str) -> None:
        """Drops a key that turned out to belong to nobody."""
        self._buckets.pop(key, None)


class WaitingPlaces:
    """How many requests may wait for an answer at once: ``each`` per session, ``all_together`` in this process."""

    def __init__(self, *, each: int, all_together: int) -> None:
        self._each, self._all_together = each, all_together
        self._taken: dict[str, int] = {}

    @contextmanager
    def place(self, key: str) -> Iterator[None]:
        """Holds a place while the block runs; raises Problem 429 when there is none."""
        if self._taken.get(key, 0) >= self._each or sum(self._taken.values()) >= self._all_together:
            raise Problem(429, "too_many_waiting", retry_after=2)
        self._taken[key] = self._taken.get(key, 0) + 1
        try:
            yield
        finally:
            self._taken[key] -= 1
            if not self._taken[key]:
                del self._taken[key]


class BoundedBody:
    """Reads each request's body before the application sees it; one too large or too slow never reaches it.

    ``refuse`` makes the application that answers instead.
    """

    def __init__(self, app: ASGIApp, refuse: Callable[[Problem], ASGIApp]) -> None:
        self._app, self._refuse = app, refuse

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes the request on with its whole body, or answers 413 or 408."""
        if scope["type"] != "http" or scope["method"] in ("GET", "HEAD"):
            return await self._app(scope, receive, send)
        try:
            async with asyncio.timeout(_BODY_SECONDS):
                body = await _read(receive, _limit(scope["path"]))
        except TimeoutError:
            return await self._refuse(Problem(408, "too_slow"))(scope, receive, send)
        except Problem as problem:
            return await self._refuse(problem)(scope, receive, send)
        await self._app(scope, _replay(body, receive), send)


def _limit(path: str) -> int:
    return FORM_BYTES if path.startswith("/sms/") or path == "/chat/form" else JSON_BYTES


async def _read(receive: Receive, limit: int) -> bytes:
    kept, size, more = b"", 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            break
        size += len(message.get("body", b""))
        kept = kept + message.get("body", b"") if size <= limit else b""
        more = message.get("more_body", False) and size <= _DRAINED_BYTES
    if size > limit:
        raise Problem(413, "too_large")
    return kept


def _replay(body: bytes, receive: Receive) -> Receive:
    pending = [{"type": "http.request", "body": body, "more_body": False}]

    async def next_message() -> Message:
        return pending.pop() if pending else await receive()

    return next_message
