"""Asking what to do at home, as families text it: heard where the whole message asks that, left alone where it tells more."""

from __future__ import annotations

import pytest
from life import LANGUAGES, keywords, texts

from intake.rules.keywords import asks_for_activities, means_opt_out, means_wrong_person, read_keyword


@pytest.mark.parametrize("language", LANGUAGES)
def test_who_asks_what_to_do_at_home_is_heard(language: str) -> None:
    asking = texts(f"activity_phrases.{language}.jsonl", asks=True)
    assert len(asking) >= 30 and [text for text in asking if not asks_for_activities(text, keywords())] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_answer_a_worry_or_another_question_is_not_taken_for_it(language: str) -> None:
    others = texts(f"activity_phrases.{language}.jsonl", asks=False)
    assert len(others) >= 30 and [text for text in others if asks_for_activities(text, keywords())] == []


@pytest.mark.parametrize("name", ["safety_phrases.jsonl", "safety_phrases_second.jsonl", "opt_out_phrases.jsonl",
                                  "opt_out_phrases_second.jsonl", "wrong_person_phrases.jsonl"])
def test_no_line_about_danger_stopping_or_a_wrong_person_is_taken_for_it(name: str) -> None:
    lines = texts(name)
    assert lines and [text for text in lines if asks_for_activities(text, keywords())] == []


@pytest.mark.parametrize("text", ["PLAY", "IDEAS", "JUGAR", "play please", "ideas por favor"])
def test_the_words_that_are_offered_rule_nothing_else(text: str) -> None:
    assert asks_for_activities(text, keywords())
    assert read_keyword(text, keywords()) is None
    assert not means_opt_out(text, keywords()) and not means_wrong_person(text, keywords())


@pytest.mark.parametrize(("text", "asks"), [("play", False), ("Jugar", False), ("IDEAS", True), ("what can I do at home", True)])
def test_where_play_may_be_the_answer_only_the_plain_question_asks(text: str, asks: bool) -> None:
    assert asks_for_activities(text, keywords(), may_be_an_answer=True) is asks
