"""Starts a worker: ``python -m worker``. Start more of them for more throughput; locks keep each conversation in order."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from intake import failpoints
from intake.content.library import load_content
from intake.settings import WorkerSettings, read_settings
from intake.store.connection import Store, open_store
from intake.usecases.taking import TakingRules
from worker.app import Tools, create_app
from worker.audit import check_audit_for_ever
from worker.clock import Clock, SharedClock, look_for_ever
from worker.engine import Engine
from worker.operations import serve
from worker.outreach import outreach_for_ever
from worker.reconcile import reconcile_for_ever
from worker.schedule import DEAD_AFTER_SECONDS, HEARTBEAT_SECONDS, retry_jobs_of_dead_workers
from worker.sweep import sweep_for_ever
from worker.twilio import TwilioSender

logger = logging.getLogger("growline.worker")
AT_ONCE = 12  # turns and deliveries in flight; each waits mostly for the engine or Twilio
BESIDE = 7  # threads for what runs beside the jobs: reconciling, sweeping, texts that we start, the clock, the audit trail
PAUSE_SECONDS = 1.0  # before the queue is opened again after it failed
SECONDS_TO_FINISH = 20


async def run(settings: WorkerSettings) -> None:
    """Works until told to stop (SIGTERM, SIGINT); jobs in hand are finished first. A database that is away is waited for."""
    failpoints.arm(settings.failpoints)
    loop = asyncio.get_running_loop()
    loop.set_default_executor(ThreadPoolExecutor(AT_ONCE + BESIDE))
    store = open_store(settings.database_url, settings.key_ring())
    clock = SharedClock(store)
    tools = _tools(settings, store, clock)
    beside = [loop.create_task(work) for work in (look_for_ever(clock), *_beside(settings, tools))]
    queue = loop.create_task(_work_the_queue(settings, tools))
    for told in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(told, queue.cancel)
    await asyncio.gather(queue, return_exceptions=True)
    for task in beside:
        task.cancel()
    tools.engine.close()
    tools.store.close()


def _tools(settings: WorkerSettings, store: Store, clock: Clock) -> Tools:
    return Tools(store, load_content(settings.content_folder), Engine(settings.engine_urls),
                 TwilioSender(settings, settings.public_url),
                 TakingRules(settings.crossing_seconds, settings.texts_a_minute, settings.sms_accents, settings.public_url),
                 clock)


def _beside(settings: WorkerSettings, tools: Tools) -> list[Coroutine[Any, Any, None]]:
    """What runs beside the queue; none of it ends by itself."""
    return [
        serve(tools.store, settings.operations_port)(),
        reconcile_for_ever(tools.store, tools.sender, settings.reconcile_seconds, tools.now),
        outreach_for_ever(tools.store, tools.content, settings.outreach_seconds, tools.now),
        sweep_for_ever(tools.store, now=tools.now),
        check_audit_for_ever(tools.store, now=tools.now),
    ]


async def _work_the_queue(settings: WorkerSettings, tools: Tools) -> None:
    """Works the queue until cancelled. When it fails (the database went away) it is opened anew, as a new worker: the jobs
    the old one had in hand are taken up as those of a dead worker."""
    while True:
        app = create_app(settings, tools)
        try:
            async with app.open_async():
                stalled = asyncio.create_task(retry_jobs_of_dead_workers(app, tools.now))
                try:
                    await app.run_worker_async(
                        concurrency=AT_ONCE, update_heartbeat_interval=HEARTBEAT_SECONDS,
                        stalled_worker_timeout=DEAD_AFTER_SECONDS, fetch_job_polling_interval=1.0, delete_jobs="successful",
                        shutdown_graceful_timeout=SECONDS_TO_FINISH, install_signal_handlers=False)
                finally:
                    stalled.cancel()
        except Exception as error:
            logger.warning("the queue failed: %s", type(error).__name__)
        await asyncio.sleep(PAUSE_SECONDS)


if __name__ == "__main__":
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    logging.getLogger("procrastinate").setLevel(logging.CRITICAL)  # its errors quote what failed, and say no more than ours
    asyncio.run(run(read_settings(WorkerSettings)))
