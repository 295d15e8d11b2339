"""What the first text, the reply to HELP and the lines to a wrong person must hold, and what they cost.

Rules: 47 CFR 64.1200(a)(10)-(12) and the CTIA messaging principles (program, purpose, how many, rates, HELP, STOP); a text is
not private (HHS on unencrypted messages, 2013); and no word about a child to a phone that may be somebody else's.
"""

from __future__ import annotations

import re
from functools import cache

import pytest
from dialogue import ROOT, responses

from intake.content.bilingual import Language
from intake.content.messages import Messages, load_messages
from simulator.segments import Segmentation, count_segments

DISCLOSED: dict[Language, dict[str, str]] = {
    "en": {
        "program": "Help Me Grow CT", "what it is": "computer helper", "purpose": "child's growth", "how many": "About 30 msgs",
        "rates": "Msg & data rates may apply", "help": "HELP for help", "stop": "STOP to stop", "emergency": "Call 911",
    },
    "es": {
        "program": "Help Me Grow CT", "what it is": "Soy un programa", "purpose": "desarrollo de su bebé",
        "how many": "Unos 30 mensajes",
        "rates": "Pueden aplicarse tarifas de mensajes y datos", "help": "AYUDA para ayuda", "stop": "ALTO para parar",
        "emergency": "Llame al 911",
    },
}
ONLY_FIRST: dict[Language, dict[str, str]] = {
    "en": {"not a person": "nobody reads this live", "what it is not": "can't say what a child has",
           "not private": "not private like a call", "other language": "Escriba ES"},
    "es": {"not a person": "nadie lee esto en vivo", "what it is not": "No puedo decirle qué tiene",
           "not private": "no son tan privados", "other language": "Text EN"},
}
# Before: 3 in English, 8 in Spanish (one accented capital made UCS-2 of all of it).
FIRST_TEXT = {"en": Segmentation("GSM-7", 3), "es": Segmentation("GSM-7", 4)}
LANGUAGES: tuple[Language, ...] = ("en", "es")
TO_STRANGERS = ("wrong_number", "who_we_are")
PRIVATE = {
    "en": r"\b(child|kid|baby|sons?\b|daughter|parent|answer|question|worr|referral|doctor|develop|grow)",
    "es": r"\b(niñ|beb|hij[oa]|nene|mamá|papá|respuesta|pregunta|preocupa|referido|doctor|desarrollo)",
}
ONE_TEXT = ("wrong_number", "crossed", "took_for_previous", "several_answers", "flood", "empty_message")
ACCENTED = frozenset("áíóú")


@cache
def messages() -> Messages:
    return load_messages(ROOT / "content")


def first_text(language: Language) -> str:
    """The first text as it goes out: the introduction, a line break, the question for consent."""
    place = LANGUAGES.index(language)
    name = messages().affiliate.short_name.in_language(language)
    said = (responses()[line][place]["text"] for line in ("introduction_sms", "ask_consent"))
    return "\n".join(said).format(affiliate=name)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_first_text_discloses_what_a_family_must_know_before_it_agrees(language: Language) -> None:
    wanted = {**DISCLOSED[language], **ONLY_FIRST[language]}
    assert [what for what, words in wanted.items() if words not in first_text(language)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_first_text_costs_no_more_segments_than_it_did(language: Language) -> None:
    size, allowed = count_segments(first_text(language)), FIRST_TEXT[language]
    assert size.encoding == allowed.encoding and size.segments <= allowed.segments, (size, first_text(language))


@pytest.mark.parametrize("language", LANGUAGES)
def test_w25_the_reply_to_help_names_program_purpose_frequency_rates_a_person_help_and_stop(language: Language) -> None:
    said = messages().system("help", language)
    wanted = {**DISCLOSED[language], "a person": messages().affiliate.phone}
    del wanted["what it is"]
    assert [what for what, words in wanted.items() if words not in said] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_confirmation_of_a_stop_names_the_program_says_no_more_texts_and_how_to_come_back(language: Language) -> None:
    said = messages().system("opted_out", language)
    no_more = {"en": "no more texts", "es": "Ya no le vamos a mandar mensajes"}[language]
    assert said.startswith(messages().affiliate.short_name.in_language(language)) and no_more in said and "START" in said


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("purpose", TO_STRANGERS)
def test_w29_nothing_about_a_child_is_said_to_somebody_who_may_be_a_stranger(purpose: str, language: Language) -> None:
    said = messages().system(purpose, language)
    name = messages().affiliate.short_name.in_language(language)
    assert name in said and re.search(PRIVATE[language], said.replace(name, ""), re.IGNORECASE) is None


@pytest.mark.parametrize("language", LANGUAGES)
def test_w30_a_wrong_number_is_told_that_no_more_texts_come_and_who_asks_is_offered_to_stop(language: Language) -> None:
    promised = {"en": "will not text this number again unless you write",
                "es": "Ya no le vamos a escribir, a menos que usted nos escriba"}
    stop = {"en": "STOP", "es": "ALTO"}
    assert promised[language] in messages().system("wrong_number", language)
    assert stop[language] in messages().system("who_we_are", language)


@pytest.mark.parametrize("purpose", [*ONE_TEXT, *TO_STRANGERS, "help"])
def test_spanish_lines_of_the_channel_stay_in_the_plain_alphabet_or_in_two_segments(purpose: str) -> None:
    said = messages().system(purpose, "es")
    size = count_segments(said)
    assert size.encoding == "GSM-7" or size.segments <= 2, (size, sorted(ACCENTED & set(said)))


@pytest.mark.parametrize("purpose", ONE_TEXT)
def test_the_short_english_lines_of_the_channel_fit_one_segment(purpose: str) -> None:
    assert count_segments(messages().system(purpose, "en")) == Segmentation("GSM-7", 1)
