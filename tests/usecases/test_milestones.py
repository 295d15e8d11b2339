"""The list of milestones and its read-back: answers kept as given, nothing summed up, everything open to change."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from a_family import POINTS, WALKS, AFamily, milestone, said

from intake.rules.interview import Expects, Kind
from intake.store.models import Answer
from intake.usecases import confirm, corrections, interruptions, milestones

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


def _unclear(reply: str) -> Callable[..., Expects | None]:
    return lambda scene: milestones.answer_milestone(scene, reply, sure=False)


@pytest.mark.parametrize(
    ("reply", "spoken"), [("not_yet", "not yet"), ("sometimes", "sometimes"), ("lost_skill", "not any more")]
)
def test_an_unclear_answer_is_read_back_before_it_is_kept(family: Family, reply: str, spoken: str) -> None:
    parent = _at(family, POINTS)
    outcome = parent.say("she kind of does it her way", _unclear(reply))
    assert said(outcome) == ["read_back_milestone"] and outcome.lines[0].variables == {"reading": spoken}
    assert [choice.label for choice in outcome.choices] == ["Yes", "No"]
    assert parent.value(POINTS) is None
    parent.say(*milestone("yes"))
    [row] = [answer for answer in parent.all(Answer) if answer.item == POINTS]
    assert (row.value, row.own_words) == ("not_yet" if reply == "lost_skill" else reply, "she kind of does it her way")
    assert parent.open() != Expects(Kind.MILESTONE, POINTS)


@pytest.mark.parametrize("answer", ["no", "2"])
def test_a_reading_that_is_wrong_is_asked_for_plainly(family: Family, answer: str) -> None:
    parent = _at(family, POINTS)
    parent.say("her own way", _unclear("not_yet"))
    outcome = parent.say(answer, lambda scene: milestones.answer_milestone(scene, "not_yet" if answer == "no" else "sometimes"))
    assert said(outcome) == ["not_understood_milestone", "ask_milestone"]
    assert parent.value(POINTS) is None and outcome.expects == Expects(Kind.MILESTONE, POINTS)


def test_another_answer_to_a_read_back_counts_and_a_second_unclear_one_is_not_read_back(family: Family) -> None:
    parent = _at(family, POINTS)
    parent.say("her own way", _unclear("not_yet"))
    assert said(parent.say("well, it is how she is", _unclear("sometimes"))) == ["not_understood_milestone", "ask_milestone"]
    parent.say("her own way", _unclear("not_yet"))
    parent.say("only with help", lambda scene: milestones.answer_milestone(scene, "sometimes"))
    assert parent.value(POINTS) == "sometimes"


def test_a_correction_of_a_read_back_is_about_that_answer(family: Family) -> None:
    parent = _at(family, WALKS)
    before = parent.value(POINTS)
    parent.say("her own way", _unclear("not_yet"))
    parent.say("no I meant sometimes", lambda scene: corrections.correct(scene, "sometimes"))
    assert (parent.value(WALKS), parent.value(POINTS)) == ("sometimes", before)


def test_a_question_in_between_comes_back_to_the_read_back(family: Family) -> None:
    parent = _at(family, POINTS)
    parent.say("her own way", _unclear("not_yet"))
    outcome = parent.say("is this free", lambda scene: interruptions.explain(scene, "ask_cost"))
    assert said(outcome) == ["faq_cost", "read_back_milestone"]
