"""Health and figures of the worker on a loopback port of its own. No personal data: counts only."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import uvicorn
from fastapi import FastAPI
from fastapi.responses import PlainTextResponse
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, Gauge, generate_latest
from sqlalchemy import ColumnElement, Select, exists, func, select, text
from sqlalchemy.orm import Session

from intake.store.connection import Store
from intake.store.models import Alarm, Conversation, DailySpend, Message, StaffPage

_OPEN = Gauge("growline_messages_open", "Inbound messages not yet answered")
_QUEUED = Gauge("growline_texts_queued", "Texts waiting to be sent")
_UNCLEAR = Gauge("growline_texts_unclear", "Texts that may or may not have left, being looked up")
_ALARMS = Gauge("growline_alarms_open",
                "Alarms that stand, by code (spend_cap, filtered, refused_…, undelivered_…, page_failed)", ["code"])
_PAGES = Gauge("growline_pages_open", "Pages to staff that have not been sent by every way that is set")
_SEGMENTS = Gauge("growline_segments_spent", "SMS segments handed to the provider on the last day that has any")


def create_app(store: Store) -> FastAPI:
    """The small app with /health/live, /health/ready and /metrics."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)

    @app.get("/health/live")
    def live() -> PlainTextResponse:
        return PlainTextResponse("live")

    @app.get("/health/ready")
    def ready() -> PlainTextResponse:
        try:
            with store.reading() as session:
                session.execute(text("select 1 from procrastinate_jobs limit 1"))
        except Exception as error:
            return PlainTextResponse(f"not ready: {type(error).__name__}", status_code=503)
        return PlainTextResponse("ready")

    @app.get("/metrics")
    def metrics() -> PlainTextResponse:
        with store.reading() as session:
            _read_figures(session)
        return PlainTextResponse(generate_latest(REGISTRY).decode(), media_type=CONTENT_TYPE_LATEST)

    return app


def _read_figures(session: Session) -> None:
    _OPEN.set(session.scalar(_count(Message.state == "received")) or 0)
    _QUEUED.set(session.scalar(_count(Message.state.in_(("queued", "sending")))) or 0)
    _UNCLEAR.set(session.scalar(_count(Message.state == "sending", Message.unclear_since.is_not(None))) or 0)
    _PAGES.set(session.scalar(select(func.count()).select_from(StaffPage).where(StaffPage.ended_at.is_(None))) or 0)
    _SEGMENTS.set(session.scalar(select(DailySpend.segments).order_by(DailySpend.day.desc()).limit(1)) or 0)
    _ALARMS.clear()
    for code in session.scalars(select(Alarm.code).where(Alarm.cleared_at.is_(None))):
        _ALARMS.labels(code).set(1)


def _count(*which: ColumnElement[bool]) -> Select[int]:
    """How many messages there are of a kind; those to made-up families are none."""
    practice = exists().where(Conversation.id == Message.conversation_id, Conversation.practice)
    return select(func.count()).select_from(Message).where(*which, ~practice)


def serve(store: Store, port: int) -> Callable[[], Coroutine[Any, Any, None]]:
    """A coroutine function that serves the operations port until cancelled."""
    server = uvicorn.Server(uvicorn.Config(create_app(store), host="127.0.0.1", port=port, log_level="warning"))
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]

    async def run() -> None:
        await asyncio.create_task(server._serve())

    return run
