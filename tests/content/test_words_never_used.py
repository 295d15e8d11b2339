"""No word that ends the texts is ever a word of the dialogue: whoever answers CANCEL or SALIR would be cut off by the carrier.

Twilio blocks a phone that sends one of its words as the whole message (https://www.twilio.com/docs/messaging/tutorials/advanced-opt-out);
our own list holds more, in both languages. Everything that families can read is walked here: the dialogue, the messages, the
questions, the programs, the safety lines and the ready answers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from dialogue import ROOT
from ruamel.yaml import YAML

from intake.content.keywords import load_keywords
from intake.rules.keywords import Keyword, KeywordLists, means_opt_out, means_wrong_person, read_keyword

TWILIO = ("STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT", "START", "UNSTOP", "HELP", "INFO")
NEVER = ("CANCEL", "END", "QUIT", "REVOKE", "OPTOUT", "UNSUBSCRIBE", "STOPALL", "CANCELAR", "BAJA", "SALIR", "PARAR", "PARE",
         "BASTA", "DETENER", "NO MAS")
# The two words that we do name, and where: each of these texts says that they end the texts.
NAMED = frozenset({"STOP", "ALTO"})
MAY_NAME_STOP = frozenset({
    "domain.yml utter_introduction_sms", "system.yaml help", "system.yaml opted_in", "system.yaml who_we_are",
    "system.yaml asks_phone", "system.yaml asked_phone_who", "system.yaml goes_on_by_text",
    "outreach.yaml reminder", "outreach.yaml follow_up", "outreach.yaml needs_met", "outreach.yaml ask_again",
    "outreach.yaml next_check",
})
# The console is for staff, who do not text.
READ_BY_FAMILIES = ("domain.yml", "content/messages", "content/questions", "content/activities",
                    "content/programs", "content/safety/lines.yaml")
NOT_FOR_FAMILIES = re.compile(r"console.*\.yaml")
WAYS_TO_ANSWER = frozenset({"words", "ways", "go_on", "ready", "courtesy"})  # what a parent may write: looked at as ready answers
SHOUTED = re.compile(r"\b[A-ZÁÉÍÓÚÑ]{2,}\b(?: M[AÁ]S\b)?")
ASKED_TO_WRITE = re.compile(
    r"\b(?:say|text|reply|send|write|type|answer|diga|escriba|responda|mande|conteste)[ :]+[\"'«]?(\w+)", re.IGNORECASE)


@cache
def keywords() -> KeywordLists:
    return load_keywords(ROOT / "content" / "keywords")


def files() -> Iterator[Path]:
    for name in READ_BY_FAMILIES:
        found = ROOT / name
        paths = sorted(found.glob("*.yaml")) if found.is_dir() else [found]
        yield from (path for path in paths if not NOT_FOR_FAMILIES.fullmatch(path.name))


def read(path: Path) -> Any:
    loaded = YAML(typ="safe", pure=True).load(path.read_text("utf-8"))
    return loaded["responses"] if path.name == "domain.yml" else loaded


def strings(loaded: Any) -> Iterator[str]:
    """Every text in what was read, without the ways to answer."""
    if isinstance(loaded, str):
        yield loaded
    elif isinstance(loaded, dict):
        for key, value in loaded.items():
            yield from () if key in WAYS_TO_ANSWER or key == "condition" else strings(value)
    elif isinstance(loaded, list):
        for value in loaded:
            yield from strings(value)


def texts() -> Iterator[tuple[str, str]]:
    """(file and key, text) of everything that families read."""
    for path in files():
        loaded = read(path)
        for key, value in loaded.get("messages", loaded).items():
            yield from ((f"{path.name} {key}", text) for text in strings(value))


def offered(text: str) -> set[str]:
    """The words a text offers to write: those in capitals, and those after "reply", "escriba" and the like."""
    return {*SHOUTED.findall(text), *(word.upper() for word in ASKED_TO_WRITE.findall(text))}


def ends_texts(word: str) -> bool:
    """Whether a word, as the whole message, would end the texts: by Twilio or by ourselves."""
    return word in NEVER or word in TWILIO[:8] or read_keyword(word, keywords()) is Keyword.OPT_OUT


def faults(place: str, text: str) -> list[str]:
    """The words that ``text`` offers and must not."""
    allowed = NAMED if place in MAY_NAME_STOP else frozenset()
    return sorted(word for word in offered(text) - allowed if ends_texts(word))


def ready_answers(loaded: Any) -> Iterator[str]:
    """Every label of a button and every further way to answer, in what was read."""
    if isinstance(loaded, dict):
        for key, value in loaded.items():
            if key in WAYS_TO_ANSWER:
                yield from value
            elif key == "label" and "code" in loaded:
                yield from value.values()
            else:
                yield from ready_answers(value)
    elif isinstance(loaded, list):
        for value in loaded:
            yield from ready_answers(value)


def rules_the_channel(answer: str) -> bool:
    """Whether a ready answer would be heard as a command, by Twilio or by us. "Yes" is one only while the phone has opted out."""
    heard = read_keyword(answer, keywords()) or means_opt_out(answer, keywords()) or means_wrong_person(answer, keywords())
    return bool(heard) or answer.strip().upper() in TWILIO


def test_no_text_offers_a_word_that_ends_the_texts() -> None:
    found = list(texts())
    walked = {place.split()[0] for place, _ in found}
    assert len(found) > 500 and walked >= {"domain.yml", "system.yaml", "outreach.yaml", "lines.yaml", "12-months.yaml"}
    assert [(place, words, text) for place, text in found if (words := faults(place, text))] == []


@pytest.mark.parametrize("path", ["content/messages/choices.yaml", "content/messages/outreach.yaml"])
def test_no_ready_answer_is_a_word_that_rules_the_channel(path: str) -> None:
    answers = list(ready_answers(read(ROOT / path)))
    assert len(answers) > 50
    assert [answer for answer in answers if rules_the_channel(answer)] == []


@pytest.mark.parametrize("place", sorted(MAY_NAME_STOP))
def test_every_text_that_may_name_stop_does_and_none_is_left_over(place: str) -> None:
    named = {word for where, text in texts() if where == place for word in offered(text)}
    assert named & NAMED


@pytest.mark.parametrize("word", NEVER)
def test_a_line_that_offered_one_would_be_found(word: str) -> None:
    assert faults("domain.yml utter_ask_worry", f"To leave this question out, text {word}.") == [word]
    assert rules_the_channel(word.capitalize())


@pytest.mark.parametrize(("place", "text", "found"), [
    ("domain.yml utter_paused", "To pause, reply cancel or go on.", ["CANCEL"]),
    ("domain.yml utter_paused", 'Escriba "salir" para dejarlo por hoy.', ["SALIR"]),
    ("domain.yml utter_paused", "Text STOP to pause.", ["STOP"]),
    ("system.yaml help", "Text STOP to stop.", []),
    ("domain.yml utter_consent_thanks", "You can skip any question, or stop at any time.", []),
    ("domain.yml utter_ask_consent", "Reply YES or NO.", []),
])
def test_what_is_offered_is_told_from_what_is_only_said(place: str, text: str, found: list[str]) -> None:
    assert faults(place, text) == found


@pytest.mark.parametrize("answer", ["Salir", "Cancelar", "No más", "End", "Start", "Help", "Info", "Ayuda", "Empezar",
                                    "stop please", "Not my kid"])
def test_a_ready_answer_that_would_be_heard_as_a_command_is_found(answer: str) -> None:
    assert rules_the_channel(answer)
