"""Short replies are read by their words, with the open question in view."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rasa.shared.nlu.training_data.message import Message

from bot.components.reader import OpenQuestion
from bot.components.reply_reader import ReplyReader, corrected_reply, read_reply
from bot.components.reply_words import Reading
from bot.turn_context import EXPECTED_KINDS

# What the trained classifier would say is left out: these replies must not depend on it.
NO_OPINION = Reading("out_of_scope", 0.1)


def read(text: str, kind: str = "milestone", language: str = "en", guessed: Reading = NO_OPINION) -> Reading:
    return read_reply(text, OpenQuestion(kind, language, date(2026, 11, 22), "Leo"), guessed)


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("yes", "yes"), ("YESSS!!", "yes"), ("yep", "yes"), ("Sí", "yes"), ("si", "yes"), ("sip 😊", "yes"),
        ("simon", "yes"), ("👍", "yes"), ("👍🏽👍🏽", "yes"), ("never doesn't", "yes"),
        ("nunca deja de hacerlo", "yes"),
        ("he does it all the time", "yes"), ("claro que sí", "yes"), ("1", "yes"), ("1)", "yes"),
        ("a", "yes"),
        ("kinda", "sometimes"), ("a veces", "sometimes"), ("only with help", "sometimes"),
        ("2.", "sometimes"),
        ("nah only w grandma", "sometimes"), ("solo con ayuda", "sometimes"), ("somtimes", "sometimes"),
        ("yes but only when I hold his hand", "sometimes"), ("mas o menos", "sometimes"), ("b", "sometimes"),
        ("no", "not_yet"), ("nah", "not_yet"), ("nope nope nope", "not_yet"), ("aún no", "not_yet"),
        ("todavía no", "not_yet"), ("todavai no", "not_yet"), ("she just crawls", "not_yet"),
        ("👎", "not_yet"),
        ("solo gatea", "not_yet"), ("of course not", "not_yet"), ("claro que no", "not_yet"),
        ("3", "not_yet"),
        ("she doesn't do that yet", "not_yet"), ("nunca lo ha hecho", "not_yet"), ("option 3", "not_yet"),
        ("idk", "not_sure"), ("no sé", "not_sure"), ("no idea", "not_sure"), ("🤷🏻‍♀️", "not_sure"),
        ("4", "not_sure"),
        ("no estoy segura", "not_sure"), ("I've never tried that", "not_sure"), ("quizás", "not_sure"),
        ("ya no", "lost_skill"), ("not anymore", "lost_skill"), ("he used to", "lost_skill"),
        ("he used to say mama but not anymore", "lost_skill"), ("antes sí, ahora no", "lost_skill"),
        ("dejó de hacerlo", "lost_skill"), ("skip", "skip"), ("5", "skip"), ("prefiero no decir", "skip"),
        ("wdym", "ask_clarification"), ("¿qué quiere decir?", "ask_clarification"),
        ("?", "ask_clarification"),
        ("can you repeat that", "ask_repeat"), ("otra vez", "ask_repeat"), ("why do you ask that", "ask_why"),
        ("can I talk to someone", "wants_person"), ("una persona por favor", "wants_person"),
        ("go back", "go_back"), ("gracias", "thanks"), ("en español por favor", "change_language"),
    ],
)  # fmt: skip
def test_a_reply_to_a_milestone_is_surely_read(text: str, intent: str) -> None:
    reading = read(text)
    assert (reading.intent, reading.confidence >= 0.8) == (intent, True)


@pytest.mark.parametrize(
    ("text", "reply"),
    [
        ("actually he does point", "yes"), ("no, I meant not yet", "not_yet"),
        ("perdón, quise decir a veces", "sometimes"),
        ("me equivoqué, sí lo hace", "yes"), ("sorry i meant skip", "skip"), ("can I change my answer", None),
        ("my mistake, he doesn't anymore", "lost_skill"), ("the birthday is wrong, fix my answer", None),
    ],
)  # fmt: skip
def test_a_correction_carries_the_reply_it_names(text: str, reply: str | None) -> None:
    assert read(text).intent == "correct_previous"
    assert [entity["value"] for entity in corrected_reply(text)] == ([reply] if reply else [])


def test_actually_before_a_bare_reply_answers_the_open_question() -> None:
    assert read("actually, sometimes").intent == "sometimes"


@pytest.mark.parametrize(
    "name", ["Stop Garcia", "Yes Lopez", "No Rivera", "Skip Jones", "María de la Cruz", "Back O'Neil"]
)
def test_two_capitalised_words_are_a_childs_name(name: str) -> None:
    assert read(name, "child_name") == Reading("inform", 0.95)


@pytest.mark.parametrize("name", ["Skip", "No", "Yes"])
def test_one_capitalised_reply_word_as_a_name_is_doubtful(name: str) -> None:
    assert read(name, "child_name").confidence < 0.8


@pytest.mark.parametrize(
    ("text", "kind", "intent"),
    [
        ("her name is Ana", "child_name", "inform"), ("why do you need that", "child_name", "ask_why"),
        ("prefiero no decir", "place", "skip"), ("Hartford", "place", "inform"), ("06106", "place", "inform"),
        ("can someone call me", "worry", "wants_person"), ("he doesn't talk", "worry", "inform"),
        ("no", "worry", "not_yet"), ("idk", "worry", "not_sure"), ("ninguna", "worry", "not_yet"),
        ("what do you mean?", "worry", "ask_clarification"), ("this same one", "phone", "inform"),
        ("1", "consent", "yes"), ("2", "consent", "not_yet"), ("acepto", "consent", "yes"),
        ("2", "relation", "inform"),
        ("im his mom", "relation", "inform"), ("he stopped talking", "lost_skills", "lost_skill"),
        ("", "milestone", "out_of_scope"), ("   ", "worry", "out_of_scope"),
        ("7", "milestone", "out_of_scope"),
    ],
)  # fmt: skip
def test_the_open_question_decides_what_a_message_is(text: str, kind: str, intent: str) -> None:
    assert read(text, kind).intent == intent


@pytest.mark.parametrize("kind", ["consent", "contact_consent"])
@pytest.mark.parametrize("text", ["he is 20 months", "he doesnt talk", "she's not walking, she is 2", "tiene 2 años",
                                  "mi niño no dice nada", "my son wont eat",
                                  "she does not look when i call her", "ella no voltea cuando la llamo"])
@pytest.mark.parametrize("guess", ["yes", "not_yet", "ask_diagnosis"])
def test_what_is_told_of_the_child_neither_gives_nor_refuses_a_permission(text: str, kind: str, guess: str) -> None:
    assert read(text, kind, guessed=Reading(guess, 0.55)).intent == "inform"


@pytest.mark.parametrize("text", ["no he doesn't talk", "si mi niño no habla", "no habla nada", "yes he does not talk",
                                  "sí, tiene dos años y no camina mucho"])
def test_a_word_that_may_answer_beside_what_is_told_is_asked_about(text: str) -> None:
    assert read(text, "consent").confidence < 0.85


@pytest.mark.parametrize(("text", "intent"), [
    ("yes he is 2", "yes"), ("tiene mi permiso", "yes"), ("si esta bien", "yes"), ("no thanks", "not_yet"),
    ("no gracias", "not_yet"), ("no thanks she is fine", "not_yet")])
def test_a_plain_yes_or_no_to_a_permission_stands_whatever_else_is_told(text: str, intent: str) -> None:
    assert read(text, "consent").intent == intent


@pytest.mark.parametrize(("text", "intent"), [("she can call me", "yes"), ("i'd rather they didn't", "not_yet")])
def test_who_speaks_of_the_call_speaks_of_the_coordinator(text: str, intent: str) -> None:
    assert read(text, "contact_consent").intent == intent


@pytest.mark.parametrize(("text", "intent"), [
    ("q es eso", "ask_clarification"), ("para q", "ask_why"), ("xq preguntan", "ask_why"), ("k", "yes"), ("no c", "not_sure")])
def test_shortened_words_are_read_as_they_are_texted(text: str, intent: str) -> None:
    assert read(text, language="es").intent == intent


def test_a_question_mark_makes_a_fainter_question_heard() -> None:
    faint = Reading("ask_cost", 0.5)
    assert read("y esto cuesta algo?", "birth_date", guessed=faint).intent == "ask_cost"
    assert read("y esto cuesta algo", "birth_date", guessed=faint).intent == "inform"


def test_a_question_the_classifier_is_sure_of_stands_beside_an_open_question() -> None:
    assert (
        read("is all of this free of charge", "place", guessed=Reading("ask_cost", 0.8)).intent == "ask_cost"
    )
    assert read("calle cuatro", "place", guessed=Reading("ask_cost", 0.2)).intent == "inform"


@pytest.mark.parametrize("zip_code", ["06120", "06120-1234", "zip is 06120"])
def test_a_zip_code_tells_a_place_whatever_the_network_thinks_of_bare_digits(zip_code: str) -> None:
    assert read(zip_code, "place", guessed=Reading("out_of_scope", 0.9)).intent == "inform"


def test_a_reply_only_the_network_sees_is_as_sure_as_the_network() -> None:
    assert read("purple monkey", guessed=Reading("yes", 0.7)) == Reading("yes", 0.7)


def test_s_means_yes_in_spanish_and_is_doubtful_in_english() -> None:
    assert read("s", language="es").intent == "yes"
    assert read("s").confidence < 0.8


def _entities(text: str, kind: str) -> list[tuple[str, object]]:
    message = Message(
        {"text": text, "metadata": {"expects_kind": kind, "language": "en", "today": "2026-11-22"}}
    )
    ReplyReader().process([message])
    return [(entity["entity"], entity["value"]) for entity in message.get("entities")]


def test_choices_and_phones_are_entities() -> None:
    assert _entities("2", "relation") == [("choice", "2")]
    assert _entities("b)", "insurance") == [("choice", "b")]
    assert _entities("1, 3", "race_ethnicity") == [("choice", "1"), ("choice", "3")]
    assert _entities("call me at (860) 555-0123 ok", "phone") == [("phone", "(860) 555-0123")]
    assert _entities("06106", "place") == []


@settings(max_examples=300, deadline=None)
@given(
    text=st.text(max_size=200), kind=st.sampled_from(EXPECTED_KINDS), language=st.sampled_from(["en", "es"])
)
def test_any_text_gives_one_known_intent_and_a_confidence(text: str, kind: str, language: str) -> None:
    reading = read(text, kind, language)
    assert reading.intent
    assert 0 <= reading.confidence <= 1


@pytest.mark.parametrize(
    "text", ["she came a week late", "41 weeks", "nació a las 39", "completa, nueve meses", "se pasó de la fecha"]
)
def test_a_birth_at_term_or_later_is_not_early(text: str) -> None:
    reading = read_reply(text, OpenQuestion("early_birth", "en", date(2026, 11, 22)), NO_OPINION, [{"entity": "birth"}])
    assert reading.intent == "not_yet"


def test_who_is_asked_whether_to_be_called_and_wants_a_call_says_yes() -> None:
    assert read("can someone call me", "contact_consent").intent == "yes"
