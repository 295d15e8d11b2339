"""Every danger that stops the questions, in both languages, by text and at the web chat, in the middle of a conversation.

The engine is down while the dangers are told that stop the questions: what is said then must never depend on it. What went
wrong with one is told by its own tests: they name the situation, the language and the channel.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest
from people import Coordinator

from growline.system import System
from intake.store.connection import Store
from tests.faults.judging import Bench
from tests.matrix.family import a_family
from tests.matrix.peril import Peril
from tests.matrix.tables import EVERYWHERE, Child, danger_rows, named
from tests.matrix.together import Played

pytestmark = pytest.mark.system

PERILS = [named(situation, language, channel) for situation in danger_rows() for language, channel in EVERYWHERE]
STOPPED, COMES_BACK, HEARD = "is told what to do", "comes back", "is heard"
each_peril = pytest.mark.parametrize("case", PERILS)


@pytest.fixture(scope="module")
def played(system: System, live_store: Store, coordinator: Coordinator, wanted: set[str]) -> Iterator[Played[Peril]]:
    """All who write of a danger, from the first word until the conversation goes on."""
    played = Played({name: peril for name, peril in _perils(system, live_store).items() if name in wanted})
    played.step("comes to a question", Peril.comes_to_a_question)
    system.hold_down("engine")
    try:
        played.step(STOPPED, lambda peril: peril.is_told_what_to_do() if peril.stops_questions else None)
        played.step(COMES_BACK, lambda peril: peril.comes_back() if peril.stops_questions else None)
    finally:
        system.let_up()
        Bench(system, live_store).wait_until_ready(180)
    played.step(HEARD, lambda peril: None if peril.stops_questions else peril.is_heard())
    queued = coordinator.queued()
    played.step("is flagged", lambda peril: peril.is_flagged(queued))
    played.step("goes on", Peril.goes_on)
    yield played


def _perils(system: System, store: Store) -> dict[str, Peril]:
    numbers = (f"+1475555{number:04d}" for number in range(100, 200))
    return {named(row.situation, language, channel): Peril(row, a_family(
                system, store, date.today(), language, channel, next(numbers) if channel == "sms" else "",
                child=row.child or Child()))
            for row in danger_rows().values() for language, channel in EVERYWHERE}


@each_peril
def test_the_answer_begins_with_what_to_do_though_the_engine_is_down(case: str, played: Played[Peril]) -> None:
    played.check(case, STOPPED)
    played.check(case, HEARD)


@each_peril
def test_staff_are_told_how_urgent_it_is(case: str, played: Played[Peril]) -> None:
    played.check(case, "is flagged")


@each_peril
def test_the_question_that_was_open_is_still_there_afterwards(case: str, played: Played[Peril]) -> None:
    played.check(case, COMES_BACK)
    played.check(case, "goes on")


def test_every_category_is_answered_while_the_engine_is_down(played: Played[Peril]) -> None:
    stopping = {name: peril for name, peril in played.people.items() if peril.stops_questions}
    answered = {peril.situation.category for name, peril in stopping.items() if STOPPED in played.done.get(name, [])}
    assert answered == {peril.situation.category for peril in stopping.values()}
