"""A call finds that a number is somebody else's: this case texts it no more, no other family loses one, and it can be undone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from a_family import OTHER_PHONE, PHONE, AFamily, a_conversation, rows
from outbox import queued, row
from sqlalchemy import func, select

from intake.rules.calls import CallOutcome, CallTo
from intake.rules.interview import Kind
from intake.store.audit import verify
from intake.store.models import Audit, Consent, Conversation, Family, Flag, Message, Outreach, Staff, WrongNumber
from intake.usecases.calls import CallMade, log_call
from intake.usecases.casework import CaseUnknown
from intake.usecases.claiming import ToSend, claim
from intake.usecases.going_on_by_text import ask_phone
from intake.usecases.outreach import start
from intake.usecases.receiving import move_text, receive_sms
from intake.usecases.stepping_in import CannotWrite, take_over
from intake.usecases.wrong_number import NoPhone, NumberChanged, SameNumber, correct, mark_of, undo

FamilyOf = Callable[..., AFamily]
DAY = timedelta(days=1)


@pytest.fixture
def by_text(family: FamilyOf) -> AFamily:
    """A family that was asked by text what worries it."""
    return family(until=Kind.WORRY)


def a_person(parent: AFamily) -> int:
    with parent.store.transaction() as session:
        staff = Staff(email=f"{uuid4()}@example.org", name="Inés Vega", fs_uniquifier=str(uuid4()))
        session.add(staff)
        session.flush()
        return staff.id


def is_found_wrong(parent: AFamily, staff: int | None = None, shown: str | None = None) -> UUID:
    """Somebody calls and presses "wrong number"; the id of what was found."""
    made = CallMade(CallTo.FAMILY, CallOutcome.WRONG_NUMBER, datetime.now(UTC), number_shown=shown)
    log_call(parent.store, parent.content, parent.conversation().id, made, staff=staff or a_person(parent), form_key=uuid4())
    return max(parent.all(WrongNumber), key=lambda found: found.found_at).id


def plan_reminder(parent: AFamily) -> UUID:
    with parent.store.transaction() as session:
        planned = session.scalar(select(Outreach).where(Outreach.conversation_id == parent.conversation().id))
        if planned is None:
            planned = Outreach(conversation_id=parent.conversation().id, kind="reminder", due_at=func.now() + DAY)
            session.add(planned)
        planned.state = "waiting"
        session.flush()
        return planned.id


def planned_row(parent: AFamily, planned: UUID) -> Outreach:
    return next(found for found in parent.all(Outreach) if found.id == planned)


def phone_of(parent: AFamily) -> str | None:
    with parent.store.reading() as session:
        return session.get_one(Family, parent.conversation().family_id).phone


def deeds(parent: AFamily) -> list[str]:
    return [line.action for line in parent.all(Audit) if line.action.startswith("phone.")]


def test_what_waits_is_not_sent_and_what_is_planned_is_taken_back(by_text: AFamily) -> None:
    waiting, reminder = queued(by_text), plan_reminder(by_text)
    is_found_wrong(by_text)
    assert waiting and {(row(by_text, text).state, row(by_text, text).error_code) for text in waiting} == {
        ("canceled", "wrong_person")}
    planned = planned_row(by_text, reminder)
    assert (planned.state, planned.why_canceled) == ("canceled", "wrong_number")
    assert by_text.conversation().status == "wrong_person" and ("called_wrong_number", None) in by_text.reasons()
    assert phone_of(by_text) == PHONE and deeds(by_text) == ["phone.found_wrong"]


def test_no_text_leaves_however_it_came_to_be_queued(by_text: AFamily) -> None:
    text = queued(by_text)[-1]
    is_found_wrong(by_text)
    with by_text.store.transaction() as session:
        session.get_one(Conversation, by_text.conversation().id).status = "open"
    with by_text.store.engine.begin() as connection:
        connection.exec_driver_sql("update message set state = 'queued', error_code = null where direction = 'outbound'")
    assert claim(by_text.store, text) is None
    assert (row(by_text, text).state, row(by_text, text).error_code) == ("canceled", "wrong_person")


def test_no_person_of_the_team_writes_to_it_either(by_text: AFamily) -> None:
    is_found_wrong(by_text)
    with pytest.raises(CannotWrite):
        take_over(by_text.store, by_text.conversation().id, a_person(by_text))


def test_whoever_writes_from_that_phone_begins_anew_and_is_texted(by_text: AFamily) -> None:
    is_found_wrong(by_text)
    receive_sms(by_text.store, message_sid="SMstranger", sender=PHONE, text="hi")
    known = by_text.conversation().id
    [stranger] = [found for found in by_text.all(Conversation) if found.id != known]
    assert stranger.status == "open" and stranger.family_id != by_text.conversation().family_id


def test_another_familys_texts_to_the_same_phone_go_on(by_text: AFamily) -> None:
    other = a_conversation(by_text.store, by_text.content, until=Kind.WORRY, channel="web")
    with other.store.transaction() as session:  # the other family gave this number to be called
        known = session.get_one(Conversation, other.conversation().id)
        known.family.phone, known.family.phone_index = PHONE, by_text.store.keys.phone_index(PHONE)
    is_found_wrong(other)
    assert other.conversation().status == "open", "a chat goes on: only the number to call is wrong"
    assert isinstance(claim(by_text.store, queued(by_text)[-1]), ToSend)
    assert by_text.conversation().status == "open"
    assert [given.given for given in rows(by_text.store, Consent) if given.kind == "sms"] != [False]


def test_a_chat_does_not_ask_a_phone_that_was_found_wrong(family: FamilyOf) -> None:
    chat = family(until=Kind.WORRY, channel="web")
    with chat.store.transaction() as session:
        known = session.get_one(Conversation, chat.conversation().id)
        known.family.phone, known.family.phone_index = PHONE, chat.store.keys.phone_index(PHONE)
    is_found_wrong(chat)
    ask_phone(chat.store, chat.content, token=chat.token, typed=PHONE)
    assert queued(chat) == []
    ask_phone(chat.store, chat.content, token=chat.token, typed=OTHER_PHONE)
    assert len(queued(chat)) == 1


def test_a_chat_that_had_gone_on_there_is_one_of_the_web_again_and_comes_back_when_undone(family: FamilyOf) -> None:
    chat = family(until=Kind.WORRY, channel="web")
    ask_phone(chat.store, chat.content, token=chat.token, typed=PHONE)
    with chat.store.transaction() as session:
        asked = session.scalars(select(Conversation).where(Conversation.asked_for.is_not(None))).one()
        known = session.get_one(Conversation, chat.conversation().id)
        known.channel, known.phone, known.phone_index = "sms", asked.phone, asked.phone_index
        known.family.phone, known.family.phone_index = asked.phone, asked.phone_index
    found = is_found_wrong(chat)
    assert (chat.conversation().channel, chat.conversation().phone, chat.conversation().status) == ("web", None, "open")
    undo(chat.store, chat.conversation().id, found, a_person(chat))
    assert (chat.conversation().channel, chat.conversation().phone) == ("sms", PHONE)


def test_a_stop_that_waits_when_the_number_is_found_wrong_is_heard_as_the_phones_own(family: FamilyOf) -> None:
    chat = family(until=Kind.WORRY, channel="web")
    ask_phone(chat.store, chat.content, token=chat.token, typed=PHONE)
    with chat.store.transaction() as session:
        asked = session.scalars(select(Conversation).where(Conversation.asked_for.is_not(None))).one()
        known = session.get_one(Conversation, chat.conversation().id)
        known.channel, known.phone, known.phone_index = "sms", asked.phone, asked.phone_index
        known.family.phone, known.family.phone_index = asked.phone, asked.phone_index
    receive_sms(chat.store, message_sid="SMstop", sender=PHONE, text="STOP")
    with chat.store.transaction() as session:  # it answers what the chat said last on that phone
        [waits] = [text for text in session.scalars(select(Message)) if text.text == "STOP"]
        move_text(session, waits, session.get_one(Conversation, chat.conversation().id))
    is_found_wrong(chat)
    [moved] = [text for text in chat.all(Message) if text.text == "STOP"]
    assert moved.conversation_id == asked.id and moved.state == "received"


def test_a_chat_asks_for_the_right_number_once_a_call_found_it_wrong(family: FamilyOf) -> None:
    chat = family(until=Kind.WORRY, channel="web")
    with chat.store.transaction() as session:
        known = session.get_one(Conversation, chat.conversation().id)
        known.family.phone, known.family.phone_index = PHONE, chat.store.keys.phone_index(PHONE)
    is_found_wrong(chat)
    chat.goes_on_to(Kind.CONTACT_NAME)
    outcome = chat.say(*chat.answer_to(chat.open()))
    assert [line.name for line in outcome.lines][-1] == "ask_phone"


def test_undone_the_talk_and_its_plans_are_back_and_the_flag_is_gone(by_text: AFamily) -> None:
    reminder, staff = plan_reminder(by_text), a_person(by_text)
    found = is_found_wrong(by_text, staff)
    for _ in range(2):
        undo(by_text.store, by_text.conversation().id, found, staff)
    assert by_text.conversation().status == "open" and ("called_wrong_number", None) not in by_text.reasons()
    assert (planned_row(by_text, reminder).state, planned_row(by_text, reminder).why_canceled) == ("waiting", None)
    assert deeds(by_text) == ["phone.found_wrong", "phone.found_right"]
    [flag] = by_text.all(Flag)
    assert flag.cleared_by == staff and not by_text.conversation().flagged and by_text.conversation().flagged_at is None
    with by_text.store.reading() as session:
        assert verify(session) is None


def test_a_text_that_was_taken_back_is_not_sent_after_all(by_text: AFamily) -> None:
    text = queued(by_text)[-1]
    found = is_found_wrong(by_text)
    undo(by_text.store, by_text.conversation().id, found, a_person(by_text))
    assert claim(by_text.store, text) is None and row(by_text, text).state == "canceled"


def test_the_right_number_is_to_call_and_gets_no_text(by_text: AFamily) -> None:
    reminder = plan_reminder(by_text)
    found = is_found_wrong(by_text)
    correct(by_text.store, by_text.conversation().id, found, "(860) 555-0177", a_person(by_text))
    assert phone_of(by_text) == OTHER_PHONE
    with by_text.store.reading() as session:
        index = session.get_one(Family, by_text.conversation().family_id).phone_index
    assert index == by_text.store.keys.phone_index(OTHER_PHONE)
    assert (by_text.conversation().phone, by_text.conversation().status) == (PHONE, "wrong_person")
    assert start(by_text.store, by_text.content, reminder, datetime.now(UTC) + 2 * DAY) is False and queued(by_text) == []
    [kept] = by_text.all(WrongNumber)
    assert kept.phone == PHONE and kept.corrected_at is not None and kept.undone_at is None
    assert ("called_wrong_number", None) in by_text.reasons(), "the family is still to be called"


def test_the_old_number_gets_no_text_after_the_right_one_is_known(by_text: AFamily) -> None:
    text = queued(by_text)[-1]
    found = is_found_wrong(by_text)
    correct(by_text.store, by_text.conversation().id, found, OTHER_PHONE, a_person(by_text))
    with by_text.store.engine.begin() as connection:
        connection.exec_driver_sql("update message set state = 'queued', error_code = null where direction = 'outbound'")
    assert claim(by_text.store, text) is None


@pytest.mark.parametrize(("typed", "why"), [("", NoPhone), ("555-0177", NoPhone), ("+34 612 555 010", NoPhone),
                                            ("860-555-0142", SameNumber)])
def test_what_is_no_right_number_changes_nothing(by_text: AFamily, typed: str, why: type[Exception]) -> None:
    found = is_found_wrong(by_text)
    with pytest.raises(why):
        correct(by_text.store, by_text.conversation().id, found, typed, a_person(by_text))
    assert phone_of(by_text) == PHONE and deeds(by_text) == ["phone.found_wrong"]


def test_of_two_people_the_second_changes_nothing(by_text: AFamily) -> None:
    found, case = is_found_wrong(by_text), by_text.conversation().id
    first, second = a_person(by_text), a_person(by_text)
    correct(by_text.store, case, found, OTHER_PHONE, first)
    correct(by_text.store, case, found, OTHER_PHONE, second)  # the same number is no quarrel
    with pytest.raises(NumberChanged):
        correct(by_text.store, case, found, "860-555-0188", second)
    with pytest.raises(NumberChanged):
        undo(by_text.store, case, found, second)
    assert phone_of(by_text) == OTHER_PHONE and deeds(by_text) == ["phone.found_wrong", "phone.corrected"]


def test_a_press_means_the_number_that_was_shown(by_text: AFamily) -> None:
    shown = mark_of(by_text.store.keys.phone_index(PHONE))
    found = is_found_wrong(by_text, shown=shown)
    correct(by_text.store, by_text.conversation().id, found, OTHER_PHONE, a_person(by_text))
    with pytest.raises(NumberChanged):
        is_found_wrong(by_text, shown=shown)
    assert len(by_text.all(WrongNumber)) == 1


def test_who_enters_the_old_number_again_says_that_it_was_right(by_text: AFamily) -> None:
    case, staff = by_text.conversation().id, a_person(by_text)
    correct(by_text.store, case, is_found_wrong(by_text), OTHER_PHONE, staff)
    correct(by_text.store, case, is_found_wrong(by_text), PHONE, staff)
    assert (phone_of(by_text), by_text.conversation().status) == (PHONE, "open")


def test_two_calls_to_a_wrong_number_are_one_finding(by_text: AFamily) -> None:
    assert is_found_wrong(by_text) == is_found_wrong(by_text)
    assert deeds(by_text) == ["phone.found_wrong"]


def test_a_number_of_another_case_is_unknown(by_text: AFamily) -> None:
    found = is_found_wrong(by_text)
    with pytest.raises(CaseUnknown):
        undo(by_text.store, uuid4(), found, a_person(by_text))
    with pytest.raises(CaseUnknown):
        correct(by_text.store, by_text.conversation().id, uuid4(), OTHER_PHONE, a_person(by_text))
