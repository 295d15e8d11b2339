"""Further programs: told one at a time after the first, each with its own yes, at most three, the rest left to staff."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from a_family import OLDER, AFamily, Answer, birth, born, rows, said, worries

from intake.rules.interview import Expects, Kind
from intake.rules.routing import MOST_OFFERS
from intake.store.models import Consent, Flag, Referral, ReferralMove
from intake.usecases import contact, corrections, interruptions, milestones, optional_facts, worry
from intake.usecases.packet import NotToHandOn, PacketForm, open_packet
from intake.usecases.panel import PanelWords, answers_so_far
from intake.usecases.sight import Sight, may_see

Family = Callable[..., AFamily]
Answers = dict[Kind | str, Answer]
NO: Answer = ("no", contact.refuse_contact)
LEAD, ASTHMA, CAR = "healthy_homes", "easy_breathing", "injury_prevention_safe_kids"
OFFER = {program: Expects(Kind.CONTACT_CONSENT, program) for program in (LEAD, ASTHMA, CAR)}


def tells(text: str, *domains: str, **more: Answer) -> Answers:
    """A child of four, without the list of milestones it would have, and a worry in these words."""
    return {Kind.BIRTH_DATE: birth(born(50)), Kind.WORRY: worries(text, *domains), **more}


def lives_in(place: str) -> Answers:
    return {Kind.PLACE: (place, lambda scene: optional_facts.tell_fact(scene, "inform"))}


def offered(parent: AFamily) -> list[str]:
    """Every further program that is asked about until the end, each answered as the family answers."""
    found: list[str] = []
    while (now := parent.open()) is not None and now.kind is not Kind.NEEDS_MET:
        if now.offer is not None:
            found.append(now.offer)
        parent.say(*parent.answer_to(now))
    return found


def referred(parent: AFamily) -> dict[str, tuple[str, str]]:
    return {r["program"]: (r["status"], r["rule"]) for r in parent.case()["referrals"]}


def at(parent: AFamily, program: str) -> AFamily:
    """Led on until this program is offered."""
    while parent.open() != Expects(Kind.CONTACT_CONSENT, program):
        parent.say(*parent.answer_to(parent.open()))
    return parent


@pytest.mark.parametrize(("words", "domain", "program", "status"), [
    ("peeling paint and an inhaler", None, LEAD, "ready"), ("he wheezes", "asthma_breathing", ASTHMA, "sent"),
    ("we need a car seat", None, CAR, "sent"), ("usa silla de ruedas", None, "cyshcn_medical_home", "ready"),
    ("nos van a desalojar", None, "ccmc_care_coordination", "ready"),
    ("bills", "family_support", "ccmc_care_coordination", "ready"),
    ("they shot at us", None, "hvip", "sent"), ("the ages and stages app", None, "ages_and_stages_sparkler", "sent")])
@pytest.mark.parametrize("language", ["en", "es"])
def test_a_need_leads_to_its_program_in_either_language(family: Family, language: str, words: str, domain: str | None,
                                                       program: str, status: str) -> None:
    parent = family(until=Kind.BEST_TIME, answers=tells(words, *[domain] if domain else []), language=language)
    assert program in offered(parent)
    assert referred(parent)[program][0] == status
    assert referred(parent)["early_childhood_special_education"] == ("ready", "W4"), "the first fit stays as it is"


def test_the_program_is_told_in_its_own_words_before_its_question(family: Family) -> None:
    parent = at(family(until=Kind.PLACE, answers=tells("peeling paint, asthma")), LEAD)
    outcome = parent.say("no", contact.refuse_contact)
    assert said(outcome) == ["offer_refused", "program", "ask_offer_own"]
    told = outcome.lines[1].variables
    assert told["name"] == "Easy Breathing" and "written asthma plan" in str(told["tell"])
    assert outcome.expects == OFFER[ASTHMA] and [choice.label for choice in outcome.choices] == ["Yes", "No"]


def test_a_yes_is_a_consent_of_its_own_with_the_words_it_was_given_to(family: Family) -> None:
    parent = at(family(until=Kind.PLACE, answers=tells("peeling paint, asthma")), LEAD)
    outcome = parent.say("yes", contact.agree_to_contact)
    assert said(outcome)[:2] == ["offer_yes", "offer_step"] and "blood lead test" in str(outcome.lines[1].variables["step"])
    parent.say("yes", contact.agree_to_contact)
    consents: dict[UUID, Consent] = {row.id: row for row in parent.all(Consent)}
    stands_on = {r.program_id: consents[r.consent_id] for r in parent.all(Referral) if r.consent_id}
    assert {program: (c.kind, c.given, c.words_shown) for program, c in stands_on.items()} == {
        "early_childhood_special_education": ("contact", True, "contact-1"), LEAD: ("contact", True, "offer-1"),
        ASTHMA: ("contact", True, "offer_own-1")}
    assert parent.value("program.healthy_homes") == "yes"


def test_a_no_makes_nothing_and_changes_nothing_else(family: Family) -> None:
    parent = at(family(until=Kind.PLACE, answers=tells("asthma")), ASTHMA)
    outcome = parent.say("no", contact.refuse_contact)
    assert said(outcome) == ["offer_refused", "ask_doctor"]
    assert list(referred(parent)) == ["early_childhood_special_education"]
    assert all(row.given for row in parent.all(Consent)), "the yes to the first program stands, so the packet may be handed on"


def test_a_skip_leaves_the_program_out(family: Family) -> None:
    parent = at(family(until=Kind.PLACE, answers=tells("asthma")), ASTHMA)
    parent.say("skip", contact.skip_consent)
    assert parent.value("program.easy_breathing") == "skip" and ASTHMA not in referred(parent)


def test_a_way_that_the_family_goes_alone_is_sent_at_once_by_the_agent_and_brings_its_link(family: Family) -> None:
    parent = at(family(until=Kind.PLACE, answers=tells("car seat")), CAR)
    outcome = parent.say("yes", contact.agree_to_contact)
    assert said(outcome)[:2] == ["offer_step", "offer_link"]
    assert str(outcome.lines[1].variables["url"]).startswith("https://www.connecticutchildrens.org/")
    [own] = [r for r in parent.all(Referral) if r.program_id == CAR]
    moves = [(m.to_status, m.source) for m in parent.all(ReferralMove) if m.referral_id == own.id]
    assert sorted(moves) == [("draft", "agent"), ("ready", "family"), ("sent", "agent")]


def test_an_unconfirmed_address_is_never_said(family: Family) -> None:
    parent = at(family(until=Kind.PLACE, answers=tells("he was shot")), "hvip")
    assert said(parent.say("yes", contact.agree_to_contact))[:2] == ["offer_step", "ask_doctor"]


def test_nothing_of_a_way_that_the_family_goes_alone_is_handed_on_or_seen_by_that_program(family: Family) -> None:
    parent = family(until=Kind.PLACE, answers=tells("asthma, peeling paint"))
    offered(parent)
    ids = {r.program_id: r.id for r in parent.all(Referral)}
    case = parent.conversation().id
    with pytest.raises(NotToHandOn):
        open_packet(parent.store, case, ids[ASTHMA], 1, PacketForm.PAGE)
    assert open_packet(parent.store, case, ids[LEAD], 1, PacketForm.PAGE).referral.program_id == LEAD
    with parent.store.reading() as session:
        seen = {program: may_see(session, Sight(1, frozenset({program})), case) for program in (ASTHMA, LEAD)}
    assert seen == {ASTHMA: False, LEAD: True}


def test_at_most_three_are_offered_and_staff_see_the_rest_with_the_reason(family: Family) -> None:
    parent = family(until=Kind.PLACE, answers=tells("asthma, peeling paint, no car seat, a wheelchair and an eviction"))
    assert offered(parent) == [ASTHMA, LEAD, CAR] and len(OFFER) == MOST_OFFERS
    left = {(flag.item, flag.rule, flag.urgency) for flag in parent.all(Flag) if flag.code == "offers_left"}
    assert left == {("cyshcn_medical_home", "words", "standard"), ("ccmc_care_coordination", "words", "standard")}


def test_no_more_is_asked_and_nothing_left_when_one_program_fits(family: Family) -> None:
    parent = family(until=Kind.PLACE, answers=tells("asthma"))
    assert offered(parent) == [ASTHMA] and not [flag for flag in parent.all(Flag) if flag.code == "offers_left"]


def test_an_ordinary_worry_brings_no_further_program(family: Family) -> None:
    assert offered(family(until=Kind.PLACE)) == []


# going back, asking, correcting


@pytest.mark.parametrize("deed", [milestones.give_example, interruptions.explain_why])
def test_who_asks_what_or_why_hears_it_and_comes_back_to_the_same_program(family: Family,
                                                                      deed: Callable[..., Expects | None]) -> None:
    parent = at(family(until=Kind.PLACE, answers=tells("asthma")), ASTHMA)
    outcome = parent.say("what is that", deed)
    assert said(outcome) == ["why_offer", "program", "ask_offer_own"] and outcome.expects == OFFER[ASTHMA]


def test_repeat_and_a_question_of_their_own_come_back_to_the_same_program(family: Family) -> None:
    parent = at(family(until=Kind.PLACE, answers=tells("asthma")), ASTHMA)
    assert said(parent.say("again", interruptions.repeat)) == ["program", "ask_offer_own"]
    parent.say("cost?", lambda scene: interruptions.explain(scene, "ask_cost"))
    assert parent.open() == OFFER[ASTHMA]


def test_going_back_asks_the_offer_again_and_a_no_then_takes_its_referral_back_alone(family: Family) -> None:
    parent = at(family(until=Kind.PLACE, answers=tells("peeling paint, asthma")), ASTHMA)
    assert parent.say("go back", corrections.go_back).expects == OFFER[LEAD]
    parent.say("no", contact.refuse_contact)
    assert {program: status for program, (status, _) in referred(parent).items()} == {
        "early_childhood_special_education": "ready", LEAD: "declined"}
    assert parent.open() == OFFER[ASTHMA]


def test_who_says_no_after_a_yes_to_their_own_way_is_not_asked_later_how_it_went(family: Family) -> None:
    parent = at(family(until=Kind.PLACE, answers=tells("asthma")), ASTHMA)
    parent.say("yes", contact.agree_to_contact)
    parent.say("go back", corrections.go_back)
    parent.say("no", contact.refuse_contact)
    assert referred(parent)[ASTHMA][0] == "declined"


def test_actually_yes_right_after_a_no_asks_about_the_one_that_was_refused(family: Family) -> None:
    parent = at(family(until=Kind.PLACE, answers=tells("peeling paint, asthma")), LEAD)
    parent.say("no", contact.refuse_contact)
    outcome = parent.say("actually yes", contact.agree_to_contact)
    assert said(outcome) == ["ask_again", "program", "ask_offer"] and outcome.expects == OFFER[LEAD]
    assert ASTHMA not in referred(parent), "a yes is never taken for a program that may not be meant"
    parent.say("yes", contact.agree_to_contact)
    assert referred(parent)[LEAD] == ("ready", "words") and parent.open() == OFFER[ASTHMA]


def test_a_correction_reopens_the_offer_that_was_answered_last(family: Family) -> None:
    parent = at(family(until=Kind.PLACE, answers=tells("asthma")), ASTHMA)
    parent.say("no", contact.refuse_contact)
    assert parent.say("en realidad sí", lambda scene: corrections.correct(scene, "yes")).expects == OFFER[ASTHMA]


def test_a_family_that_wants_no_contact_after_all_takes_back_all_and_is_asked_anew_if_it_comes_round(family: Family) -> None:
    parent = family(until=Kind.PLACE, answers=tells("peeling paint, asthma"))
    offered(parent)
    parent.say("change", lambda scene: corrections.change_named(scene, Kind.CONTACT_CONSENT))
    parent.say("no", contact.refuse_contact)
    assert {status for status, _ in referred(parent).values()} == {"declined"}
    parent.say("change", lambda scene: corrections.change_named(scene, Kind.CONTACT_CONSENT))
    parent.say("yes", contact.agree_to_contact)
    assert parent.open() == OFFER[LEAD]
    parent.say("yes", contact.agree_to_contact)
    assert referred(parent)[LEAD][0] == "ready"


def test_who_wants_no_contact_hears_what_they_can_do_themselves_and_is_not_referred(family: Family) -> None:
    parent = family(until=Kind.CONTACT_CONSENT, answers=OLDER | {Kind.WORRY: worries("asthma and no car seat")})
    outcome = parent.say("no", contact.refuse_contact)
    assert said(outcome) == ["contact_refused", "own_ways", "ask_needs_met", "choices"]
    steps = str(outcome.lines[1].variables["steps"])
    assert "Easy Breathing: Ask your child's doctor" in steps and "Safe Kids" in steps and "https://" in steps
    assert referred(parent) == {} and parent.open() == Expects(Kind.NEEDS_MET)


def test_who_wants_no_contact_and_needs_nothing_further_hears_nothing_further(family: Family) -> None:
    parent = family(until=Kind.CONTACT_CONSENT, answers=OLDER)
    assert said(parent.say("no", contact.refuse_contact)) == ["contact_refused", "ask_needs_met", "choices"]


def test_the_yes_of_who_does_not_say_to_be_the_parent_stays_a_draft_in_every_way(family: Family) -> None:
    parent = family(until=Kind.PLACE, answers=tells("asthma, peeling paint", relation=("skip", interruptions.skip)))
    offered(parent)
    assert {program: status for program, (status, _) in referred(parent).items()} == dict.fromkeys(
        ["early_childhood_special_education", ASTHMA, LEAD], "draft")


def test_without_a_phone_only_the_familys_own_way_goes_on(family: Family) -> None:
    skipped: Answer = ("skip", lambda scene: contact.skip_contact_detail(scene, Kind.PHONE))
    parent = family(until=Kind.PLACE, channel="web", answers=tells("asthma, peeling paint", phone=skipped))
    offered(parent)
    assert (referred(parent)[ASTHMA][0], referred(parent)[LEAD][0]) == ("sent", "draft")


def test_a_program_that_has_left_the_directory_is_not_asked_about_any_more(family: Family) -> None:
    parent = family(until=Kind.DOCTOR)
    gone = Expects(Kind.CONTACT_CONSENT, "gone")
    assert parent.say("yes", contact.agree_to_contact, gone).expects == Expects(Kind.DOCTOR)
    assert said(parent.say("again", interruptions.repeat, gone)) == []


def test_the_list_of_answers_names_the_program_and_a_tap_opens_it_again(family: Family) -> None:
    parent = family(until=Kind.PLACE, channel="web", answers={**tells("asthma"), Kind.PHONE: (
        "860-555-0142", lambda scene: contact.tell_phone(scene, "860-555-0142"))})
    offered(parent)
    kinds = {kind.value: kind.value for kind in Kind} | {"skipped": "skipped"}
    panel = answers_so_far(parent.store, parent.content, PanelWords({"en": kinds, "es": kinds}), parent.token)
    assert ("program.easy_breathing", "Easy Breathing", "Yes") in [(a.item, a.question, a.told) for a in panel.answers]
    again = parent.say("change", lambda scene: corrections.change_named(scene, "program.easy_breathing"))
    assert again.expects == OFFER[ASTHMA]


# words, place, age


def test_words_written_anywhere_count(family: Family) -> None:
    parent = family(until=Kind.PLACE, answers=OLDER)
    parent.say("we also have asthma", interruptions.thank)
    assert parent.open() == Expects(Kind.PLACE)
    assert offered(parent) == [ASTHMA]


def test_the_name_of_a_clinic_is_no_need(family: Family) -> None:
    doctor: Answer = ("the asthma clinic", lambda scene: optional_facts.tell_fact(scene, "inform"))
    assert offered(family(until=Kind.PLACE, answers={**OLDER, Kind.DOCTOR: doctor})) == []


@pytest.mark.parametrize("place", ["06120", "Upper Albany", "vivo en el norte de Hartford"])
def test_a_place_brings_its_program_right_after_it(family: Family, place: str) -> None:
    parent = family(until=Kind.PLACE, answers={**OLDER, **lives_in(place)})
    outcome = parent.say(*parent.answer_to(parent.open()))
    assert outcome.expects == Expects(Kind.CONTACT_CONSENT, "north_hartford_ascend")
    after = parent.say("yes", contact.agree_to_contact)
    assert said(after)[:2] == ["offer_yes", "offer_link"] and referred(parent)["north_hartford_ascend"][0] == "ready"


@pytest.mark.parametrize("place", ["06112", "06105", "Hartford", "10001"])
def test_an_unconfirmed_zip_a_town_and_another_state_bring_none(family: Family, place: str) -> None:
    assert offered(family(until=Kind.PLACE, answers={**OLDER, **lives_in(place)})) == []


def test_nothing_further_is_offered_to_who_lives_in_another_state(family: Family) -> None:
    parent = family(until=Kind.PLACE, answers={**tells("nothing yet"), **lives_in("10001")})
    parent.say("asthma too", interruptions.thank)
    assert offered(parent) == []


@pytest.mark.parametrize(("days", "programs"), [
    (46, ["birth_to_three"]), (45, ["ct211_child_development", "early_childhood_special_education"]),
    (1, ["ct211_child_development", "early_childhood_special_education"]), (0, ["early_childhood_special_education"])])
def test_within_45_days_of_the_third_birthday_preschool_is_offered_beside_the_hub(family: Family, days: int,
                                                                              programs: list[str]) -> None:
    parent = family(until=Kind.CONTACT_NAME, answers={Kind.BIRTH_DATE: birth(born(36) + timedelta(days=days))})
    assert [*referred(parent), *offered(parent)] == programs


@pytest.mark.parametrize(("words", "months", "program", "fits"), [
    ("asthma", 5, ASTHMA, False), ("asthma", 6, ASTHMA, True),
    ("peeling paint", 71, LEAD, True), ("peeling paint", 72, LEAD, False),
    ("sparkler", 71, "ages_and_stages_sparkler", True), ("sparkler", 72, "ages_and_stages_sparkler", False),
    ("car seat", 107, CAR, True)])
def test_each_program_is_offered_within_its_ages_to_the_month(family: Family, words: str, months: int, program: str,
                                                            fits: bool) -> None:
    parent = family(until=Kind.BEST_TIME, answers={Kind.BIRTH_DATE: birth(born(months)), Kind.WORRY: worries(words)})
    assert (program in offered(parent)) is fits


def test_an_unknown_age_keeps_no_door_shut(family: Family) -> None:
    skipped: Answer = ("skip", interruptions.skip)
    parent = family(until=Kind.BEST_TIME, answers={Kind.BIRTH_DATE: skipped, Kind.WORRY: worries("asthma")})
    assert offered(parent) == [ASTHMA] and referred(parent)["ct211_child_development"] == ("ready", "W7")


@pytest.mark.parametrize(("language", "yes"), [("en", "yes"), ("es", "sí")])
def test_when_nothing_was_flagged_monitoring_is_offered_with_its_link(family: Family, language: str, yes: str) -> None:
    parent = family(until=Kind.PLACE, language=language,
                    answers={Kind.BIRTH_DATE: birth(born(60)), Kind.WORRY: ("no", worry.no_worry)})
    assert not parent.case()["flagged"]
    at(parent, "ages_and_stages_sparkler")
    outcome = parent.say(yes, contact.agree_to_contact)
    assert outcome.lines[1].variables == {"url": "https://playsparkler.org/"}
    assert referred(parent) == {"help_me_grow_ct": ("ready", "W7"), "ages_and_stages_sparkler": ("sent", "W7")}
    assert not rows(parent.store, Flag)
