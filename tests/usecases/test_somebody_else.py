"""Who refers and may not accept: a short way, nothing moves, nobody is texted, and the parent's way once it is the parent."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from a_family import OTHER_PHONE, PHONE, AFamily, Answer, said, worries

from intake.rules.interview import (
    AGENCY,
    CALL_BACK,
    LEGAL_GUARDIAN,
    OWN_NAME,
    PARENT_KNOWS,
    PARENT_PHONE,
    Expects,
    Kind,
)
from intake.store.models import Consent, Conversation, Outreach, Referral
from intake.usecases import consent, corrections, interruptions, somebody_else, worry
from intake.usecases.about_child import tell_relation
from intake.usecases.outcome import Outcome
from intake.usecases.outreach import plan_outreach

Family = Callable[..., AFamily]
WHO: dict[str, Answer] = {who: (words, tell_relation) for who, words in
                          {"provider": "I'm his pediatrician", "child_care": "soy su maestra", "family": "abuela"}.items()}
CHANNELS = pytest.mark.parametrize(("channel", "language"), [("sms", "en"), ("sms", "es"), ("web", "en"), ("web", "es")])
NUMBER: Answer = (OTHER_PHONE, lambda scene: somebody_else.tell_parent_phone(scene, "inform"))


def _refers(family: Family, who: str = "provider", until: Kind | Expects | None = None, **more: Any) -> AFamily:
    answers = {Kind.RELATION: WHO[who], **more.pop("answers", {})}
    return family(until=until or Kind.NEEDS_MET, answers=answers, **more)


def _says(one: AFamily, text: str, reply: str = "inform") -> Outcome:
    expects = one.open()
    assert expects is not None
    return one.say(text, somebody_else.heeding(lambda scene: somebody_else.ANSWERING[expects](scene, reply)))


def _statuses(one: AFamily) -> list[tuple[str, str]]:
    return [(referral["program"], referral["status"]) for referral in one.case()["referrals"]]


@CHANNELS
@pytest.mark.parametrize("who", WHO)
def test_a_short_way_leads_to_a_number_and_a_draft_that_waits(family: Family, who: str, channel: str, language: str) -> None:
    one = _refers(family, who, channel=channel, language=language)
    case = one.case()
    assert _statuses(one) == [("birth_to_three", "draft")] and case["receipt"]
    assert ("parent_must_agree", None) in one.reasons() and ("worry", "language_communication") in one.reasons()
    assert not [row for row in case["answers"] if row["item"].startswith("m18.") or row["item"] == Kind.CONTACT_CONSENT]
    assert case["referrer"] == {"relation": who, "name": "Dana", "agency": None if who == "family" else "Bright Start",
                                "call_back": None, "parent_knows": "yes", "tells_parent": True}
    assert "finished" in said(one.say("yes", one.answer_to(one.open())[1]))


@pytest.mark.parametrize(("who", "line"), [("provider", "others_professional"), ("child_care", "others_professional")])
def test_who_is_no_relative_is_told_first_that_only_the_parent_may_agree(family: Family, who: str, line: str) -> None:
    one = family(until=Kind.RELATION)
    outcome = one.say(*WHO[who])
    assert said(outcome)[:2] == [line, "ask_others_child_name"]


@CHANNELS
def test_a_grandmother_is_asked_whether_she_is_the_guardian(family: Family, channel: str, language: str) -> None:
    one = family(until=Kind.RELATION, channel=channel, language=language)
    assert one.say(*WHO["family"]).expects == LEGAL_GUARDIAN
    outcome = _says(one, "no", "not_yet")
    assert said(outcome)[0] == "others_relative" and one.value(Kind.RELATION) == "family"


@pytest.mark.parametrize(("text", "reply"), [("yes", "yes"), ("sí", "yes"), ("1", "inform"), ("tengo la custodia", "inform"),
                                             ("I have legal custody", "inform"), ("soy la tutora", "inform")])
def test_who_is_the_guardian_goes_the_parents_way(family: Family, text: str, reply: str) -> None:
    one = _refers(family, "family", LEGAL_GUARDIAN)
    outcome = _says(one, text, reply)
    assert one.value(Kind.RELATION) == one.case()["family"]["relation"] == "parent"
    assert outcome.expects == Expects(Kind.CHILD_NAME) and "ask_child_name" in said(outcome)
    one.goes_on_to(Kind.PLACE)
    assert _statuses(one) == [("birth_to_three", "ready")] and one.case()["family"]["phone"] == PHONE


def test_custody_told_at_once_is_not_asked_again(family: Family) -> None:
    one = family(until=Kind.RELATION)
    assert one.say("grandma, I have custody", tell_relation).expects == Expects(Kind.CHILD_NAME)
    assert one.value(Kind.RELATION) == "parent"


@pytest.mark.parametrize("text", ["abuela, no tengo la custodia", "grandma but her mom has custody"])
def test_who_says_not_to_have_custody_is_not_asked_either(family: Family, text: str) -> None:
    one = family(until=Kind.RELATION)
    assert said(one.say(text, tell_relation))[0] == "others_relative"
    assert one.value(LEGAL_GUARDIAN.item) == "not_yet" and one.open() == Expects(Kind.CHILD_NAME)


@pytest.mark.parametrize(("text", "reply", "kept"), [("not sure", "not_sure", "not_sure"), ("2", "inform", "not_yet")])
def test_who_is_not_sure_is_no_guardian(family: Family, text: str, reply: str, kept: str) -> None:
    one = _refers(family, "family", LEGAL_GUARDIAN)
    _says(one, text, reply)
    assert (one.value(LEGAL_GUARDIAN.item), one.value(Kind.RELATION)) == (kept, "family")


def test_an_answer_about_custody_that_says_neither_is_asked_again_and_loses_nothing(family: Family) -> None:
    one = _refers(family, "family", LEGAL_GUARDIAN)
    assert said(_says(one, "what a question"))[0] == "please_yes_or_no" and one.open() == LEGAL_GUARDIAN


@pytest.mark.parametrize(("text", "reply", "kept"), [
    ("yes", "yes", "yes"), ("No", "not_yet", "no"), ("not yet", "not_yet", "not_yet"), ("todavía no", "not_yet", "not_yet"),
    ("idk", "not_sure", "skip"), ("skip", "skip", "skip")])
def test_whether_the_parent_knows_is_kept_as_said_and_the_case_has_its_number(
        family: Family, text: str, reply: str, kept: str) -> None:
    one = _refers(family, until=PARENT_KNOWS)
    assert one.case()["receipt"] is None and _statuses(one) == []
    _says(one, text, reply)
    assert one.value(PARENT_KNOWS.item) == kept and one.case()["receipt"] and _statuses(one) == [("birth_to_three", "draft")]


def test_the_number_of_who_texts_is_not_the_familys(family: Family) -> None:
    one = _refers(family, until=PARENT_PHONE)
    assert one.case()["family"]["phone"] is None
    assert said(one.say(PHONE, lambda scene: somebody_else.tell_parent_phone(scene, "inform")))[0] == "others_own_number"
    assert said(one.say(*NUMBER))[0] == "others_we_call" and one.case()["family"]["phone"] == OTHER_PHONE


@pytest.mark.parametrize("text", ["860", "call 12345", "555-01"])
def test_a_number_that_is_none_is_asked_again(family: Family, text: str) -> None:
    one = _refers(family, until=PARENT_PHONE)
    assert said(_says(one, text))[0] == "phone_not_understood" and one.open() == PARENT_PHONE


@pytest.mark.parametrize(("text", "reply"), [("no", "not_yet"), ("I will tell the parent", "inform"), ("skip", "skip"),
                                             ("Yo le aviso a la familia", "inform"), ("idk", "not_sure")])
def test_who_tells_the_parent_themself_is_given_the_number_to_hand_on(family: Family, text: str, reply: str) -> None:
    one = _refers(family, until=PARENT_PHONE, channel="web")
    outcome = _says(one, text, reply)
    [handed] = [line for line in outcome.lines if line.name == "others_hand_on"]
    assert handed.variables == {"receipt": one.case()["receipt"]} and one.open() == OWN_NAME


def test_the_referrer_may_be_called_only_on_their_yes_which_is_in_the_ledger(family: Family) -> None:
    one = _refers(family, until=CALL_BACK)
    assert [row.kind for row in one.all(Consent)] == ["conversation", "sms"]
    _says(one, "yes", "yes")
    assert one.case()["referrer"]["call_back"] == PHONE
    assert [(row.kind, row.given, row.words_shown) for row in one.all(Consent)][2:] == [("referrer", True, "referrer-1")]


@pytest.mark.parametrize(("text", "reply", "line"), [("yes", "yes", "phone_not_understood"), ("no", "not_yet", "others_receipt"),
                                                     (OTHER_PHONE, "inform", "others_receipt")])
def test_on_the_web_a_bare_yes_is_asked_for_the_number(family: Family, text: str, reply: str, line: str) -> None:
    one = _refers(family, until=CALL_BACK, channel="web")
    assert said(_says(one, text, reply))[0] == line


@pytest.mark.parametrize("asked", [OWN_NAME, AGENCY, CALL_BACK, PARENT_PHONE, PARENT_KNOWS])
def test_every_question_of_the_short_way_may_be_skipped(family: Family, asked: Expects) -> None:
    one = _refers(family, until=asked)
    after = one.say("skip", interruptions.skip).expects
    assert after is not None and after != asked and one.value(asked.item) is not None


@pytest.mark.parametrize("asked", [Expects(Kind.CHILD_NAME), PARENT_KNOWS, PARENT_PHONE, CALL_BACK])
def test_who_asks_why_hears_it_and_is_asked_again(family: Family, asked: Expects) -> None:
    one = _refers(family, until=asked)
    outcome = one.say("why", interruptions.explain_why)
    assert said(outcome)[0] == "why_others" and outcome.expects == asked


def test_what_becomes_of_it_is_not_told_to_who_referred(family: Family) -> None:
    one = _refers(family)
    assert said(one.say("any news?", interruptions.tell_referral_status))[0] == "others_status"


def test_a_lost_skill_is_urgent_and_the_doctor_is_the_familys_to_call(family: Family) -> None:
    one = _refers(family, until=Kind.WORRY)
    outcome = one.say(*worries("he stopped talking", "regression"))
    assert "others_lost_skill" in said(outcome) and "lost_skill_call_doctor" not in said(outcome)
    assert one.case()["urgency"] == "urgent" and one.open() == PARENT_KNOWS


def test_who_worries_about_nothing_still_gets_a_case_for_the_parent(family: Family) -> None:
    one = _refers(family, answers={Kind.WORRY: ("no", worry.no_worry)})
    assert _statuses(one) == [("help_me_grow_ct", "draft")] and one.reasons() == {("parent_must_agree", None)}


def test_who_refuses_is_asked_nothing_and_nothing_is_kept(family: Family) -> None:
    one = family(until=Kind.CONSENT)
    one.say("no", consent.refuse_consent)
    assert one.case()["answers"][0]["value"] == "not_yet" and _statuses(one) == []


@pytest.mark.parametrize("asked", [PARENT_KNOWS, PARENT_PHONE, OWN_NAME, CALL_BACK])
@pytest.mark.parametrize("text", ["actually I am the mother", "perdón, soy la mamá"])
def test_actually_the_mother_goes_her_own_way_with_what_was_told(family: Family, asked: Expects, text: str) -> None:
    one = _refers(family, until=asked)
    outcome = _says(one, text)
    assert said(outcome)[0] == "relation_changed" and outcome.expects is not None
    assert one.value(Kind.CHILD_NAME) == "Mateo" and one.value(Kind.WORRY) == "yes"
    assert one.case()["family"]["phone"] == PHONE and ("parent_must_agree", None) not in one.reasons()
    one.goes_on_to(Kind.PLACE)
    assert _statuses(one) == [("birth_to_three", "ready")] and one.case()["referrer"] is None


def test_a_correction_in_the_middle_of_the_list_leads_to_the_short_way(family: Family) -> None:
    one = family(until=Kind.LOST_SKILLS)
    outcome = one.say("actually I'm the teacher", lambda scene: corrections.correct(scene, None))
    assert said(outcome)[:2] == ["relation_changed", "others_professional"] and outcome.expects == PARENT_KNOWS


def test_what_is_said_of_somebody_else_corrects_nothing(family: Family) -> None:
    one = _refers(family, until=OWN_NAME)
    _says(one, "her mom is Ana")
    assert one.value(Kind.RELATION) == "provider"


@pytest.mark.parametrize(("who", "states"), [("provider", [("canceled", "not_the_family")]), ("mom", [("waiting", None)])])
def test_who_refers_is_never_reminded(family: Family, who: str, states: list[tuple[str, str | None]]) -> None:
    one = family(until=Kind.RELATION)
    with one.store.transaction() as session:
        plan_outreach(session, one.content, session.get_one(Conversation, one.conversation().id))
    one.say(*WHO.get(who, ("mom", tell_relation)))
    with one.store.transaction() as session:
        plan_outreach(session, one.content, session.get_one(Conversation, one.conversation().id))
    assert [(row.state, row.why_canceled) for row in one.all(Outreach)] == states


@pytest.mark.parametrize("wish", ["STOP", "ALTO"])
def test_who_referred_may_stop_and_the_case_goes_on_for_staff(family: Family, wish: str) -> None:
    one = _refers(family, until=CALL_BACK)
    assert one.is_taken(wish) is None
    assert [row.given for row in one.all(Consent) if row.kind == "sms"][-1] is False
    assert ("parent_must_agree", None) in one.reasons() and one.all(Referral)[0].status == "draft"
