"""The web-chat interface: begin a chat, say something, and read what was said.

A browser holds a secret token and sends it as ``Authorization: Bearer …``. It repeats a message with the same
``client_msg_id`` until it is answered, and reads with ``after`` = the last ``seq`` it has, so a lost connection
loses nothing.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Header, Query, Request
from fastapi.responses import StreamingResponse
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel, ConfigDict, Field

from gateway.conversing import begin, end, say
from gateway.edge import Edge
from gateway.problems import Problem, answers, answers_beside
from gateway.strict_json import StrictJsonRoute
from gateway.waiting import messages_after
from intake.store.connection import UNAVAILABLE
from intake.usecases.receiving import TEXT_LIMIT, ChatMessage

MOST_WAIT_SECONDS = 25
# A browser takes a cookie with this prefix only over TLS and from this very host; a demo has another. Only the plain form
# has a cookie: where scripts run, none is sent.
CHAT_COOKIES = COOKIE_OVER_TLS, COOKIE_OF_A_DEMO = "__Host-growline", "growline_chat"
_LARGEST_SEQ = 2**53 - 1  # the largest whole number a browser can hold
# Shorter than the idle time of usual proxies; a stream ends after a while, so that a forgotten page gives its
# place back.
_HEARTBEAT_SECONDS = 15
_STREAM_SECONDS = 600


class BeginChat(BaseModel):
    """How to begin."""

    language: Literal["en", "es"] | None = Field(
        None, description="the language to begin in; it follows the family later"
    )
    shared: bool = Field(
        False, description="on a computer that others use too: closed after twenty minutes without a message"
    )


class BegunChat(BaseModel):
    """A new chat. The token is shown this once."""

    conversation: str = Field(description="a random public id, never a credential")
    token: str = Field(description="the secret to send as Authorization: Bearer")
    expires_at: datetime


class SaidText(BaseModel):
    """One message of the family."""

    client_msg_id: str = Field(
        min_length=1, max_length=64, description="made by the browser; the same id is the same message"
    )
    text: str = Field(min_length=1, max_length=TEXT_LIMIT)


class Accepted(BaseModel):
    """The message is stored; ``seq`` is its place in the conversation."""

    seq: int


class Choice(BaseModel):
    """A ready answer: what the button shows, and the text to send for it."""

    label: str
    text: str


class Expected(BaseModel):
    """The open question: its kind, and for a milestone its id."""

    kind: str
    id: str | None = None


class Progress(BaseModel):
    """The open question is ``number`` of ``total``; about ``minutes`` are left."""

    number: int
    total: int
    minutes: int


class Said(BaseModel):
    """One message of the conversation."""

    model_config = ConfigDict(populate_by_name=True)

    seq: int
    speaker: Literal["bot", "staff", "you", "system"] = Field(alias="from")
    text: str
    choices: list[Choice]
    expects: Expected | None
    at: datetime
    name: str | None = Field(None, description="with from=staff, the first name of the person who wrote it")
    progress: Progress | None = Field(None, description="how far the family is, with a question of the interview")


class SaidSince(BaseModel):
    """What was said after the ``seq`` asked for, oldest first."""

    messages: list[Said]


class EventStream(StreamingResponse):
    """Server-sent events."""

    media_type = "text/event-stream"


_bearer = HTTPBearer(auto_error=False, description="the token of POST /chat/sessions")


def bearer_token(
    request: Request, given: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]
) -> str:
    """The token of the request; an absent one, and one that comes with another chat's cookie, are like an unknown one."""
    if given is None:
        raise Problem(404, "unknown_session")
    if any(request.cookies.get(name, given.credentials) != given.credentials for name in CHAT_COOKIES):
        raise Problem(404, "unknown_session", reason="two_sessions")
    return given.credentials


Token = Annotated[str, Depends(bearer_token)]
After = Annotated[int, Query(ge=0, le=_LARGEST_SEQ, description="the last seq already read")]


def address_of(request: Request) -> str:
    """The browser's network address, for counting only."""
    return request.client.host if request.client else ""


