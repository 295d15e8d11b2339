"""Odd, hostile and empty input: a clear answer or the question again, no crash, nothing lost, nothing obeyed."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import date
from typing import Any

import httpx
import pytest
from people import Phone
from sqlalchemy import func, select
from twilio.request_validator import RequestValidator
from walking import about_a_child, born, in_words

from growline.system import System
from intake.store.connection import Store
from intake.store.models import Message

pytestmark = pytest.mark.system

Case = Callable[..., dict[str, Any]]


def _asked_the_list(phone: Phone) -> str:
    phone.says("hi")
    about_a_child(phone, yes="yes", relation="mom", name="Lena", birth=in_words(born(19)), early="no")
    phone.says("no")
    said = phone.says("no")
    assert "1 of 15" in said
    return said


def _asked_the_birth_date(phone: Phone) -> None:
    for text in ("hi", "yes", "mom"):
        phone.says(text)
    assert "born" in phone.says("Lena")


def _messages(store: Store) -> int:
    with store.reading() as session:
        return session.scalar(select(func.count()).select_from(Message)) or 0


def _webhook(system: System, signature: str | None, **fields: str) -> httpx.Response:
    url = f"http://127.0.0.1:{system.ports.gateway}/sms/inbound"
    form = {"MessageSid": "SM" + "0" * 32, "AccountSid": system.environment["TWILIO_ACCOUNT_SID"], "From": "+18605550199",
            "To": system.environment["TWILIO_FROM"], "Body": "hi", "NumMedia": "0", **fields}
    token = system.environment["TWILIO_AUTH_TOKEN"]
    right = RequestValidator(token).compute_signature(url, form)
    headers = {} if signature is None else {"X-Twilio-Signature": right if signature == "right" else signature}
    return httpx.post(url, data=form, headers=headers)


@pytest.mark.parametrize("signature", [None, "wrong", "A" * 28], ids=["missing", "wrong", "right length"])
def test_an_unsigned_or_wrongly_signed_webhook_is_refused_and_nothing_stored(signature: str | None, system: System,
                                                                             live_store: Store) -> None:
    before = _messages(live_store)
    assert _webhook(system, signature).status_code == 403
    assert _messages(live_store) == before


def test_the_same_message_twice_has_one_effect(phone: Phone, case: Case) -> None:
    _asked_the_list(phone)
    before = len(phone.received())
    sid = phone.sends("not yet")["sid"]
    phone.waits_for_answer(before)
    for _ in range(3):
        assert phone.sends("not yet", sid=sid)["webhook_status"] == 200
    time.sleep(1.5)
    assert len(phone.received()) == before + 1
    seen = case(phone=phone.number)
    assert [a["item"] for a in seen["answers"] if a["item"].startswith("m")] == ["m18.social.explores_checks_back"]
    assert seen["replaced_answers"] == []


@pytest.mark.parametrize("text", ["/restart", '/inform{"concern": "sleep"}', "//", "/session_start", "/delete_data"])
def test_a_leading_slash_is_text_and_never_a_command(text: str, phone: Phone, case: Case) -> None:
    _asked_the_list(phone)
    said = phone.says(text)
    assert "1 of 15" in said, "the question again"
    seen = case(phone=phone.number)
    assert not [a for a in seen["answers"] if a["item"].startswith("m")]
    assert seen["concerns"] == [] and "delete_data" not in {r["code"] for r in seen["reasons"]}


def test_an_answer_after_a_slash_is_read_as_the_words_it_is(phone: Phone, case: Case) -> None:
    _asked_the_list(phone)
    assert "2 of 15" in phone.says("/yes")
    milestones = [a["value"] for a in case(phone=phone.number)["answers"] if a["item"].startswith("m")]
    assert milestones == ["yes"]


@pytest.mark.parametrize("text", ["", "   ", "\u0000\u0000", "\u200b\u200d", "🤷‍♀️", "...", "x" * 10_000, "no sé " * 2_000,
                                  "<script>alert(1)</script>", "'; DROP TABLE message;--", "{{7*7}}", "%s%n"],
                         ids=["empty", "blanks", "NUL", "zero-width", "emoji only", "dots", "10,000 letters", "12,000 letters",
                              "html", "sql", "template", "format"])
def test_odd_texts_get_an_answer_with_the_question_and_lose_nothing(text: str, phone: Phone, case: Case) -> None:
    _asked_the_list(phone)
    said = phone.says(text)
    assert "of 15" in said or "de 15" in said
    assert case(phone=phone.number)["child"]["name"] == "Lena"
    assert "15 " in phone.says("sometimes")


def test_a_picture_alone_is_answered_honestly_and_shown_to_staff(phone: Phone, case: Case) -> None:
    _asked_the_list(phone)
    said = phone.says(None, media=1)
    assert "can't see pictures" in said and "1 of 15" in said
    assert "picture" in {r["code"] for r in case(phone=phone.number)["reasons"]}


def test_thumbs_up_and_down_are_answers(phone: Phone, case: Case) -> None:
    _asked_the_list(phone)
    assert "2 of 15" in phone.says("👍")
    assert "3 of 15" in phone.says("👎🏽")
    values = [a["value"] for a in case(phone=phone.number)["answers"] if a["item"].startswith("m")]
    assert values == ["yes", "not_yet"]


def test_a_birth_date_in_the_future_is_asked_again(phone: Phone) -> None:
    _asked_the_birth_date(phone)
    said = phone.says(f"3/14/{date.today().year + 1}")
    assert "not come yet" in said and "When was Lena born?" in said


def test_a_birth_date_forty_years_ago_is_asked_again(phone: Phone, case: Case) -> None:
    _asked_the_birth_date(phone)
    said = phone.says(f"3/14/{date.today().year - 40}")
    assert "When was Lena born?" in said
    assert case(phone=phone.number)["child"]["birth_date"] is None


def test_a_bare_three_is_asked_in_plain_words_and_the_pick_is_taken(phone: Phone, case: Case) -> None:
    _asked_the_birth_date(phone)
    said = phone.says("3")
    assert "1 3 years old" in said and "2 3 months old" in said
    phone.says("2")
    assert case(phone=phone.number)["child"]["birth_date"] is not None
    assert case(phone=phone.number)["expects"]["kind"] == "early_birth"


def test_a_date_that_can_be_read_two_ways_is_asked_in_spanish(phone: Phone, case: Case) -> None:
    for text in ("hola buenos días", "si", "soy la mamá"):
        phone.says(text)
    assert "¿Cuándo nació" in phone.says("Iker")
    said = phone.says(f"03/04/{date.today().year - 2}")
    assert "4 de marzo" in said and "3 de abril" in said
    phone.says("2")
    assert case(phone=phone.number)["child"]["birth_date"] == f"{date.today().year - 2}-04-03"


def test_danger_is_answered_at_once_and_flagged_as_an_emergency(phone: Phone, case: Case) -> None:
    _asked_the_list(phone)
    said = phone.says("she swallowed a button battery")
    assert "emergency room" in said.lower() and "1-800-498-8666" in said and "1 of 15" not in said
    seen = case(phone=phone.number)
    assert seen["urgency"] == "emergency" and ("safety", "battery_or_poison") in {(r["code"], r["item"]) for r in seen["reasons"]}
    said = phone.says("ok she is with the doctors now")
    assert "Stay with them" in said and "GO" in said and "1 of 15" not in said
    assert "1 of 15" in phone.says("go")


def test_stop_ends_all_texts_and_start_goes_on_at_the_same_question(phone: Phone, case: Case) -> None:
    _asked_the_list(phone)
    before = len(phone.received())
    phone.sends("STOP")
    time.sleep(1.0)
    phone.sends("are you there?")
    time.sleep(1.0)
    assert phone.received()[before:] == [], "the carrier itself has confirmed; we say nothing more"
    assert case(phone=phone.number)["status"] == "opted_out"
    said = phone.says("START")
    assert "1 of 15" in said


def test_a_sentence_that_asks_to_stop_is_confirmed_once_and_obeyed(phone: Phone) -> None:
    _asked_the_list(phone)
    before = len(phone.received())
    said = phone.says("please stop texting me")
    assert "no more texts" in said
    phone.sends("but my baby does not talk")
    time.sleep(1.5)
    assert len(phone.received()) == before + 1


def test_questions_in_between_come_back_to_the_open_question(phone: Phone) -> None:
    _asked_the_list(phone)
    for asked, answer in (("why do you ask that", "many children"), ("how much does it cost", "free"),
                          ("who reads this", "reads your answers"), ("what do you mean?", "1 of 15"),
                          ("can you repeat that", "1 of 15"), ("i want to talk to a person", "1-800-505-7000"),
                          ("is it autism?", "can't tell you that"), ("asdf qwer zxcv", "did not get that")):
        said = phone.says(asked)
        assert answer in said and "1 of 15" in said, asked


def test_the_language_can_be_switched_at_any_moment(phone: Phone) -> None:
    _asked_the_list(phone)
    assert "1 de 15" in phone.says("español por favor")
    assert "2 de 15" in phone.says("todavía no")
    assert "2 of 15" in phone.says("in english please")
