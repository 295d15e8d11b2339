"""Families as they really text: a story in place of an answer, a change of mind, a question back. Through the real programs.

Each checks that what was told stands in the case, that nothing was guessed, and that every odd message came back to the
question that was open.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from people import Phone, WebVisitor
from walking import born, in_words, walks_checklist

pytestmark = pytest.mark.system

Case = Callable[..., dict[str, Any]]
Visit = Callable[[str | None], WebVisitor]
STORY = ("so basically he was saying words until last summer and then he just kind of stopped and now he screams at the store "
         "and the doctor said wait and see")


def _answers(case: dict[str, Any]) -> dict[str, str]:
    return {answer["item"]: answer["value"] for answer in case["answers"]}


def _domains(case: dict[str, Any]) -> set[str]:
    return {concern["domain"] for concern in case["concerns"]}


def test_a_mother_who_tells_everything_at_once_loses_nothing_and_is_not_misread(phone: Phone, case: Case) -> None:
    assert "Thank you for telling me" in phone.says("hi im maria my son leo is 2 and doesnt talk")
    said = phone.says("is this a bot")
    assert "not a person" in said and "May I ask" in said
    phone.says("yes im his mom")
    phone.says("mom")
    assert "When was Leo born" in phone.says("leo and he is 2")
    assert "2 years old" in phone.says("2")
    assert "When was Leo born" in phone.says("no")
    said = phone.says("hes not saying any words just grunts and points")
    assert "I saved it in your words" in said and "When was Leo born" in said
    assert "anything else" in phone.says(in_words(born(26)))
    said = phone.says("wait what do you do with this info")
    assert "reads your answers" in said and "anything else" in said
    phone.says("no thats it")
    assert "What did Leo stop doing" in phone.says("yes")
    said = phone.says("no wait i meant no")
    assert "Has Leo stopped" in said
    said = phone.says("no")
    assert "1 of 13" in said
    assert "Write to me when you want to go on" in phone.says("stop asking me")
    said = walks_checklist(phone, phone.says("ok hi"), {2: "not yet"}, "yes")
    assert "2 " in said and "Is that right?" in said
    phone.says("yes")
    assert "Nobody will contact you" in phone.says("no")
    assert "I'm sorry. I told our team" in phone.says("no")
    assert phone.says("ok thanks").startswith("You're welcome.")

    seen = case(phone=phone.number)
    assert _domains(seen) == {"language_communication"} and len(seen["concerns"]) == 2
    assert seen["child"]["name"] == "Leo" and seen["child"]["birth_date"] == born(26).isoformat()
    assert seen["urgency"] == "standard" and _answers(seen)["lost_skills"] == "not_yet"
    assert {reason["code"] for reason in seen["reasons"]} == {"worry", "not_yet", "needs_not_met"}


def test_a_grandmother_in_spanish_corrects_in_her_own_words(phone: Phone, case: Case) -> None:
    phone.says("hola soy la abuelita de un niño q no camina y ya tiene año y medio")
    assert "no una persona" in phone.says("es un robot?")
    phone.says("si esta bien")
    assert "tutor legal" in phone.says("su abuela")
    phone.says("si, tengo la custodia")
    assert "Jose Angel" in phone.says("jose angel y ya casi camina")
    phone.says((date.today() - timedelta(days=566)).strftime("%Y-%m-%d"))
    assert "algo más" in phone.says("no se")
    assert "dejó de hacer" in phone.says("la mama dice que no")
    phone.says("no")
    phone.says("si")
    assert "3 de 15" in phone.says("todavia no")
    said = phone.says("la de señalar es si")
    assert "ahora es sí" in said and "3 de 15" in said
    said = phone.says("ay perdon me equivoque era no")
    assert "ahora es todavía no" in said and "3 de 15" in said
    said = walks_checklist(phone, said, {10: "todavia no"}, "si")
    assert "¿Está bien así?" in said

    seen = case(phone=phone.number)
    assert seen["language"] == "es" and seen["family"]["relation"] == "parent", "custody stands in a parent's place"
    assert seen["child"]["name"] == "Jose Angel" and _answers(seen)["early_birth"] == "not_sure"
    assert _answers(seen)["m18.social.points_to_show"] == "not_yet"
    assert [concern["domain"] for concern in seen["concerns"]] == ["movement_physical"]


def test_a_story_told_in_place_of_a_name_is_urgent_when_a_skill_was_lost(visitor: Visit, case: Case) -> None:
    family = visitor("en")
    family.opens()
    family.says("ok")
    family.says("foster dad")
    said = family.says(STORY)
    assert "Call your child's doctor today" in said and "first name" in said
    assert case(receipt_or_conversation=family.conversation)["urgency"] == "urgent"
    assert "When was Jay born" in family.says("jay")
    said = family.says("32 weeker")
    assert "When was Jay born" in said and "could not read" not in said
    assert "What worries you" not in family.says("20 months")
    said = family.says("no")
    assert "Tap an answer" in said

    seen = case(receipt_or_conversation=family.conversation)
    assert seen["child"]["weeks_early"] == 8 and "regression" in _domains(seen)
    assert "hearing_vision" not in _domains(seen)


def test_a_baby_of_six_weeks_has_no_list_and_the_program_is_named_before_the_consent(phone: Phone, case: Case) -> None:
    said = phone.says("Hi, I am worried about my 6 week old baby. she doesnt look at me")
    assert "another child" not in said
    for words in ("yes", "mother", "Sofia", in_words(date.today() - timedelta(days=42)), "no"):
        phone.says(words)
    assert "smile or make sounds" in phone.says("no")
    said = phone.says("no")
    assert "Birth to Three" in said and "May a person" in said
    phone.says("yes")

    seen = case(phone=phone.number)
    assert [referral["program"] for referral in seen["referrals"]] == ["birth_to_three"]
    assert {reason["code"] for reason in seen["reasons"]} == {"worry"}


def test_what_a_mother_tells_before_she_says_yes_is_kept_and_refuses_nothing(phone: Phone, case: Case) -> None:
    assert "Gracias por contarme" in phone.says("hola buenas mi niño no abla bn")
    said = phone.says("no habla nada")
    assert "Responda 1 si acepta" in said and "no guardé" not in said
    assert "Responda 1 si acepta" in phone.says("tiene casi 3 años")
    assert "Qué es usted" in phone.says("si")
    phone.says("soy la mama")
    phone.says("Sofi")
    assert "algo más" in phone.says("12 d enero d 2024")
    assert "SALTAR" not in phone.says("y eso para q?")
    phone.says("no")
    assert "1 de " in phone.says("no")
    assert "2 de " in phone.says("no c")

    seen = case(phone=phone.number)
    assert seen["child"]["birth_date"] == "2024-01-12" and "language_communication" in _domains(seen)
    assert "not_sure" in _answers(seen).values()


def test_n29_a_question_that_does_not_get_through_brings_a_person(phone: Phone, case: Case) -> None:
    for words in ("hi", "yes", "mom"):
        phone.says(words)
    assert "SKIP" not in phone.says("7")
    assert "say SKIP, or call" in phone.says("9")
    said = phone.says("8")
    assert "I asked a person from our team" in said and "first name" in said
    assert "not_getting_through" in {reason["code"] for reason in case(phone=phone.number)["reasons"]}
    assert "When was Leo born" in phone.says("Leo")


def test_a_bare_y_after_danger_in_english_is_answered_in_english(phone: Phone) -> None:
    assert "blood lead test" in phone.says("theres peeling paint by the window n my kid eats it")
    assert "Thank you for telling me" in phone.says("y")
