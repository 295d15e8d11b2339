"""The net under the queue: a message whose job is gone is found and given back, once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from a_family import AFamily
from sqlalchemy import text, update

from intake.rules.interview import Kind
from intake.store.connection import Store
from intake.store.models import Consent, Message, Turn
from intake.usecases.sweeping import Swept, sweep

Family = Callable[..., AFamily]
SOON = timedelta(seconds=120)


def jobs(store: Store) -> int:
    with store.reading() as session:
        return int(session.scalar(text("select count(*) from procrastinate_jobs where status = 'todo'")) or 0)


def lose_all_jobs(store: Store) -> None:
    with store.engine.begin() as connection:
        connection.exec_driver_sql("delete from procrastinate_jobs")


def test_a_message_and_a_text_without_a_job_get_one_again_and_only_one(family: Family) -> None:
    parent = family(until=Kind.CONSENT)
    parent.writes("yes")
    lose_all_jobs(parent.store)
    now = datetime.now(UTC) + SOON
    assert sweep(parent.store, now) == Swept(1, 1, 0) and jobs(parent.store) == 2
    assert not sweep(parent.store, now) and jobs(parent.store) == 2


def test_what_is_younger_than_a_minute_is_left_alone(family: Family) -> None:
    parent = family()
    parent.writes("hi")
    lose_all_jobs(parent.store)
    assert not sweep(parent.store, datetime.now(UTC))


def test_a_text_read_with_one_that_is_done_is_done(family: Family) -> None:
    parent = family()
    first, second = parent.writes("hi"), parent.writes("hello")
    with parent.store.transaction() as session:
        session.execute(update(Message).where(Message.id == first).values(state="done"))
        session.execute(update(Message).where(Message.id == second).values(read_with=first))
    assert sweep(parent.store, datetime.now(UTC)).read_with == 1
    assert next(row.state for row in parent.all(Message) if row.id == second) == "done"


def test_s18_a_lost_message_given_back_twice_is_answered_once(family: Family) -> None:
    parent = family(until=Kind.CONSENT)
    turn = parent.turn("yes")
    lose_all_jobs(parent.store)
    now = datetime.now(UTC) + SOON
    assert [sweep(parent.store, now).turns for _ in range(2)] == [1, 0]
    deed = parent.answer_to(parent.open())[1]
    first, kept = parent.does(turn, deed), len(parent.all(Consent))
    assert parent.does(turn, deed) == first and len(parent.all(Consent)) == kept > 0
    assert [row.message_id for row in parent.all(Turn)].count(turn.message_id) == 1
