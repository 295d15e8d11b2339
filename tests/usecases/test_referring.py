"""The referral: made once on a parent's yes, ready only when a guardian agreed and can be reached, taken back on a no."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from a_family import OLDER, ORDINARY, PHONE, TODAY, AFamily, Answer, birth

from intake.rules.age import add_months
from intake.rules.interview import Kind
from intake.store.models import Audit, Consent, Referral, ReferralMove
from intake.usecases import contact, corrections, interruptions, worry

Family = Callable[..., AFamily]
NO_WORRY = {Kind.WORRY: ("no", worry.no_worry)}


def _turns_three_in(days: int) -> dict[Kind, Answer]:
    birthday = TODAY + timedelta(days=days)
    return {Kind.BIRTH_DATE: birth(next(day for day in _near_three_years_before(birthday) if add_months(day, 36) == birthday))}


def _near_three_years_before(day: date) -> list[date]:
    return [day - timedelta(days=3 * 365 + more) for more in (1, 0, 2)]


def _referred(parent: AFamily) -> list[tuple[str, str, str]]:
    return [(r["program"], r["rule"], r["status"]) for r in parent.case()["referrals"]]


def test_a_parent_who_texts_gets_a_draft_on_yes_and_a_ready_referral_with_the_phone(family: Family) -> None:
    parent = family(until=Kind.CONTACT_NAME)
    assert _referred(parent) == [("birth_to_three", "W1", "draft")]
    parent.goes_on_to(Kind.BEST_TIME)
    assert _referred(parent) == [("birth_to_three", "W1", "ready")]
    assert parent.case()["family"]["phone"] == PHONE


def test_each_step_is_kept_with_who_took_it_and_in_the_audit_trail(family: Family) -> None:
    parent = family(until=Kind.BEST_TIME, answers=OLDER)
    assert [(move.from_status, move.to_status, move.actor, move.source) for move in parent.all(ReferralMove)] == [
        (None, "draft", "agent", "agent"), ("draft", "ready", "agent", "family")]
    assert [line.action for line in parent.all(Audit) if line.object_type == "referral"] == ["referral.made", "referral.ready"]


def test_the_referral_stands_on_the_consent_that_was_given(family: Family) -> None:
    parent = family(until=Kind.CONTACT_NAME, answers=OLDER)
    [referral], consents = parent.all(Referral), {row.id: row for row in parent.all(Consent)}
    assert referral.consent_id is not None
    assert (consents[referral.consent_id].kind, consents[referral.consent_id].given) == ("contact", True)


def test_without_a_phone_the_referral_stays_a_draft(family: Family) -> None:
    parent = family(until=Kind.PHONE, answers=OLDER, channel="web")
    parent.say("skip", lambda scene: contact.skip_contact_detail(scene, Kind.PHONE))
    assert [status for _, _, status in _referred(parent)] == ["draft"]


def test_a_second_yes_makes_no_second_referral_and_no_second_number(family: Family) -> None:
    parent = family(until=Kind.CONTACT_NAME, answers=OLDER)
    receipt = parent.case()["receipt"]
    parent.say("go back", corrections.go_back)
    parent.say("yes", contact.agree_to_contact)
    assert len(_referred(parent)) == 1 and parent.case()["receipt"] == receipt


def test_a_parent_who_takes_the_yes_back_is_not_referred(family: Family) -> None:
    parent = family(until=Kind.BEST_TIME, answers=OLDER)
    for _ in range(3):
        parent.say("go back", corrections.go_back)
    parent.say("no don't call me", contact.refuse_contact)
    assert [status for _, _, status in _referred(parent)] == ["declined"]
    assert [(row.kind, row.given) for row in parent.all(Consent)][-2:] == [("contact", True), ("contact", False)]
    taken_back = [move for move in parent.all(ReferralMove) if move.to_status == "declined"]
    assert [(move.source, move.barrier) for move in taken_back] == [("family", "family_chose_not_to")]


def test_a_parent_who_agrees_after_all_is_referred_on_the_new_yes(family: Family) -> None:
    parent = family(until=Kind.BEST_TIME, answers=OLDER)
    for deed in (corrections.go_back, corrections.go_back, corrections.go_back, contact.refuse_contact, corrections.go_back):
        parent.say("x", deed)
    parent.say("ok yes", contact.agree_to_contact)
    parent.goes_on_to(Kind.PLACE)
    [referral], consents = parent.all(Referral), parent.all(Consent)
    assert referral.status == "ready" and referral.consent_id == consents[-1].id and consents[-1].given


@pytest.mark.parametrize(("days", "program", "rule"), [
    (46, "birth_to_three", "W1"), (45, "ct211_child_development", "W2"), (1, "ct211_child_development", "W2"),
    (0, "early_childhood_special_education", "W4"), (-1, "early_childhood_special_education", "W4")])
def test_birth_to_three_is_offered_until_46_days_before_the_third_birthday(
        family: Family, days: int, program: str, rule: str) -> None:
    parent = family(until=Kind.WORRY, answers=_turns_three_in(days))
    parent.say(*ORDINARY[Kind.WORRY])
    parent.say("yes", contact.agree_to_contact)
    assert _referred(parent) == [(program, rule, "draft")]


def test_a_child_over_three_goes_to_the_preschool_program(family: Family) -> None:
    parent = family(until=Kind.WORRY, answers={Kind.BIRTH_DATE: birth(TODAY - timedelta(days=4 * 366))})
    parent.say(*ORDINARY[Kind.WORRY])
    parent.say("yes", contact.agree_to_contact)
    assert _referred(parent) == [("early_childhood_special_education", "W4", "draft")]


def test_a_case_that_is_not_flagged_is_offered_help_me_grow(family: Family) -> None:
    parent = family(until=Kind.BEST_TIME, answers=OLDER | NO_WORRY)
    assert not parent.case()["flagged"]
    assert _referred(parent) == [("help_me_grow_ct", "W7", "ready")]


def test_only_the_program_the_parent_was_told_of_is_referred_to(family: Family) -> None:
    parent = family(until=Kind.CONTACT_NAME)
    assert len(_referred(parent)) == 1


def test_who_does_not_say_who_they_are_cannot_release_a_referral(family: Family) -> None:
    skipped = {Kind.RELATION: ("skip", interruptions.skip)}
    parent = family(until=Kind.BEST_TIME, answers={**OLDER, **skipped})
    assert [status for _, _, status in _referred(parent)] == ["draft"], "only a parent or guardian may accept (W6)"
