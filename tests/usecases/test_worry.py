"""The worry in the parent's own words, and skills the child has lost: kept as told, flagged at once."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from a_family import OLDER, AFamily, said

from intake.rules.interview import Expects, Kind
from intake.usecases import worry

Family = Callable[..., AFamily]
CALL_DOCTOR = "lost_skill_call_doctor"


def _at_worry(family: Family) -> AFamily:
    return family(until=Kind.WORRY, answers=OLDER)


def _at_lost_skills(family: Family) -> AFamily:
    return family(until=Kind.LOST_SKILLS, answers=OLDER | {Kind.WORRY: ("no", worry.no_worry)})


def _lost(reply: str, *concerns: str) -> worry.Expects:
    return lambda scene: worry.tell_lost_skills(scene, reply, list(concerns))


def test_a_worry_is_kept_in_the_parents_words_once_for_each_subject(family: Family) -> None:
    parent = _at_worry(family)
    words = "She only says two words & bites."
    parent.say(words, lambda scene: worry.tell_worry(scene, ["language_communication", "behavior"], []))
    assert [(c["domain"], c["words"]) for c in parent.case()["concerns"]] == [
        ("language_communication", words), ("behavior", words)]
    assert parent.reasons() == {("worry", "language_communication"), ("worry", "behavior")}
    assert parent.case()["urgency"] == "standard"


def test_words_with_no_subject_we_know_are_a_worry_too(family: Family) -> None:
    parent = _at_worry(family)
    parent.say("something is just off", lambda scene: worry.tell_worry(scene, [], []))
    assert parent.reasons() == {("worry", None)}


def test_words_that_only_say_what_is_fine_are_no_worry(family: Family) -> None:
    parent = _at_worry(family)
    parent.say("her hearing is fine", lambda scene: worry.tell_worry(scene, [], ["hearing_vision"]))
    assert parent.reasons() == set() and parent.value(Kind.WORRY) == worry.NOTHING_ELSE


def test_no_worry_flags_nothing_and_goes_on(family: Family) -> None:
    parent = _at_worry(family)
    parent.say("no", worry.no_worry)
    assert not parent.case()["flagged"] and parent.open() == Expects(Kind.LOST_SKILLS)


def test_a_bare_yes_is_asked_what_it_is(family: Family) -> None:
    parent = _at_worry(family)
    assert "worry_tell_me" in said(parent.say("yes", worry.worry_without_words))
    assert parent.open() == Expects(Kind.WORRY, "words") and parent.reasons() == set()


def test_nothing_more_after_a_worry_told_early_keeps_the_worry(family: Family) -> None:
    parent = _at_worry(family)
    parent.say("he won't sleep", lambda scene: worry.note_worry(scene, ["sleep"]))
    assert parent.open() == Expects(Kind.WORRY)
    parent.say("no", worry.no_worry)
    assert parent.value(Kind.WORRY) == "yes" and parent.reasons() == {("worry", "sleep")}


def test_a_worry_in_the_middle_of_the_list_is_kept_and_the_same_question_is_open(family: Family) -> None:
    parent = family(until=Kind.MILESTONE)
    before = parent.open()
    outcome = parent.say("also he never sleeps", lambda scene: worry.note_worry(scene, ["sleep"]))
    assert "worry_noted" in said(outcome) and parent.open() == before
    assert ("worry", "sleep") in parent.reasons()


def test_a_lost_skill_told_as_the_worry_is_urgent_and_is_not_asked_again(family: Family) -> None:
    parent = _at_worry(family)
    outcome = parent.say("she stopped talking", lambda scene: worry.tell_worry(scene, ["regression"], []))
    assert CALL_DOCTOR in said(outcome)
    assert parent.case()["urgency"] == "urgent" and parent.reasons() == {("lost_skill", None)}
    assert parent.open() == Expects(Kind.CONTACT_CONSENT)


def test_a_bare_yes_to_lost_skills_is_urgent_at_once_and_asked_which(family: Family) -> None:
    parent = _at_lost_skills(family)
    assert CALL_DOCTOR in said(parent.say("yes", _lost("yes")))
    assert parent.case()["urgency"] == "urgent"
    assert parent.open() == Expects(Kind.LOST_SKILLS, "which")
    outcome = parent.say("she used to wave", _lost("inform"))
    assert parent.case()["concerns"][0]["words"] == "she used to wave"
    assert CALL_DOCTOR not in said(outcome), "the doctor is named once"
    assert parent.open() == Expects(Kind.CONTACT_CONSENT)


def test_who_does_not_know_which_skill_keeps_the_flag(family: Family) -> None:
    parent = _at_lost_skills(family)
    parent.say("yes", _lost("yes"))
    parent.say("not sure", _lost("not_sure"))
    assert parent.case()["urgency"] == "urgent" and parent.case()["concerns"] == []


def test_a_sentence_that_names_the_lost_skill_needs_no_second_question(family: Family) -> None:
    parent = _at_lost_skills(family)
    parent.say("yes she used to wave bye", _lost("yes"))
    assert parent.open() == Expects(Kind.CONTACT_CONSENT)
    assert [c["domain"] for c in parent.case()["concerns"]] == ["regression"]


@pytest.mark.parametrize("reply", ["not_yet", "skip", "not_sure"])
def test_no_lost_skill_flags_nothing(family: Family, reply: str) -> None:
    parent = _at_lost_skills(family)
    parent.say("x", _lost(reply))
    assert parent.value(Kind.LOST_SKILLS) == reply and not parent.case()["flagged"]


def test_a_worry_told_with_a_no_to_lost_skills_is_kept(family: Family) -> None:
    parent = _at_lost_skills(family)
    parent.say("no but he doesn't sleep", _lost("not_yet", "sleep"))
    assert parent.reasons() == {("worry", "sleep")} and parent.value(Kind.LOST_SKILLS) == "not_yet"


def test_a_no_that_tells_of_a_lost_skill_is_urgent(family: Family) -> None:
    parent = _at_lost_skills(family)
    parent.say("no not really, he just quit saying mama", _lost("not_yet", "regression"))
    assert parent.case()["urgency"] == "urgent"
