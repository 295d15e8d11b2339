"""A person of the team takes over, writes with a family, takes back in time, and hands back to the very question."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID, uuid4

import pytest
from a_family import AFamily
from sqlalchemy import select, text, update

from intake.rules.interview import Expects, Kind
from intake.store.models import Audit, Conversation, Message, Outreach, Staff, StaffText
from intake.usecases.assigning import keep_viewing
from intake.usecases.casework import CaseUnknown, FormUsed
from intake.usecases.receiving import WRONG_PERSON, chat_messages, receive_chat
from intake.usecases.stepping_in import (
    LONGEST,
    CannotWrite,
    NothingWritten,
    NotSteppedIn,
    TakenByColleague,
    TooLate,
    hand_back,
    send_staff_text,
    size_of,
    take_back,
    take_over,
    write,
)
from intake.usecases.taking import take

Family = Callable[..., AFamily]


@pytest.fixture
def by_text(family: Family) -> AFamily:
    """A family that was asked by text what worries it."""
    return family(until=Kind.WORRY)


def a_person(parent: AFamily, name: str = "Inés Vega") -> int:
    """Somebody who works at the console."""
    with parent.store.transaction() as session:
        staff = Staff(email=f"{uuid4()}@example.org", name=name, fs_uniquifier=str(uuid4()))
        session.add(staff)
        session.flush()
        return staff.id


def writes(parent: AFamily, staff: int, words: str) -> UUID:
    key = uuid4()
    write(parent.store, parent.content, parent.conversation().id, staff, key, words)
    return key


def leaves(parent: AFamily, key: UUID) -> Message:
    """The ten seconds are over."""
    send_staff_text(parent.store, parent.content, key)
    with parent.store.reading() as session:
        return session.get_one(Message, session.get_one(StaffText, key).message_id)


def last_said(parent: AFamily) -> Message:
    return max((row for row in parent.all(Message) if row.direction == "outbound"), key=lambda row: row.seq)


def system(parent: AFamily, purpose: str, **more: str) -> str:
    return parent.content.messages.system(purpose, "en", **more)


def jobs(parent: AFamily, task: str) -> list[float]:
    """In how many seconds each waiting job of this kind may start."""
    with parent.store.reading() as session:
        query = text("select extract(epoch from scheduled_at - now()) from procrastinate_jobs where task_name = :task")
        return [float(row[0]) for row in session.execute(query, {"task": task})]


def test_while_a_person_writes_the_engine_is_not_asked(by_text: AFamily) -> None:
    staff = a_person(by_text)
    take_over(by_text.store, by_text.conversation().id, staff)
    assert by_text.is_taken("he does not talk yet") is None
    assert [row.state for row in by_text.all(Message) if row.text == "he does not talk yet"] == ["done"]
    assert by_text.open() == Expects(Kind.WORRY), "and the question stays where it was"


def test_a_turn_that_was_begun_before_is_not_tried_again_after(by_text: AFamily) -> None:
    message = by_text.writes("he does not talk yet")
    assert take(by_text.store, by_text.content, message, today=by_text.today) is not None
    take_over(by_text.store, by_text.conversation().id, a_person(by_text))
    assert take(by_text.store, by_text.content, message, today=by_text.today) is None


def test_danger_and_stop_are_heard_all_the_same(by_text: AFamily) -> None:
    take_over(by_text.store, by_text.conversation().id, a_person(by_text))
    by_text.is_taken("I want to kill myself")
    assert "988" in last_said(by_text).text and by_text.conversation().urgency == "emergency"
    by_text.is_taken("STOP")
    assert by_text.conversation().status == "opted_out"


def test_what_a_person_writes_waits_ten_seconds_and_then_leaves_with_a_name(by_text: AFamily) -> None:
    staff = a_person(by_text)
    take_over(by_text.store, by_text.conversation().id, staff)
    key = writes(by_text, staff, "When can I call you?")
    assert [9 < wait <= 10 for wait in jobs(by_text, "send_staff_text")] == [True]
    before = len(by_text.all(Message))
    message = leaves(by_text, key)
    assert message.text == f"{system(by_text, 'staff_here', name='Inés')} When can I call you?"
    assert (message.speaker, message.state, message.payload and message.payload["name"]) == ("staff", "queued", "Inés")
    assert leaves(by_text, writes(by_text, staff, "At six?")).text == "Inés: At six?", "introduced once"
    send_staff_text(by_text.store, by_text.content, key)
    assert len(by_text.all(Message)) == before + 2, "a job that runs twice sends once"


def test_on_the_web_the_window_names_who_speaks(family: Family) -> None:
    parent = family(until=Kind.WORRY, channel="web")
    staff = a_person(parent)
    take_over(parent.store, parent.conversation().id, staff)
    leaves(parent, writes(parent, staff, "When can I call you?"))
    said = chat_messages(parent.store, token=parent.token, after=0)[-2:]
    assert [(message.speaker, message.name) for message in said] == [("system", None), ("staff", "Inés")]
    assert [message.text for message in said] == [system(parent, "staff_here", name="Inés"), "When can I call you?"]
    written = receive_chat(parent.store, token=parent.token, client_msg_id="a", text="at six")
    assert take(parent.store, parent.content, written.message_id, today=parent.today) is None


def test_s17_a_text_is_taken_back_in_time_and_its_words_are_kept(by_text: AFamily) -> None:
    staff = a_person(by_text)
    take_over(by_text.store, by_text.conversation().id, staff)
    key, before = writes(by_text, staff, "for another family"), len(by_text.all(Message))
    assert take_back(by_text.store, by_text.conversation().id, key, staff) == "for another family"
    send_staff_text(by_text.store, by_text.content, key)
    assert len(by_text.all(Message)) == before
    assert take_back(by_text.store, by_text.conversation().id, key, staff) == "for another family", "pressed twice"


def test_s17_what_has_left_is_not_taken_back_and_only_its_writer_may(by_text: AFamily) -> None:
    staff, other = a_person(by_text), a_person(by_text, "Omar Diaz")
    take_over(by_text.store, by_text.conversation().id, staff)
    key = writes(by_text, staff, "hello")
    for who, what in ((other, key), (staff, uuid4())):
        with pytest.raises(NotSteppedIn):
            take_back(by_text.store, by_text.conversation().id, what, who)
    leaves(by_text, key)
    with pytest.raises(TooLate):
        take_back(by_text.store, by_text.conversation().id, key, staff)


def test_a_form_sent_twice_is_one_text(by_text: AFamily) -> None:
    staff, key = a_person(by_text), uuid4()
    take_over(by_text.store, by_text.conversation().id, staff)
    for _ in range(2):
        write(by_text.store, by_text.content, by_text.conversation().id, staff, key, "hello")
    assert len(by_text.all(StaffText)) == 1 and len(jobs(by_text, "send_staff_text")) == 1


def test_a_form_sent_again_with_other_words_loses_none(by_text: AFamily) -> None:
    staff, key = a_person(by_text), uuid4()
    take_over(by_text.store, by_text.conversation().id, staff)
    write(by_text.store, by_text.content, by_text.conversation().id, staff, key, "hello")
    with pytest.raises(FormUsed):
        write(by_text.store, by_text.content, by_text.conversation().id, staff, key, "and goodbye")


def test_a_text_is_taken_back_in_its_own_case_only(by_text: AFamily, family: Family) -> None:
    staff = a_person(by_text)
    take_over(by_text.store, by_text.conversation().id, staff)
    key, other = writes(by_text, staff, "hello"), family(until=Kind.CONSENT, channel="web")
    with pytest.raises(NotSteppedIn):
        take_back(by_text.store, other.conversation().id, key, staff)


def test_a_colleague_writes_in_the_place_of_one_who_is_gone(by_text: AFamily) -> None:
    staff, other, third = a_person(by_text), a_person(by_text, "Omar Diaz"), a_person(by_text, "Lea Roy")
    conversation = by_text.conversation().id
    take_over(by_text.store, conversation, staff)
    take_over(by_text.store, conversation, other, shown=staff)
    assert by_text.conversation().staff_id == other
    with pytest.raises(TakenByColleague):
        take_over(by_text.store, conversation, third, shown=staff)
    with pytest.raises(NotSteppedIn):
        write(by_text.store, by_text.content, conversation, staff, uuid4(), "hello")


def test_a_family_that_writes_to_somebody_who_is_not_there_comes_into_the_queue(by_text: AFamily) -> None:
    staff, before = a_person(by_text), by_text.reasons()
    take_over(by_text.store, by_text.conversation().id, staff)
    with by_text.store.transaction() as session:
        keep_viewing(session, by_text.conversation().id, staff)
    by_text.is_taken("are you there?")
    assert by_text.reasons() == before, "while the case is open on her screen nobody else need look"
    with by_text.store.engine.begin() as connection:
        connection.exec_driver_sql("update case_viewing set seen_at = seen_at - interval '1 minute'")
    by_text.is_taken("hello?")
    assert by_text.reasons() - before == {("waits_for_person", None)}


def test_what_one_message_does_not_hold_is_refused(by_text: AFamily) -> None:
    staff = a_person(by_text)
    take_over(by_text.store, by_text.conversation().id, staff)
    with pytest.raises(NothingWritten):
        write(by_text.store, by_text.content, by_text.conversation().id, staff, uuid4(), "😀" * 500)
    assert by_text.all(StaffText) == []


def test_a_text_is_counted_with_the_name_that_it_leaves_with(by_text: AFamily, family: Family) -> None:
    staff, conversation = a_person(by_text), by_text.conversation().id
    take_over(by_text.store, conversation, staff)
    size = size_of(by_text.store, by_text.content, conversation, staff, "x" * 150)
    assert size is not None and size.segments > 1
    on_the_web = family(until=Kind.CONSENT, channel="web").conversation().id
    assert size_of(by_text.store, by_text.content, on_the_web, staff, "hi") is None


def test_after_the_end_or_for_another_person_nothing_is_asked_again(by_text: AFamily) -> None:
    staff, conversation = a_person(by_text), by_text.conversation().id
    for status in ("refused", "who_asked"):
        with by_text.store.transaction() as session:
            session.execute(update(Conversation).values(status=status, staff_id=staff))
        hand_back(by_text.store, by_text.content, conversation, staff)
        assert last_said(by_text).text == system(by_text, "staff_gone", name="Inés")


def test_handed_back_the_open_question_is_asked_again_and_it_is_said_who_spoke(by_text: AFamily) -> None:
    staff, asked = a_person(by_text), last_said(by_text)
    take_over(by_text.store, by_text.conversation().id, staff)
    for number in range(7):
        leaves(by_text, writes(by_text, staff, f"line {number}"))
    by_text.is_taken("thank you")
    hand_back(by_text.store, by_text.content, by_text.conversation().id, staff)
    said = last_said(by_text)
    assert said.text.startswith(system(by_text, "staff_gone", name="Inés")) and said.text.endswith("ask_worry")
    assert (said.speaker, (said.payload or {})["expects"]) == ("bot", (asked.payload or {})["expects"])
    turn = by_text.is_taken("he does not talk yet")
    assert turn is not None and turn.context["expects"] == {"kind": Kind.WORRY.value, "id": None}
    assert [row.state for row in by_text.all(Outreach)] == ["waiting"], "and who falls silent then is reminded"


def test_what_was_just_written_leaves_before_it_is_handed_back(by_text: AFamily) -> None:
    staff = a_person(by_text)
    take_over(by_text.store, by_text.conversation().id, staff)
    key = writes(by_text, staff, "Goodbye!")
    hand_back(by_text.store, by_text.content, by_text.conversation().id, staff)
    said = sorted((row for row in by_text.all(Message) if row.direction == "outbound"), key=lambda row: row.seq)[-2:]
    assert "Goodbye!" in said[0].text and "ask_worry" in said[1].text
    send_staff_text(by_text.store, by_text.content, key)
    assert last_said(by_text).id == said[1].id, "its job finds it gone"


def test_a_colleague_reads_along_and_cannot_write(by_text: AFamily) -> None:
    staff, other = a_person(by_text), a_person(by_text, "Omar Diaz")
    conversation = by_text.conversation().id
    take_over(by_text.store, conversation, staff)
    take_over(by_text.store, conversation, staff)
    with pytest.raises(TakenByColleague) as taken:
        take_over(by_text.store, conversation, other)
    assert taken.value.name == "Inés Vega"
    with pytest.raises(NotSteppedIn):
        write(by_text.store, by_text.content, conversation, other, uuid4(), "hello")
    with pytest.raises(NotSteppedIn):
        hand_back(by_text.store, by_text.content, conversation, other)
    assert by_text.all(StaffText) == []


@pytest.mark.parametrize("words", ["", "  \n ", "\u200b", "x" * (LONGEST + 1)])
def test_nothing_and_too_much_are_refused(by_text: AFamily, words: str) -> None:
    staff = a_person(by_text)
    take_over(by_text.store, by_text.conversation().id, staff)
    with pytest.raises(NothingWritten):
        write(by_text.store, by_text.content, by_text.conversation().id, staff, uuid4(), words)


def test_a_family_that_said_stop_or_is_another_cannot_be_written_to(by_text: AFamily) -> None:
    staff, conversation = a_person(by_text), by_text.conversation().id
    take_over(by_text.store, conversation, staff)
    by_text.is_taken("STOP")
    with pytest.raises(CannotWrite):
        write(by_text.store, by_text.content, conversation, staff, uuid4(), "hello")
    before = len(by_text.all(Message))
    hand_back(by_text.store, by_text.content, conversation, staff)
    assert len(by_text.all(Message)) == before, "and handing back sends nothing"
    with by_text.store.transaction() as session:
        session.execute(update(Conversation).values(status=WRONG_PERSON))
    with pytest.raises(CannotWrite):
        take_over(by_text.store, conversation, staff)


def test_an_unknown_case_is_one(by_text: AFamily) -> None:
    with pytest.raises(CaseUnknown):
        take_over(by_text.store, uuid4(), a_person(by_text))
    send_staff_text(by_text.store, by_text.content, uuid4())
    assert by_text.all(StaffText) == []


def test_each_step_stands_in_the_audit_trail_without_a_word(by_text: AFamily) -> None:
    staff = a_person(by_text)
    take_over(by_text.store, by_text.conversation().id, staff)
    take_back(by_text.store, by_text.conversation().id, writes(by_text, staff, "secret words"), staff)
    hand_back(by_text.store, by_text.content, by_text.conversation().id, staff)
    with by_text.store.reading() as session:
        lines = session.scalars(select(Audit).where(Audit.actor == f"staff:{staff}").order_by(Audit.seq)).all()
    assert [line.action for line in lines] == ["conversation.taken_over", "text.written", "text.taken_back",
                                               "conversation.handed_back"]
    assert all("secret" not in str(vars(line)) for line in lines)
