"""The affiliate's page of ``bench.widget``, and behind it what the chats on it ask for, from an origin of its own.

The gateway is reached through it, as through the proxy an operator puts before it, and unchanged: it compresses its scripts.
The peers get their bundles, and as little of a server as makes them greet.
"""

from __future__ import annotations

import asyncio
import gzip
import json
import socket
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Any
from uuid import uuid4

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Mount, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from intake.settings import ROOT

PEERS = ROOT / "bench" / "peers"
LEVEL = 6  # of gzip, as most proxies have it
GREETING = ("Hello! This is a made-up greeting, about as long as the first thing that our own chat says. It has a few short "
            "sentences, so that every window has as much to show, and no link, no picture and no button. "
            "Shall we begin with the first question?")
LATENCY_MS = 150
READY_SECONDS = 10
# What belongs to one connection and is not passed on; httpx writes its own.
HOP_BY_HOP = {"host", "connection", "content-length", "transfer-encoding", "keep-alive"}
SEPARATOR = "\x1e"  # between the packets of one poll


@dataclass(frozen=True)
class Chat:
    """A chat on the page: its name, the snippet that puts it there, a peer's ``bundle``, its button and its greeting."""

    name: str
    snippet: str = ""
    bundle: str = ""
    launcher: Sequence[str] = ()
    greeting: Sequence[str] = ()

    def version(self) -> str:
        """A peer's installed version; empty for ours."""
        if not self.bundle:
            return ""
        package = PEERS / "node_modules" / self.bundle.split("/")[0] / "package.json"
        return str(json.loads(package.read_text())["version"])


class RasaSocket:
    """As much of Socket.IO over polling as rasa-webchat needs: it confirms the session and says one thing."""

    def __init__(self) -> None:
        self._to_say: dict[str, asyncio.Queue[str]] = {}

    async def polled(self, request: Request) -> Response:
        """Opens a session, or waits until there is something to say in it."""
        session = request.query_params.get("sid")
        if session is None:
            session = uuid4().hex
            self._to_say[session] = asyncio.Queue()
            opened = {"sid": session, "upgrades": [], "pingInterval": 60_000, "pingTimeout": 60_000}
            return PlainTextResponse("0" + json.dumps(opened))
        waiting = self._to_say[session]
        packets = [await waiting.get()]
        while not waiting.empty():
            packets.append(waiting.get_nowait())
        return PlainTextResponse(SEPARATOR.join(packets))

    async def posted(self, request: Request) -> Response:
        """Hears what the window says."""
        session = request.query_params["sid"]
        for packet in (await request.body()).decode().split(SEPARATOR):
            answer = _answer(session, packet)
            if answer:
                self._to_say[session].put_nowait(answer)
        return PlainTextResponse("ok")


def _answer(session: str, packet: str) -> str:
    if packet.startswith("40"):  # connect
        return "40" + json.dumps({"sid": session})
    if not packet.startswith("42"):  # an event
        return ""
    event = json.loads(packet[2:])[0]
    answers: dict[str, list[Any]] = {
        "session_request": ["session_confirm", session],
        "user_uttered": ["bot_uttered", {"text": GREETING}],
    }
    return "42" + json.dumps(answers[event]) if event in answers else ""


async def _conversation(_request: Request) -> Response:
    return JSONResponse({"conversationId": uuid4().hex, "token": "made-up", "expires_in": 1800}, 201)


async def _activities(request: Request) -> Response:
    if request.method == "POST":
        return JSONResponse({"id": uuid4().hex})
    conversation = request.path_params["conversation"]
    said = {"type": "message", "id": f"{conversation}|0000000", "timestamp": datetime.now(UTC).isoformat(), "text": GREETING,
            "channelId": "directline", "from": {"id": "bot", "role": "bot"}, "conversation": {"id": conversation}}
    return JSONResponse({"activities": [] if request.query_params.get("watermark") else [said], "watermark": "1"})


@cache
def _compressed(path: Path) -> bytes:
    return gzip.compress(path.read_bytes(), LEVEL)


