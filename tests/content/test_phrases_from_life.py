"""Safety and opt-out words against whole sets of lines as families and strangers text them, kept one line a text.

The lines stand beside this file: what tells of a danger with the situation it belongs to, what wishes no more texts,
and what only looks like either. The sets marked "second", "third" and "fourth" were each written after the words had
been settled on those before.
"""

from __future__ import annotations

import json
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from intake.content.keywords import load_keywords, load_languages
from intake.content.safety import SafetyContent, load_safety
from intake.rules.keywords import means_opt_out
from intake.rules.language import recognise
from intake.rules.safety import find_safety

HERE = Path(__file__).parent
CONTENT = HERE.parents[1] / "content"
SAFETY_SETS = (
    "safety_phrases.jsonl",
    "safety_phrases_second.jsonl",
    "safety_phrases_third.jsonl",
    "safety_phrases_fourth.jsonl",
)
OPT_OUT_SETS = ("opt_out_phrases.jsonl", "opt_out_phrases_second.jsonl", "opt_out_phrases_third.jsonl")
# Several situations give the same or a graver first line; a text that tells of two dangers may get either.
SHARE_OF_THE_SITUATION_MEANT = 0.9


@cache
def safety() -> SafetyContent:
    return load_safety(CONTENT / "safety")


def rows(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (HERE / name).read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize("name", SAFETY_SETS)
def test_every_danger_told_is_heard(name: str) -> None:
    dangers = [row["text"] for row in rows(name) if row["situation"]]
    assert len(dangers) >= 50
    assert [text for text in dangers if find_safety(text, safety().lexicon) is None] == []


@pytest.mark.parametrize("name", SAFETY_SETS)
def test_a_danger_told_gets_the_lines_of_its_situation(name: str) -> None:
    told = [(row, find_safety(row["text"], safety().lexicon)) for row in rows(name) if row["situation"]]
    others = [(row["text"], row["situation"], hit) for row, hit in told if hit and hit.situation != row["situation"]]
    assert len(others) <= (1 - SHARE_OF_THE_SITUATION_MEANT) * len(told), others


@pytest.mark.parametrize("name", SAFETY_SETS)
def test_what_only_looks_like_danger_is_left_alone(name: str) -> None:
    look_alikes = [row["text"] for row in rows(name) if row["situation"] is None]
    assert len(look_alikes) >= 50
    assert [(text, hit) for text in look_alikes if (hit := find_safety(text, safety().lexicon))] == []


def test_every_trigger_has_at_least_fifteen_dangers_in_both_languages() -> None:
    situations = safety().lexicon.situations
    dangers = [row for row in rows(SAFETY_SETS[0]) if row["situation"]]
    counts = Counter(situations[row["situation"]].trigger for row in dangers)
    spanish = Counter(situations[row["situation"]].trigger for row in dangers if row["lang"] != "en")
    triggers = {situation.trigger for situation in situations.values()}
    assert {trigger: counts[trigger] for trigger in triggers if counts[trigger] < 15 or spanish[trigger] < 4} == {}


@pytest.mark.parametrize("name", OPT_OUT_SETS)
def test_every_wish_for_no_more_texts_is_heard_and_no_other(name: str) -> None:
    lists = load_keywords(CONTENT / "keywords")
    wrong = [row["text"] for row in rows(name) if means_opt_out(row["text"], lists) is not row["opt_out"]]
    assert wrong == []


def test_the_language_of_every_text_is_recognised() -> None:
    lists = load_languages(CONTENT / "keywords")
    told = [(row["text"], row["lang"], recognise(row["text"], lists)) for row in rows("language_phrases.jsonl")]
    assert [row for row in told if row[1] != row[2]] == []


@pytest.mark.parametrize(
    ("situation", "text"),
    [
        ("newborn_fever", "He is 2 weeks old. Temp 101."),
        ("young_baby_fever", "My son is 9 weeks. He has a fever."),
        ("head_injury_danger", "She fell off the bed. Now she is throwing up"),
        ("head_injury_danger", "Se cayó de la cama. Ahora está vomitando."),
    ],
)
def test_one_danger_told_in_two_sentences_is_heard_as_one(situation: str, text: str) -> None:
    hit = find_safety(text, safety().lexicon)
    assert hit is not None and hit.situation == situation


def test_two_sentences_far_apart_are_not_put_together() -> None:
    text = "She fell in the yard last week. We laughed. She is a happy girl. She loves to eat. Grandma was dizzy."
    assert find_safety(text, safety().lexicon) is None


@pytest.mark.parametrize(
    "text",
    [
        "how do i stop the bleeding from his head it wont stop",
        "my baby was born yesterday and she is not breathing right",
        "we are locked in the bathroom my husband has a knife",
        "he fell on the tv stand and his head is bleeding",
    ],
)
def test_a_word_of_the_past_or_of_a_question_takes_no_danger_away(text: str) -> None:
    assert find_safety(text, safety().lexicon) is not None
