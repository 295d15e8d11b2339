"""Who is heard as a stranger, and who is not: a mother who is taken for one loses her place in the middle of her questions.

A wrong number ends the texts and locks the case; "who is this" only makes us say who we are. So the first is heard where it is
plain, and of thousands of ordinary texts (what the engine learns from) only those are heard that strangers wrote.
"""

from __future__ import annotations

import json
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st
from life import keywords, texts

from intake.rules.keywords import asks_who_we_are, means_wrong_number, means_wrong_person
from intake.settings import ROOT

# So many of the 20,000 texts were written as a stranger's, or ask who we are.
WRONG_NUMBERS_AMONG_THEM, ASKING_AMONG_THEM = 10, 40


def phrases(means: str | None) -> list[str]:
    return texts("wrong_person_phrases.jsonl", means=means)


@cache
def ordinary_texts() -> tuple[str, ...]:
    files = [path.read_text("utf-8").splitlines() for path in sorted((ROOT / "bot/training").glob("*.jsonl"))]
    lines = [path.read_text("utf-8").splitlines() for path in sorted((ROOT / "data/nlu").glob("*.yml"))]
    examples = (line[6:] for file in lines for line in file if line.startswith("    - "))
    return (*(json.loads(line)["text"] for file in files for line in file), *examples)


@pytest.mark.parametrize("text", phrases("wrong_number"))
def test_w30_a_wrong_number_is_heard(text: str) -> None:
    assert means_wrong_number(text, keywords()) and means_wrong_person(text, keywords())


@pytest.mark.parametrize("text", phrases("who_is_this"))
def test_w30_who_asks_who_we_are_is_heard_and_is_no_wrong_number(text: str) -> None:
    assert asks_who_we_are(text, keywords()) and means_wrong_person(text, keywords())
    assert not means_wrong_number(text, keywords())


@pytest.mark.parametrize("text", phrases(None))
def test_w30_what_a_family_says_is_no_stranger(text: str) -> None:
    assert not means_wrong_person(text, keywords())


def test_of_twenty_thousand_ordinary_texts_only_those_of_strangers_are_heard() -> None:
    wrong_numbers = [text for text in ordinary_texts() if means_wrong_number(text, keywords())]
    asking = [text for text in ordinary_texts() if asks_who_we_are(text, keywords())]
    assert len(ordinary_texts()) > 20_000
    assert 0 < len(wrong_numbers) <= WRONG_NUMBERS_AMONG_THEM, wrong_numbers
    assert 0 < len(asking) <= ASKING_AMONG_THEM, asking


@given(st.lists(st.sampled_from(["sorry", "lol", "hola", "bro", "pero", "ok"]), max_size=4),
       st.sampled_from(["no kids here", "no tengo hijos"]))
def test_a_few_words_around_change_nothing(around: list[str], core: str) -> None:
    assert means_wrong_number(" ".join([*around, core]), keywords())
    assert means_wrong_number(" ".join([core, *around]), keywords())


def test_a_long_text_of_empty_words_is_no_stranger() -> None:
    assert not means_wrong_person("lol " * 3000, keywords())
