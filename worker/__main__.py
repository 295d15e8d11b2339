"""Starts a worker: ``python -m worker``. Start more of them for more throughput; locks keep each conversation in order."""

from __future__ import annotations

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor

from intake import failpoints
from intake.content.library import load_content
from intake.settings import WorkerSettings, read_settings
from intake.store.connection import open_store
from worker.app import Tools, create_app
from worker.engine import Engine
from worker.operations import serve
from worker.schedule import DEAD_AFTER_SECONDS, HEARTBEAT_SECONDS, retry_jobs_of_dead_workers
from worker.twilio import TwilioSender

AT_ONCE = 12  # turns and deliveries in flight; each waits mostly for the engine or Twilio


async def run(settings: WorkerSettings) -> None:
    """Works until told to stop (SIGTERM, SIGINT); jobs in hand are finished first."""
    failpoints.arm(settings.failpoints)
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(AT_ONCE + 4))
    store = open_store(settings.database_url, settings.key_ring())
    tools = Tools(store, load_content(settings.content_folder), Engine(settings.engine_urls),
                  TwilioSender(settings, settings.public_url))
    app = create_app(settings, tools)
    async with app.open_async():
        beside = [asyncio.create_task(retry_jobs_of_dead_workers(app)),
                  asyncio.create_task(serve(store, settings.operations_port)())]
        await app.run_worker_async(
            concurrency=AT_ONCE, update_heartbeat_interval=HEARTBEAT_SECONDS, stalled_worker_timeout=DEAD_AFTER_SECONDS,
            fetch_job_polling_interval=1.0, delete_jobs="successful", shutdown_graceful_timeout=20)
        for task in beside:
            task.cancel()
    tools.engine.close()
    store.close()


if __name__ == "__main__":
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    logging.getLogger("procrastinate").setLevel(logging.ERROR)
    asyncio.run(run(read_settings(WorkerSettings)))
