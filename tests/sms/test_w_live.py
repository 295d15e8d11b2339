"""What of W14, W18, W21 and W30 only the real engine can show: a sign for an answer, a change of mind, what a child does."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from people import Phone
from walking import about_a_child, born, in_words

pytestmark = pytest.mark.system

Case = Callable[..., dict[str, Any]]
FIRST, SECOND = "m18.social.explores_checks_back", "m18.social.points_to_show"


def is_asked_for_worries(phone: Phone) -> str:
    phone.says("hi")
    return about_a_child(phone, yes="yes", relation="mom", name="Lena", birth=in_words(born(19)), early="no")


def is_asked_the_list(phone: Phone) -> None:
    is_asked_for_worries(phone)
    phone.says("no")
    assert "1 of 15" in phone.says("no")


def milestones(case: dict[str, Any]) -> dict[str, str]:
    return {answer["item"]: answer["value"] for answer in case["answers"] if answer["item"].startswith("m18")}


def test_w14_a_thumb_is_an_answer_to_a_yes_or_no_question_and_to_no_other(phone: Phone, case: Case) -> None:
    for words in ("hi", "👍", "mom"):  # the second one agrees to go on
        phone.says(words)
    assert "born" in phone.says("Lena")
    assert "When was Lena born" in phone.says("👍") and case(phone=phone.number)["child"]["birth_date"] is None
    phone.says(in_words(born(19)))
    assert "worries" in phone.says("👎")
    assert case(phone=phone.number)["child"]["weeks_early"] in (None, 0)


def test_w18_a_name_and_a_birth_date_that_come_the_wrong_way_round_are_both_kept(phone: Phone, case: Case) -> None:
    for words in ("hi", "yes", "mom"):
        phone.says(words)
    before = len(phone.received())
    phone.sends(in_words(born(19)))
    phone.sends("Lena")
    phone.waits_for_answer(before)
    for _ in range(3):
        open_now = case(phone=phone.number)["expects"]["kind"]
        if open_now in ("child_name", "birth_date"):
            phone.says("Lena" if open_now == "child_name" else in_words(born(19)))
    child = case(phone=phone.number)["child"]
    assert (child["name"], child["birth_date"]) == ("Lena", born(19).isoformat())


def test_w18_an_answer_can_be_corrected_when_the_next_one_is_given_already(phone: Phone, case: Case) -> None:
    is_asked_the_list(phone)
    phone.says("yes")
    assert "3 of 15" in phone.says("not yet")
    said = phone.says("wait, actually she does point at things")
    assert "of 15" in said
    seen = case(phone=phone.number)
    assert milestones(seen) == {FIRST: "yes", SECOND: "yes"}
    assert [answer["value"] for answer in seen["replaced_answers"] if answer["item"] == SECOND] == ["not_yet"]


def test_w21_a_child_who_wont_stop_hitting_is_a_worry_and_one_who_stops_breathing_an_emergency(
        phone: Phone, case: Case) -> None:
    is_asked_for_worries(phone)
    phone.says("she won't stop hitting")
    seen = case(phone=phone.number)
    assert seen["status"] == "open" and "behavior" in {concern["domain"] for concern in seen["concerns"]}
    assert "911" in phone.says("she stops breathing at night")
    assert case(phone=phone.number)["urgency"] == "emergency" and case(phone=phone.number)["status"] == "open"


def test_w30_who_asks_in_the_middle_of_a_talk_is_told_what_this_is_and_nothing_is_taken_for_an_answer(
        phone: Phone, case: Case) -> None:
    is_asked_the_list(phone)
    said = phone.says("who is this")
    assert "Help Me Grow" in said and "not a person" in said and "1 of 15" in said
    seen = case(phone=phone.number)
    assert milestones(seen) == {} and seen["status"] == "open" and "wrong_number" not in {r["code"] for r in seen["reasons"]}


def test_w22_the_word_quit_for_an_answer_ends_all_texts_and_only_the_carrier_says_so(phone: Phone, case: Case) -> None:
    is_asked_the_list(phone)
    before = len(phone.received())
    phone.sends("QUIT")
    time.sleep(1.5)
    assert len(phone.received()) == before and milestones(case(phone=phone.number)) == {}
    assert case(phone=phone.number)["status"] == "opted_out"
