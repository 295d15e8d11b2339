"""Waits for new words in a conversation by asking the store again and again; no connection is held in between.

A message stored by any program, on any machine, is seen within a third of a second.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

from starlette.concurrency import run_in_threadpool

from gateway.edge import Edge
from gateway.problems import Problem
from intake.usecases.receiving import ChatMessage, SessionUnknown, chat_messages

PAUSE_SECONDS = 0.3


async def _never() -> bool:
    return False


async def messages_after(
    edge: Edge, token: str, after: int, *, seconds: float = 0, gone: Callable[[], Awaitable[bool]] = _never
) -> list[ChatMessage]:
    """What was said after ``after``, at once or within ``seconds``; [] when nothing was, or when the reader is ``gone``.

    Raises Problem 404 for a session that is unknown or expired, 429 when too many wait.
    """
    end = time.monotonic() + seconds
    messages = await _ask(edge, token, after)
    if messages or not seconds:
        return messages
    with edge.waiting.place(token):
        while not messages and time.monotonic() < end and not await gone():
            await asyncio.sleep(min(PAUSE_SECONDS, max(0.0, end - time.monotonic())))
            messages = await _ask(edge, token, after)
    return messages


async def _ask(edge: Edge, token: str, after: int) -> list[ChatMessage]:
    try:
        return await run_in_threadpool(chat_messages, edge.store, token=token, after=after)
    except SessionUnknown:
        raise Problem(404, "unknown_session") from None
