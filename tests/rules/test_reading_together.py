"""Texts that waited together are one message: nothing but repetition is left out, and the order stays."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.rules.reading_together import as_one, distinct


@pytest.mark.parametrize(("texts", "one"), [
    (["he doesnt talk", "and he doesnt look at me", "im scared"], "he doesnt talk. and he doesnt look at me. im scared"),
    (["yes", "YES", "yes!!"], "yes"),
    (["does he point?", "yes"], "does he point? yes"),
    (["hola", "", "  "], "hola"),
    (["👍", "👍"], "👍"),
    ([], ""),
])
def test_waiting_texts_are_one_message(texts: list[str], one: str) -> None:
    assert as_one(texts) == one


def test_a_name_in_two_texts_stays_a_name() -> None:
    assert as_one(["Mateo", "Rivera"], a_name=True) == "Mateo Rivera"


@given(st.lists(st.text(max_size=40), max_size=6))
def test_no_text_is_lost_but_repetition(texts: list[str]) -> None:
    one = as_one(texts)
    at = 0
    for text in (text.strip() for text in distinct(texts) if text.strip()):
        found = one.find(text, at)
        assert found >= at
        at = found + len(text)
