"""Ten families, from the first word to the row that staff work with, through the real programs.

Each test reads the outcome twice: from the database, and from the console's page over HTTP.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from people import Coordinator, Phone, WebVisitor
from sqlalchemy import select, update
from walking import about_a_child, born, in_words, walks_checklist

from intake.store.connection import Store
from intake.store.models import Child, Conversation, Message
from intake.usecases.case_view import CaseUnknown

pytestmark = pytest.mark.system

Case = Callable[..., dict[str, Any]]
Visit = Callable[[str | None], WebVisitor]


def _answers(case: dict[str, Any]) -> dict[str, str]:
    return {answer["item"]: answer["value"] for answer in case["answers"]}


def _milestones(case: dict[str, Any]) -> dict[str, str]:
    return {item: value for item, value in _answers(case).items() if item.startswith("m")}


def _reasons(case: dict[str, Any]) -> set[tuple[str, str | None]]:
    return {(reason["code"], reason["item"]) for reason in case["reasons"]}


def _console_page(store: Store, coordinator: Coordinator, case: dict[str, Any]) -> str:
    with store.reading() as session:
        query = select(Conversation.id).where(Conversation.public_id == case["conversation"])
        return coordinator.case(str(session.scalar(query)))


def test_1_english_by_sms_with_worries_ends_in_a_ready_referral(
    phone: Phone, case: Case, coordinator: Coordinator, live_store: Store
) -> None:
    assert "May I ask" in phone.says("hi, a friend told me to text. my son isnt talking much")
    said = about_a_child(phone, yes="yes please", relation="im his mom", name="his name is Mateo",
                         birth=in_words(born(20)), early="no")
    assert "I saved what you wrote about Mateo" in said
    phone.says("he wont look at me when i call him")
    said = phone.says("no")
    assert "1 of 15" in said and "Mateo" in said
    said = walks_checklist(phone, said, {2: "nope", 6: "not yet", 7: "kinda", 9: "idk", 12: "skip"}, "yes")
    assert "Yes: 10 of 15" in said and "Is that right?" in said
    said = phone.says("yes")
    assert "not a test" in said and "Birth to Three" in said and "May a person" in said
    phone.says("yes")
    assert "number you text from" in phone.says("Rosa")
    phone.says("yes")
    phone.says("evenings after 6")
    for fact in ("Hartford", "Dr Lopez", "husky", "my sister in law"):
        phone.says(fact)
    said = phone.says("latina")
    assert "Your number is HMG-" in said
    assert "Thank you" in phone.says("yes")

    seen = case(phone=phone.number)
    assert seen["flagged"] and seen["urgency"] == "standard" and seen["receipt"] in said
    assert _reasons(seen) == {("worry", "language_communication"), ("worry", "social_emotional"),
                              ("not_yet", "m18.social.points_to_show"), ("not_yet", "m18.language.tries_three_words")}
    assert seen["referrals"] == [{"program": "birth_to_three", "status": "ready", "rule": "W1"}]
    assert len(_milestones(seen)) == 15 and seen["replaced_answers"] == []
    assert [(c["kind"], c["given"]) for c in seen["consents"]] == [("conversation", True), ("sms", True), ("contact", True)]
    assert seen["family"] == {"relation": "parent", "contact_name": "Rosa", "phone": phone.number,
                              "best_time": "evening", "place": "Hartford"}
    page = _console_page(live_store, coordinator, seen)
    assert "Mateo" in page and seen["receipt"] in page and "he wont look at me when i call him" in page
    assert seen["receipt"] in coordinator.queue()


def test_2_spanish_by_sms_with_a_lost_skill_is_urgent(
    phone: Phone, case: Case, coordinator: Coordinator, live_store: Store
) -> None:
    assert "¿Le puedo hacer" in phone.says("hola buenas, necesito ayuda con mi niña")
    said = about_a_child(phone, yes="si claro", relation="soy la mamá", name="se llama Luz María",
                         birth=born(25).strftime("%d de ") + _MONTHS[born(25).month] + born(25).strftime(" de %Y"), early=None)
    assert "Luz María" in said
    said = phone.says("ya no dice mamá ni agua como antes")
    assert "Llame hoy al doctor" in said
    said = walks_checklist(phone, said, {3: "todavía no", 5: "a veces"}, "si")
    assert "¿Está bien así?" in said
    assert "¿Le puede llamar" in phone.says("sí")
    phone.says("si")
    phone.says("Carmen")
    phone.says("si")
    phone.says("en la tarde")
    said = ""
    for _ in range(5):
        said = phone.says("saltar")
    assert "Su número es HMG-" in said
    phone.says("si")

    seen = case(phone=phone.number)
    assert seen["language"] == "es" and seen["urgency"] == "urgent"
    assert ("lost_skill", None) in _reasons(seen) and ("worry", "language_communication") in _reasons(seen)
    assert _answers(seen)["lost_skills"] == "yes"
    assert seen["referrals"] == [{"program": "birth_to_three", "status": "ready", "rule": "W1"}]
    page = _console_page(live_store, coordinator, seen)
    assert "ya no dice mamá ni agua como antes" in page


_MONTHS = ["", "enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre", "noviembre",
           "diciembre"]


def test_3_spanglish_on_the_web_is_understood_and_keeps_the_parents_words(
    visitor: Visit, case: Case, coordinator: Coordinator, live_store: Store
) -> None:
    family = visitor("en")
    family.opens()
    said = about_a_child(family, yes="yes", relation="Parent or guardian", name="Ian", birth=in_words(born(31)), early=None)
    said = family.says("no habla mucho but he understands todo")
    said = family.says("No")
    said = walks_checklist(family, said, {4: "todavía no", 5: "Not yet", 6: "a veces"}, "Yes")
    family.says("Yes, that is right")
    family.says("Yes")
    family.says("Dani")
    assert family.last["expects"]["kind"] == "phone"
    family.says("860 555 0171")
    family.says("Any time")
    for _ in range(5):
        said = family.says("skip")
    assert "HMG-" in said
    family.says("Partly")

    seen = case(receipt_or_conversation=family.conversation)
    assert seen["channel"] == "web" and seen["family"]["phone"] == "+18605550171"
    assert {"domain": "language_communication", "words": "no habla mucho but he understands todo",
            "coded_by": "agent"} in seen["concerns"]
    assert {item for code, item in _reasons(seen) if code == "not_yet"} == {
        "m30.language.about_50_words", "m30.language.action_word_phrase"}
    assert seen["referrals"][0]["status"] == "ready" and _answers(seen)["needs_met"] == "partly"
    assert "no habla mucho but he understands todo" in _console_page(live_store, coordinator, seen)


def test_4_on_the_web_without_worries_nothing_is_flagged_and_monitoring_is_offered(
    visitor: Visit, case: Case, coordinator: Coordinator
) -> None:
    family = visitor("en")
    family.opens()
    said = about_a_child(family, yes="Yes", relation="Parent or guardian", name="Noor", birth=in_words(born(13)), early="No")
    family.says("no")
    said = family.says("No")
    said = walks_checklist(family, said, {}, "Yes")
    assert "Yes: 10 of 10" in said
    said = family.says("Yes, that is right")
    assert "on track" not in said and "9, 18, 24 and 30" in said
    said = family.says("No")
    assert "Nobody will contact you" in said
    family.says("Yes")

    seen = case(receipt_or_conversation=family.conversation)
    assert not seen["flagged"] and seen["urgency"] == "none" and seen["reasons"] == []
    assert seen["referrals"] == [] and seen["receipt"] is None and seen["concerns"] == []
    assert [(c["kind"], c["given"]) for c in seen["consents"]] == [("conversation", True), ("contact", False)]
    assert "Noor" not in coordinator.queue()


def test_5_born_early_gets_the_list_of_the_corrected_age(phone: Phone, case: Case, coordinator: Coordinator,
                                                         live_store: Store) -> None:
    phone.says("hello")
    phone.says("yes")
    phone.says("dad")
    phone.says("Theo")
    assert "born early" in phone.says(in_words(born(10, extra_days=3)))
    said = phone.says("yes")
    assert "How many weeks early" in said
    said = phone.says("8 weeks")
    assert "8 weeks early" in said and "6-month list" in said
    phone.says("no")
    said = phone.says("no")
    assert "of 12" in said
    said = walks_checklist(phone, said, {1: "not yet"}, "yes")
    phone.says("yes")
    phone.says("no")
    phone.says("yes")

    seen = case(phone=phone.number)
    assert seen["child"]["weeks_early"] == 8
    assert all(item.startswith("m06.") for item in _milestones(seen)) and len(_milestones(seen)) == 12
    assert seen["flagged"] and seen["referrals"] == []
    assert "8" in _console_page(live_store, coordinator, seen)


def test_6_over_three_in_spanish_on_the_web_goes_to_preschool_special_education(
    visitor: Visit, case: Case, coordinator: Coordinator, live_store: Store
) -> None:
    family = visitor("es")
    assert "¡Hola!" in family.opens()
    about_a_child(family, yes="Sí", relation="Mamá, papá o tutor", name="Iker", birth="tiene 3 años y medio", early=None)
    family.says("pega y muerde mucho en la guardería")
    said = family.says("No")
    assert "de 12" in said
    said = walks_checklist(family, said, {5: "Todavía no"}, "Sí")
    said = family.says("Sí, está bien")
    assert "¿Le puede llamar" in said
    family.says("Sí")
    family.says("Yolanda")
    family.says("mi numero es el (860) 555-0172")
    family.says("En la mañana")
    for _ in range(5):
        said = family.says("saltar")
    assert "HMG-" in said
    family.says("Sí")

    seen = case(receipt_or_conversation=family.conversation)
    assert not seen["child"]["birth_is_exact"]
    assert seen["referrals"] == [{"program": "early_childhood_special_education", "status": "ready", "rule": "W4"}]
    assert ("worry", "behavior") in _reasons(seen)
    assert "Iker" in _console_page(live_store, coordinator, seen)


def test_7_a_skill_lost_within_the_list_is_urgent_at_once(phone: Phone, case: Case, coordinator: Coordinator) -> None:
    phone.says("hi")
    about_a_child(phone, yes="yes", relation="mom", name="Ada", birth=in_words(born(16)), early="no")
    phone.says("no")
    said = phone.says("no")
    phone.says("yes")
    said = phone.says("not anymore")
    assert "Call your child's doctor today" in said and "3 of 13" in said

    seen = case(phone=phone.number)
    assert seen["urgency"] == "urgent", "staff see it before the family has finished"
    assert ("lost_skill", None) in _reasons(seen)
    assert "not anymore" in coordinator.queue()


def test_8_refusing_consent_is_a_friendly_end_that_keeps_nothing(phone: Phone, case: Case, coordinator: Coordinator,
                                                                 live_store: Store) -> None:
    said = phone.says("hola mi hijo Emanuel no camina")
    assert "¿Le puedo hacer" in said
    said = phone.says("no")
    assert "1-800-505-7000" in said and "no guardé" in said

    seen = case(phone=phone.number)
    assert seen["status"] == "refused" and not seen["flagged"]
    assert seen["answers"] == [{"item": "consent", "value": "not_yet", "own_words": "not_yet"}]
    assert seen["concerns"] == [] and seen["child"] is None and seen["referrals"] == []
    assert [(c["kind"], c["given"]) for c in seen["consents"]] == [("conversation", False)]
    with live_store.reading() as session:
        inbound = session.scalars(select(Message.text).join(Conversation, Message.conversation_id == Conversation.id).where(
            Conversation.public_id == seen["conversation"], Message.direction == "inbound"))
        assert set(inbound) == {""}
    assert "Emanuel" not in coordinator.queue()


def test_9_earlier_answers_are_corrected_and_the_old_ones_kept(phone: Phone, case: Case, coordinator: Coordinator,
                                                               live_store: Store) -> None:
    phone.says("hi")
    about_a_child(phone, yes="yes", relation="mom", name="Zoe", birth=in_words(born(19)), early="no")
    phone.says("no")
    said = phone.says("no")
    for answer in ("yes", "no", "yes"):
        said = phone.says(answer)
    said = phone.says("actually she does point")
    assert "I changed it" in said and "4 of 15" in said
    said = walks_checklist(phone, said, {}, "yes")
    said = phone.says("6")
    assert "6 of 15" in said
    said = phone.says("not yet")
    assert "Not yet:\n6 " in said
    phone.says("yes")

    seen = case(phone=phone.number)
    assert _answers(seen)["m18.social.points_to_show"] == "yes"
    assert _answers(seen)["m18.language.tries_three_words"] == "not_yet"
    assert {(a["item"], a["value"]) for a in seen["replaced_answers"]} >= {
        ("m18.social.points_to_show", "not_yet"), ("m18.language.tries_three_words", "yes")}
    assert _reasons(seen) == {("not_yet", "m18.language.tries_three_words")}
    assert "actually she does point" in _console_page(live_store, coordinator, seen)


def test_10_coming_back_after_two_days_goes_on_at_the_open_question(phone: Phone, case: Case, live_store: Store,
                                                                    coordinator: Coordinator) -> None:
    phone.says("hi")
    about_a_child(phone, yes="yes", relation="mom", name="Ben", birth=in_words(born(40)), early=None)
    phone.says("his speech is hard to understand")
    said = phone.says("no")
    phone.says("yes")
    phone.says("yes")
    _two_days_pass(live_store, case(phone=phone.number)["conversation"])
    said = phone.says("sorry got busy, hi again")
    assert "Welcome back" in said and "3 of 12" in said
    said = phone.says("not yet")
    assert "Welcome back" not in said and "4 of 12" in said

    seen = case(phone=phone.number)
    assert len(_milestones(seen)) == 3
    assert ("not_yet", [*_milestones(seen)][2]) in _reasons(seen)
    assert "his speech is hard to understand" in _console_page(live_store, coordinator, seen)


def _two_days_pass(store: Store, public_id: str) -> None:
    """Moves everything that was said two days back, as if it had been said then."""
    with store.transaction() as session:
        conversation = session.scalars(select(Conversation).where(Conversation.public_id == public_id)).one()
        session.execute(update(Message).where(Message.conversation_id == conversation.id)
                        .values(created_at=Message.created_at - timedelta(days=2)))
        conversation.started_at -= timedelta(days=2)


def test_nobody_else_is_found_under_a_receipt_that_does_not_exist(case: Case) -> None:
    with pytest.raises(CaseUnknown):
        case(receipt_or_conversation="HMG-000000")


def test_staff_move_a_referral_to_sent_and_the_database_follows(phone: Phone, case: Case, coordinator: Coordinator,
                                                                live_store: Store) -> None:
    phone.says("hi")
    about_a_child(phone, yes="yes", relation="mom", name="Uma", birth=in_words(born(4)), early="no")
    phone.says("she never startles at loud noises")
    said = phone.says("no")
    walks_checklist(phone, said, {}, "yes")
    phone.says("yes")
    phone.says("yes")
    phone.says("Tess")
    phone.says("yes")
    seen = case(phone=phone.number)
    assert seen["referrals"][0]["status"] == "ready"
    with live_store.reading() as session:
        conversation = session.scalars(select(Conversation).where(Conversation.public_id == seen["conversation"])).one()
        child = session.get_one(Child, conversation.child_id)
        assert child.name == "Uma" and isinstance(child.birth_date, date)
        from intake.store.models import Referral

        referral = session.scalars(select(Referral).where(Referral.conversation_id == conversation.id)).one()
    answer = coordinator.moves(str(conversation.id), str(referral.id), "sent", referral.version)
    assert answer.is_redirect
    assert case(phone=phone.number)["referrals"][0]["status"] == "sent"
