"""The action server: answers Rasa's calls through rasa-sdk's executor, behind a small ASGI app of our own.

The SDK's own server puts the whole request, a parent's words included, into its error answers and logs; here a failure says
only which action failed. The engine does not send its domain with each call, since no action reads it.
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, PlainTextResponse
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, generate_latest
from rasa_sdk.executor import ActionExecutor
from sqlalchemy import text

from actions.turn import StepAction
from intake.content.library import load_content
from intake.settings import ActionsSettings
from intake.store.connection import open_store
from intake.usecases.turns import Desk

logger = logging.getLogger("growline.actions")


def create_app(settings: ActionsSettings) -> FastAPI:
    """The ASGI app with its routes; the database is opened when it starts."""
    registry = CollectorRegistry()
    calls = Counter("growline_action_calls", "Action calls by action and result", ["action", "result"], registry=registry)
    executor = _executor()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        store = open_store(settings.database_url, settings.key_ring())
        StepAction.desk = app.state.desk = Desk(store, load_content(settings.content_folder))
        yield
        store.close()

    app = FastAPI(title="Growline actions", lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None)

    @app.post("/webhook")
    async def webhook(request: Request) -> JSONResponse:
        call: dict[str, Any] = await request.json()
        action = str(call.get("next_action"))
        try:
            result = await executor.run({**call, "domain": {}})
        except Exception as error:  # whatever failed, nothing of the request may leave in the answer or the log
            calls.labels(action if action in executor.actions else "unknown", "failed").inc()
            logger.error("action %s failed: %s at %s", action, type(error).__name__, _place(error))
            return JSONResponse({"error": "the action failed", "action_name": action}, status_code=500)
        calls.labels(action, "done").inc()
        return JSONResponse(result.model_dump() if result is not None else {})

    _add_operations(app, registry)
    return app


def _add_operations(app: FastAPI, registry: CollectorRegistry) -> None:
    """The routes for whoever runs the program: alive, ready, and figures without personal data."""

    @app.get("/health/live")
    def live() -> PlainTextResponse:
        return PlainTextResponse("live")

    @app.get("/health/ready")
    def ready() -> PlainTextResponse:
        try:
            with app.state.desk.store.reading() as session:
                session.execute(text("select 1 from turn limit 1"))
        except Exception as error:
            return PlainTextResponse(f"not ready: {type(error).__name__}", status_code=503)
        return PlainTextResponse("ready")

    @app.get("/metrics")
    def metrics() -> PlainTextResponse:
        return PlainTextResponse(generate_latest(registry).decode(), media_type=CONTENT_TYPE_LATEST)


def _place(error: BaseException) -> str:
    """Where it failed, file and line only: an exception's text may hold a parent's words."""
    frames = traceback.extract_tb(error.__traceback__)
    return " < ".join(f"{Path(frame.filename).name}:{frame.lineno}" for frame in reversed(frames[-3:]))


def _executor() -> ActionExecutor:
    executor = ActionExecutor()
    executor.register_package("actions")
    return executor
