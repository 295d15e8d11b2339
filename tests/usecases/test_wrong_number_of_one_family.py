"""A number is found wrong in one case of a family that was joined: it is wrong in all of its cases, nobody is given it as if it
were right, and the right one stays with the case for which it was entered."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from a_family import OLDER, OTHER_PHONE, PHONE, AFamily
from two_families import HER_OTHER_NUMBER, THE_SAME_NUMBER, a_person, joins, undoes

from console.wrong_numbers import Numbers, numbers_of
from intake.rules.calls import CallOutcome, CallTo
from intake.rules.interview import Kind
from intake.store.connection import Store
from intake.store.models import Conversation, Family, WrongNumber
from intake.usecases import contact
from intake.usecases.calls import CallMade, log_call
from intake.usecases.merging import Choice
from intake.usecases.own_contact import family_as_told
from intake.usecases.unmerging import ChangedSinceMerge
from intake.usecases.wrong_number import correct

Making = Callable[..., AFamily]
RIGHT, RIGHT_TOO = "+18605550188", "+18605550199"
MINE, THEIRS = Choice({"phone": "this"}), Choice({"phone": "other"})


@pytest.fixture
def texting(family: Making) -> AFamily:
    """Rosa texts about Mateo and told all."""
    return family(until=Kind.NEEDS_MET, answers=OLDER)


@pytest.fixture
def on_the_web(family: Making, texting: AFamily) -> AFamily:
    """Rosa on the web, with another number to call."""
    return family(until=Kind.NEEDS_MET, channel="web", answers={**OLDER, Kind.PHONE: HER_OTHER_NUMBER})


@pytest.fixture
def luz(store: Store) -> int:
    return a_person(store)


def is_found_wrong(one: AFamily, staff: int) -> UUID:
    """Somebody calls from the case of ``one`` and presses "wrong number"; the id of what was found in that case."""
    made = CallMade(CallTo.FAMILY, CallOutcome.WRONG_NUMBER, datetime.now(UTC))
    log_call(one.store, one.content, one.conversation().id, made, staff=staff, form_key=uuid4())
    own = [found for found in one.all(WrongNumber) if found.conversation_id == one.conversation().id]
    return max(own, key=lambda found: found.found_at).id


def is_corrected(one: AFamily, staff: int, typed: str = RIGHT) -> None:
    correct(one.store, one.conversation().id, is_found_wrong(one, staff), typed, staff)


def as_told(one: AFamily) -> Family:
    return family_as_told(one.store, one.conversation())


def handed_on(one: AFamily) -> Numbers:
    """What a program is told of the number in the packet of ``one``."""
    with one.store.reading() as session:
        return numbers_of(session, one.conversation(), as_told(one))


@pytest.mark.parametrize("merged_first", [True, False])
def test_a_program_is_given_the_right_number_that_was_entered(texting: AFamily, on_the_web: AFamily, luz: int,
                                                              merged_first: bool) -> None:
    if merged_first:
        joins(texting, on_the_web, luz, MINE)
    is_corrected(texting, luz)
    if not merged_first:
        joins(texting, on_the_web, luz, THEIRS)
    told = as_told(texting)
    assert (told.phone, told.phone_index) == (RIGHT, texting.store.keys.phone_index(RIGHT))
    assert handed_on(texting).wrong is None and as_told(on_the_web).phone == OTHER_PHONE


def test_a_right_number_that_was_not_kept_is_no_reason_to_give_the_wrong_one(texting: AFamily, on_the_web: AFamily,
                                                                            luz: int) -> None:
    joins(texting, on_the_web, luz, MINE)
    is_corrected(texting, luz)
    with texting.store.engine.begin() as connection:
        connection.exec_driver_sql("update wrong_number set corrected_to = null")
    assert (as_told(texting).phone, as_told(texting).phone_index) == (None, None)


def test_a_number_found_wrong_before_a_merge_is_given_with_its_mark(texting: AFamily, on_the_web: AFamily, luz: int) -> None:
    is_found_wrong(texting, luz)
    joins(texting, on_the_web, luz, THEIRS)
    wrong = handed_on(texting).wrong
    assert as_told(texting).phone == PHONE and wrong is not None and wrong.phone == PHONE
    assert handed_on(on_the_web).wrong is None


def test_a_number_that_is_told_again_after_its_correction_is_given_with_its_mark(family: Making, texting: AFamily,
                                                                                luz: int) -> None:
    web = family(until=Kind.BEST_TIME, channel="web", answers={**OLDER, Kind.PHONE: HER_OTHER_NUMBER})
    joins(web, texting, luz, MINE)
    is_corrected(web, luz)
    assert as_told(web).phone == RIGHT
    web.say(PHONE, lambda scene: contact.tell_phone(scene, PHONE))
    web.say(OTHER_PHONE, lambda scene: contact.tell_phone(scene, OTHER_PHONE))
    wrong = handed_on(web).wrong
    assert as_told(web).phone == OTHER_PHONE and wrong is not None and wrong.phone == OTHER_PHONE


def is_parted(one: AFamily, done: UUID, staff: int) -> None:
    with pytest.raises(ChangedSinceMerge) as told:
        undoes(one, done, staff)
    undoes(one, done, staff, told.value.token)


def number(one: AFamily) -> tuple[str | None, bool]:
    """The number in the case of ``one``, and whether its page says that it is wrong."""
    with one.store.reading() as session:
        phone = session.get_one(Family, one.conversation().family_id).phone
        return phone, numbers_of(session, session.get_one(Conversation, one.conversation().id)).wrong is not None


def test_parted_again_the_right_number_goes_with_the_case_it_was_entered_in(texting: AFamily, on_the_web: AFamily,
                                                                           luz: int) -> None:
    done = joins(texting, on_the_web, luz, THEIRS)  # the row that is given up is the one on the web, its number is kept
    is_corrected(on_the_web, luz)
    is_parted(texting, done, luz)
    assert (number(texting), number(on_the_web)) == ((PHONE, False), (RIGHT, False))


def test_parted_again_the_kept_familys_right_number_stays_with_it(texting: AFamily, on_the_web: AFamily, luz: int) -> None:
    done = joins(texting, on_the_web, luz, MINE)
    is_corrected(texting, luz)
    is_parted(on_the_web, done, luz)
    assert (number(texting), number(on_the_web)) == ((RIGHT, False), (OTHER_PHONE, False))


@pytest.mark.parametrize("corrected", [True, False])
def test_parted_again_whoever_has_the_wrong_number_back_has_its_mark(family: Making, texting: AFamily, luz: int,
                                                                    corrected: bool) -> None:
    web = family(until=Kind.NEEDS_MET, channel="web", answers={**OLDER, Kind.PHONE: THE_SAME_NUMBER})
    done = joins(texting, web, luz)
    if corrected:
        is_corrected(web, luz)
        is_parted(texting, done, luz)
    else:
        is_found_wrong(web, luz)
        undoes(texting, done, luz)
    assert (number(texting), number(web)) == ((PHONE, True), (RIGHT, False) if corrected else (PHONE, True))
    assert len(texting.all(WrongNumber)) == 2


def test_parted_again_what_was_found_in_one_case_before_is_that_cases_alone(family: Making, texting: AFamily, luz: int) -> None:
    web = family(until=Kind.NEEDS_MET, channel="web", answers={**OLDER, Kind.PHONE: THE_SAME_NUMBER})
    is_found_wrong(web, luz)
    done = joins(texting, web, luz)
    undoes(texting, done, luz)
    assert (number(texting), number(web)) == ((PHONE, False), (PHONE, True))
