"""The tokenizer folds what is typed in many ways into one form, and keeps each token's place."""

from __future__ import annotations

import pytest
from rasa.shared.nlu.training_data.message import Message

from bot.components.tokenizer import MixedLanguageTokenizer
from bot.components.wording import bare, fold


def tokens(text: str) -> list[tuple[str, int, int, str]]:
    tokenizer = MixedLanguageTokenizer(MixedLanguageTokenizer.get_default_config())
    message = Message({"text": text})
    tokenizer.process([message])
    return [(token.text, token.start, token.end, token.lemma) for token in message.get("text_tokens")]


def test_accents_case_and_stretched_letters_share_one_lemma() -> None:
    assert {tokens(word)[0][3] for word in ("Sí", "si", "SÍ", "siii")} == {"si"}


def test_a_token_keeps_its_place_in_the_message_as_typed() -> None:
    text = "¿Habla  Leo?"
    assert all(text[start:end] == word for word, start, end, _ in tokens(text))


@pytest.mark.parametrize("text", ["", "   ", "\u200b", "👍", "\x07", "<b>hi</b>", "я не говорю"])
def test_any_text_has_a_token(text: str) -> None:
    assert tokens(text)


@pytest.mark.parametrize(
    ("typed", "folded"), [("NO  SÉ", "no se"), ("he’s", "he's"), ("Nooooo", "no"), ("añito", "anito")]
)
def test_folding_keeps_the_word(typed: str, folded: str) -> None:
    assert fold(typed) == folded


def test_bare_text_has_no_punctuation_around_it() -> None:
    assert bare("¡¡Sí, claro!!") == "si claro"
