"""A number is found wrong in one case of a family that was joined: it is wrong in all of its cases, nobody is given it as if it
were right, and the right one stays with the case for which it was entered."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from a_family import OLDER, OTHER_PHONE, PHONE, AFamily
from outbox import queued, row
from two_families import HER_OTHER_NUMBER, THE_SAME_NUMBER, a_person, joins, undoes

from console.wrong_numbers import Numbers, numbers_of
from intake.rules.calls import CallOutcome, CallTo
from intake.rules.interview import Kind
from intake.store.connection import Store
from intake.store.models import Conversation, Family, Message, Outreach, WrongNumber
from intake.usecases import contact
from intake.usecases.calls import CallMade, log_call
from intake.usecases.claiming import ToSend, claim
from intake.usecases.going_on_by_text import ask_phone
from intake.usecases.merging import Choice, compare, proposed
from intake.usecases.own_contact import family_as_told
from intake.usecases.unmerging import ChangedSinceMerge
from intake.usecases.wrong_number import NumberChanged, correct, undo

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


def a_reminder(one: AFamily) -> UUID:
    with one.store.transaction() as session:
        planned = Outreach(conversation_id=one.conversation().id, kind="follow_up", due_at=datetime.now(UTC) + timedelta(days=1))
        session.add(planned)
        session.flush()
        return planned.id


def test_found_wrong_in_one_case_it_is_wrong_in_the_others_and_their_texts_end(texting: AFamily, on_the_web: AFamily,
                                                                              luz: int) -> None:
    joins(texting, on_the_web, luz, MINE)
    planned = a_reminder(texting)
    found = is_found_wrong(on_the_web, luz)
    assert (number(texting), number(on_the_web)) == ((PHONE, True), (PHONE, True))
    assert texting.conversation().status == "wrong_person" and on_the_web.conversation().status != "wrong_person"
    [ended] = [kept for kept in texting.all(Outreach) if kept.id == planned]
    assert (ended.state, ended.why_canceled) == ("canceled", "wrong_number")
    undo(texting.store, texting.conversation().id, found, luz)  # from the other case
    assert (number(texting), number(on_the_web)) == ((PHONE, False), (PHONE, False))
    assert texting.conversation().status != "wrong_person"
    assert {row.state for row in texting.all(Outreach) if row.id == planned} == {"waiting"}


def test_a_chat_that_was_joined_does_not_ask_the_number_found_wrong_in_another_case(family: Making, texting: AFamily,
                                                                                   luz: int) -> None:
    chat = family(until=Kind.WORRY, channel="web")
    joins(texting, chat, luz, MINE)
    is_found_wrong(texting, luz)
    ask_phone(chat.store, chat.content, token=chat.token, typed=PHONE)
    assert [row for row in chat.all(Conversation) if row.asked_for is not None and row.phone == PHONE] == []


def test_found_wrong_before_a_merge_nothing_is_begun_on_it_in_the_other_case_and_who_writes_is_answered(
        family: Making, luz: int) -> None:
    texting = family(until=Kind.WORRY)
    web = family(until=Kind.NEEDS_MET, channel="web", answers={**OLDER, Kind.PHONE: THE_SAME_NUMBER})
    is_found_wrong(web, luz)
    joins(texting, web, luz)
    [answer, begun] = queued(texting)[-2:]
    with texting.store.transaction() as session:
        session.get_one(Message, begun).in_reply_to = None
    assert isinstance(claim(texting.store, answer), ToSend) and claim(texting.store, begun) is None
    assert (row(texting, begun).state, row(texting, begun).error_code) == ("canceled", "wrong_person")


def test_a_number_found_wrong_is_not_proposed_for_the_joined_family(texting: AFamily, on_the_web: AFamily, luz: int) -> None:
    pair = compare(texting.store, texting.conversation().id, on_the_web.conversation().id, luz)
    assert proposed(pair).facts["phone"] == "other"  # told later
    is_found_wrong(on_the_web, luz)
    pair = compare(texting.store, texting.conversation().id, on_the_web.conversation().id, luz)
    assert proposed(pair).facts["phone"] == "this"


def test_the_right_number_is_entered_in_whichever_case_shows_the_wrong_one(texting: AFamily, on_the_web: AFamily,
                                                                          luz: int) -> None:
    joins(texting, on_the_web, luz, MINE)
    found = is_found_wrong(texting, luz)
    correct(texting.store, on_the_web.conversation().id, found, RIGHT, luz)
    assert (number(texting), number(on_the_web)) == ((RIGHT, False), (RIGHT, False))


def test_of_two_people_at_two_cases_the_second_changes_nothing(texting: AFamily, on_the_web: AFamily, store: Store,
                                                              luz: int) -> None:
    joins(texting, on_the_web, luz, MINE)
    found = is_found_wrong(on_the_web, luz)
    family_id = texting.conversation().family_id
    with ThreadPoolExecutor(1) as second, store.transaction() as session:
        session.get_one(Conversation, texting.conversation().id, with_for_update=True)
        kept = session.get_one(Family, family_id, with_for_update={"key_share": True})
        late = second.submit(correct, store, on_the_web.conversation().id, found, RIGHT_TOO, luz)
        with pytest.raises(TimeoutError):
            late.result(timeout=1)
        kept.phone, kept.phone_index = RIGHT, store.keys.phone_index(RIGHT)
        session.commit()
        with pytest.raises(NumberChanged):
            late.result(timeout=30)
    assert number(texting)[0] == RIGHT
