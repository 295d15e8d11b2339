"""Robots and floods are told from parents who answer many questions with the same few words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.rules.throttling import Heard, is_a_flood, is_a_robot

NOW = datetime(2026, 11, 25, 15, 0, tzinfo=UTC)
DRIVING = "I'm driving right now and will get back to you later"


def heard(*texts: str, questions: list[str] | None = None, seconds_apart: float = 20) -> list[Heard]:
    """``texts`` newest first, each at its question ("q" for all when none are given)."""
    at = questions or ["q"] * len(texts)
    return [Heard(text, NOW - timedelta(seconds=seconds_apart * place), at[place]) for place, text in enumerate(texts)]


def test_the_third_automatic_reply_is_known_for_one() -> None:
    assert not is_a_robot(heard(DRIVING, DRIVING))
    assert is_a_robot(heard(DRIVING, DRIVING, DRIVING))


def test_a_reply_that_changes_a_little_is_nearly_the_same() -> None:
    assert is_a_robot(heard(*(f"Sorry I can't talk right now what's up? Message number {n} from my phone" for n in (3, 2, 1))))


@pytest.mark.parametrize("text", ["yes", "no", "todavía no", "👍", "not yet"])
def test_a_short_answer_given_ten_times_is_a_parents(text: str) -> None:
    assert not is_a_robot(heard(*[text] * 10))


def test_a_whole_sentence_given_to_five_questions_is_a_parents() -> None:
    assert not is_a_robot(heard(*["todavía no lo hace"] * 5, questions=["q5", "q4", "q3", "q2", "q1"]))


def test_six_long_ones_at_whatever_questions_are_a_robots() -> None:
    assert is_a_robot(heard(*[DRIVING] * 6, questions=[f"q{n}" for n in range(6)]))


def test_two_automatic_replies_an_hour_apart_are_let_be() -> None:
    assert not is_a_robot(heard(DRIVING, DRIVING, DRIVING, seconds_apart=600))


def test_another_text_in_between_is_a_persons() -> None:
    assert not is_a_robot(heard(DRIVING, "sorry, I am back now", DRIVING, DRIVING))


@given(st.lists(st.tuples(st.text(max_size=60), st.integers(0, 900), st.sampled_from(["q1", "q2"])), max_size=8))
def test_whatever_was_heard_is_judged_and_two_texts_never_make_a_robot(texts: list[tuple[str, int, str]]) -> None:
    said = [Heard(text, NOW - timedelta(seconds=ago), question) for text, ago, question in sorted(texts, key=lambda t: t[1])]
    is_a_robot(said)
    assert not is_a_robot(said[:2])


def test_a_flood_is_more_than_a_minute_may_bring() -> None:
    assert is_a_flood(NOW, NOW - timedelta(seconds=59))
    assert not is_a_flood(NOW, NOW - timedelta(seconds=60)) and not is_a_flood(NOW, None)
