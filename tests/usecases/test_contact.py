"""May a person contact the family, under which name and number, and when."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from a_family import OLDER, ORDINARY, OTHER_PHONE, PHONE, AFamily, said
from hypothesis import given
from hypothesis import strategies as st

from intake.rules.interview import Expects, Kind
from intake.store.models import Consent, Message
from intake.usecases import contact
from intake.usecases.delivery import claim

Family = Callable[..., AFamily]


@pytest.mark.parametrize("typed", [
    "860-555-0142", "(860) 555-0142", "8605550142", "860.555.0142", "860 555 0142", "+1 860 555 0142", "1-860-555-0142",
    "18605550142", "my number is 860-555-0142 thanks", "mi número es el (860)555-0142", "call 860 555 0142 after 5pm",
    "860 555 0142 or 787 555 0143"])
def test_a_phone_is_read_however_it_is_typed(typed: str) -> None:
    assert contact.read_phone(typed) == "+18605550142"


def test_a_number_in_puerto_rico_can_be_called() -> None:
    assert contact.read_phone("787-555-0142") == "+17875550142"


@pytest.mark.parametrize("typed", [
    "", "no phone", "555-0142", "12345", "911", "06106", "860 555 014", "860555014299", "1234567890", "0605550142",
    "160-555-0142", "860-155-0142", "+44 20 7946 0958", "+52 55 1234 5678", "03/04/2024", "2024-03-04", "eight six oh"])
def test_what_is_no_number_to_call_is_never_taken_for_one(typed: str) -> None:
    assert contact.read_phone(typed) is None


@given(st.text(max_size=40))
def test_whatever_is_typed_only_a_whole_number_of_this_country_comes_out(typed: str) -> None:
    phone = contact.read_phone(typed)
    assert phone is None or (phone.startswith("+1") and len(phone) == 12 and phone[2] in "23456789")


def test_a_wrong_number_is_asked_again_and_not_kept(family: Family) -> None:
    parent = family(until=Kind.PHONE, answers=OLDER, channel="web")
    outcome = parent.say("555-0142", lambda scene: contact.tell_phone(scene, "555-0142"))
    assert said(outcome) == ["phone_not_understood", "ask_phone"] and parent.case()["family"]["phone"] is None


def test_who_texts_is_asked_whether_that_number_will_do(family: Family) -> None:
    parent = family(until=Kind.CONTACT_NAME, answers=OLDER)
    assert said(parent.say(*ORDINARY[Kind.CONTACT_NAME])) == ["ask_phone_same"]
    parent.say("yes", contact.keep_phone)
    assert parent.value(Kind.PHONE) == PHONE


def test_a_bare_yes_on_the_web_gives_no_number(family: Family) -> None:
    parent = family(until=Kind.PHONE, answers=OLDER, channel="web")
    assert "phone_not_understood" in said(parent.say("yes", contact.keep_phone))
    assert parent.open() == Expects(Kind.PHONE)


def test_another_number_is_the_one_to_call_but_texts_still_go_to_who_is_writing(family: Family) -> None:
    parent = family(until=Kind.PHONE, answers=OLDER)
    parent.say("my husband 860-555-0177", lambda scene: contact.tell_phone(scene, scene.turn.text))
    assert parent.case()["family"]["phone"] == OTHER_PHONE
    last = max(parent.all(Message), key=lambda message: message.seq)
    sending = claim(parent.store, last.id)
    assert sending is not None and sending.phone == PHONE


def test_after_another_number_was_told_the_next_text_of_the_parent_is_the_same_conversation(family: Family) -> None:
    parent = family(until=Kind.PHONE, answers=OLDER)
    parent.say("860-555-0177", lambda scene: contact.tell_phone(scene, scene.turn.text))
    parent.say("mornings", ORDINARY[Kind.BEST_TIME][1])
    assert parent.open() == Expects(Kind.PLACE) and parent.case()["messages"]["inbound"] > 8


def test_agreeing_writes_the_consent_with_its_words_shown(family: Family) -> None:
    parent = family(until=Kind.CONTACT_CONSENT, answers=OLDER)
    outcome = parent.say("yes", contact.agree_to_contact)
    assert said(outcome)[0] == "contact_thanks" and parent.open() == Expects(Kind.CONTACT_NAME)
    given = [(row.kind, row.given) for row in parent.all(Consent)]
    assert given == [("conversation", True), ("sms", True), ("contact", True)]


def test_who_does_not_agree_gets_the_number_to_call_and_no_further_question_but_the_last(family: Family) -> None:
    parent = family(until=Kind.CONTACT_CONSENT, answers=OLDER)
    outcome = parent.say("no", contact.refuse_contact)
    assert said(outcome)[:2] == ["contact_refused", "ask_needs_met"]
    assert parent.case()["referrals"] == [] and parent.case()["receipt"] is None
    assert [(row.kind, row.given) for row in parent.all(Consent)][-1] == ("contact", False)


def test_the_name_and_the_time_are_kept_for_staff(family: Family) -> None:
    parent = family(until=Kind.PLACE, answers=OLDER)
    assert parent.case()["family"] == {"relation": "parent", "contact_name": "Rosa", "phone": PHONE, "best_time": "morning",
                                       "place": None}


def test_a_time_in_the_parents_own_words_is_kept_as_written(family: Family) -> None:
    parent = family(until=Kind.BEST_TIME, answers=OLDER)
    parent.say("after my shift, 3:30", lambda scene: contact.tell_best_time(scene, "inform"))
    assert parent.case()["family"]["best_time"] == "after my shift, 3:30"


def test_without_any_phone_the_parent_is_told_to_call(family: Family) -> None:
    parent = family(until=Kind.PHONE, answers=OLDER, channel="web")
    outcome = parent.say("skip", lambda scene: contact.skip_contact_detail(scene, Kind.PHONE))
    assert said(outcome)[0] == "no_phone_call_us"
