"""Corrections: the answer that is named is changed, else the one before; what was said first is kept as replaced."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from a_family import OLDER, POINTS, WALKS, AFamily, milestone, said

from intake.rules.corrections import item_meant
from intake.rules.interview import Expects, Kind
from intake.store.models import Answer, Message
from intake.usecases import corrections

Family = Callable[..., AFamily]
BOOKS = "m18.social.looks_at_book_pages"


def _in_the_middle(family: Family) -> AFamily:
    """Points: not yet; the next two answered yes; the book question is open."""
    parent = family(until=Kind.MILESTONE, answers={POINTS: milestone("not_yet")})
    while parent.open() != Expects(Kind.MILESTONE, BOOKS):
        parent.say(*parent.answer_to(parent.open()))
    return parent


@pytest.mark.parametrize(("words", "language"), [("actually he does point at things", "en"), ("la verdad sí señala cosas", "es")])
def test_the_item_that_is_named_is_changed_in_either_language(family: Family, words: str, language: str) -> None:
    parent = _in_the_middle(family)
    parent.language = language
    outcome = parent.say(words, lambda scene: corrections.correct(scene, "yes"))
    assert parent.value(POINTS) == "yes" and ("not_yet", POINTS) not in parent.reasons()
    assert said(outcome)[0] == "corrected_yes" and parent.open() == Expects(Kind.MILESTONE, BOOKS)
    label = parent.content.questions.question(POINTS).label.in_language("es" if language == "es" else "en")
    assert outcome.lines[0].variables["label"] == label


def test_what_was_said_before_is_kept_as_replaced_with_its_own_message(family: Family) -> None:
    parent = _in_the_middle(family)
    parent.say("actually he does point at things", lambda scene: corrections.correct(scene, "yes"))
    rows = sorted((row for row in parent.all(Answer) if row.item == POINTS), key=lambda row: row.created_at)
    assert [(row.value, row.replaced_at is None) for row in rows] == [("not_yet", False), ("yes", True)]
    assert rows[0].replaced_by == rows[1].id and rows[1].replaced_by is None
    texts = {message.id: message.text for message in parent.all(Message)}
    assert texts[rows[1].message_id] == "actually he does point at things"


def test_a_correction_that_names_nothing_changes_the_answer_just_given(family: Family) -> None:
    parent = _in_the_middle(family)
    before = [item for item in (q.id for q in parent.content.questions.checklists[18].questions) if parent.value(item)][-1]
    parent.say("no I meant sometimes", lambda scene: corrections.correct(scene, "sometimes"))
    assert parent.value(before) == "sometimes" and parent.open() == Expects(Kind.MILESTONE, BOOKS)


def test_a_correction_without_a_new_value_asks_that_question_again(family: Family) -> None:
    parent = _in_the_middle(family)
    outcome = parent.say("wait, the pointing one was wrong", lambda scene: corrections.correct(scene, None))
    assert said(outcome)[0] == "ask_again" and parent.open() == Expects(Kind.MILESTONE, POINTS)
    parent.say(*milestone("sometimes"))
    assert parent.value(POINTS) == "sometimes" and parent.open() == Expects(Kind.MILESTONE, BOOKS)
    first, second = sorted((row for row in parent.all(Answer) if row.item == POINTS), key=lambda row: row.created_at)
    assert first.replaced_by == second.id, "an answer withdrawn and given again is linked too"


def test_a_value_that_is_no_answer_to_a_milestone_is_never_written(family: Family) -> None:
    parent = _in_the_middle(family)
    parent.say("he does not point any more", lambda scene: corrections.correct(scene, "lost_skill"))
    assert parent.open() == Expects(Kind.MILESTONE, POINTS) and parent.value(POINTS) is None


def test_a_wrong_birth_date_just_told_is_asked_again(family: Family) -> None:
    parent = family(until=Kind.WORRY, answers=OLDER)
    parent.say("wait that was wrong", lambda scene: corrections.correct(scene, None))
    assert parent.open() == Expects(Kind.BIRTH_DATE)


def test_a_new_not_yet_raises_its_flag(family: Family) -> None:
    parent = family(until=Kind.CONTACT_CONSENT)
    parent.say("actually he doesn't walk alone", lambda scene: corrections.correct(scene, "not_yet"))
    assert ("not_yet", WALKS) in parent.reasons() and parent.open() == Expects(Kind.CONTACT_CONSENT)


def test_at_the_read_back_words_that_name_none_are_asked_which(family: Family) -> None:
    parent = family(until=Kind.CONFIRM_ANSWERS)
    outcome = parent.say("hmm the one before", lambda scene: corrections.correct_named(scene, None))
    assert said(outcome) == ["which_to_change"] and parent.open() == Expects(Kind.CONFIRM_ANSWERS, "which")


def test_at_the_read_back_words_that_name_one_change_it_and_read_back_anew(family: Family) -> None:
    parent = family(until=Kind.CONFIRM_ANSWERS)
    outcome = parent.say("he does not point yet", lambda scene: corrections.correct_named(scene, "not_yet"))
    assert parent.value(POINTS) == "not_yet" and parent.open() == Expects(Kind.CONFIRM_ANSWERS)
    assert "read_back_not_yet" in said(outcome)


def test_going_back_opens_the_question_before_and_at_consent_there_is_none(family: Family) -> None:
    parent = family(until=Kind.CHILD_NAME)
    parent.say("go back", corrections.go_back)
    assert parent.open() == Expects(Kind.RELATION)
    assert said(parent.say("go back", corrections.go_back))[0] == "nothing_before"
    assert parent.open() == Expects(Kind.RELATION) and parent.value(Kind.CONSENT) == "yes"


def test_when_two_questions_fit_equally_well_none_is_chosen() -> None:
    questions = {"a": "Does the child walk alone", "b": "Does the child walk stairs"}
    assert item_meant("she does walk", questions) is None
    assert item_meant("she does walk on stairs", questions) == "b"
    assert item_meant("yes", questions) is None
