"""F10: the clock jumps while the programs run. Nothing is sent in masses, nothing is deleted, texts go on.

One family is in the middle of its conversation while the machine's clock jumps an hour ahead and back, over the changes of
summer time, to a leap day and two years on. And the clock of gateway and workers is an hour off the database's.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from people import Phone
from sqlalchemy import func, select

from intake.store.models import Base, Conversation, Outreach
from tests.faults.clock import Clock, faked
from tests.faults.evidence import events_of
from tests.faults.judging import Bench, wait_until

pytestmark = pytest.mark.system

HOME = ZoneInfo("America/New_York")
LOOKS_SECONDS = 4  # the texts that we start are looked for every second here


@pytest.fixture
def clock(bench: Bench) -> Iterator[Clock]:
    """The clock of the whole machine."""
    with faked(bench, database=True) as clock:
        yield clock


@pytest.fixture
def own_clock(bench: Bench) -> Iterator[Clock]:
    """The clock of gateway and workers; the database keeps the true time."""
    with faked(bench, database=False) as clock:
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
        assert _says(bench, phone, f"why do you ask {name}"), name
        clock.moves(timedelta())
        assert _says(bench, phone, "yes"), f"{name}, and back"
    bench.judge([phone.number], by_the_clock=False)


def test_a_reminder_that_falls_into_the_night_waits_for_the_morning_and_leaves_once(
        phone: Phone, bench: Bench, clock: Clock) -> None:
    _says(bench, phone, "hi")
    _says(bench, phone, "yes")  # only who has agreed is reminded
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


@pytest.mark.parametrize("hours", [1, -1])
def test_a_clock_that_disagrees_with_the_databases_holds_up_nothing(
        hours: int, phone: Phone, bench: Bench, own_clock: Clock) -> None:
    _says(bench, phone, "hi")
    own_clock.moves(timedelta(hours=hours))
    time.sleep(LOOKS_SECONDS)
    faults: dict[str, Callable[[], None]] = {
        "why do you ask": lambda: bench.faults(send=[{"kind": "throttle", "times": 2}]),
        "how much does it cost": lambda: bench.arm("engine_answered"),
        "what was the question": lambda: bench.faults(webhooks={"drop": 1.0}),
    }
    for text, fault in faults.items():
        before = len(phone.received())
        fault()
        phone.sends(text)
        wait_until(lambda before=before: len(phone.received()) > before, 60)
        bench.settle([phone.number])
        bench.faults()
    bench.judge([phone.number], by_the_clock=False)
