"""The list of milestones and its read-back: answers kept as given, nothing summed up, everything open to change."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from a_family import POINTS, WALKS, AFamily, milestone, said

from intake.rules.interview import Expects, Kind
from intake.store.models import Answer
from intake.usecases import confirm, milestones

Family = Callable[..., AFamily]


def _at(family: Family, item: str) -> AFamily:
    parent = family(until=Kind.MILESTONE)
    while parent.open() != Expects(Kind.MILESTONE, item):
        parent.say(*milestone("yes"))
    return parent


@pytest.mark.parametrize("reply", ["yes", "sometimes", "not_yet", "not_sure", "skip"])
def test_an_answer_is_kept_with_the_words_and_the_version_of_the_question(family: Family, reply: str) -> None:
    parent = _at(family, POINTS)
    parent.say("my own words", lambda scene: milestones.answer_milestone(scene, reply))
    [row] = [answer for answer in parent.all(Answer) if answer.item == POINTS]
    assert (row.value, row.own_words) == (reply, "my own words")
    assert row.wording_version == parent.content.questions.checklists[18].version
    assert (("not_yet", POINTS) in parent.reasons()) is (reply == "not_yet")


def test_each_question_says_its_place_and_only_the_first_explains_the_answers(family: Family) -> None:
    parent = family(until=Kind.LOST_SKILLS)
    total = len(parent.content.questions.checklists[18].questions)
    first = parent.say("no", lambda scene: scene.answer(Kind.LOST_SKILLS, "not_yet") and None)
    assert said(first) == ["explain_answers", "ask_milestone"]
    second = parent.say(*milestone("yes"))
    assert said(second) == ["ask_milestone"]
    assert (second.lines[-1].variables["number"], second.lines[-1].variables["total"]) == (2, total)
    assert "Mateo" in second.lines[-1].variables["question"]


def test_a_skill_the_child_no_longer_shows_is_not_yet_and_urgent(family: Family) -> None:
    parent = _at(family, POINTS)
    outcome = parent.say("not any more", lambda scene: milestones.answer_milestone(scene, "lost_skill"))
    assert parent.value(POINTS) == "not_yet" and parent.case()["urgency"] == "urgent"
    assert {("not_yet", POINTS), ("lost_skill", None)} <= parent.reasons()
    assert "lost_skill_call_doctor" in said(outcome)


def test_the_doctor_is_named_once_however_many_skills_were_lost(family: Family) -> None:
    parent = _at(family, POINTS)
    parent.say("not any more", lambda scene: milestones.answer_milestone(scene, "lost_skill"))
    outcome = parent.say("not any more", lambda scene: milestones.answer_milestone(scene, "lost_skill"))
    assert "lost_skill_call_doctor" not in said(outcome)


@pytest.mark.parametrize("language", ["en", "es"])
def test_an_example_is_given_in_the_parents_language_and_the_question_stays_open(family: Family, language: str) -> None:
    parent = _at(family, POINTS)
    parent.language = language
    outcome = parent.say("what do you mean?", milestones.give_example)
    example = parent.content.questions.question(POINTS).example.in_language("es" if language == "es" else "en")
    assert outcome.lines[0].variables["example"] == example.format(child="Mateo")
    assert parent.open() == Expects(Kind.MILESTONE, POINTS)


def test_a_list_with_a_worry_is_never_told_to_be_fine(family: Family) -> None:
    outcome = family(until=Kind.CONFIRM_ANSWERS).say("yes", confirm.confirm_answers)
    assert "next_flagged" in said(outcome) and "next_not_flagged" not in said(outcome)


def test_the_read_back_counts_the_yes_and_names_every_other_answer_with_its_number(family: Family) -> None:
    parent = family(until=Kind.MILESTONE, answers={POINTS: milestone("not_yet"), WALKS: milestone("sometimes")})
    asked = parent.goes_on_to(Kind.CONFIRM_ANSWERS).say("hm", lambda scene: None)
    lines = {line.name: line.variables for line in asked.lines}
    total = len(parent.content.questions.checklists[18].questions)
    assert lines["read_back_count"] == {"yes": total - 2, "total": total}
    assert lines["read_back_not_yet"]["items"] == "2 points so that others look at something too"
    assert lines["read_back_sometimes"]["items"].startswith("10 ")
    assert "read_back_skip" not in lines and said(asked)[-1] == "ask_confirm_answers"


def test_what_is_confirmed_leads_to_what_comes_next_and_the_question_of_contact(family: Family) -> None:
    parent = family(until=Kind.CONFIRM_ANSWERS, answers={POINTS: milestone("not_yet")})
    outcome = parent.say("yes", confirm.confirm_answers)
    assert said(outcome) == ["this_is_not_a_test", "next_flagged", "program", "ask_contact_consent"]
    assert outcome.lines[2].variables["name"] == "Birth to Three"


def test_a_number_opens_that_question_again_and_its_new_answer_counts(family: Family) -> None:
    parent = family(until=Kind.CONFIRM_ANSWERS, answers={POINTS: milestone("not_yet")})
    parent.say("2", lambda scene: confirm.reopen_by_number(scene, 2))
    assert parent.open() == Expects(Kind.MILESTONE, POINTS)
    parent.say(*milestone("yes"))
    assert parent.value(POINTS) == "yes" and ("not_yet", POINTS) not in parent.reasons()
    assert parent.open() == Expects(Kind.CONFIRM_ANSWERS)
    assert [row["value"] for row in parent.case()["replaced_answers"] if row["item"] == POINTS] == ["not_yet"]


@pytest.mark.parametrize("number", [0, 16, 99])
def test_a_number_that_is_not_in_the_list_is_asked_again(family: Family, number: int) -> None:
    parent = family(until=Kind.CONFIRM_ANSWERS)
    outcome = parent.say(str(number), lambda scene: confirm.reopen_by_number(scene, number))
    assert said(outcome) == ["no_such_number"] and parent.open() == Expects(Kind.CONFIRM_ANSWERS, "which")


def test_something_to_change_is_asked_which(family: Family) -> None:
    parent = family(until=Kind.CONFIRM_ANSWERS)
    assert said(parent.say("no", confirm.ask_which_to_change)) == ["which_to_change"]
    assert parent.open() == Expects(Kind.CONFIRM_ANSWERS, "which")
