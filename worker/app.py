"""The worker's tasks and how they hang on the queue."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from procrastinate import App

from intake.content.library import Content
from intake.settings import PagingSettings, WorkerSettings
from intake.store import jobs
from intake.store.connection import Store
from intake.usecases.claiming import SendingRules
from intake.usecases.paging import PagingRules, page_again
from intake.usecases.stepping_in import send_staff_text
from intake.usecases.taking import NO_RULES, TakingRules
from worker.clock import Clock, local_clock
from worker.deliver import deliver
from worker.engine import Engine
from worker.paging import Pager, page_staff
from worker.patience import PatientConnector
from worker.schedule import GrowingPauses
from worker.turns import take_turn
from worker.twilio import TwilioSender

QUEUE_CONNECTIONS = 4
LONGEST_PAGE_PAUSE = 300  # seconds


@dataclass(frozen=True)
class Tools:
    """What the tasks work with."""

    store: Store
    content: Content
    engine: Engine
    sender: TwilioSender
    taking: TakingRules = NO_RULES
    now: Clock = local_clock


def create_app(settings: WorkerSettings, tools: Tools) -> App:
    """The queue's app with its tasks. Tasks are plain functions: the queue runs each in a thread."""
    app = App(connector=PatientConnector(conninfo=settings.database_url, max_size=QUEUE_CONNECTIONS))
    pauses, sending = GrowingPauses(settings.retry_seconds, now=tools.now), sending_rules(settings, tools.content)

    @app.task(name=jobs.TAKE_TURN, retry=pauses)
    def take_turn_task(message_id: str) -> None:
        take_turn(tools.store, tools.content, tools.engine, UUID(message_id), tools.taking)

    @app.task(name=jobs.DELIVER, retry=pauses)
    def deliver_task(message_id: str) -> None:
        deliver(tools.store, tools.sender, UUID(message_id), sending)

    @app.task(name=jobs.SEND_STAFF_TEXT, retry=pauses)
    def send_staff_text_task(staff_text_id: str) -> None:
        send_staff_text(tools.store, tools.content, UUID(staff_text_id))

    page_pauses = GrowingPauses(settings.page_retry_seconds, LONGEST_PAGE_PAUSE, now=tools.now)
    pager = Pager(settings, settings.console_url, paging_rules(settings))

    @app.task(name=jobs.PAGE_STAFF, retry=page_pauses)
    def page_staff_task(page_id: str) -> None:
        page_staff(tools.store, tools.content, UUID(page_id), pager)

    @app.task(name=jobs.PAGE_AGAIN, retry=pauses)
    def page_again_task(flag_id: str, number: int) -> None:
        page_again(tools.store, UUID(flag_id), number)

    return app


def paging_rules(settings: PagingSettings) -> PagingRules:
    """How often staff are paged, by the operator's settings."""
    again = timedelta(minutes=settings.page_again_minutes) if settings.page_again_minutes else None
    return PagingRules(again, settings.page_most, settings.page_tries)


def sending_rules(settings: WorkerSettings, content: Content) -> SendingRules:
    """How texts leave, by the operator's settings and the affiliate's clock."""
    return SendingRules(settings.sms_accents, settings.unclear_seconds,
                        int(settings.daily_spend_dollars / settings.segment_dollars), content.messages.affiliate.time_zone)
