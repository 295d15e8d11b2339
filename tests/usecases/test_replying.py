"""Answers: stored once for each message, joined into few texts, and an honest line when something cannot be saved."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from a_family import AFamily
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from intake.rules.interview import Kind
from intake.store.models import Message
from intake.usecases.replying import finish_turn, joined, record_failed_try
from intake.usecases.sms_size import MOST_SEGMENTS, count, fits

Family = Callable[..., AFamily]
RECEIPT: dict[str, Any] = {"receipt": "r", "expects": {"kind": "worry", "id": None}, "choices": [{"label": "Yes", "text": "Yes"}]}


def _answers(parent: AFamily, message: UUID) -> list[Message]:
    found = [row for row in parent.all(Message) if row.in_reply_to == message]
    return sorted(found, key=lambda row: row.seq)


def _deliveries(parent: AFamily) -> int:
    with parent.store.reading() as session:
        return int(session.scalar(text("select count(*) from procrastinate_jobs where task_name = 'deliver'")))


@settings(deadline=None)
@given(st.lists(st.text(st.sampled_from("aeo é.,€á😀"), min_size=1, max_size=300), max_size=12))
def test_joining_loses_no_word_keeps_the_order_and_no_message_is_too_long(texts: list[str]) -> None:
    messages = joined(texts)
    assert "".join("".join(messages).split()) == "".join("".join(texts).split())
    assert all(fits(message) for message in messages)


def test_two_texts_are_only_sent_apart_when_one_would_be_too_long() -> None:
    a, b, c = "a" * 700, "b" * 700, "c" * 700
    assert joined([a, b, c]) == [f"{a}\n{b}", c], "1,530 plain characters are ten segments"
    assert joined(["a" * 330, "á" * 330, "c" * 330]) == ["a" * 330 + "\n" + "á" * 330, "c" * 330], "670 with an accent"


def test_accents_that_will_not_leave_are_not_counted() -> None:
    texts = ["a" * 330, "á" * 330, "c" * 330]
    assert joined(texts, "drop") == ["\n".join(texts)]


def test_a_line_too_long_for_one_message_is_cut_between_two_words() -> None:
    told = "she says two words " * 120
    messages = joined([told, "Is that right?"])
    assert " ".join(messages).split() == f"{told} Is that right?".split()
    assert all(count(message).segments <= MOST_SEGMENTS for message in messages) and len(messages) == 2
    assert joined(["x" * 2000]) == ["x" * 1530, "x" * 470]


def test_an_answer_by_text_is_one_message_with_its_delivery(family: Family) -> None:
    parent = family()
    message = parent.writes("hi")
    finish_turn(parent.store, message, ["Thank you.", "What worries you?"], RECEIPT, {})
    [reply] = _answers(parent, message)
    assert (reply.text, reply.state, reply.speaker) == ("Thank you.\nWhat worries you?", "queued", "bot")
    assert _deliveries(parent) == 1


def test_an_answer_on_the_web_is_a_message_a_line_and_the_choices_hang_on_the_last(family: Family) -> None:
    parent = family(channel="web")
    message = parent.writes("hi")
    finish_turn(parent.store, message, ["Thank you.", "What worries you?"], RECEIPT, {})
    first, last = _answers(parent, message)
    assert (first.payload or {})["choices"] == [] and (last.payload or {})["choices"] == RECEIPT["choices"]
    assert [reply.position for reply in (first, last)] == [0, 1]
    assert last.state == "delivered" and _deliveries(parent) == 0


def test_a_turn_finished_twice_is_answered_once(family: Family) -> None:
    parent = family()
    message = parent.writes("hi")
    for words in ("What worries you?", "Something else"):
        finish_turn(parent.store, message, [words], RECEIPT, {"intent": "greet"})
    assert [reply.text for reply in _answers(parent, message)] == ["What worries you?"]


def test_the_database_itself_refuses_two_answers_at_one_place(family: Family) -> None:
    parent = family()
    message = parent.writes("hi")
    finish_turn(parent.store, message, ["What worries you?"], RECEIPT, {})
    copied = "conversation_id, direction, speaker, text, state, in_reply_to, position, media_count, tries"
    with pytest.raises(IntegrityError, match="uq_message_in_reply_to_position"), parent.store.engine.begin() as connection:
        connection.execute(text(f"insert into message (id, seq, {copied}) select gen_random_uuid(), seq + 100, {copied} "
                                "from message where in_reply_to = :id"), {"id": message})


def test_what_was_understood_is_kept_with_the_message(family: Family) -> None:
    parent = family()
    message = parent.writes("hi")
    finish_turn(parent.store, message, ["x"], RECEIPT, {"intent": "greet", "confidence": 0.9})
    [kept] = [row for row in parent.all(Message) if row.id == message]
    assert kept.understood == {"intent": "greet", "confidence": 0.9} and kept.done_at is not None


def test_places_in_the_conversation_have_no_hole_and_no_double(family: Family) -> None:
    parent = family(until=Kind.WORRY)
    assert sorted(row.seq for row in parent.all(Message)) == list(range(1, len(parent.all(Message)) + 1))


def test_at_the_third_failure_the_parent_is_told_honestly_once_and_staff_are_called(family: Family) -> None:
    parent = family(until=Kind.WORRY)
    turn = parent.is_taken("he does not talk")
    assert turn is not None
    tries = [record_failed_try(parent.store, parent.content, turn.message_id) for _ in range(5)]
    assert tries == [1, 2, 3, 4, 5]
    [line] = _answers(parent, turn.message_id)
    assert (line.text, line.speaker) == (parent.content.messages.system("not_saved_yet", "en"), "system")
    assert ("not_saved", None) in parent.reasons()


def test_two_failures_are_nobodys_business(family: Family) -> None:
    parent = family(until=Kind.WORRY)
    turn = parent.is_taken("he does not talk")
    assert turn is not None
    for _ in range(2):
        record_failed_try(parent.store, parent.content, turn.message_id)
    assert _answers(parent, turn.message_id) == [] and parent.reasons() == set()


def test_the_honest_line_is_in_the_language_of_the_message(family: Family) -> None:
    parent = family()
    turn = parent.is_taken("me preocupa que no habla")
    assert turn is not None
    for _ in range(3):
        record_failed_try(parent.store, parent.content, turn.message_id)
    assert _answers(parent, turn.message_id)[0].text == parent.content.messages.system("not_saved_yet", "es")


def test_after_the_honest_line_the_answer_itself_still_comes(family: Family) -> None:
    parent = family(until=Kind.WORRY)
    turn = parent.is_taken("he does not talk")
    assert turn is not None
    for _ in range(3):
        record_failed_try(parent.store, parent.content, turn.message_id)
    finish_turn(parent.store, turn.message_id, ["Thank you."], RECEIPT, {})
    assert [reply.text for reply in _answers(parent, turn.message_id)][1:] == ["Thank you."]
