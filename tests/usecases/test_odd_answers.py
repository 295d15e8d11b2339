"""What tired people write instead of an answer: nothing is lost, nothing is guessed, and the same question stays open."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from a_family import OLDER, POINTS, TODAY, AFamily, birth, born, milestone, said

from intake.rules.interview import Expects, Kind
from intake.usecases import about_child, closing, confirm, corrections, interruptions, optional_facts, worry
from intake.usecases.about_child import Birth

Family = Callable[..., AFamily]
STORY = "she was talking fine and then she just stopped, i do not know what to do"
SIX_WEEKS = birth(TODAY - timedelta(days=42))


def test_a_story_told_where_a_name_was_asked_is_kept_and_the_name_is_asked_again(family: Family) -> None:
    parent = family(until=Kind.CHILD_NAME)
    outcome = parent.say(STORY, worry.keeping(about_child.tell_child_name, ["language_communication"]))
    assert said(outcome) == ["worry_thanks", "ask_child_name"]
    assert [concern["words"] for concern in parent.case()["concerns"]] == [STORY] and parent.value(Kind.CHILD_NAME) is None


def test_an_exact_age_told_with_the_name_is_kept_and_an_unclear_one_is_asked(family: Family) -> None:
    parent = family(until=Kind.CHILD_NAME)
    parent.say("Leo, he is 40 months old", lambda scene: about_child.tell_child_name(scene, Birth(months=40)))
    assert parent.open() == Expects(Kind.WORRY) and parent.value(Kind.BIRTH_DATE) is not None


def test_an_unclear_age_told_with_the_name_is_not_guessed(family: Family) -> None:
    parent = family(until=Kind.CHILD_NAME)
    unclear = Birth(months=35, ambiguous=True, reason="almost")
    parent.say("Leo, almost 3 years old", lambda scene: about_child.tell_child_name(scene, unclear))
    assert parent.open() == Expects(Kind.BIRTH_DATE) and parent.case()["child"]["birth_date"] is None


def test_a_bare_no_to_the_birth_date_is_not_called_a_date_that_cannot_be_read(family: Family) -> None:
    parent = family(until=Kind.BIRTH_DATE)
    outcome = parent.say("no", lambda scene: about_child.tell_birth_date(scene, None, tried=False))
    assert said(outcome) == ["ask_birth_date_again"]


def test_weeks_told_in_place_of_a_date_are_kept_and_the_date_is_asked(family: Family) -> None:
    parent = family(until=Kind.BIRTH_DATE)
    outcome = parent.say("32 weeker", lambda scene: about_child.tell_birth_date(scene, Birth(weeks_early=8)))
    assert said(outcome) == ["ask_birth_date_again"] and parent.case()["child"]["weeks_early"] == 8


def test_a_number_is_no_worry(family: Family) -> None:
    parent = family(until=Kind.WORRY, answers=OLDER)
    outcome = parent.say("3", lambda scene: worry.tell_worry(scene, [], []))
    assert said(outcome) == ["worry_tell_me"] and parent.case()["concerns"] == []


def test_a_worry_told_where_lost_skills_were_asked_does_not_answer_that_question(family: Family) -> None:
    parent = family(until=Kind.LOST_SKILLS)
    outcome = parent.say("he bites and says no words", lambda scene: worry.tell_lost_skills(scene, "not_yet", ["behavior"]))
    assert said(outcome) == ["worry_noted", "ask_lost_skills"] and ("worry", "behavior") in parent.reasons()


def test_a_baby_is_not_asked_about_words_and_walking(family: Family) -> None:
    parent = family(until=Kind.LOST_SKILLS, answers={Kind.BIRTH_DATE: SIX_WEEKS})
    assert "ask_lost_skills_baby" in said(parent.say("what was that", interruptions.repeat))


def test_without_a_list_the_program_is_named_before_a_person_may_call(family: Family) -> None:
    parent = family(until=Kind.LOST_SKILLS, answers={Kind.BIRTH_DATE: SIX_WEEKS})
    outcome = parent.say("no", lambda scene: worry.tell_lost_skills(scene, "not_yet", []))
    assert said(outcome) == ["next_flagged", "program", "ask_contact_consent"]


def test_an_older_child_is_not_sent_to_check_ups_that_lie_behind(family: Family) -> None:
    parent = family(until=Kind.CONFIRM_ANSWERS, answers={Kind.BIRTH_DATE: birth(born(37)), Kind.WORRY: ("no", worry.no_worry)})
    lines = said(parent.say("yes", confirm.confirm_answers))
    assert "next_not_flagged_older" in lines and "next_not_flagged" not in lines


def test_who_answered_in_numbers_says_yes_to_the_read_back_with_a_one(family: Family) -> None:
    parent = family(until=Kind.MILESTONE)
    while parent.open() != Expects(Kind.CONFIRM_ANSWERS):
        parent.say("1", milestone("yes")[1])
    parent.say("1", lambda scene: confirm.reopen_by_number(scene, 1))
    assert parent.open() == Expects(Kind.CONTACT_CONSENT)


def test_who_answered_in_words_changes_the_first_answer_with_a_one(family: Family) -> None:
    parent = family(until=Kind.CONFIRM_ANSWERS)
    first = parent.content.questions.checklists[18].questions[0].id
    parent.say("1", lambda scene: confirm.reopen_by_number(scene, 1))
    assert parent.open() == Expects(Kind.MILESTONE, first)


def test_no_wait_after_a_lost_skill_asks_that_question_again_and_lowers_the_flag(family: Family) -> None:
    parent = family(until=Kind.LOST_SKILLS)
    parent.say("yes", lambda scene: worry.tell_lost_skills(scene, "yes", []))
    assert parent.case()["urgency"] == "urgent"
    parent.say("no wait i meant no", lambda scene: corrections.correct(scene, "not_yet"))
    assert parent.open() == Expects(Kind.LOST_SKILLS) and parent.case()["urgency"] == "standard"


def test_a_wrong_birthday_is_changed_from_anywhere(family: Family) -> None:
    parent = family(until=Kind.LOST_SKILLS)
    right = born(18) - timedelta(days=3)
    outcome = parent.say("wrong birthday its march 4", lambda scene: corrections.correct(scene, None, Birth(dob=right)))
    assert said(outcome)[0] == "changed" and parent.open() == Expects(Kind.LOST_SKILLS)
    assert parent.value(Kind.BIRTH_DATE) == right.isoformat()


def test_a_correction_that_names_a_question_not_asked_yet_leaves_the_others_alone(family: Family) -> None:
    parent = family(until=Kind.MILESTONE)
    parent.say(*milestone("yes"))
    parent.say("the pointing one is no", lambda scene: corrections.correct(scene, "not_yet"))
    first = parent.content.questions.checklists[18].questions[0].id
    assert parent.value(POINTS) == "not_yet" and parent.value(first) == "yes"


def test_what_was_skipped_is_read_back_by_number_alone(family: Family) -> None:
    parent = family(until=Kind.CONFIRM_ANSWERS, answers={POINTS: ("skip", interruptions.skip)})
    outcome = parent.say("repeat", interruptions.repeat)
    skipped = next(line for line in outcome.lines if line.name == "read_back_skip")
    assert skipped.variables["items"] == "2"


def test_a_zip_code_of_another_state_is_told_to_the_family(family: Family) -> None:
    parent = family(until=Kind.PLACE, answers=OLDER)
    assert "place_elsewhere" in said(parent.say("10001", lambda scene: optional_facts.tell_fact(scene, "inform")))


@pytest.mark.parametrize(("reply", "first"), [("not_yet", ["needs_not_met", "finished_by_text"]), ("yes", ["finished_by_text"])])
def test_who_did_not_get_what_they_needed_hears_that_the_team_knows(family: Family, reply: str, first: list[str]) -> None:
    parent = family(until=Kind.NEEDS_MET, answers=OLDER)
    assert said(parent.say("x", lambda scene: closing.tell_needs_met(scene, reply))) == first


def test_the_closing_line_is_said_once(family: Family) -> None:
    parent = family(until=Kind.NEEDS_MET, answers=OLDER)
    parent.say("yes", lambda scene: closing.tell_needs_met(scene, "yes"))
    assert said(parent.say("thanks", interruptions.thank)) == ["you_are_welcome"]
    assert said(parent.say("are you there", interruptions.resume)) == ["finished_again"]
    assert said(parent.say("my other son too", interruptions.ask_for_another_child)) == ["another_child_later"]
    assert said(parent.say("a person please", interruptions.ask_for_person)) == ["person_please"]
