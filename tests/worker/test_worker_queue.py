"""The queue: a conversation's turns run one after the other, failures are tried for ever, a dead worker's job goes on."""

from __future__ import annotations

import asyncio
import re
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from uuid import UUID

import pytest
from a_family import OTHER_PHONE, PHONE
from procrastinate import App
from procrastinate.jobs import Job
from sqlalchemy import text

from intake.content.library import Content
from intake.settings import WorkerSettings
from intake.store.connection import Store
from intake.store.models import Message
from intake.usecases.receiving import receive_sms
from intake.usecases.taking import EngineTurn
from worker.app import Tools, create_app
from worker.engine import Answer, EngineUnavailable
from worker.schedule import DEAD_AFTER_SECONDS, GrowingPauses, retry_jobs_of_dead_workers
from worker.twilio import SendLater


class SlowEngine:
    """Takes a moment for each turn and writes down how many it had in hand; refuses the texts it is told to."""

    def __init__(self) -> None:
        self.taken: list[str] = []
        self.refuses: dict[str, int] = {}
        self.in_hand: dict[str, int] = {}
        self.most_in_hand = 0
        self._lock = threading.Lock()

    def take_turn(self, turn: EngineTurn) -> Answer:
        with self._lock:
            if self.refuses.get(turn.text, 0) > 0:
                self.refuses[turn.text] -= 1
                raise EngineUnavailable("refused")
            self.in_hand[turn.conversation] = self.in_hand.get(turn.conversation, 0) + 1
            self.most_in_hand = max(self.most_in_hand, self.in_hand[turn.conversation])
            self.taken.append(turn.text)
        time.sleep(0.01)
        with self._lock:
            self.in_hand[turn.conversation] -= 1
        return Answer((), {"receipt": str(turn.message_id)}, {})


class NoSender:
    """Nothing is sent in these tests."""


def _app(database_url: str, store: Store, content: Content, engine: SlowEngine) -> App:
    settings = WorkerSettings(
        GROWLINE_DATABASE_URL=database_url, GROWLINE_DATA_KEYS="unused", GROWLINE_INDEX_KEY="unused", TWILIO_ACCOUNT_SID="AC1",
        TWILIO_AUTH_TOKEN="unused", GROWLINE_PUBLIC_URL="http://127.0.0.1", GROWLINE_RETRY_SECONDS=0.05, _env_file=None)
    return create_app(settings, Tools(store, content, engine, NoSender()))  # type: ignore[arg-type]


@pytest.fixture
def engine() -> SlowEngine:
    return SlowEngine()


@pytest.fixture
def app(database_url: str, store: Store, content: Content, engine: SlowEngine) -> App:
    return _app(database_url, store, content, engine)


@asynccontextmanager
async def _working(app: App) -> AsyncIterator[None]:
    worker = asyncio.create_task(app.run_worker_async(
        concurrency=6, fetch_job_polling_interval=0.05, abort_job_polling_interval=0.5, listen_notify=False,
        install_signal_handlers=False, delete_jobs="successful", shutdown_graceful_timeout=5))
    try:
        yield
    finally:
        worker.cancel()
        await asyncio.gather(worker, return_exceptions=True)


def _works_until(app: App, true: Callable[[], bool], seconds: float = 8) -> None:
    async def run() -> None:
        async with app.open_async(), _working(app):
            end = time.monotonic() + seconds
            while not true():
                assert time.monotonic() < end, "the queue did not get there in time"
                await asyncio.sleep(0.02)

    asyncio.run(run())


def _write(store: Store, words: str, sender: str = PHONE) -> UUID:
    return receive_sms(store, message_sid=f"SM-{words}", sender=sender, text=words).message_id


def _open(store: Store) -> int:
    with store.reading() as session:
        return session.query(Message).filter(Message.state == "received").count()


def test_a_conversations_messages_are_taken_in_order_and_never_two_at_once(
        app: App, store: Store, engine: SlowEngine) -> None:
    """Those that wait already are one turn, those that come meanwhile the next; whoever comes first is read first."""
    words = [f"message number {number} of eight" for number in range(8)]
    for said in words[:3]:
        _write(store, said)
    writing = threading.Thread(target=lambda: [_write(store, said) for said in words[3:]])
    writing.start()
    _works_until(app, lambda: not writing.is_alive() and _open(store) == 0)
    said_in_order = re.findall(r"message number \d of eight", " ".join(engine.taken))
    assert said_in_order == words and engine.most_in_hand == 1


