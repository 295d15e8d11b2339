"""The worker's tasks and how they hang on the queue."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from procrastinate import App, PsycopgConnector

from intake.content.library import Content
from intake.settings import WorkerSettings
from intake.store import jobs
from intake.store.connection import Store
from worker.deliver import deliver
from worker.engine import Engine
from worker.schedule import GrowingPauses
from worker.turns import take_turn
from worker.twilio import TwilioSender

QUEUE_CONNECTIONS = 4


@dataclass(frozen=True)
class Tools:
    """What the tasks work with."""

    store: Store
    content: Content
    engine: Engine
    sender: TwilioSender


def create_app(settings: WorkerSettings, tools: Tools) -> App:
    """The queue's app with its tasks. Tasks are plain functions: the queue runs each in a thread."""
    app = App(connector=PsycopgConnector(conninfo=settings.database_url, max_size=QUEUE_CONNECTIONS))
    pauses = GrowingPauses(settings.retry_seconds)

    @app.task(name=jobs.TAKE_TURN, retry=pauses)
    def take_turn_task(message_id: str) -> None:
        take_turn(tools.store, tools.content, tools.engine, UUID(message_id))

    @app.task(name=jobs.DELIVER, retry=pauses)
    def deliver_task(message_id: str) -> None:
        deliver(tools.store, tools.sender, UUID(message_id))

    return app
