"""No sentence to a family diagnoses, scores, promises a place or comforts falsely: one list of words, looked for in all of them.

The list is ``words_never_said.yaml``. Each of its parts is shown to catch the sentences planted beside it, however they are
written: capital letters, accents left out, plurals and other endings.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML
from sentences import LANGUAGES, sentences, told

LIST = Path(__file__).with_name("words_never_said.yaml")
PARTS = ("diagnosis", "score", "promise", "reassurance")
BOTH = pytest.mark.parametrize("language", LANGUAGES)


@cache
def listed() -> dict[str, Any]:
    return dict(YAML(typ="safe", pure=True).load(LIST.read_text("utf-8")))


def plain(text: str) -> str:
    """``text`` without capital letters, accents and typographic apostrophes."""
    bare = "".join(letter for letter in unicodedata.normalize("NFKD", text) if not unicodedata.combining(letter))
    return " ".join(bare.casefold().replace("\u2019", "'").split())


@cache
def pattern(part: str, language: str) -> re.Pattern[str]:
    """What finds a word of one part of the list as a word of its own."""
    words = (re.escape(plain(word)).replace(r"\*", r"\w*").replace(r"\#", r"\d+").replace(r"\ ", r"[\s,]+")
             for word in listed()[part][language]["words"])
    return re.compile(rf"(?<!\w)(?:{'|'.join(words)})(?!\w)")


def found(text: str, language: str) -> list[str]:
    """The words of the list in ``text``, with the part they stand in."""
    return [f"{part}: {hit.group()}" for part in PARTS for hit in pattern(part, language).finditer(plain(text))]


def on_purpose() -> dict[str, list[str]]:
    """By sentence, the words that may stand in it."""
    return listed()["on_purpose"] or {}


def test_no_sentence_to_a_family_holds_a_word_of_the_list() -> None:
    faults = [f"{sentence.name}.{language}: {text} {strange}" for sentence, language, text in told() if (strange := [
        hit for hit in found(text, language) if hit.split(": ")[1] not in on_purpose().get(sentence.name, [])])]
    assert not faults, "\n" + "\n".join(faults)


def test_no_sentence_is_excused_for_a_word_that_it_no_longer_holds() -> None:
    held = {sentence.name: {hit.split(": ")[1] for language, text in sentence.said.items() for hit in found(text, language)}
            for sentence in sentences()}
    assert {name: words for name, words in on_purpose().items() if set(words) != held.get(name)} == {}


@BOTH
@pytest.mark.parametrize("part", PARTS)
def test_a_planted_sentence_is_caught_however_it_is_written(part: str, language: str) -> None:
    planted = listed()[part][language]["planted"]
    assert len(planted) >= 5
    for text in planted:
        for written in (text, text.upper(), plain(text), unicodedata.normalize("NFD", text), text.replace("'", "\u2019")):
            assert pattern(part, language).search(plain(written)), written


@BOTH
def test_every_word_of_the_list_finds_itself_and_is_no_part_of_another_word(language: str) -> None:
    for part in PARTS:
        for word in listed()[part][language]["words"]:
            said = word.replace("*", "").replace("#", "12")
            assert pattern(part, language).search(plain(f"Ana: {said}.")), (part, word)
            assert not re.fullmatch(pattern(part, language).pattern, plain(f"x{said}y")), (part, word)


@pytest.mark.parametrize(("language", "text"), [
    ("en", "Please wait a few seconds."), ("en", "It may help."), ("en", "The contest is over."), ("en", "A latest text."),
    ("en", "Your appointments"), ("es", "Guardamos lo que nos dijo."), ("es", "Le preocupa algo."), ("es", "El punto rojo."),
    ("es", "Un apunte."), ("es", "Vamos atrás de casa, no: detrás."),
    ("en", "Hide behind a chair."), ("en", "A nickname is fine."), ("en", "{child} points at the dog."),
    ("es", "Espere a ver si se mueve.")])
def test_what_only_looks_like_such_a_word_is_let_pass(language: str, text: str) -> None:
    assert found(text, language) == []


@given(st.sampled_from(LANGUAGES), st.sampled_from(PARTS), st.data())
def test_a_planted_sentence_is_caught_in_the_middle_of_any_line(language: str, part: str, data: st.DataObject) -> None:
    planted = data.draw(st.sampled_from(listed()[part][language]["planted"]))
    before = data.draw(st.text(alphabet="abc .,¿", max_size=20))
    assert any(hit.startswith(part) for hit in found(f"{before} {planted}", language))