def chat_router(edge: Edge) -> APIRouter:
    """The routes a browser calls."""
    router = APIRouter(prefix="/chat", tags=["chat"], route_class=StrictJsonRoute)

    @router.post("/sessions", status_code=201, responses=answers(400, 408, 413, 422, 429, 503))
    async def begin_chat(request: Request, wished: BeginChat | None = None) -> BegunChat:
        """Begins a chat; the agent's greeting follows as its first message."""
        wished = wished or BeginChat(language=None, shared=False)
        opened = await begin(edge, address_of(request), wished.language, shared=wished.shared)
        return BegunChat(conversation=opened.conversation, token=opened.token, expires_at=opened.expires_at)

    @router.delete("/sessions", status_code=204, responses=answers(404, 422, 503))
    async def end_session(token: Token) -> None:
        """Closes the chat: its token opens nothing any more. What was said stays with the program."""
        await end(edge, token)

    @router.post("/messages", status_code=202, responses=answers(400, 404, 408, 409, 413, 422, 429, 503))
    async def say_something(token: Token, said: SaidText) -> Accepted:
        """Stores a message once per client_msg_id; the answer comes as a later message."""
        return Accepted(seq=(await say(edge, token, said.client_msg_id, said.text)).seq)

    _add_reading(router, edge)
    return router


def _add_reading(router: APIRouter, edge: Edge) -> None:
    """The two ways to read what was said: asking again and again, and a stream."""

    @router.get("/messages", responses=answers(404, 422, 429, 503))
    async def read_messages(
        request: Request,
        token: Token,
        after: After = 0,
        wait: Annotated[float, Query(ge=0, le=MOST_WAIT_SECONDS, description="seconds to wait")] = 0,
    ) -> SaidSince:
        """What was said after ``after``; ``wait`` waits so long for something new and is empty when nothing came."""
        messages = await messages_after(edge, token, after, seconds=wait, gone=request.is_disconnected)
        return SaidSince(messages=[as_said(message) for message in messages])

    @router.get("/events", response_class=EventStream, responses=answers_beside(404, 422, 429, 503))
    async def follow(
        request: Request,
        token: Token,
        after: After = 0,
        last_event_id: Annotated[str | None, Header(description="goes before after")] = None,
    ) -> EventStream:
        """The same messages as a stream of events: ``id`` is the seq, ``data`` the message as JSON."""
        start = _seq_of(last_event_id, after)
        await messages_after(edge, token, start)
        return EventStream(_events(edge, request, token, start), headers={"X-Accel-Buffering": "no"})


def as_said(message: ChatMessage) -> Said:
    """A stored message in the shape a browser reads."""
    choices = [Choice.model_validate(choice) for choice in message.choices]
    expects = Expected.model_validate(message.expects) if message.expects else None
    return Said.model_validate(
        {
            "seq": message.seq,
            "from": message.speaker,
            "text": message.text,
            "choices": choices,
            "expects": expects,
            "at": message.at,
            "progress": message.progress,
            "name": message.name,
        }
    )


def _seq_of(last_event_id: str | None, after: int) -> int:
    digits = last_event_id or ""
    return (
        min(int(digits), _LARGEST_SEQ)
        if digits.isascii() and digits.isdigit() and len(digits) < 20
        else after
    )


async def _events(edge: Edge, request: Request, token: str, after: int) -> AsyncIterator[str]:
    yield "retry: 2000\n\n"
    end = time.monotonic() + _STREAM_SECONDS
    while (left := end - time.monotonic()) > 0 and not await request.is_disconnected():
        try:
            messages = await messages_after(
                edge, token, after, seconds=min(left, _HEARTBEAT_SECONDS), gone=request.is_disconnected
            )
        except (Problem, *UNAVAILABLE):
            return  # The browser comes back with Last-Event-ID and is then told why, if it still is so.
        if not messages:
            yield ": still here\n\n"
        for message in messages:
            after = message.seq
            yield f"id: {message.seq}\ndata: {as_said(message).model_dump_json(by_alias=True)}\n\n"
