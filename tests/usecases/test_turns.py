"""A turn happens exactly once: taken again it only reads its receipt; failed, it leaves nothing."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from a_family import OLDER, ORDINARY, POINTS, AFamily, milestone, said

from intake.rules.interview import Expects, Kind
from intake.store.models import Answer, Child, Concern, Consent, Flag, Referral, Turn
from intake.usecases import consent, contact, milestones
from intake.usecases.outcome import Outcome
from intake.usecases.scene import ConversationUnknown, Scene

Family = Callable[..., AFamily]


def test_the_same_message_twice_is_one_effect_and_the_same_answer(family: Family) -> None:
    parent = family(until=Kind.WORRY)
    turn, (_, deed) = parent.turn("only two words"), ORDINARY[Kind.WORRY]
    first, again = parent.does(turn, deed), parent.does(turn, deed)
    assert first == again
    assert len(parent.all(Concern)) == 1


def test_a_repeated_yes_to_contact_writes_one_consent_and_one_referral(family: Family) -> None:
    parent = family(until=Kind.CONTACT_CONSENT, answers={POINTS: milestone("not_yet")})
    turn = parent.turn("yes")
    before = len(parent.all(Consent))
    for _ in range(3):
        parent.does(turn, contact.agree_to_contact)
    assert (len(parent.all(Consent)) - before, len(parent.all(Referral))) == (1, 1)


def test_a_repeated_turn_keeps_its_answer_even_when_another_deed_is_asked_for(family: Family) -> None:
    parent = family(until=Kind.CONSENT)
    turn = parent.turn("yes")
    first = parent.does(turn, consent.give_consent)
    assert parent.does(turn, consent.refuse_consent) == first
    assert parent.value(Kind.CONSENT) == "yes"


def test_a_deed_that_fails_leaves_nothing_and_may_be_done_again(family: Family) -> None:
    parent = family(until=Kind.CHILD_NAME)
    turn = parent.turn("Mateo")
    before = [len(parent.all(table)) for table in (Answer, Child, Flag, Turn)]

    def fails(scene: Scene) -> Expects | None:
        ORDINARY[Kind.CHILD_NAME][1](scene)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        parent.does(turn, fails)
    assert [len(parent.all(table)) for table in (Answer, Child, Flag, Turn)] == before
    assert parent.does(turn, ORDINARY[Kind.CHILD_NAME][1]).child_name == "Mateo"


def test_a_turn_whose_words_cannot_be_asked_is_undone_whole(family: Family) -> None:
    parent = family(until=Kind.LOST_SKILLS)
    turn = parent.turn("yes")

    def answers_and_asks_nonsense(scene: Scene) -> Expects | None:
        scene.answer(Kind.LOST_SKILLS, "yes")
        return Expects(Kind.MILESTONE, "m18.no.such")

    with pytest.raises(ValueError):
        parent.does(turn, answers_and_asks_nonsense)
    assert parent.value(Kind.LOST_SKILLS) is None and parent.open() == Expects(Kind.LOST_SKILLS)


def test_two_threads_with_one_turn_do_it_once(family: Family) -> None:
    parent = family(until=Kind.MILESTONE)
    turn, together = parent.turn("not yet"), threading.Barrier(4)

    def take(_: int) -> Outcome:
        together.wait()
        return parent.does(turn, lambda scene: milestones.answer_milestone(scene, "not_yet"))

    with ThreadPoolExecutor(4) as threads:
        outcomes = list(threads.map(take, range(4)))
    assert all(outcome == outcomes[0] for outcome in outcomes)
    assert [flag.code for flag in parent.all(Flag) if flag.code == "not_yet"] == ["not_yet"]
    assert len([answer for answer in parent.all(Answer) if answer.message_id == turn.message_id]) == 1


def test_an_outcome_reads_back_as_it_was_written(family: Family) -> None:
    parent = family(until=Kind.MILESTONE)
    outcome = parent.say("yes", lambda scene: milestones.answer_milestone(scene, "yes"))
    assert Outcome.from_json(outcome.to_json()) == outcome
    assert outcome.choices and outcome.expects is not None


def test_an_unknown_conversation_is_refused(family: Family) -> None:
    parent = family(until=Kind.CONSENT)
    turn = replace(parent.turn("yes"), conversation="nobody")
    with pytest.raises(ConversationUnknown):
        parent.does(turn, consent.give_consent)


def test_each_turn_ends_with_the_next_open_question_written_down(family: Family) -> None:
    parent = family(until=Kind.RELATION)
    outcome = parent.say("mom", ORDINARY[Kind.RELATION][1])
    assert said(outcome) == ["ask_child_name"]
    assert outcome.expects == parent.open() == Expects(Kind.CHILD_NAME)


def test_a_conversation_that_is_through_says_so_and_stays_open_for_more(family: Family) -> None:
    parent = family(until=Kind.NEEDS_MET, answers=OLDER)
    outcome = parent.say(*ORDINARY[Kind.NEEDS_MET])
    assert said(outcome) == ["finished_by_text"]
    assert outcome.expects == Expects(Kind.FREE, "finished")
    assert parent.conversation().finished_at is not None
