"""What goes around every answer: security headers, a time in the counters, and silence about our own failures.

An exception's text may hold what a family wrote, so only its kind and place are logged, and the reader gets a plain 500.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from traceback import extract_tb

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.metrics import Metrics
from gateway.problems import Problem

_log = logging.getLogger("growline.gateway")
STRICTEST_POLICY = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
_HEADERS = {
    "Content-Security-Policy": STRICTEST_POLICY,
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}
_METHODS = frozenset({"GET", "HEAD", "POST"})
_ONE_YEAR_OF_TLS = {"Strict-Transport-Security": "max-age=31536000"}


class Protection:
    """The outermost layer. ``refuse`` makes the application that answers with a problem."""

    def __init__(
        self, app: ASGIApp, metrics: Metrics, refuse: Callable[[Problem], ASGIApp], over_tls: bool
    ) -> None:
        self._app, self._metrics, self._refuse = app, metrics, refuse
        self._headers: Mapping[str, str] = _HEADERS | (_ONE_YEAR_OF_TLS if over_tls else {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Runs the request; adds headers an answer does not set itself."""
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        begun, started = time.perf_counter(), False

        async def protected(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                self._add_headers(message)
                self._observe(scope, message["status"], time.perf_counter() - begun)
            await send(message)

        try:
            await self._app(scope, receive, protected)
        except Exception as error:
            self._metrics.failures.inc()
            where = place_of(error)
            _log.error("unhandled %s at %s", type(error).__name__, where)
            if not started:
                await self._refuse(Problem(500, "failed"))(scope, receive, protected)

    def _add_headers(self, message: Message) -> None:
        headers = MutableHeaders(scope=message)
        for name, value in self._headers.items():
            headers.setdefault(name, value)

    def _observe(self, scope: Scope, status: int, seconds: float) -> None:
        # The route's pattern and never the path, which is the caller's to choose.
        route = getattr(scope.get("route"), "path", "none")
        method = scope["method"] if scope["method"] in _METHODS else "other"
        self._metrics.seconds.labels(method, route, str(status)).observe(seconds)


def place_of(error: BaseException) -> str:
    """Where ``error`` was raised, by function and line; nothing of its text."""
    frames = extract_tb(error.__traceback__)
    return " < ".join(f"{frame.name}:{frame.lineno}" for frame in reversed(frames[-4:]))
