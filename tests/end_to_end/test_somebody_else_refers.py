"""Who refers and may not accept, through the real programs: child care, a doctor, a grandmother, and the parent who agrees."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from people import Coordinator, Phone, WebVisitor
from sqlalchemy import select
from walking import about_a_child, born, in_words, walks_checklist

from intake.store.connection import Store
from intake.store.models import Conversation

pytestmark = pytest.mark.system

Case = Callable[..., dict[str, Any]]
Visit = Callable[[str | None], WebVisitor]
Page = Callable[[dict[str, Any]], str]


@pytest.fixture
def page(live_store: Store, coordinator: Coordinator) -> Page:
    """The console's page of a case."""

    def of(case: dict[str, Any]) -> str:
        with live_store.reading() as session:
            query = select(Conversation.id).where(Conversation.public_id == case["conversation"])
            return coordinator.case(str(session.scalar(query)))

    return of


def _another_phone(phone: Phone, last: int) -> Phone:
    """One more phone at the same simulated carrier."""
    # In Connecticut: a number of another country, such as +1 268, is kept and never answered.
    return Phone(phone.simulator, f"+1203{200 + uuid4().int % 700}01{last:02d}")


def test_child_care_refers_on_the_web_and_the_mother_agrees_from_her_phone(
        visitor: Visit, phone: Phone, case: Case, page: Page) -> None:
    teacher = visitor("en")
    teacher.opens()
    teacher.says("yes")
    assert "only the parent or guardian can say yes" in teacher.says("I'm her teacher")
    assert "How old is Inez?" in teacher.says("Inez")
    assert "What worries you about Inez?" in teacher.says("20 months")
    teacher.says("Inez does not say any words and cries a lot at drop off")
    teacher.says("no") if teacher.last["expects"]["kind"] == "worry" else None
    assert teacher.last["expects"] == {"kind": "contact_consent", "id": "parent_knows"}
    assert "How can we reach" in teacher.says("not yet, I wanted to ask first")
    assert "A person will call them" in teacher.says(phone.number)
    teacher.says("Dana")
    teacher.says("Bright Start Daycare")
    said = teacher.says("no")
    [number] = re.findall(r"HMG-\w{6}", said)
    assert "Nothing moves until" in said
    teacher.says("yes")
    told = case(receipt_or_conversation=teacher.conversation)
    assert told["referrals"] == [{"program": "birth_to_three", "status": "draft", "rule": "W1"}] and told["receipt"] == number
    assert told["referrer"]["name"] == "Dana" and told["referrer"]["parent_knows"] == "not_yet"
    assert phone.received() == [], "nobody texts a number that somebody else gave"
    shown = page(told)
    assert "Who referred" in shown and "Bright Start Daycare" in shown and "call the parent or guardian" in shown

    greeting = phone.says("hi")
    assert "Inez" not in greeting and "Dana" not in greeting
    said = about_a_child(phone, yes="yes", relation="im her mom", name="Inez", birth=in_words(born(20)), early="no")
    phone.says("she only says mama")
    said = phone.says("no")
    walks_checklist(phone, said, {}, "yes")
    phone.says("yes")
    phone.says("yes")
    phone.says("Rosa")
    phone.says("yes")
    agreed = case(phone=phone.number)
    assert agreed["referrals"] == [{"program": "birth_to_three", "status": "ready", "rule": "W1"}]
    assert agreed["joined"] == [number]
    assert case(receipt_or_conversation=number)["referrals"] == []
    assert number in page(agreed)


def test_a_doctor_refers_in_spanish_by_text_and_the_number_handed_on_says_nothing(phone: Phone, case: Case, page: Page) -> None:
    phone.says("hola buenas tardes")
    phone.says("sí")
    assert "solo la mamá, el papá o el tutor" in phone.says("soy su pediatra")
    phone.says("J.")
    assert "¿Qué le preocupa" in phone.says("2 años y 1 mes")
    said = phone.says("no junta palabras y no voltea cuando le hablan")
    said = phone.says("no") if "algo más" in said else said
    assert "sabe que usted nos escribe" in said
    assert "Mándeme su teléfono" in phone.says("sí")
    said = phone.says("yo le aviso a la familia")
    [number] = re.findall(r"HMG-\w{6}", said)
    phone.says("Doctora Luna")
    phone.says("Clínica del Río")
    assert number in phone.says("sí")
    phone.says("sí")
    told = case(phone=phone.number)
    assert told["family"]["phone"] is None and told["referrer"]["call_back"] == phone.number
    assert [(r["status"]) for r in told["referrals"]] == ["draft"] and "Clínica del Río" in page(told)

    mother = _another_phone(phone, 61)
    assert "no puedo decir nada" in mother.says(f"hola mi doctora me dio este número {number}")
    said = about_a_child(mother, yes="sí", relation="soy la mamá", name="Jairo", birth="2 años y 1 mes", early=None)
    assert "Luna" not in said
    assert ("referred_child", None) in {(r["code"], r["item"]) for r in case(phone=mother.number)["reasons"]}


def test_a_grandmother_who_is_the_guardian_goes_the_parents_way(phone: Phone, case: Case) -> None:
    phone.says("hi")
    phone.says("yes")
    assert "legal guardian" in phone.says("grandma")
    assert "first name" in phone.says("yes I have custody")
    assert "number" not in phone.says("Rory")
    told = case(phone=phone.number)
    assert told["family"]["relation"] == "parent" and told["family"]["phone"] == phone.number and told["referrer"] is None
