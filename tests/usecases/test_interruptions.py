"""What may be said at any moment: each comes back to the question that was open, and nothing told is lost."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from a_family import OLDER, AFamily, said
from ruamel.yaml import YAML
from sqlalchemy import text

from intake.rules.interview import Expects, Kind
from intake.settings import ROOT
from intake.usecases import consent, interruptions, milestones

Family = Callable[..., AFamily]


@pytest.mark.parametrize("deed", [
    interruptions.repeat, interruptions.thank, interruptions.change_language, interruptions.explain_why,
    interruptions.not_understood, interruptions.ask_for_person, interruptions.ask_for_another_child,
    interruptions.tell_referral_status, milestones.give_example, lambda scene: interruptions.explain(scene, "ask_cost")])
def test_the_same_milestone_is_open_after_an_interruption(family: Family, deed: Callable[..., Expects | None]) -> None:
    parent = family(until=Kind.MILESTONE)
    before = parent.open()
    outcome = parent.say("hm?", deed)
    assert parent.open() == outcome.expects == before and "ask_milestone" in said(outcome)


def test_the_readings_of_a_birth_date_are_offered_again_after_an_interruption(family: Family) -> None:
    parent = family(until=Kind.BIRTH_DATE)
    parent.say("3", lambda scene: Expects(Kind.BIRTH_DATE, "P3Y|P3M"))
    assert parent.say("what does it cost", interruptions.repeat).expects == Expects(Kind.BIRTH_DATE, "P3Y|P3M")


def test_a_pause_asks_nothing_and_the_next_word_goes_on_where_it_stood(family: Family) -> None:
    parent = family(until=Kind.WORRY, answers=OLDER)
    assert said(parent.say("later", interruptions.pause)) == ["paused"]
    assert said(parent.say("ok back", interruptions.resume)) == ["ask_worry"]


def test_who_comes_back_after_a_day_is_welcomed_and_nothing_told_is_lost(family: Family) -> None:
    parent = family(until=Kind.WORRY, answers=OLDER)
    with parent.store.transaction() as session:
        session.execute(text("update message set created_at = created_at - :away"), {"away": timedelta(hours=25)})
    assert said(parent.say("hi again", interruptions.repeat)) == ["welcome_back", "ask_worry"]
    assert parent.value(Kind.RELATION) == "parent"


def test_consent_cannot_be_skipped_but_every_other_question_can(family: Family) -> None:
    parent = family(until=Kind.CONSENT)
    assert parent.say("skip", interruptions.skip).expects == Expects(Kind.CONSENT)
    parent.say("yes", consent.give_consent)
    for _ in range(5):
        parent.say("skip", interruptions.skip)
    assert parent.open() == Expects(Kind.CONTACT_CONSENT) and not parent.case()["flagged"]


def test_the_status_of_a_referral_is_told_by_its_number_only(family: Family) -> None:
    parent = family(until=Kind.WORRY, answers=OLDER)
    assert "no_referral_yet" in said(parent.say("status?", interruptions.tell_referral_status))
    outcome = parent.goes_on_to(Kind.PLACE).say("status?", interruptions.tell_referral_status)
    status = next(line for line in outcome.lines if line.name == "referral_status")
    assert status.variables == {"receipt": parent.case()["receipt"]}


def test_changing_the_language_changes_it_for_the_family(family: Family) -> None:
    parent = family(until=Kind.WORRY, answers=OLDER)
    parent.language = "es"
    outcome = parent.say("español", interruptions.change_language)
    assert outcome.language == parent.conversation().language == "es"


def test_every_line_that_can_be_said_of_any_question_stands_in_the_domain(family: Family) -> None:
    domain = YAML(typ="safe").load((ROOT / "domain.yml").read_text(encoding="utf-8"))
    known = {name.removeprefix("utter_") for name in domain["responses"]}
    assert {f"why_{kind.value}" for kind in Kind} <= known
    assert {f"faq_{topic.removeprefix('ask_')}" for topic in interruptions.QUESTIONS} <= known
    parent = family(until=Kind.WORRY, answers=OLDER)
    assert {*said(parent.say("?", milestones.give_example)), *said(parent.say("?", interruptions.explain_why))} <= known
