"""Which activities are told next: the least often told first, what plays to a worry before the rest."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.rules.at_home import AT_A_TIME, PLAYS_TO, Place, domains_of, next_telling
from intake.rules.concerns import ConcernDomain

FIVE = [("a", ("x",)), ("b", ("y",)), ("c", ("x", "z")), ("d", ("z",)), ("e", ("y",))]
NONE: frozenset[str] = frozenset()


@pytest.mark.parametrize(("told", "wanted", "ids", "place", "remark"), [
    ({}, NONE, ("a", "b", "c"), Place.FIRST, "in the order of the file"),
    ({}, {"z"}, ("c", "d", "a"), Place.FIRST, "what plays to the worry, then the rest"),
    ({}, {"nothing"}, ("a", "b", "c"), Place.FIRST, "a domain that no activity has"),
    ({"a": 1, "b": 1, "c": 1}, NONE, ("d", "e"), Place.MORE, "the rest, though fewer than three"),
    ({"c": 1, "d": 1, "a": 1}, {"x"}, ("b", "e"), Place.MORE, "a worry told meanwhile does not bring one back"),
    (dict.fromkeys("abcde", 1), NONE, ("a", "b", "c"), Place.AGAIN, "all were told: from the start, and that is said"),
    ({**dict.fromkeys("abcde", 1), "a": 2}, NONE, ("b", "c", "d"), Place.MORE, "the second round goes on"),
    ({"other": 4}, NONE, ("a", "b", "c"), Place.FIRST, "those of another age do not count"),
])
def test_what_is_told_next(told: dict[str, int], wanted: set[str], ids: tuple[str, ...], place: Place, remark: str) -> None:
    telling = next_telling(FIVE, told, frozenset(wanted))
    assert (telling.ids, telling.place) == (ids, place), remark


@given(st.integers(1, 8), st.lists(st.sampled_from([NONE, frozenset({"0"}), frozenset({"1"})]), min_size=1, max_size=12))
def test_whoever_goes_on_asking_hears_each_before_any_comes_again(number: int, wishes: list[frozenset[str]]) -> None:
    activities = [(str(place), (str(place % 3),)) for place in range(number)]
    told: Counter[str] = Counter()
    for wanted in wishes:
        telling = next_telling(activities, told, wanted)
        assert 1 <= len(telling.ids) <= AT_A_TIME and len(set(telling.ids)) == len(telling.ids)
        told.update(telling.ids)
        assert max(told.values()) - min(told[name] for name, _ in activities) <= 1


def test_a_lost_skill_and_health_are_answered_by_no_activity() -> None:
    unanswered = {ConcernDomain.REGRESSION, ConcernDomain.MEDICAL_HEALTH, ConcernDomain.FEEDING_EATING, ConcernDomain.SLEEP}
    assert unanswered.isdisjoint(PLAYS_TO) and domains_of([domain.value for domain in unanswered]) == NONE


def test_several_worries_want_the_domains_of_all() -> None:
    assert domains_of(["behavior", "movement_physical", "unheard_of"]) == {"social_emotional", "movement_physical"}