async def _bundle(request: Request) -> Response:
    path = PEERS / "node_modules" / request.path_params["path"]
    return Response(_compressed(path), media_type="text/javascript", headers={"Content-Encoding": "gzip"})


def _peers() -> Mount:
    socket_io = RasaSocket()
    routes = [
        Route("/bundles/{path:path}", _bundle),
        Route("/directline/conversations", _conversation, methods=["POST"]),
        Route("/directline/conversations/{conversation}/activities", _activities, methods=["GET", "POST"]),
        Route("/socket.io/", socket_io.polled),
        Route("/socket.io/", socket_io.posted, methods=["POST"]),
    ]
    anybody = Middleware(CORSMiddleware, allow_origins=["*"], allow_methods=["*"], allow_headers=["*"])
    return Mount("/peers", routes=routes, middleware=[anybody])


class Proxy:
    """Hands everything on to the gateway, and back as it came."""

    def __init__(self, gateway: str) -> None:
        self._client = httpx.AsyncClient(base_url=gateway, timeout=60, trust_env=False)

    async def passes(self, request: Request) -> Response:
        """One request and its answer, which may go on for long."""
        headers = [(name, value) for name, value in request.headers.items() if name not in HOP_BY_HOP]
        path = httpx.URL(path=request.url.path, query=request.url.query.encode())
        asked = self._client.build_request(request.method, path, headers=headers, content=await request.body())
        answer = await self._client.send(asked, stream=True)
        passed = {name: value for name, value in answer.headers.items() if name not in HOP_BY_HOP}
        return StreamingResponse(answer.aiter_raw(), answer.status_code, passed, background=BackgroundTask(answer.aclose))


class LatePreflights:
    """Delays what a browser asks before it asks another origin: its emulation of a slow network leaves that out."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hands on, late when it is such a question."""
        if scope["type"] == "http" and scope["method"] == "OPTIONS":
            await asyncio.sleep(LATENCY_MS / 1000)
        await self._app(scope, receive, send)


class Site:
    """Serves the page at ``origin`` and the chats' program at ``program``, in a thread, until it is left."""

    def __init__(self, gateway: str) -> None:
        self._sockets = [_listening(), _listening()]
        self.origin, self.program = (f"http://127.0.0.1:{one.getsockname()[1]}" for one in self._sockets)
        self._pages: dict[str, str] = {}
        passes = Route("/{path:path}", Proxy(gateway).passes, methods=["GET", "POST", "DELETE", "OPTIONS"])
        routes = [Route("/page/{chat}", self._page), _peers(), passes]
        app = Starlette(routes=routes, middleware=[Middleware(LatePreflights)])
        self._server = uvicorn.Server(uvicorn.Config(app, log_level="critical", lifespan="off", timeout_graceful_shutdown=1))
        self._thread = threading.Thread(target=self._server.run, args=(self._sockets,), daemon=True)

    def page(self, chat: Chat) -> str:
        """The address of the page with ``chat`` on it."""
        snippet = (PEERS / f"{chat.snippet}.html").read_text() if chat.snippet else ""
        filled = {"chat": snippet, "bundle": f"{self.program}/peers/bundles/{chat.bundle}", "program": self.program,
                  "greeting": GREETING}
        page = (PEERS / "host.html").read_text()
        for name, value in filled.items():
            page = page.replace("{{" + name + "}}", value)
        number = str(len(self._pages))
        self._pages[number] = page
        return f"{self.origin}/page/{number}"

    async def _page(self, request: Request) -> Response:
        return HTMLResponse(self._pages[request.path_params["chat"]])

    def __enter__(self) -> Site:
        self._thread.start()
        until = time.monotonic() + READY_SECONDS
        while not self._server.started and time.monotonic() < until:
            time.sleep(0.05)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._server.should_exit = True
        self._thread.join(READY_SECONDS)


def _listening() -> socket.socket:
    """A socket on a port of this machine that nobody else has."""
    opened = socket.socket()
    opened.bind(("127.0.0.1", 0))
    return opened
