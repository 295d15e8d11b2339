"""Pauses between tries grow, are drawn by lot and never vanish; a text is given up when it would be too late."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.rules.pauses import growing_pause, is_given_up

HOUR = timedelta(hours=1)


@given(tries=st.integers(0, 10_000), first=st.floats(0.01, 60), lot=st.floats(0, 1))
def test_a_pause_lies_between_its_floor_and_the_longest(tries: int, first: float, lot: float) -> None:
    pause = growing_pause(tries, first, 60.0, lot)
    assert first / 2 * 0.999 <= pause <= 60.001


@given(tries=st.integers(0, 30), lot=st.floats(0, 1))
def test_the_next_pause_is_drawn_from_a_span_at_least_as_wide(tries: int, lot: float) -> None:
    assert growing_pause(tries + 1, 1.0, 60.0, lot) >= growing_pause(tries, 1.0, 60.0, lot)


@pytest.mark.parametrize(("hours", "started", "held", "given_up"), [
    (3.9, False, False, False), (4.1, False, False, True),
    (23.9, True, False, False), (24.1, True, False, True),
    (35.9, False, True, False), (36.1, True, True, True),
])
def test_a_text_is_given_up_when_it_would_be_too_late(hours: float, started: bool, held: bool, given_up: bool) -> None:
    assert is_given_up(hours * HOUR, started_by_us=started, held=held) is given_up
