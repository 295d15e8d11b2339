"""Which sites may speak with the chat from a browser: our own pages, and those the operator lists.

A browser says from which site a request comes (``Origin``). A site that is not listed is refused, whatever token it sends; one
that is listed gets the headers without which its browser would not hand it the answer. No cookie is ever part of it.
"""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.edge import Edge
from gateway.problems import Problem

_GUARDED = "/chat/"
_PAGE = ("/chat/form", "/chat/leave", "/chat/static")  # where no secret is sent: the plain form has marks of its own
_HEADERS = ("Authorization", "Content-Type", "Accept-Language", "Last-Event-ID")
_REMEMBERED_SECONDS = 600


class Origins:
    """Lets the listed sites in and refuses all others; what carries no ``Origin`` comes from no other site's page."""

    def __init__(self, app: ASGIApp, edge: Edge, refuse: Callable[[Problem], ASGIApp]) -> None:
        self._app, self._refuse = app, refuse
        self._ours = edge.settings.public_url.lower()
        self._listed = frozenset(edge.settings.widget_origins)
        self._sharing = CORSMiddleware(
            app,
            allow_origins=list(self._listed),
            allow_methods=("GET", "POST", "DELETE"),
            allow_headers=_HEADERS,
            expose_headers=("Retry-After",),
            max_age=_REMEMBERED_SECONDS,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Runs the request, or answers 403."""
        headers = Headers(scope=scope) if scope["type"] == "http" else Headers()
        origin = headers.get("origin", "").lower()
        if not origin or not _is_guarded(scope["path"]) or self._is_our_own(origin, headers):
            await self._app(scope, receive, send)
        elif origin in self._listed:
            await self._sharing(scope, receive, send)
        else:
            await self._refuse(Problem(403, "forbidden", reason="other_site"))(scope, receive, send)

    def _is_our_own(self, origin: str, headers: Headers) -> bool:
        # A demo is opened as localhost or as 127.0.0.1; a page and what it asks for have the same host either way.
        return origin == self._ours or urlsplit(origin).netloc == headers.get("host", "").lower()


def _is_guarded(path: str) -> bool:
    """Whether another site's page must be listed to ask this: all of the chat's interface, so that no new route is forgotten."""
    return path.startswith(_GUARDED) and not path.startswith(_PAGE)
