"""The parent of a child whom somebody else referred: joined, told nothing of it, and alone to decide."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from a_family import OTHER_PHONE, AFamily, Answer, birth, born, said, worries
from two_families import a_person

from intake.rules.interview import PARENT_PHONE, Kind
from intake.rules.referral import BarrierCode, MoveSource, ReferralStatus
from intake.store.connection import Store
from intake.store.models import Consent, Flag, Message, Referral, ReferralMove
from intake.usecases import consent, contact, somebody_else
from intake.usecases.about_child import tell_child_name, tell_relation
from intake.usecases.agreed_by_phone import ParentMustAgree
from intake.usecases.casework import move_referral
from intake.usecases.packet import NotToHandOn, PacketForm, open_packet

Family = Callable[..., AFamily]
DOCTOR: Answer = ("I'm his pediatrician", tell_relation)
WORDS = "The doctor's own words"


@pytest.fixture
def doctor(family: Family) -> AFamily:
    """A doctor who has referred Mateo by the web, and gave the mother's number."""
    return _refers(family, OTHER_PHONE)


def _refers(family: Family, phone: str | None, **answers: Answer) -> AFamily:
    reached: Answer = (phone or "no", lambda scene: somebody_else.tell_parent_phone(scene, "inform" if phone else "not_yet"))
    return family(until=Kind.NEEDS_MET, channel="web", answers={Kind.RELATION: DOCTOR, PARENT_PHONE.item: reached, **answers})


def _mother(family: Family, until: Kind, **more: object) -> AFamily:
    return family(until=until, phone=OTHER_PHONE, **more)


def _statuses(one: AFamily) -> list[tuple[str, str]]:
    return [(referral["program"], referral["status"]) for referral in one.case()["referrals"]]


def _hands_over(mother: AFamily, doctor: AFamily, text: str = "my doctor gave me {}") -> list[str]:
    number = doctor.case()["receipt"]
    return said(mother.say(text.format(number), somebody_else.heeding(lambda scene: consent.begin(scene, []))))


def test_her_yes_takes_the_draft_over_into_her_own_case(family: Family, doctor: AFamily) -> None:
    mother = _mother(family, Kind.PLACE)
    assert _statuses(mother) == [("birth_to_three", "ready")] and _statuses(doctor) == []
    assert len(mother.all(Referral)) == 1, "one family, one way to the program"
    [referral] = mother.all(Referral)
    agreed = {row.id: row for row in mother.all(Consent)}[referral.consent_id]  # type: ignore[index]
    assert (agreed.kind, agreed.given, agreed.conversation_id) == ("contact", True, mother.conversation().id)
    assert [(move.to_status, move.source) for move in mother.all(ReferralMove)] == [("draft", "agent"), ("ready", "family")]
    assert ("parent_must_agree", None) not in doctor.reasons()


def test_staff_see_both_cases_joined(family: Family, doctor: AFamily) -> None:
    mother = _mother(family, Kind.CHILD_NAME)
    assert ("referred_child", None) in mother.reasons() & doctor.reasons()
    assert mother.case()["joined"] == [doctor.case()["receipt"]]
    assert len(doctor.case()["joined"]) == 1


def test_her_no_declines_the_draft_and_nothing_else_happens(family: Family, doctor: AFamily) -> None:
    mother = _mother(family, Kind.CONTACT_CONSENT)
    mother.say("no", contact.refuse_contact)
    assert _statuses(doctor) == [("birth_to_three", "declined")] and _statuses(mother) == []
    assert [move.barrier for move in doctor.all(ReferralMove)] == [None, BarrierCode.FAMILY_CHOSE_NOT_TO]
    assert ("parent_must_agree", None) not in doctor.reasons()


def test_nothing_of_what_the_doctor_said_is_told_to_her(family: Family) -> None:
    _refers(family, OTHER_PHONE, worry=worries(WORDS, "behavior"))
    mother = _mother(family, Kind.NEEDS_MET, answers={Kind.CHILD_NAME: ("Leo", tell_child_name)})
    heard = " ".join(row.text for row in mother.all(Message)
                     if row.direction == "outbound" and row.conversation_id == mother.conversation().id)
    assert "Mateo" not in heard and "Dana" not in heard and "Bright Start" not in heard and WORDS not in heard


def test_another_child_on_the_same_phone_leaves_the_draft_to_staff(family: Family, doctor: AFamily) -> None:
    mother = _mother(family, Kind.PLACE, answers={Kind.CHILD_NAME: ("Leo", tell_child_name)})
    assert _statuses(doctor) == [("birth_to_three", "draft")] and _statuses(mother) == [("birth_to_three", "ready")]
    assert ("parent_must_agree", None) in doctor.reasons() and ("referred_child", None) in mother.reasons()


@pytest.mark.parametrize("initials", ["M", "M.L."])
def test_initials_are_enough_to_know_the_child(family: Family, initials: str) -> None:
    doctor = _refers(family, OTHER_PHONE, child_name=(initials, tell_child_name))
    mother = _mother(family, Kind.PLACE)
    assert _statuses(doctor) == [] and _statuses(mother) == [("birth_to_three", "ready")]


def test_a_child_of_another_age_is_another_child(family: Family, doctor: AFamily) -> None:
    mother = _mother(family, Kind.PLACE, answers={Kind.BIRTH_DATE: birth(born(30))})
    assert _statuses(doctor) == [("birth_to_three", "draft")] and _statuses(mother) == [("birth_to_three", "ready")]


