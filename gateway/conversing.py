"""The deeds of a web family, within their limits: beginning a chat, saying something, changing an answer, leaving.

Both the programming interface and the page's plain form come through here.
"""

from __future__ import annotations

from collections.abc import Callable

from starlette.concurrency import run_in_threadpool

from gateway.edge import Edge
from gateway.problems import Problem
from intake.content.bilingual import Language
from intake.usecases.receiving import (
    ChatOpened,
    Received,
    SameIdOtherText,
    SessionUnknown,
    end_chat,
    open_chat,
    receive_change,
    receive_chat,
)


async def begin(edge: Edge, address: str, language: Language | None, *, shared: bool = False) -> ChatOpened:
    """Begins a chat for a browser at ``address``. Raises Problem 429 when too many were begun from there."""
    pause = edge.session_rate.take(address)
    if pause:
        raise Problem(429, "too_many_chats", retry_after=pause)
    opened = await run_in_threadpool(
        open_chat, edge.store, language=language, hours=edge.settings.chat_session_hours, shared=shared
    )
    edge.metrics.sessions.inc()
    return opened


async def end(edge: Edge, token: str) -> None:
    """Closes a chat. Raises Problem 404."""
    try:
        await run_in_threadpool(end_chat, edge.store, token=token)
    except SessionUnknown:
        raise Problem(404, "unknown_session") from None


async def ask_to_change(edge: Edge, token: str, client_msg_id: str, item: str, text: str) -> Received:
    """Stores a tap on an answer that is to be changed, shown as ``text``. Raises as ``say`` does."""
    return await _take_in(
        edge,
        token,
        lambda: receive_change(edge.store, token=token, client_msg_id=client_msg_id, item=item, text=text),
    )


async def say(edge: Edge, token: str, client_msg_id: str, text: str) -> Received:
    """Stores one message. Raises Problem 404 (session), 409 (the id used for another text) or 429 (too fast)."""
    return await _take_in(
        edge, token, lambda: receive_chat(edge.store, token=token, client_msg_id=client_msg_id, text=text)
    )


async def _take_in(edge: Edge, token: str, store: Callable[[], Received]) -> Received:
    pause = edge.message_rate.take(token)
    if pause:
        raise Problem(429, "too_fast", retry_after=pause)
    try:
        received = await run_in_threadpool(store)
    except SessionUnknown:
        edge.message_rate.forget(
            token
        )  # So that an unknown token is answered the same, however often it is tried.
        raise Problem(404, "unknown_session") from None
    except SameIdOtherText:
        raise Problem(409, "same_id_other_text") from None
    edge.metrics.messages.labels("new" if received.new else "repeated").inc()
    return received
