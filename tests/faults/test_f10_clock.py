"""F10: the clock of the programs jumps while they run. Nothing is sent in masses, nothing is deleted, texts go on.

One family is in the middle of its conversation while the clock jumps an hour ahead and back, over the changes of summer time,
to a leap day and two years on; the database keeps the true time.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from people import Phone
from sqlalchemy import func, select

from intake.store.models import Base, Conversation, Outreach
from tests.faults.clock import Clock, faked
from tests.faults.evidence import events_of
from tests.faults.judging import Bench, wait_until

pytestmark = [pytest.mark.system, pytest.mark.faults]

HOME = ZoneInfo("America/New_York")
LOOKS_SECONDS = 4  # the texts that we start are looked for every second here


@pytest.fixture
def clock(bench: Bench) -> Iterator[Clock]:
    with faked(bench) as clock:
        yield clock


def _says(bench: Bench, phone: Phone, text: str) -> str:
    """What is answered to ``text``, once all parts of it have come."""
    said = phone.says(text)
    bench.settle([phone.number])
    return said


def _texts_so_far(bench: Bench) -> int:
    return sum(event["event"] == "message_accepted" for event in events_of(bench.simulator))


def _rows(bench: Bench) -> dict[str, int]:
    """How many rows each table has that nobody may empty by himself."""
    with bench.store.reading() as session:
        return {table.name: session.scalar(select(func.count()).select_from(table)) or 0
                for table in Base.metadata.sorted_tables}


def _next(month: int, day: int, hour: int, minute: int) -> datetime:
    """The next such moment on the family's clock."""
    now = datetime.now(HOME)
    for year in range(now.year, now.year + 9):
        try:
            moment = datetime(year, month, day, hour, minute, tzinfo=HOME)
        except ValueError:  # no leap year
            continue
        if moment > now:
            return moment
    raise AssertionError("there is no such day")


def _sunday(month: int, number: int) -> int:
    """The day of the ``number``-th Sunday of the month at which the clocks are next changed."""
    first = _next(month, 1, 2, 0)
    return 1 + (6 - first.weekday()) % 7 + 7 * (number - 1)


def _jumps() -> dict[str, timedelta]:
    now = datetime.now(UTC)
    return {
        "an hour ahead": timedelta(hours=1),
        "an hour back": timedelta(hours=-1),
        "into summer time": _next(3, _sunday(3, 2), 1, 59) + timedelta(seconds=58) - now,
        "out of summer time": _next(11, _sunday(11, 1), 1, 59) + timedelta(seconds=58) - now,
        "to a leap day": _next(2, 29, 12, 0) - now,
        "two years ahead": timedelta(days=730),
    }


@pytest.mark.faults
def test_a_clock_that_jumps_sends_nothing_by_itself_deletes_nothing_and_stops_no_conversation(
        phone: Phone, bench: Bench, clock: Clock) -> None:
    _says(bench, phone, "hi")
    for name, by in _jumps().items():
        rows, texts = _rows(bench), _texts_so_far(bench)
        clock.moves(by)
        time.sleep(LOOKS_SECONDS)
        now = _rows(bench)
        assert {table: count for table, count in rows.items() if now[table] < count} == {}, f"{name}: rows are gone"
        assert _texts_so_far(bench) == texts, f"{name}: texts left that nobody asked for"
        assert _says(bench, phone, "why do you ask"), name
        clock.moves(timedelta())
        assert _says(bench, phone, "yes"), f"{name}, and back"
    bench.judge([phone.number])


def test_a_refused_send_is_tried_again_soon_whatever_the_clock_did(phone: Phone, bench: Bench, clock: Clock) -> None:
    for by in (timedelta(hours=1), timedelta(hours=-1)):
        before = len(phone.received())
        clock.moves(by)
        bench.faults(send=[{"kind": "throttle", "times": 2}])
        phone.sends("why do you ask")
        time.sleep(2)
        clock.moves(timedelta())
        wait_until(lambda before=before: len(phone.received()) > before, 60)
        bench.settle([phone.number])
    bench.judge([phone.number])


@pytest.mark.faults
def test_a_worker_that_dies_is_followed_by_another_whatever_the_clock_did(phone: Phone, bench: Bench, clock: Clock) -> None:
    _says(bench, phone, "hi")
    for by in (timedelta(hours=1), timedelta(hours=-1)):
        clock.moves(by)
        before = len(phone.received())
        bench.arm("engine_answered")
        phone.sends("why do you ask")
        wait_until(lambda before=before: len(phone.received()) > before, 30)
        assert not bench.is_armed("engine_answered")
    bench.judge([phone.number])


@pytest.mark.faults
def test_a_reminder_that_falls_into_the_night_waits_for_the_morning_and_leaves_once(
        phone: Phone, bench: Bench, clock: Clock) -> None:
    _says(bench, phone, "hi")
    before = len(phone.received())
    tomorrow = datetime.now(HOME) + timedelta(days=2)
    clock.shows(tomorrow.replace(hour=3, minute=0))
    time.sleep(LOOKS_SECONDS)
    assert len(phone.received()) == before, "nothing at night"
    clock.shows(tomorrow.replace(hour=10, minute=0))
    wait_until(lambda: len(phone.received()) > before, 20)
    clock.shows((tomorrow + timedelta(days=1)).replace(hour=10, minute=0))
    time.sleep(LOOKS_SECONDS)
    assert len(phone.received()) == before + 1, "one reminder, then rest"
    with bench.store.reading() as session:
        states = session.scalars(select(Outreach.state).join(Conversation, Outreach.conversation_id == Conversation.id).where(
            Conversation.phone_index == bench.store.keys.phone_index(phone.number))).all()
    assert states == ["sent"]
