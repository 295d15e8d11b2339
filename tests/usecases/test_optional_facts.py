"""Facts that help and are never needed, and the last question of all."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from a_family import OLDER, SKIPPED, AFamily, said

from intake.rules.interview import OPTIONAL, Expects, Kind
from intake.store.models import Family
from intake.usecases import closing, optional_facts

MakeFamily = Callable[..., AFamily]


@pytest.mark.parametrize(("kind", "typed", "kept"), [
    (Kind.PLACE, "New Britain 06051", "New Britain 06051"), (Kind.DOCTOR, "Dr. Lee", "Dr. Lee"),
    (Kind.INSURANCE, "tenemos Husky", "husky"), (Kind.INSURANCE, "4", "not_sure"),
    (Kind.HEARD_FROM, "my pediatrician", "doctor"), (Kind.RACE_ETHNICITY, "boricua", "hispanic_latino"),
    (Kind.RACE_ETHNICITY, "she is Garifuna", "she is Garifuna")])
def test_a_fact_is_kept_by_its_code_or_in_the_parents_words(family: MakeFamily, kind: Kind, typed: str, kept: str) -> None:
    parent = family(until=kind, answers=OLDER)
    parent.say(typed, lambda scene: optional_facts.tell_fact(scene, "inform"))
    assert getattr(parent.all(Family)[0], kind.value) == parent.value(kind) == kept


def test_every_optional_fact_may_be_skipped_and_the_receipt_number_comes_last(family: MakeFamily) -> None:
    parent = family(until=Kind.PLACE, answers=OLDER)
    for kind in OPTIONAL:
        assert parent.open() == Expects(kind)
        outcome = parent.say(*SKIPPED)
        assert ("receipt" in said(outcome)) is (kind is OPTIONAL[-1])
    assert outcome.lines[0].variables["receipt"] == parent.case()["receipt"]
    assert [getattr(parent.all(Family)[0], kind.value) for kind in OPTIONAL] == [None] * 5


def test_a_receipt_number_can_be_read_aloud_without_mistakes(family: MakeFamily) -> None:
    receipt = family(until=Kind.PLACE, answers=OLDER).case()["receipt"]
    prefix, number = receipt.split("-")
    assert prefix == "HMG" and len(number) == 6 and not set(number) & set("01OILU")


def test_very_long_words_are_cut_not_refused(family: MakeFamily) -> None:
    parent = family(until=Kind.DOCTOR, answers=OLDER)
    parent.say("x" * 5_000, lambda scene: optional_facts.tell_fact(scene, "inform"))
    assert parent.value(Kind.DOCTOR) == "x" * optional_facts.FREE_TEXT_LIMIT


@pytest.mark.parametrize(("typed", "reply", "kept", "flag"), [
    ("yes", "yes", "yes", False), ("más o menos", "inform", "partly", False), ("2", "sometimes", "partly", False),
    ("no", "not_yet", "no", True), ("skip", "skip", "skip", False)])
def test_whether_it_helped_is_kept_and_a_no_calls_staff(
        family: MakeFamily, typed: str, reply: str, kept: str, flag: bool) -> None:
    parent = family(until=Kind.NEEDS_MET, answers=OLDER)
    parent.say(typed, lambda scene: closing.tell_needs_met(scene, reply))
    assert parent.value(Kind.NEEDS_MET) == kept
    assert (("needs_not_met", None) in parent.reasons()) is flag


def test_an_answer_that_says_neither_is_asked_again(family: MakeFamily) -> None:
    parent = family(until=Kind.NEEDS_MET, answers=OLDER)
    assert "please_pick" in said(parent.say("banana", lambda scene: closing.tell_needs_met(scene, "inform")))
    assert parent.open() == Expects(Kind.NEEDS_MET)
