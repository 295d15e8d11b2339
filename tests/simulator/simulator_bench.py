"""The bench every test of the simulator works at: it, and a made-up program behind it, on free ports.

The program only writes down what it is sent, so that a test can look at every webhook and receipt as it came.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import httpx
import uvicorn
from fastapi import FastAPI, Request, Response
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

from simulator.app import create_app
from simulator.settings import Settings

ACCOUNT = "AC" + "0" * 31 + "1"
TOKEN, OLD_TOKEN = "first-token-signs", "second-token-only-checks"
PROGRAM, PARENT = "+18605550100", "+18605550142"
SERVICE = "MG" + "0" * 31 + "1"


@dataclass
class Received:
    """One request as it reached the program."""

    path: str
    headers: dict[str, str]
    form: dict[str, str]


@dataclass
class FakeProgram:
    """Stands where the gateway stands; `answers` are the next statuses it gives, then always 200."""

    port: int
    received: list[Received] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def app(self) -> FastAPI:
        app = FastAPI()

        @app.post("/{path:path}")
        async def take(request: Request) -> Response:
            form = {name: str(value) for name, value in (await request.form()).items()}
            self.received.append(Received(request.url.path, dict(request.headers), form))
            return Response(status_code=self.answers.pop(0) if self.answers else 200)

        return app

    def at(self, path: str, count: int, *, seconds: float = 3) -> list[Received]:
        """The first `count` requests to `path`, waited for."""
        wait_until(lambda: len([r for r in self.received if r.path == path]) >= count, seconds=seconds)
        return [r for r in self.received if r.path == path]


@dataclass
class Bench:
    """A running simulator, the program behind it, and the two clients a test speaks through."""

    url: str
    program: FakeProgram
    http: httpx.Client

    def twilio(self, token: str = TOKEN, *, timeout: float = 5, username: str = ACCOUNT) -> Client:
        """The real Twilio client, with its base address replaced."""
        return Client(username, token, ACCOUNT, http_client=_Redirected(self.url, timeout))

    def text(self, text: str | None, *, phone: str = PARENT, **more: Any) -> dict[str, Any]:
        """Send a text from a parent's phone."""
        body = {"text": text, **more}
        answer: dict[str, Any] = self.http.post(f"/simulator/phones/{phone}/messages", json=body).json()
        return answer

    def thread(self, phone: str = PARENT, after: int = 0) -> dict[str, Any]:
        answer: dict[str, Any] = self.http.get(
            f"/simulator/phones/{phone}/messages", params={"after": after}
        ).json()
        return answer

    def faults(self, script: dict[str, Any]) -> None:
        assert self.http.put("/simulator/faults", json=script).status_code == 200

    def events(self, event: str) -> list[dict[str, Any]]:
        events = self.http.get("/simulator/history").json()["events"]
        return [entry for entry in events if entry["event"] == event]


class _Redirected(TwilioHttpClient):
    def __init__(self, base: str, timeout: float) -> None:
        super().__init__(timeout=timeout)
        self._base = base

    def request(self, method: str, url: str, *args: Any, **more: Any) -> Any:
        parts = urlsplit(url)
        query = f"?{parts.query}" if parts.query else ""
        return super().request(method, f"{self._base}{parts.path}{query}", *args, **more)


def wait_until(true: Callable[[], bool], *, seconds: float = 3) -> None:
    """Wait until something holds; fail when it does not in time."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.01)


@contextmanager
def serve(build: Callable[[int], FastAPI]) -> Iterator[int]:
    """Serve an application on a free port of this machine, in a thread."""
    # asyncio switches the waiting for full packets off (40 ms a request) only where the protocol is named.
    with socket.socket(proto=socket.IPPROTO_TCP) as listener:
        listener.bind(("127.0.0.1", 0))
        port = int(listener.getsockname()[1])
        config = uvicorn.Config(
            build(port), loop="asyncio", log_level="critical", timeout_graceful_shutdown=1
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        wait_until(lambda: server.started)
        yield port
        server.should_exit = True
        thread.join(timeout=5)


@contextmanager
def running_bench(**changes: Any) -> Iterator[Bench]:
    """A bench whose simulator has the given settings changed."""
    program = FakeProgram(port=0)
    with serve(lambda _: program.app()) as program.port:
        given: dict[str, Any] = {"webhook_url": f"{program.url}/sms/inbound", "receipt_delay": 0.01}
        settings = Settings(ACCOUNT, (TOKEN, OLD_TOKEN), PROGRAM, **(given | changes))
        with serve(lambda port: create_app(settings)) as port:
            url = f"http://127.0.0.1:{port}"
            with httpx.Client(base_url=url, trust_env=False) as client:
                yield Bench(url, program, client)
