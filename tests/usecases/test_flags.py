"""Flags: they come and go with the answers, and each names the very message that raised it."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import pytest
from a_family import OLDER, POINTS, WALKS, AFamily, milestone

from intake.rules.clearing import ClearedBecause
from intake.rules.interview import Expects, Kind
from intake.store.models import Flag, Message, Staff
from intake.usecases import corrections, interruptions, milestones, worry
from intake.usecases.clearing import clear_flag

Family = Callable[..., AFamily]


def _raised_by(parent: AFamily, code: str, item: str | None = None) -> str:
    texts: dict[UUID | None, str] = {message.id: message.text for message in parent.all(Message)}
    [flag] = [flag for flag in parent.all(Flag) if flag.code == code and flag.item == item and flag.cleared_at is None]
    return texts[flag.message_id]


def _points_not_yet(family: Family) -> AFamily:
    parent = family(until=Kind.MILESTONE, answers={Kind.WORRY: ("no", worry.no_worry)})
    while parent.open() != Expects(Kind.MILESTONE, POINTS):
        parent.say(*milestone("yes"))
    parent.say("not really no", lambda scene: milestones.answer_milestone(scene, "not_yet"))
    return parent


def test_a_not_yet_flags_the_case_the_moment_it_is_told(family: Family) -> None:
    parent = _points_not_yet(family)
    assert parent.conversation().flagged and parent.conversation().flagged_at is not None
    assert parent.case()["urgency"] == "standard" and _raised_by(parent, "not_yet", POINTS) == "not really no"


@pytest.mark.parametrize("reply", ["sometimes", "not_sure", "skip", "yes"])
def test_anything_but_not_yet_flags_nothing(family: Family, reply: str) -> None:
    parent = family(until=Kind.MILESTONE, answers={Kind.WORRY: ("no", worry.no_worry)})
    parent.say("x", lambda scene: milestones.answer_milestone(scene, reply))
    assert not parent.case()["flagged"]


def test_the_flag_goes_when_the_answer_is_corrected_and_its_history_stays(family: Family) -> None:
    parent = _points_not_yet(family)
    parent.say("actually he does point", lambda scene: corrections.correct(scene, "yes"))
    assert not parent.case()["flagged"] and parent.case()["urgency"] == "none"
    assert [(flag.code, flag.cleared_at is None) for flag in parent.all(Flag)] == [("not_yet", False)]


def test_a_flag_that_comes_back_names_the_message_that_brought_it_back(family: Family) -> None:
    parent = _points_not_yet(family)
    parent.say("actually he does point", lambda scene: corrections.correct(scene, "yes"))
    parent.say("no wait he does not point", lambda scene: corrections.correct(scene, "not_yet"))
    assert _raised_by(parent, "not_yet", POINTS) == "no wait he does not point"


def test_a_worrys_flag_names_the_message_that_told_it_first(family: Family) -> None:
    parent = family(until=Kind.WORRY, answers=OLDER)
    parent.say("he bites", lambda scene: worry.note_worry(scene, ["behavior"]))
    parent.say("and hits", lambda scene: worry.tell_worry(scene, ["behavior", "sleep"], []))
    assert (_raised_by(parent, "worry", "behavior"), _raised_by(parent, "worry", "sleep")) == ("he bites", "and hits")


def test_a_lost_skill_told_after_a_no_names_the_telling_and_not_the_no(family: Family) -> None:
    parent = family(until=Kind.CONTACT_CONSENT, answers=OLDER | {Kind.WORRY: ("no", worry.no_worry)})
    parent.say("oh he also stopped waving", lambda scene: worry.note_worry(scene, ["regression"]))
    assert parent.case()["urgency"] == "urgent"
    assert _raised_by(parent, "lost_skill") == "oh he also stopped waving"


def test_the_case_is_as_urgent_as_its_gravest_flag(family: Family) -> None:
    parent = _points_not_yet(family)
    parent.say("he stopped waving", lambda scene: worry.note_worry(scene, ["regression"]))
    assert parent.case()["urgency"] == "urgent"
    parent.is_taken("he is not breathing")
    assert parent.case()["urgency"] == "emergency"


def test_answers_never_take_away_a_flag_that_they_did_not_raise(family: Family) -> None:
    parent = family(until=Kind.WORRY, answers=OLDER)
    parent.say("a person please", interruptions.ask_for_person)
    parent.say("no", worry.no_worry)
    parent.goes_on_to(Kind.CONTACT_CONSENT)
    assert parent.reasons() == {("wants_person", None)}


@pytest.mark.parametrize(("deed", "code"), [
    (interruptions.ask_for_person, "wants_person"), (interruptions.ask_for_deletion, "delete_data"),
    (interruptions.ask_for_another_child, "another_child")])
def test_a_wish_that_a_person_must_fulfil_is_flagged_once_however_often_it_is_said(
        family: Family, deed: Callable[..., Expects | None], code: str) -> None:
    parent = family(until=Kind.WORRY, answers=OLDER)
    for _ in range(2):
        parent.say("please", deed)
    assert [flag.code for flag in parent.all(Flag)] == [code]


def test_two_items_raise_two_flags(family: Family) -> None:
    parent = family(until=Kind.CONFIRM_ANSWERS, answers={POINTS: milestone("not_yet"), WALKS: milestone("not_yet")})
    assert {("not_yet", POINTS), ("not_yet", WALKS)} <= parent.reasons()


def test_what_staff_cleared_is_not_raised_again_by_the_same_words(family: Family) -> None:
    parent = family(until=Kind.LOST_SKILLS)
    raised = next(flag for flag in parent.all(Flag) if flag.code == "worry")
    with parent.store.transaction() as session:
        person = Staff(email="ines@example.org", name="Ines", fs_uniquifier="ines-1")
        session.add(person)
        session.flush()
        staff = person.id
    clear_flag(parent.store, parent.conversation().id, raised.id, staff, ClearedBecause.TALKED_WITH_FAMILY)
    parent.goes_on_to(Kind.CONFIRM_ANSWERS)
    assert ("worry", raised.item) not in parent.reasons()
    parent.say("she also stopped sleeping", lambda scene: worry.tell_worry(scene, ["sleep"], []), Expects(Kind.WORRY))
    assert ("worry", "sleep") in parent.reasons(), "new words raise a flag of their own"
    parent.say("now she says nothing at all", lambda scene: worry.tell_worry(scene, [str(raised.item)], []), Expects(Kind.WORRY))
    assert ("worry", raised.item) in parent.reasons(), "also when they are about the same thing"
    assert _raised_by(parent, "worry", raised.item) == "now she says nothing at all"
