"""Asking what to do at home, as families text it: heard where the whole message asks that, left alone where it tells more."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from intake.content.keywords import load_keywords
from intake.rules.keywords import KeywordLists, asks_for_activities, means_opt_out, means_wrong_person, read_keyword

HERE = Path(__file__).parent
LANGUAGES = ("en", "es")


@cache
def keywords() -> KeywordLists:
    return load_keywords(HERE.parents[1] / "content" / "keywords")


def rows(language: str) -> list[dict[str, Any]]:
    """Lines from life: the text, and whether it ``asks`` for activities and nothing else."""
    return [json.loads(line) for line in (HERE / f"activity_phrases.{language}.jsonl").read_text("utf-8").splitlines()]


@pytest.mark.parametrize("language", LANGUAGES)
def test_who_asks_what_to_do_at_home_is_heard(language: str) -> None:
    asking = [row["text"] for row in rows(language) if row["asks"]]
    assert len(asking) >= 30 and [text for text in asking if not asks_for_activities(text, keywords())] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_answer_a_worry_or_another_question_is_not_taken_for_it(language: str) -> None:
    others = [row["text"] for row in rows(language) if not row["asks"]]
    assert len(others) >= 30 and [text for text in others if asks_for_activities(text, keywords())] == []


@pytest.mark.parametrize("name", ["safety_phrases.jsonl", "safety_phrases_second.jsonl", "opt_out_phrases.jsonl",
                                  "opt_out_phrases_second.jsonl", "wrong_person_phrases.jsonl"])
def test_no_line_about_danger_stopping_or_a_wrong_person_is_taken_for_it(name: str) -> None:
    lines = [json.loads(line)["text"] for line in (HERE / name).read_text("utf-8").splitlines()]
    assert lines and [text for text in lines if asks_for_activities(text, keywords())] == []


@pytest.mark.parametrize("text", ["PLAY", "IDEAS", "JUGAR", "play please", "ideas por favor"])
def test_the_words_that_are_offered_rule_nothing_else(text: str) -> None:
    assert asks_for_activities(text, keywords())
    assert read_keyword(text, keywords()) is None
    assert not means_opt_out(text, keywords()) and not means_wrong_person(text, keywords())


@pytest.mark.parametrize(("text", "asks"), [("play", False), ("Jugar", False), ("IDEAS", True), ("what can I do at home", True)])
def test_where_play_may_be_the_answer_only_the_plain_question_asks(text: str, asks: bool) -> None:
    assert asks_for_activities(text, keywords(), may_be_an_answer=True) is asks
