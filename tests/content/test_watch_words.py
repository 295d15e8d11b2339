"""Saying that one will watch for it, as parents text it: heard where the whole message says that, and only there."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from life import LANGUAGES, keywords, texts

from intake.rules.keywords import asks_for_activities, means_opt_out, read_keyword, wants_to_watch


@pytest.mark.parametrize("language", LANGUAGES)
def test_who_will_watch_for_it_is_heard(language: str) -> None:
    watching = texts(f"watch_phrases.{language}.jsonl", watches=True)
    assert len(watching) >= 20 and [text for text in watching if not wants_to_watch(text, keywords())] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_a_child_watches_a_fall_a_doctor_or_a_plain_answer_is_not_taken_for_it(language: str) -> None:
    others = texts(f"watch_phrases.{language}.jsonl", watches=False)
    assert len(others) >= 20 and [text for text in others if wants_to_watch(text, keywords())] == []


@pytest.mark.parametrize("name", ["safety_phrases.jsonl", "safety_phrases_second.jsonl", "safety_phrases_third.jsonl",
                                  "safety_phrases_fourth.jsonl", "opt_out_phrases.jsonl", "wrong_person_phrases.jsonl",
                                  "activity_phrases.en.jsonl", "activity_phrases.es.jsonl"])
def test_no_line_about_danger_stopping_a_wrong_person_or_activities_is_taken_for_it(name: str) -> None:
    lines = texts(name)
    assert lines and [text for text in lines if wants_to_watch(text, keywords())] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_who_will_watch_rules_nothing_else(language: str) -> None:
    watching = texts(f"watch_phrases.{language}.jsonl", watches=True)
    assert [text for text in watching if read_keyword(text, keywords()) or means_opt_out(text, keywords())
            or asks_for_activities(text, keywords())] == []


@given(st.text(max_size=200))
def test_any_text_can_be_read(text: str) -> None:
    assert wants_to_watch(text, keywords()) in (True, False)