def test_a_message_that_fails_holds_back_its_own_conversation_only(app: App, store: Store, engine: SlowEngine) -> None:
    engine.refuses = {"first. second. third": 4}
    for said in ("first", "second", "third"):
        _write(store, said)
    _write(store, "neighbour", OTHER_PHONE)
    _works_until(app, lambda: _open(store) == 0)
    assert engine.taken == ["neighbour", "first. second. third"]


def test_the_job_of_a_dead_worker_goes_back_with_its_lock_and_that_of_a_living_one_stays(
        app: App, store: Store, engine: SlowEngine) -> None:
    _write(store, "left behind")
    _write(store, "in good hands", OTHER_PHONE)

    async def one_dies() -> None:
        async with app.open_async():
            dead, alive = await app.job_manager.register_worker(), await app.job_manager.register_worker()
            assert await app.job_manager.fetch_job(queues=None, worker_id=dead)
            assert await app.job_manager.fetch_job(queues=None, worker_id=alive)
            _set_heartbeat(store, dead, DEAD_AFTER_SECONDS + 1)
            await _for_a_while(retry_jobs_of_dead_workers(app), 1.4)

    asyncio.run(one_dies())
    assert _statuses(store) == ["todo", "doing"]
    _works_until(app, lambda: engine.taken == ["left behind"])


def _set_heartbeat(store: Store, worker: int, seconds_ago: float) -> None:
    with store.engine.begin() as connection:
        connection.execute(text("update procrastinate_workers set last_heartbeat = now() - make_interval(secs => :ago) "
                                "where id = :worker"), {"ago": seconds_ago, "worker": worker})


async def _for_a_while(work: Awaitable[None], seconds: float) -> None:
    with pytest.raises(asyncio.TimeoutError):
        await asyncio.wait_for(work, seconds)


def _statuses(store: Store) -> list[str]:
    with store.reading() as session:
        return [row[0] for row in session.execute(text("select status from procrastinate_jobs order by id"))]


def test_the_look_for_dead_workers_outlives_a_database_that_is_away(store: Store, content: Content, engine: SlowEngine,
                                                                   caplog: pytest.LogCaptureFixture) -> None:
    class Away:
        class job_manager:
            @staticmethod
            async def get_stalled_jobs(**_: float) -> list[Job]:
                raise ConnectionError("the database at a secret address")

    asyncio.run(_for_a_while(retry_jobs_of_dead_workers(Away()), 1.2))  # type: ignore[arg-type]
    assert "ConnectionError" in caplog.text and "secret" not in caplog.text


def _pauses(first: float, tries: int, lot: float = 1.0, failure: Exception | None = None) -> list[float]:
    strategy, pauses = GrowingPauses(first, lots=lambda: lot), []
    for attempts in range(tries):
        job = Job(id=1, status="doing", queue="q", lock=None, queueing_lock=None, task_name="t", attempts=attempts)
        decision = strategy.get_retry_decision(exception=failure or RuntimeError(), job=job)
        assert decision is not None and decision.retry_at is not None
        pauses.append((decision.retry_at - datetime.now(UTC)).total_seconds())
    return pauses


def test_pauses_double_up_to_a_minute_and_never_end() -> None:
    pauses = _pauses(1.0, 40)
    assert [round(pause) for pause in pauses[:7]] == [1, 2, 4, 8, 16, 32, 60]
    assert all(59 < pause <= 60 for pause in pauses[6:])


def test_the_lot_falls_anywhere_between_a_floor_and_the_whole_pause() -> None:
    assert [round(pause, 1) for pause in _pauses(1.0, 4, lot=0.0)] == [0.5] * 4
    assert [round(pause, 2) for pause in _pauses(1.0, 4, lot=0.5)] == [0.75, 1.25, 2.25, 4.25]


def test_who_knows_when_another_try_is_worth_while_waits_no_longer_and_yet_never_spins() -> None:
    assert [round(pause, 1) for pause in _pauses(1.0, 4, failure=SendLater("not yet", within=3.0))] == [1.0, 2.0, 3.0, 3.0]
    assert [round(pause, 1) for pause in _pauses(1.0, 3, failure=SendLater("not yet", within=0.0))] == [0.5] * 3


def test_a_text_that_may_wait_for_hours_gives_its_place_in_the_line_up() -> None:
    job = Job(id=7, status="doing", queue="q", lock="delivery:1", queueing_lock=None, task_name="t", attempts=0)
    locks = [GrowingPauses(1.0).get_retry_decision(exception=failure, job=job).lock  # type: ignore[union-attr]
             for failure in (SendLater("spend_cap"), SendLater("spend_cap", aside=True))]
    assert locks == [None, "aside:7"]
