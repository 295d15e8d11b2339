"""The queue as the database hands it out: answers before turns, each conversation in order, and quickly whatever waits."""

from __future__ import annotations

from uuid import uuid4

from sqlalchemy import text

from intake.store.connection import Store
from intake.store.jobs import DELIVER, TAKE_TURN, conversation_lock, defer, delivery_lock

_TAKE_UP = text("select task_name, args->>'message_id' as message from procrastinate_fetch_job_v2(null, :worker)")


def _worker(store: Store) -> int:
    with store.transaction() as session:
        return int(session.scalar(text("select procrastinate_register_worker_v1()")))


def test_an_answer_that_is_ready_leaves_before_turns_that_waited_longer(store: Store) -> None:
    conversation, worker = uuid4(), _worker(store)
    with store.transaction() as session:
        for number in range(3):
            defer(session, TAKE_TURN, conversation_lock(uuid4()), message_id=f"turn {number}")
        defer(session, DELIVER, delivery_lock(conversation), message_id="first part")
        defer(session, DELIVER, delivery_lock(conversation), message_id="second part")
    with store.transaction() as session:
        taken = [session.execute(_TAKE_UP, {"worker": worker}).one() for _ in range(3)]
    # The second part waits for the first, by their lock; meanwhile turns are taken in the order they came.
    assert [(row.task_name, row.message) for row in taken] == [
        (DELIVER, "first part"), (TAKE_TURN, "turn 0"), (TAKE_TURN, "turn 1")]


def test_taking_up_a_job_does_not_sort_all_that_wait(store: Store) -> None:
    with store.reading() as session:
        settings = session.scalar(text("select proconfig from pg_proc where proname = 'procrastinate_fetch_job_v2'"))
    assert settings == ["enable_sort=off", "enable_bitmapscan=off"]