@pytest.mark.parametrize("text", ["my doctor gave me {}", "{}", "me dieron este número {}"])
def test_the_number_that_was_handed_on_joins_from_any_phone(family: Family, text: str) -> None:
    doctor = _refers(family, None)
    mother = family(until=Kind.CONSENT)
    assert _hands_over(mother, doctor, text)[0] == "number_noted"
    assert ("referred_child", None) not in doctor.reasons(), "before she agrees nothing is made of it"
    mother.goes_on_to(Kind.PLACE)
    assert ("referred_child", None) in doctor.reasons()
    assert _statuses(mother) == [("birth_to_three", "ready")] and _statuses(doctor) == []


@pytest.mark.parametrize("number", ["HMG-222222", "hmg 9eh64m"])
def test_a_number_that_nobody_has_is_answered_the_same(family: Family, number: str) -> None:
    mother = family(until=Kind.CONSENT)
    outcome = mother.say(number, somebody_else.heeding(lambda scene: consent.begin(scene, [])))
    assert said(outcome) == ["number_noted", "ask_consent"] and mother.case()["joined"] == []


def test_a_familys_own_case_is_never_joined_by_its_number(family: Family) -> None:
    other = family(until=Kind.BEST_TIME)
    stranger = family(until=Kind.CONSENT, phone=OTHER_PHONE)
    assert _hands_over(stranger, other)[0] == "number_noted" and stranger.case()["joined"] == []


def test_ones_own_number_is_no_number_handed_on(family: Family) -> None:
    mother = family(until=Kind.BEST_TIME)
    assert "number_noted" not in _hands_over(mother, mother)


def test_who_refuses_to_go_on_is_joined_to_nothing(family: Family) -> None:
    doctor = _refers(family, None)
    mother = family(until=Kind.CONSENT)
    _hands_over(mother, doctor)
    mother.say("no", consent.refuse_consent)
    assert mother.case()["joined"] == [] and _statuses(doctor) == [("birth_to_three", "draft")]


def test_a_relative_with_the_number_moves_nothing(family: Family) -> None:
    doctor = _refers(family, None)
    aunt = family(until=Kind.CONSENT, answers={Kind.RELATION: ("soy la tía", tell_relation)})
    _hands_over(aunt, doctor)
    aunt.goes_on_to(Kind.NEEDS_MET)
    assert _statuses(doctor) == [("birth_to_three", "draft")] and ("parent_must_agree", None) in doctor.reasons()


# the parent agrees by phone


def _moves(doctor: AFamily, store: Store, to: ReferralStatus, source: MoveSource, reason: BarrierCode | None = None) -> int:
    [referral] = doctor.all(Referral)
    staff = a_person(store)
    move_referral(store, referral.id, to, staff, referral.version, reason, None, source)
    return staff


@pytest.mark.parametrize("source", [MoveSource.STAFF, MoveSource.PROGRAM])
def test_staff_cannot_say_yes_for_the_parent(doctor: AFamily, store: Store, source: MoveSource) -> None:
    with pytest.raises(ParentMustAgree):
        _moves(doctor, store, ReferralStatus.READY, source)
    assert _statuses(doctor) == [("birth_to_three", "draft")]
    assert not [row for row in doctor.all(Consent) if row.kind == "contact"]


def test_a_yes_by_phone_is_kept_in_the_ledger_and_lets_the_packet_go(doctor: AFamily, store: Store) -> None:
    [referral], case = doctor.all(Referral), doctor.conversation().id
    staff = a_person(store)
    with pytest.raises(NotToHandOn):
        open_packet(store, case, referral.id, staff, PacketForm.PAGE)
    _moves(doctor, store, ReferralStatus.READY, MoveSource.FAMILY)
    handed = open_packet(store, case, referral.id, staff, PacketForm.PAGE)
    assert (handed.consent.source, handed.consent.given, handed.consent.words_shown) == ("phone", True, "phoned-1")
    assert [(row.cleared_because, row.cleared_by is not None) for row in doctor.all(Flag)
            if row.code == "parent_must_agree"] == [("talked_with_family", True)]


def test_a_no_by_phone_ends_it(doctor: AFamily, store: Store) -> None:
    _moves(doctor, store, ReferralStatus.DECLINED, MoveSource.FAMILY, BarrierCode.FAMILY_CHOSE_NOT_TO)
    assert [(row.given, row.source) for row in doctor.all(Consent) if row.kind == "contact"] == [(False, "phone")]
    assert ("parent_must_agree", None) not in doctor.reasons()


def test_a_parents_own_draft_is_moved_as_before(family: Family, store: Store) -> None:
    mother = family(until=Kind.PHONE, channel="web")
    _moves(mother, store, ReferralStatus.READY, MoveSource.STAFF)
    assert _statuses(mother) == [("birth_to_three", "ready")]


def test_a_phone_told_on_the_web_joins_as_well(family: Family, doctor: AFamily) -> None:
    mother = family(until=Kind.PHONE, channel="web")
    mother.say(OTHER_PHONE, lambda scene: contact.tell_phone(scene, OTHER_PHONE))
    assert ("referred_child", None) in mother.reasons() & doctor.reasons()
    assert _statuses(doctor) == [("birth_to_three", "draft")], "her own referral is made already; a person looks at both"
