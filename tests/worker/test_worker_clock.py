"""The worker's time of day is the database's, whatever this machine's clock shows or is set to."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from procrastinate.jobs import Job

from intake.store.connection import Store, open_store
from worker.clock import SharedClock, look_for_ever
from worker.schedule import GrowingPauses

A_SECOND = timedelta(seconds=1)


def test_a_clock_that_is_set_while_the_worker_runs_changes_nothing(store: Store) -> None:
    clock = SharedClock(store)
    clock.look()
    true = datetime.now(UTC)
    for jump in (timedelta(hours=1), timedelta(hours=-1), timedelta(days=730)):
        with time_machine.travel(true + jump):
            assert abs(clock() - true) < 5 * A_SECOND


def test_between_two_looks_the_seconds_are_counted(store: Store) -> None:
    counted = [100.0]
    clock = SharedClock(store, monotonic=lambda: counted[0])
    clock.look()
    before = clock()
    counted[0] = 130.0
    assert clock() - before == 30 * A_SECOND


def test_before_the_first_look_the_machines_own_clock_counts(store: Store) -> None:
    with time_machine.travel("2026-03-01T12:00:00Z", tick=False):
        assert SharedClock(store)() == datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_while_the_database_is_away_the_last_look_counts_on(store: Store, caplog: pytest.LogCaptureFixture) -> None:
    away = open_store("postgresql://nobody@127.0.0.1:9/none", store.keys)

    async def look() -> None:
        task = asyncio.create_task(look_for_ever(SharedClock(away), 0.01))
        while "OperationalError" not in caplog.text:
            await asyncio.sleep(0.01)
        assert not task.done()
        task.cancel()

    asyncio.run(asyncio.wait_for(look(), 20))


def test_a_job_is_tried_again_by_the_clock_by_which_the_queue_hands_it_out() -> None:
    shared = datetime(2027, 1, 1, tzinfo=UTC)
    job = Job(id=1, queue="default", lock=None, queueing_lock=None, task_name="deliver", attempts=0)
    decision = GrowingPauses(2.0, lots=lambda: 1.0, now=lambda: shared).get_retry_decision(exception=ValueError(), job=job)
    assert decision is not None and decision.retry_at is not None
    assert timedelta() < decision.retry_at - shared <= 2 * A_SECOND
