"""Texts that wait are read together and answered once; danger and a wish to stop are heard first, wherever they stand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from a_family import POINTS, AFamily, milestone

from intake.rules.interview import Expects, Kind
from intake.store.models import Answer, Consent, Flag, Message, Suppression
from intake.usecases.replying import finish_turn
from intake.usecases.taking import EngineTurn, take

Family = Callable[..., AFamily]


def writes(parent: AFamily, *texts: str) -> list[UUID]:
    """Several texts arrive before any of them is taken."""
    return [parent.writes(text) for text in texts]


def taken(parent: AFamily, message: UUID) -> EngineTurn | None:
    return take(parent.store, parent.content, message, today=parent.today)


def row(parent: AFamily, message: UUID) -> Message:
    return next(found for found in parent.all(Message) if found.id == message)


def replies_to(parent: AFamily, message: UUID) -> list[str]:
    return [found.text for found in parent.all(Message) if found.in_reply_to == message]


def answers(parent: AFamily, turn: EngineTurn) -> None:
    """The engine answers the turn."""
    receipt: dict[str, Any] = {"receipt": str(turn.message_id), "expects": {"kind": "worry", "id": None}, "choices": []}
    finish_turn(parent.store, turn.message_id, ["Thank you."], receipt, {}, first_line=turn.first_line)


def test_a_thought_in_three_texts_is_one_turn_and_is_answered_once(family: Family) -> None:
    parent = family(until=Kind.WORRY)
    first, second, third = writes(parent, "he doesnt talk", "and he doesnt look at me", "im scared")
    turn = taken(parent, first)
    assert turn is not None and turn.text == "he doesnt talk. and he doesnt look at me. im scared"
    assert taken(parent, second) is None and taken(parent, third) is None
    answers(parent, turn)
    assert [row(parent, message).state for message in (first, second, third)] == ["done"] * 3
    assert replies_to(parent, first) == ["Thank you."]
    assert replies_to(parent, second) == replies_to(parent, third) == []


def test_a_second_try_reads_the_same_texts_though_another_has_come(family: Family) -> None:
    parent = family(until=Kind.WORRY)
    first, _ = writes(parent, "he doesnt talk", "at all")
    turn = taken(parent, first)
    late = parent.writes("and he bites")
    assert taken(parent, first) == turn
    assert row(parent, late).read_with is None, "it has a turn of its own"


def test_the_same_answer_sent_three_times_is_one_answer(family: Family) -> None:
    parent = family(until=Kind.MILESTONE)
    first, *_ = writes(parent, "yes", "Yes", "YES")
    turn = taken(parent, first)
    assert turn is not None and turn.text == "yes"


@pytest.mark.parametrize(("texts", "language"), [(("yes", "not yet"), "en"), (("sí", "todavía no", "a veces"), "es")])
def test_different_answers_to_one_question_are_asked_about_and_none_is_kept(
        family: Family, texts: tuple[str, ...], language: str) -> None:
    parent = family(until=Kind.MILESTONE, language=language)
    messages = writes(parent, *texts)
    assert taken(parent, messages[0]) is None
    [asked] = replies_to(parent, messages[0])
    assert asked.startswith(parent.content.messages.system("several_answers", language)) and "ask_milestone" in asked
    assert [row(parent, message).state for message in messages] == ["done"] * len(texts)
    assert not [answer for answer in parent.all(Answer) if answer.item.startswith("m18")]


def test_a_name_in_two_texts_is_one_name(family: Family) -> None:
    parent = family(until=Kind.CHILD_NAME)
    turn = taken(parent, writes(parent, "Mateo", "Rivera")[0])
    assert turn is not None and turn.text == "Mateo Rivera"


@pytest.mark.parametrize("special", ["HELP", "PLAY", "what can I do at home", "español por favor", ""])
def test_a_word_for_the_channel_a_wish_for_a_language_or_nothing_to_read_has_its_own_turn(
        family: Family, special: str) -> None:
    parent = family(until=Kind.WORRY)
    first, second = writes(parent, "he does not talk", special)
    turn = taken(parent, first)
    assert turn is not None and turn.text == "he does not talk"
    assert row(parent, second).read_with is None


@pytest.mark.parametrize("stop", ["STOP", "please stop texting me"])
def test_a_wish_to_stop_that_waits_behind_other_texts_is_obeyed_at_once(family: Family, stop: str) -> None:
    parent = family(until=Kind.WORRY)
    first, second = writes(parent, "he does not talk", stop)
    assert taken(parent, first) is None
    assert [row(parent, message).state for message in (first, second)] == ["suppressed", "done"]
    assert len(parent.all(Suppression)) == 1 and replies_to(parent, first) == []


def test_start_behind_stop_brings_the_texts_back(family: Family) -> None:
    parent = family(until=Kind.WORRY)
    first, second, third = writes(parent, "hm", "STOP", "START")
    for message in (first, second, third):
        assert taken(parent, message) is None
    assert [suppression.lifted_at is not None for suppression in parent.all(Suppression)] == [True]
    assert [consent.given for consent in parent.all(Consent) if consent.kind == "sms"] == [True, False, True]


def test_danger_in_the_last_of_the_waiting_texts_is_answered_first(family: Family) -> None:
    parent = family(until=Kind.WORRY)
    first, second, third = writes(parent, "he does not talk", "wait", "my baby is not breathing")
    assert taken(parent, first) is None
    [said] = replies_to(parent, first)
    assert "911" in said and parent.open() == Expects(Kind.FREE, "after_safety")
    assert [flag.message_id for flag in parent.all(Flag) if flag.code == "safety"] == [third]
    assert {row(parent, message).state for message in (first, second, third)} == {"done"}
    assert row(parent, third).understood is not None


def test_danger_and_a_wish_to_stop_in_two_texts_get_the_number_and_the_wish(family: Family) -> None:
    parent = family(until=Kind.WORRY)
    first, _ = writes(parent, "I want to die", "stop texting me")
    assert taken(parent, first) is None
    reply = next(found for found in parent.all(Message) if found.in_reply_to == first)
    assert "988" in reply.text and (reply.state, reply.purpose) == ("queued", "danger")
    assert len(parent.all(Suppression)) == 1


def test_an_answer_to_danger_that_waits_outlives_a_stop_that_comes_after_it(family: Family) -> None:
    parent = family(until=Kind.WORRY)
    parent.is_taken("she swallowed a battery")
    parent.is_taken("please stop texting me")
    states = {found.purpose: found.state for found in parent.all(Message) if found.purpose in ("danger", "opt_out")}
    assert states == {"danger": "queued", "opt_out": "queued"}


def test_what_the_family_did_not_agree_to_is_blanked_in_every_text_that_was_read_together(family: Family) -> None:
    parent = family(until=Kind.CONSENT)
    first, second = writes(parent, "no thanks", "his name is Anselmo")
    turn = taken(parent, first)
    assert turn is not None
    with parent.store.transaction() as session:
        from intake.store.models import Conversation
        session.get_one(Conversation, parent.conversation().id).status = "refused"
    answers(parent, turn)
    assert [row(parent, message).text for message in (first, second)] == ["", ""]


def test_texts_of_a_milestone_are_answered_for_that_milestone(family: Family) -> None:
    parent = family(until=Kind.MILESTONE)
    for _ in range(1):
        parent.say(*milestone("yes"))
    turn = taken(parent, writes(parent, "he points", "at dogs")[0])
    assert turn is not None and turn.context["expects"] == {"kind": "milestone", "id": POINTS}


def test_the_gravest_danger_of_all_that_waits_is_answered_and_each_is_flagged(family: Family) -> None:
    parent = family(until=Kind.WORRY)
    lead, breath = "there is old paint peeling and she eats it", "my baby is not breathing"
    first, second = writes(parent, lead, breath)
    assert taken(parent, first) is None
    [said] = replies_to(parent, first)
    assert "911" in said
    assert {flag.message_id for flag in parent.all(Flag) if flag.code == "safety"} == {first, second}


@pytest.mark.parametrize("stranger", ["wrong number", "who is this", "Здравствуйте, мой ребёнок не говорит"])
def test_a_stranger_or_another_language_behind_other_texts_has_a_turn_of_its_own(family: Family, stranger: str) -> None:
    parent = family(until=Kind.WORRY)
    first, second = writes(parent, "he does not talk", stranger)
    turn = taken(parent, first)
    assert turn is not None and turn.text == "he does not talk" and row(parent, second).read_with is None


def test_texts_that_are_too_long_only_together_are_flagged(family: Family) -> None:
    parent = family(until=Kind.WORRY)
    first, _ = writes(parent, "he does not talk " * 60, "and he does not walk " * 50)
    assert taken(parent, first) is not None
    assert ("long_text", None) in parent.reasons()
