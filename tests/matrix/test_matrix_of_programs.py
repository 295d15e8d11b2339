"""Every program, in both languages, by text and at the web chat: from the need in own words to the closed loop.

All families are led at once through one running system whose clock is moved to the days on which they are asked again. What
went wrong with one is told by its own tests: they name the program, the language and the channel.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from people import Coordinator

from growline.demo import DEMO_LOGIN
from growline.system import System
from intake.store.connection import Store
from tests.faults.clock import Clock, faked
from tests.faults.judging import Bench
from tests.matrix.course import Course
from tests.matrix.family import a_family
from tests.matrix.tables import EVERYWHERE, content, named, program_rows
from tests.matrix.together import Played

pytestmark = pytest.mark.system

HOME = ZoneInfo(content().messages.affiliate.time_zone)
LOOKS_SECONDS = 3  # the texts that we start are looked for every second here
FAMILIES = [named(program, language, channel) for program in program_rows() for language, channel in EVERYWHERE]
each_family = pytest.mark.parametrize("case", FAMILIES)


@pytest.fixture(scope="module")
def played(system: System, live_store: Store, wanted: set[str]) -> Iterator[Played[Course]]:
    """All families, led from the first word to the closed loop."""
    bench = Bench(system, live_store)
    with faked(bench, database=True, also=["console"]) as clock:
        begins = (datetime.now(HOME) + timedelta(days=1)).replace(hour=10, minute=0)
        clock.shows(begins)
        played = Played({name: course for name, course in _courses(system, live_store, begins).items() if name in wanted})
        _play(played, system, clock)
    yield played


def _courses(system: System, store: Store, begins: datetime) -> dict[str, Course]:
    numbers = (f"+1203555{number:04d}" for number in range(100, 200))
    return {named(row.program, language, channel): Course(row, a_family(
                system, store, begins.date(), language, channel, next(numbers), child=row.child, place=row.place,
                worry=row.worry[language] if row.worry else None, wants=row.program))
            for row in program_rows().values() for language, channel in EVERYWHERE}


def _play(played: Played[Course], system: System, clock: Clock) -> None:
    played.step("talks", Course.talks)
    played.step("is recognised", Course.is_recognised)
    played.step("has consented", Course.has_consented)
    staff = _signs_in(system)
    queued = staff.queued()
    played.step("stands before staff", lambda course: course.stands_before_staff(queued))
    played.step("is sent", lambda course: course.is_sent(staff))
    for day in content().outreach.days:
        _comes(played, clock, at_night=day == content().outreach.days[0])
        played.step(f"is asked on day {day}", lambda course, day=day: course.is_asked(day))
    staff = _signs_in(system)
    played.step("is closed", lambda course: course.is_closed(staff))


def _comes(played: Played[Course], clock: Clock, *, at_night: bool) -> None:
    """The next day comes on which somebody is to be asked; the night before it, nothing leaves."""
    due = [at for course in played.people.values() if (at := course.next_due()) is not None]
    if not due:
        return
    if at_night:
        before = _texts(played)
        clock.shows(min(due).astimezone(HOME).replace(hour=3))
        time.sleep(LOOKS_SECONDS)
        assert _texts(played) == before, "a text that we started left at night"
    first = min(due)
    clock.shows(max(at for at in due if at - first < timedelta(days=1)) + timedelta(seconds=1))


def _texts(played: Played[Course]) -> int:
    return sum(course.texts() for course in played.people.values())


def _signs_in(system: System) -> Coordinator:
    person = Coordinator(f"http://127.0.0.1:{system.ports.console}", DEMO_LOGIN, system.environment["GROWLINE_DEMO_PASSWORD"])
    person.signs_in()
    return person


@each_family
def test_the_need_in_own_words_is_recognised_and_the_right_lines_are_said(case: str, played: Played[Course]) -> None:
    played.check(case, "is recognised")


@each_family
def test_consent_is_asked_and_kept_with_the_words_that_were_shown(case: str, played: Played[Course]) -> None:
    played.check(case, "has consented")


@each_family
def test_the_referral_stands_and_staff_see_it(case: str, played: Played[Course]) -> None:
    played.check(case, "stands before staff")


@each_family
def test_staff_send_it_and_the_follow_ups_are_planned_for_their_days(case: str, played: Played[Course]) -> None:
    played.check(case, "is sent")


@each_family
def test_the_family_is_asked_on_its_days_and_the_answer_moves_the_case(case: str, played: Played[Course]) -> None:
    for day in content().outreach.days:
        played.check(case, f"is asked on day {day}")


@each_family
def test_the_loop_is_closed(case: str, played: Played[Course]) -> None:
    played.check(case, "is closed")
