"""Puts the public edge together: Twilio's webhooks, the web chat, its page, and health.

``create_app`` builds it from settings alone and touches neither network nor database; the store is opened when it
starts.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.telemetry import TelemetryConfig
from starlette.exceptions import HTTPException
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Lifespan, Receive, Scope, Send

from gateway.chat import chat_router
from gateway.draining import drain_for_ever
from gateway.edge import Edge
from gateway.going_on_by_text import going_on_by_text_router
from gateway.health import add_metrics, health_router
from gateway.limits import BoundedBody
from gateway.links import links_router
from gateway.origins import Origins
from gateway.page import page_router
from gateway.panel import panel_router
from gateway.problems import Problem, as_problem, problem_answer
from gateway.protection import Protection
from gateway.sms import sms_router
from gateway.widget import widget_router
from intake.content.library import Content, load_content
from intake.content.pages import load_chat_page
from intake.settings import GatewaySettings
from intake.store.connection import UNAVAILABLE

_STATIC = Path(__file__).with_name("static")
# The framework can record requests for outside collectors; what families write must not go there.
_NO_RECORDING = TelemetryConfig(
    tracing=False, metrics=False, logs=False, operation_spans=False, auto_configure=False
)


def create_app(settings: GatewaySettings, content: Content | None = None) -> FastAPI:
    """The public application; ``app.state.edge`` is what its routes share. ``content`` is that of the settings' folder, loaded
    here when it is not given: later it would hold everybody up. Raises ContentError for broken words."""
    edge = Edge(settings, load_chat_page(settings.content_folder), content or load_content(settings.content_folder))

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        with edge.running():
            draining = asyncio.create_task(drain_for_ever(edge))
            yield
            draining.cancel()
            with suppress(asyncio.CancelledError):
                await draining

    app = _application("Growline gateway", edge, lifespan)
    app.state.edge = edge
    routers = (sms_router, chat_router, panel_router, links_router, going_on_by_text_router, widget_router, page_router,
               health_router)
    for router in routers:
        app.include_router(router(edge))
    app.mount("/chat/static", _FreshFiles(directory=_STATIC), name="static")
    return app


def create_operations_app(app: FastAPI) -> FastAPI:
    """What the operators' port serves for a public application: health and counters."""
    operations = _application("Growline gateway operations", app.state.edge, None)
    operations.include_router(health_router(app.state.edge))
    add_metrics(operations, app.state.edge)
    return operations


def _application(title: str, edge: Edge, lifespan: Lifespan[FastAPI] | None) -> FastAPI:
    app = FastAPI(
        title=title,
        version="1",
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
        telemetry=_NO_RECORDING,
    )
    answer = _answering(edge)
    for kind in (Problem, HTTPException, RequestValidationError, *UNAVAILABLE):
        app.add_exception_handler(kind, answer)

    def refuse(problem: Problem) -> ASGIApp:
        async def refusal(scope: Scope, receive: Receive, send: Send) -> None:
            request = Request(scope, receive)
            await (await answer(request, problem))(scope, receive, send)

        return refusal

    app.add_middleware(BoundedBody, refuse=refuse)
    app.add_middleware(Origins, edge=edge, refuse=refuse)
    app.add_middleware(
        Protection,
        metrics=edge.metrics,
        refuse=refuse,
        over_tls=edge.settings.public_url.startswith("https:"),
    )
    return app


def _answering(edge: Edge) -> Callable[[Request, Exception], Awaitable[Response]]:
    async def answer(request: Request, error: Exception) -> Response:
        problem = as_problem(error)
        edge.metrics.refused.labels(problem.reason).inc()
        return problem_answer(edge.words.problems, request, problem)

    return answer


class _FreshFiles(StaticFiles):
    """Files the browser asks about each time (and is told "unchanged"): a new version is used at once."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """The file, marked so."""
        response = await super().get_response(path, scope)
        response.headers["Cache-Control"] = "no-cache"
        return response
