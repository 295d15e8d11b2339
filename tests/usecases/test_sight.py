"""Who sees what: a person limited to programs, decided in one place by the family's yes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from intake.content.library import Content
from intake.rules.calls import CallOutcome, CallTo
from intake.rules.referral import NOT_TO_HAND_ON, ReferralStatus
from intake.store.connection import Store
from intake.store.models import Consent, Conversation, Referral, Role, Staff
from intake.usecases.assigning import ColleagueUnknown, assign, colleagues
from intake.usecases.calls import CallMade, log_call
from intake.usecases.casework import ReferralUnknown
from intake.usecases.searching import SearchKind, search
from intake.usecases.sight import Sight, limit_to, may_see, sight_of
from tests.console.made_up_families import PHONE, MadeUpCase, a_case

BIRTH_TO_THREE, OTHER = "birth_to_three", "easy_breathing"


def a_person(store: Store, name: str, *programs: str) -> int:
    with store.transaction() as session:
        role = session.query(Role).first() or Role(name="intake")
        staff = Staff(email=f"{name}@example.org", name=name, fs_uniquifier=name, roles=[role])
        session.add(staff)
        session.flush()
        limit_to(session, staff.id, programs)
        return staff.id


def sees(store: Store, staff: int, case: MadeUpCase) -> bool:
    with store.reading() as session:
        return may_see(session, sight_of(session, staff), case.conversation)


def test_whoever_has_no_program_sees_all(store: Store) -> None:
    assert sees(store, a_person(store, "Ines"), a_case(store, status=ReferralStatus.DRAFT))


@pytest.mark.parametrize("status", ReferralStatus)
def test_a_program_sees_a_case_while_the_familys_yes_stands(store: Store, status: ReferralStatus) -> None:
    case = a_case(store, status=status)
    assert sees(store, a_person(store, "Omar", BIRTH_TO_THREE, OTHER), case) is (status not in NOT_TO_HAND_ON)
    assert not sees(store, a_person(store, "Lena", OTHER), case)


def test_a_yes_that_was_taken_back_or_never_given_shows_nothing(store: Store) -> None:
    case, omar = a_case(store, status=ReferralStatus.SENT), a_person(store, "Omar", BIRTH_TO_THREE)
    with store.transaction() as session:
        session.add(Consent(conversation_id=case.conversation, kind="contact", given=False, source="sms", words_shown="contact-1",
                            at=datetime.now(UTC)))
    assert not sees(store, omar, case)
    with store.transaction() as session:
        session.add(Consent(conversation_id=case.conversation, kind="contact", given=True, source="sms", words_shown="contact-1",
                            at=datetime.now(UTC) + timedelta(seconds=1)))
    assert sees(store, omar, case)
    with store.transaction() as session:
        session.get_one(Referral, case.referral).consent_id = None
    assert not sees(store, omar, case)


def test_a_change_counts_at_once(store: Store) -> None:
    case, omar = a_case(store), a_person(store, "Omar", OTHER)
    assert not sees(store, omar, case)
    with store.transaction() as session:
        limit_to(session, omar, [BIRTH_TO_THREE, BIRTH_TO_THREE])
    assert sees(store, omar, case)
    with store.transaction() as session:
        limit_to(session, omar, [])
    assert sees(store, omar, case)


def test_a_referral_of_another_case_or_program_is_out_of_sight(store: Store) -> None:
    case, another, omar = a_case(store), a_case(store), a_person(store, "Omar", BIRTH_TO_THREE)
    with store.transaction() as session:
        draft = Referral(conversation_id=case.conversation, program_id=OTHER, reason_rule="R1", status="sent")
        session.add(draft)
        session.flush()
        seen = sight_of(session, omar)
        asked = (case.referral, another.referral, draft.id)
        assert [may_see(session, seen, case.conversation, each) for each in asked] == [True, False, False]
        assert may_see(session, Sight(omar), case.conversation, draft.id)


def test_a_search_neither_finds_nor_betrays_what_is_out_of_sight(store: Store) -> None:
    case, lena = a_case(store, child_name="Mateo"), a_person(store, "Lena", OTHER)
    with store.transaction() as session:
        session.get_one(Conversation, case.conversation).receipt_number = "HMG-ABCDEF"
    for typed, kind in ((PHONE, SearchKind.PHONE), ("Mateo", SearchKind.NAME), ("HMG-ABCDEF", SearchKind.NAME)):
        found = search(store, typed, lena, "HMG")
        assert found.cases == () and found.kind is kind, typed
    assert search(store, "HMG-ABCDEF", a_person(store, "Ines"), "HMG").kind is SearchKind.NUMBER


def test_a_case_is_offered_and_given_only_to_who_may_see_it(store: Store) -> None:
    case = a_case(store)
    ines, omar, lena = a_person(store, "Ines"), a_person(store, "Omar", BIRTH_TO_THREE), a_person(store, "Lena", OTHER)
    with store.reading() as session:
        offered = colleagues(session, session.get_one(Conversation, case.conversation))
    assert [colleague.id for colleague in offered] == [ines, omar]
    with pytest.raises(ColleagueUnknown):
        assign(store, case.conversation, lena, shown=None, staff=ines)
    assign(store, case.conversation, omar, shown=None, staff=ines)


def test_a_program_logs_calls_to_itself_alone(store: Store, content: Content) -> None:
    case, omar = a_case(store), a_person(store, "Omar", BIRTH_TO_THREE)
    now = datetime.now(UTC) - timedelta(minutes=1)
    for made in (CallMade(CallTo.FAMILY, CallOutcome.REACHED, now), CallMade(CallTo.PROGRAM, CallOutcome.REACHED, now)):
        with pytest.raises(ReferralUnknown):
            log_call(store, content, case.conversation, made, staff=omar, form_key=case.conversation)
    theirs = CallMade(CallTo.PROGRAM, CallOutcome.REACHED, now, case.referral)
    assert log_call(store, content, case.conversation, theirs, staff=omar, form_key=case.conversation)
