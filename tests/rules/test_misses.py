"""N29 as a table: after how many misses in a row what is said, and what counts as one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.rules.interview import Expects, Kind
from intake.rules.misses import ASKS_ONCE_MORE, CAN_CALL, PERSON_WILL_READ, SKIP_OR_CALL, WAYS_PAST, is_miss, ways_past

NAME, BIRTH, CONSENT, FREE = (Expects(kind) for kind in (Kind.CHILD_NAME, Kind.BIRTH_DATE, Kind.CONSENT, Kind.FREE))


@pytest.mark.parametrize(("misses", "asked", "lines"), [
    (1, NAME, ()), (2, NAME, (SKIP_OR_CALL,)), (3, NAME, (PERSON_WILL_READ, SKIP_OR_CALL)), (1, CONSENT, ()),
    (2, CONSENT, (CAN_CALL,)), (2, BIRTH, (CAN_CALL,)), (9, CONSENT, (CAN_CALL,)), (2, FREE, (CAN_CALL,)),
    (3, FREE, (PERSON_WILL_READ, CAN_CALL))])
def test_n29_what_leads_past_a_question(misses: int, asked: Expects, lines: tuple[str, ...]) -> None:
    assert ways_past(misses, asked) == lines


@given(st.sampled_from(Kind), st.integers(2, 50))
def test_n29_from_the_second_miss_on_a_person_can_always_be_reached(kind: Kind, misses: int) -> None:
    assert set(ways_past(misses, Expects(kind))) & {CAN_CALL, SKIP_OR_CALL}


@pytest.mark.parametrize(("said_before", "answered", "asked", "missed"), [
    (["name_not_understood"], NAME, NAME, True), (["name_not_understood", SKIP_OR_CALL], NAME, NAME, True),
    (["why"], NAME, NAME, False), (["name_not_understood"], CONSENT, NAME, False), (["not_understood"], None, NAME, False),
    ([], BIRTH, BIRTH, True), (list(WAYS_PAST), BIRTH, BIRTH, True), (["worry_thanks"], BIRTH, BIRTH, False),
    ([], NAME, NAME, False)])
def test_n29_what_counts_as_a_miss(said_before: list[str], answered: Expects | None, asked: Expects, missed: bool) -> None:
    assert is_miss(said_before, answered, asked) is missed


def test_the_two_kinds_of_lines_are_apart() -> None:
    assert not ASKS_ONCE_MORE & WAYS_PAST
