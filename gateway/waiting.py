"""Waits for new words in conversations: one question to the database for all who wait, three times a second.

A message stored by any program, on any machine, is seen within a third of a second, and five hundred open chats cost the
database no more than one.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from uuid import UUID

from starlette.concurrency import run_in_threadpool

from gateway.problems import Problem
from intake.usecases.receiving import ChatMessage, SessionUnknown, chat_messages, conversation_behind

if TYPE_CHECKING:
    from gateway.edge import Edge

_log = logging.getLogger("growline.gateway")
PAUSE_SECONDS = 0.3
_LOOK_WHETHER_GONE = 5.0


async def _never() -> bool:
    return False


@dataclass(eq=False)
class _Reader:
    after: int
    woken: asyncio.Event = field(default_factory=asyncio.Event)
    was_told: bool = True


class Watch:
    """Wakes readers when their conversation has grown. ``last_places`` gives the last ``seq`` of each conversation asked for."""

    def __init__(self, last_places: Callable[[Sequence[UUID]], Mapping[UUID, int]]) -> None:
        self._last_places = last_places
        self._readers: dict[UUID, set[_Reader]] = {}
        self._looking: asyncio.Task[None] | None = None

    async def wait(self, conversation: UUID, after: int, seconds: float) -> int | None:
        """The last ``seq`` once it is beyond ``after``; ``after`` itself when it is not within ``seconds``.

        None, and early, when the database could not be asked: whoever waits then asks by itself, and is told why.
        """
        reader = _Reader(after)
        self._readers.setdefault(conversation, set()).add(reader)
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look())
        try:
            await asyncio.wait_for(reader.woken.wait(), seconds)
        except TimeoutError:
            pass
        finally:
            self._forget(conversation, reader)
        return reader.after if reader.was_told else None

    def _forget(self, conversation: UUID, reader: _Reader) -> None:
        readers = self._readers.get(conversation, set())
        readers.discard(reader)
        if not readers:
            self._readers.pop(conversation, None)

    async def _look(self) -> None:
        """Looks as long as anybody waits."""
        while self._readers:
            await asyncio.sleep(PAUSE_SECONDS)
            waiting = list(self._readers)
            try:
                last = await run_in_threadpool(self._last_places, waiting)
            except Exception as error:
                _log.warning("looking for new words failed: %s", type(error).__name__)
                for reader in [reader for readers in self._readers.values() for reader in readers]:
                    reader.was_told = False
                    reader.woken.set()
                continue
            for conversation, place in last.items():
                for reader in [reader for reader in self._readers.get(conversation, ()) if place > reader.after]:
                    reader.after = place
                    reader.woken.set()


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
        conversation, seen = await _conversation(edge, token), after
        while not messages and (left := end - time.monotonic()) > 0 and not await gone():
            last = await edge.watch.wait(conversation, seen, min(left, _LOOK_WHETHER_GONE))
            if last != seen or left <= _LOOK_WHETHER_GONE:  # at the end once more: whether the session still holds
                messages = await _ask(edge, token, after)
            # Not every place is a message that a browser sees, such as the opening; the next wait is for what comes after it.
            seen = seen if last is None else last
    return messages


async def _ask(edge: Edge, token: str, after: int) -> list[ChatMessage]:
    try:
        return await run_in_threadpool(chat_messages, edge.store, token=token, after=after)
    except SessionUnknown:
        raise Problem(404, "unknown_session") from None


async def _conversation(edge: Edge, token: str) -> UUID:
    try:
        return await run_in_threadpool(conversation_behind, edge.store, token=token)
    except SessionUnknown:
        raise Problem(404, "unknown_session") from None
