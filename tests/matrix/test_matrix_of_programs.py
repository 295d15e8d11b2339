"""Every program, in both languages, by text and at the web chat: from the need in own words to the closed loop.

All families are led at once through one running system whose clock is moved to the days on which they are asked again. What
went wrong with one is told by its own tests: they name the program, the language and the channel.
"""

from __future__ import annotations

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
ASKED = "is asked on its days"
MOST_ROUNDS = 12
A_MOMENT = timedelta(seconds=1)
FAMILIES = [named(program, language, channel) for program in program_rows() for language, channel in EVERYWHERE]
each_family = pytest.mark.parametrize("case", FAMILIES)


@pytest.fixture(scope="module")
def played(system: System, live_store: Store, wanted: set[str]) -> Iterator[Played[Course]]:
    """All families, led from the first word to the closed loop."""
    today = datetime.now(HOME)
    played = Played({name: course for name, course in _courses(system, live_store, today).items() if name in wanted})
    _talk(played, system)
    with faked(Bench(system, live_store), database=True, also=["console"], seconds=1) as clock:
        clock.shows((today + timedelta(days=1)).replace(hour=10, minute=0))
        _follow(played, system, clock)
    yield played


def _courses(system: System, store: Store, today: datetime) -> dict[str, Course]:
    numbers = (f"+1203555{number:04d}" for number in range(100, 200))
    return {named(row.program, language, channel): Course(row, a_family(
                system, store, today.date(), language, channel, next(numbers), child=row.child, place=row.place,
                worry=row.worry[language] if row.worry else None, wants=row.program))
            for row in program_rows().values() for language, channel in EVERYWHERE}


def _talk(played: Played[Course], system: System) -> None:
    played.step("talks", Course.talks)
    played.step("is recognised", Course.is_recognised)
    played.step("has consented", Course.has_consented)
    queued = _signs_in(system).queued()
    played.step("stands before staff", lambda course: course.stands_before_staff(queued))


def _follow(played: Played[Course], system: System, clock: Clock) -> None:
    """Staff send the referrals, and the days come on which the families are asked, until nothing is planned any more."""
    staff = _signs_in(system)
    played.step("is sent", lambda course: course.is_sent(staff))
    rounds = 0
    while (due := _next_day(played)) is not None and rounds < MOST_ROUNDS:
        if rounds == 0:
            due = _sleeps_over(played, clock, due)
        played.step("awaits it", lambda course, due=due: course.awaits(due))
        clock.shows(due + A_MOMENT)
        played.step(ASKED, Course.is_asked)
        rounds += 1
    staff = _signs_in(system)
    played.step("is closed", lambda course: course.is_closed(staff))


def _next_day(played: Played[Course]) -> datetime | None:
    """The moment by which all is due that is due on the next day on which anybody is asked anything."""
    due = [at for name, course in played.people.items() if name not in played.failed and (at := course.next_due()) is not None]
    return max((at for at in due if at - min(due) < timedelta(hours=12)), default=None)


def _sleeps_over(played: Played[Course], clock: Clock, due: datetime) -> datetime:
    """The programs look for what is due only in the night after: it waits for the morning. Returns when all of it may leave."""
    played.step("awaits it", lambda course: course.awaits(due))
    night = due.astimezone(HOME).replace(hour=3) + timedelta(days=1)
    clock.shows(night)
    played.step("sleeps", lambda course: course.sleeps(night))
    return _next_day(played) or due


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
    played.check(case, ASKED)


@each_family
def test_the_loop_is_closed(case: str, played: Played[Course]) -> None:
    played.check(case, "is closed")
