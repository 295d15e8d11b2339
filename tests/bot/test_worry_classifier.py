"""spaCy's classifier learns domains from words, the same each time, and keeps its opinion beside the message."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import spacy
from rasa.shared.nlu.training_data.message import Message

from bot.components.concern_reader import Concerns, joined
from bot.components.worry_classifier import WORRIES, WorryClassifier, taught
from bot.meaning.labels import CONCERNS
from bot.meaning.meaning import Meaning

TALK, SLEEP = "language_communication", "sleep"
TEXTS = [
    *[(f"{who} {what}", frozenset({TALK})) for who in ("he", "she", "mi nene") for what in ("does not talk", "no habla nada")],
    *[(f"{who} {what}", frozenset({SLEEP})) for who in ("he", "she", "mi nene") for what in ("never sleeps", "no duerme")],
    ("no habla y no duerme", frozenset({TALK, SLEEP})),
]


@pytest.fixture(scope="module")
def language() -> Any:
    return taught(TEXTS, rounds=25)


def test_it_learns_what_the_words_stand_for(language: Any) -> None:
    talk, sleep = language("mi hijo no habla").cats, language("never sleeps at night").cats
    assert talk[TALK] > talk[SLEEP] and sleep[SLEEP] > sleep[TALK]


def test_the_same_texts_make_the_same_classifier(language: Any) -> None:
    assert taught(TEXTS, rounds=25)("he does not talk").cats == pytest.approx(language("he does not talk").cats)


def test_it_is_kept_and_read_back_whole(language: Any, tmp_path: Path) -> None:
    language.to_disk(tmp_path)
    assert spacy.load(tmp_path)("she never sleeps").cats == pytest.approx(language("she never sleeps").cats)


@pytest.mark.parametrize("text", ["", " ", "😀", "a" * 20_000, "<b>"])
def test_an_odd_text_gets_an_opinion_or_none(language: Any, text: str) -> None:
    message = Message({"text": text})
    WorryClassifier(None, None, language).process([message])  # type: ignore[arg-type]
    assert set(message.get(WORRIES) or CONCERNS) == set(CONCERNS)


def _meaning(worry: float, fine: float = 0.0) -> Meaning:
    others = dict.fromkeys(CONCERNS, 0.0)
    return Meaning(concerns={**others, TALK: worry}, fine={**others, TALK: fine})


@pytest.mark.parametrize(
    ("by_words", "worry", "fine", "second", "found"),
    [
        (Concerns(), 0.9, 0.0, None, True),  # the network is sure
        (Concerns(), 0.2, 0.0, None, False),  # nobody is
        (Concerns((TALK,)), 0.4, 0.0, None, True),  # a faint opinion, and the lexicon says the same
        (Concerns((TALK,)), 0.01, 0.0, None, False),  # the lexicon alone is often wrong
        (Concerns(), 0.6, 0.0, 0.95, True),  # the second opinion makes it clear
        (Concerns(), 0.72, 0.0, 0.001, False),  # and takes a weak one away
        (Concerns((), (TALK,)), 0.8, 0.0, None, False),  # said to be fine, by words
        (Concerns(), 0.7, 0.8, None, False),  # said to be fine, by the network
        (Concerns((TALK,)), 0.84, 0.99, None, True),  # network and lexicon hear a worry, and part of it is fine
        (Concerns((TALK,)), 0.1, 0.9, None, False),  # one hears a worry, the other that all is fine: a person sorts it
        (Concerns((), (TALK,)), 0.97, 0.0, None, True),  # fine in part, and surely a worry as well
    ],
)
def test_opinions_are_put_together(by_words: Concerns, worry: float, fine: float, second: float | None, found: bool) -> None:
    second_opinion = {} if second is None else {TALK: second}
    assert (TALK in joined(by_words, _meaning(worry, fine), second_opinion).worries) is found


def test_where_the_network_did_not_run_the_words_stand() -> None:
    assert joined(Concerns((TALK,), (SLEEP,)), Meaning(), {}) == Concerns((TALK,), (SLEEP,))


def test_where_words_and_network_disagree_the_domain_is_not_called_fine() -> None:
    assert joined(Concerns((TALK,)), _meaning(0.1, 0.9), {}) == Concerns()


def test_a_domain_is_never_both_a_worry_and_fine() -> None:
    found = joined(Concerns((TALK,), ()), _meaning(0.95, 0.6), {})
    assert not set(found.worries) & set(found.fine)
