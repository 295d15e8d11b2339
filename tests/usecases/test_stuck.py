"""N29: what is not understood again and again leads past the question and to a person, never round and round."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from a_family import OLDER, AFamily, said

from intake.rules.interview import Expects, Kind
from intake.store.models import Flag
from intake.usecases import about_child, consent, interruptions
from intake.usecases.danger import AFTER_SAFETY
from intake.usecases.scene import Scene
from intake.usecases.stuck import FLAG

Family = Callable[..., AFamily]
WAY_PAST = {"skip_or_call", "can_call"}


def misses(parent: AFamily, times: int) -> list[list[str]]:
    return [said(parent.say("asdf", interruptions.not_understood)) for _ in range(times)]


def flags(parent: AFamily) -> list[Flag]:
    return [flag for flag in parent.all(Flag) if flag.code == FLAG]


def test_n29_the_second_miss_tells_the_way_past_and_the_third_brings_a_person(family: Family) -> None:
    parent = family(until=Kind.WORRY, answers=OLDER)
    first, second, third, fourth = misses(parent, 4)
    assert not WAY_PAST & set(first)
    assert second == ["not_understood", "skip_or_call", "ask_worry"]
    assert third == fourth == ["not_understood", "person_will_read", "skip_or_call", "ask_worry"]
    assert len(flags(parent)) == 1 and flags(parent)[0].message_id is not None, "staff see the very words, once"


@pytest.mark.parametrize("kind", [Kind.CHILD_NAME, Kind.BIRTH_DATE, Kind.MILESTONE, Kind.CONTACT_CONSENT])
def test_n29_the_same_at_every_kind_of_question(family: Family, kind: Kind) -> None:
    parent = family(until=kind)
    *_, third = misses(parent, 3)
    assert "person_will_read" in third and WAY_PAST & set(third) and len(flags(parent)) == 1


def test_n29_misses_of_different_kinds_at_one_question_count_together(family: Family) -> None:
    parent = family(until=Kind.CHILD_NAME)
    parent.say("no se que decirle pues", lambda scene: about_child.tell_child_name(scene))
    assert "skip_or_call" in said(parent.say("asdf", interruptions.not_understood))


def test_n29_a_birth_date_asked_again_without_a_word_counts(family: Family) -> None:
    parent = family(until=Kind.BIRTH_DATE)

    def bare_no(scene: Scene) -> Expects | None:
        return about_child.tell_birth_date(scene, None, tried=False)

    assert said(parent.say("no", bare_no)) == ["ask_birth_date_again"]
    assert said(parent.say("no", bare_no)) == ["can_call", "ask_birth_date_again"]
    assert "person_will_read" in said(parent.say("si", bare_no))


def test_n29_an_answer_or_a_question_between_begins_anew(family: Family) -> None:
    parent = family(until=Kind.MILESTONE)
    misses(parent, 1)
    parent.say("why do you ask", interruptions.explain_why)
    assert not WAY_PAST & set(misses(parent, 1)[0])
    parent.say("skip", interruptions.skip)
    assert not WAY_PAST & set(misses(parent, 1)[0])
    assert flags(parent) == []


def test_n29_before_consent_a_number_is_told_and_nobody_reads(family: Family) -> None:
    parent = family(until=Kind.CONSENT)
    *_, third = misses(parent, 3)
    assert third[:2] == ["not_understood", "can_call"] and flags(parent) == []
    parent.say("yes", consent.give_consent)


def test_n29_the_question_after_danger_has_its_own_end(family: Family) -> None:
    parent = family(until=Kind.WORRY, answers=OLDER)

    def missed_after_danger(scene: Scene) -> Expects:
        scene.say("not_understood")
        return AFTER_SAFETY

    for _ in range(3):
        outcome = parent.say("asdf", missed_after_danger)
        assert not WAY_PAST & set(said(outcome))
    assert flags(parent) == []
