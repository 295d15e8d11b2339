"""What is counted of the queue and what is listed of it agree, whatever is asked for and whoever asks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import product
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import update

from console.flagged import Looking, choose
from console.queue import QueueRow, read_queue
from console.queue_filter import ME, NOBODY, QueueFilter
from intake.rules.due import Calendar
from intake.rules.triage import Urgency
from intake.store.connection import Store
from intake.store.models import Conversation
from intake.usecases.sight import Sight
from tests.console.made_up_families import a_case

PROGRAM, OTHER = "birth_to_three", "hvip"
EVERYTHING = tuple(product(
    (None, Urgency.URGENT), (None, "es"), (None, "web"), (None, ME, NOBODY), (False, True), (None, PROGRAM, OTHER)))


@pytest.fixture
def many(store: Store, ines: int) -> Iterator[Store]:
    for number, (urgency, language, channel) in enumerate(
            product((Urgency.URGENT, Urgency.STANDARD), ("en", "es"), ("sms", "web"))):
        waiting = timedelta(days=3 * number, minutes=number)
        case = a_case(store, urgency=urgency, language=language, channel=channel, waiting=waiting)
        if number % 3 == 0:
            with store.transaction() as session:
                session.execute(update(Conversation).where(Conversation.id == case.conversation).values(assignee_id=ines))
    yield store


def _looking(staff: int, programs: frozenset[str] | None) -> Looking:
    return Looking(staff, datetime.now(UTC), Calendar(ZoneInfo("America/New_York")), Sight(staff, programs))


def _is_wanted(row: QueueRow, wanted: QueueFilter, looking: Looking) -> bool:
    whose = {None: True, ME: row.assignee_id == looking.staff, NOBODY: row.assignee_id is None}
    return (wanted.urgency in (None, row.urgency) and wanted.language in (None, row.language)
            and wanted.channel in (None, row.channel) and whose[wanted.assignee]
            and (row.due < looking.now or not wanted.overdue)
            and (wanted.program is None or wanted.program in dict(row.referrals)))


@pytest.mark.parametrize("programs", [None, frozenset({PROGRAM}), frozenset({OTHER})], ids=["team", "program", "another"])
def test_what_is_asked_for_is_listed_and_counted(many: Store, ines: int, programs: frozenset[str] | None) -> None:
    looking, seen = _looking(ines, programs), set()
    every = read_queue(many, QueueFilter(), looking).rows
    for parts in EVERYTHING:
        wanted = QueueFilter(*parts)
        queue = read_queue(many, wanted, looking)
        assert list(queue.rows) == [row for row in every if _is_wanted(row, wanted, looking)], parts
        assert queue.matching == len(queue.rows) and queue.counts.total == len(every), parts
        seen.add(queue.matching)
    assert seen == {0} if programs == {OTHER} else len(seen) > 3, "the filters tell the cases apart"


@pytest.mark.parametrize("programs", [None, frozenset({PROGRAM})], ids=["team", "program"])
def test_the_pages_are_one_list_in_order(many: Store, ines: int, programs: frozenset[str] | None) -> None:
    looking, ranks = _looking(ines, programs), list(Urgency)
    with many.reading() as session:
        pages = [choose(session, QueueFilter(), looking, page, 3).cases for page in (1, 2, 3, 4)]
    listed = [case for page in pages for case in page]
    assert [len(page) for page in pages] == [3, 3, 2, 0] and len({case.id for case in listed}) == 8
    assert listed == sorted(listed, key=lambda case: (ranks.index(Urgency(case.urgency)), case.since, case.id))


def test_a_page_after_the_last_gives_the_last(many: Store, ines: int) -> None:
    looking = _looking(ines, None)
    assert read_queue(many, QueueFilter(page=99), looking).rows == read_queue(many, QueueFilter(), looking).rows != ()
