"""Who is asking and who the child is: nothing unclear or impossible is kept, nothing is guessed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from a_family import TODAY, AFamily, birth, born, said
from hypothesis import given
from hypothesis import strategies as st

from intake.rules.age import completed_months, latest_birth_date
from intake.rules.interview import Expects, Kind
from intake.store.models import Child
from intake.usecases.about_child import (
    Birth,
    tell_birth_date,
    tell_early_birth,
    tell_relation,
)
from intake.usecases.outcome import Outcome

Family = Callable[..., AFamily]


def _tells(parent: AFamily, text: str, read: Birth | None) -> Outcome:
    return parent.say(text, lambda scene: tell_birth_date(scene, read))


@pytest.mark.parametrize(("typed", "kept"), [("1", "parent"), ("mom", "parent"), ("soy la abuela", "family"),
                                             ("Doctor, nurse or therapist", "provider"), ("4", "child_care")])
def test_who_is_asking_may_be_picked_by_number_label_or_word(family: Family, typed: str, kept: str) -> None:
    parent = family(until=Kind.RELATION)
    parent.say(typed, tell_relation)
    assert parent.value(Kind.RELATION) == parent.case()["family"]["relation"] == kept


@pytest.mark.parametrize("typed", ["9", "hello", "mom and grandma"])
def test_who_cannot_be_placed_is_asked_to_pick(family: Family, typed: str) -> None:
    parent = family(until=Kind.RELATION)
    outcome = parent.say(typed, tell_relation)
    assert "please_pick" in said(outcome) and outcome.expects == Expects(Kind.RELATION)
    assert parent.value(Kind.RELATION) is None


def test_a_birth_date_is_kept_exactly_and_decides_the_list(family: Family) -> None:
    parent = family(until=Kind.BIRTH_DATE)
    day = born(18)
    _tells(parent, "x", Birth(dob=day))
    [child] = parent.all(Child)
    assert (child.birth_date, child.birth_is_exact) == (day, True)
    assert parent.open() == Expects(Kind.EARLY_BIRTH)


@pytest.mark.parametrize(("read", "line"), [
    (Birth(dob=TODAY + timedelta(days=1)), "birth_future"),
    (Birth(reason="future"), "birth_future"),
    (Birth(dob=born(9 * 12)), "birth_over_age"),
    (Birth(months=9 * 12), "birth_over_age"),
    (Birth(reason="impossible"), "birth_not_understood"),
    (Birth(ambiguous=True, reason="several"), "birth_unclear"),
    (None, "birth_not_understood"),
])
def test_a_birth_date_that_cannot_be_is_asked_again_and_not_kept(family: Family, read: Birth | None, line: str) -> None:
    parent = family(until=Kind.BIRTH_DATE)
    outcome = _tells(parent, "x", read)
    assert said(outcome) == [line, "ask_birth_date_again"]
    assert outcome.expects is not None and outcome.expects.kind is Kind.BIRTH_DATE
    assert parent.case()["child"]["birth_date"] is None


def test_a_child_one_day_before_the_ninth_birthday_is_served(family: Family) -> None:
    parent = family(until=Kind.BIRTH_DATE)
    _tells(parent, "x", Birth(dob=born(9 * 12) + timedelta(days=31)))
    assert parent.open() == Expects(Kind.WORRY)


def test_a_bare_three_is_asked_as_years_or_months_and_the_pick_counts(family: Family) -> None:
    parent = family(until=Kind.BIRTH_DATE)
    asked = _tells(parent, "3", Birth(ambiguous=True, reason="unit_missing", readings=("P3Y", "P3M")))
    assert asked.expects == Expects(Kind.BIRTH_DATE, "P3Y|P3M")
    assert [choice.text for choice in asked.choices] == ["1", "2"]
    assert not any("P3" in choice.label for choice in asked.choices)
    _tells(parent, "2", Birth(ambiguous=True, reason="unit_missing", readings=("P2Y", "P2M")))
    [child] = parent.all(Child)
    assert child.birth_date is not None and not child.birth_is_exact
    assert completed_months(child.birth_date, TODAY) == 3


def test_a_date_that_reads_two_ways_is_asked_and_the_pick_counts(family: Family) -> None:
    parent = family(until=Kind.BIRTH_DATE)
    one, other = date(TODAY.year - 2, 3, 4), date(TODAY.year - 2, 4, 3)
    _tells(parent, "3/4", Birth(ambiguous=True, readings=(one.isoformat(), other.isoformat())))
    _tells(parent, "2.", None)
    [child] = parent.all(Child)
    assert (child.birth_date, child.birth_is_exact) == (other, True)


@pytest.mark.parametrize("typed", ["3", "0", "neither"])
def test_a_pick_that_is_none_of_the_readings_is_asked_again(family: Family, typed: str) -> None:
    parent = family(until=Kind.BIRTH_DATE)
    _tells(parent, "3", Birth(ambiguous=True, readings=("P3Y", "P3M")))
    _tells(parent, typed, None)
    assert parent.open() == Expects(Kind.BIRTH_DATE) and parent.case()["child"]["birth_date"] is None


def test_instead_of_picking_a_reading_a_plain_date_may_be_told(family: Family) -> None:
    parent = family(until=Kind.BIRTH_DATE)
    _tells(parent, "3", Birth(ambiguous=True, readings=("P3Y", "P3M")))
    _tells(parent, "he is 3 years old", Birth(months=36))
    assert parent.case()["child"]["birth_date"] == born(36).isoformat()


def test_who_only_knows_almost_three_is_asked_once_for_the_date_and_then_believed(family: Family) -> None:
    parent, almost = family(until=Kind.BIRTH_DATE), Birth(months=35, ambiguous=True, reason="almost")
    _tells(parent, "almost 3", almost)
    assert parent.case()["child"]["birth_date"] is None
    _tells(parent, "almost 3", almost)
    assert parent.case()["child"]["birth_date"] == born(35).isoformat()


def test_an_age_alone_is_kept_as_not_exact(family: Family) -> None:
    parent = family(until=Kind.BIRTH_DATE)
    _tells(parent, "18 months", Birth(months=18))
    assert parent.case()["child"] == {"name": "Mateo", "birth_date": born(18).isoformat(), "birth_is_exact": False,
                                      "weeks_early": None}


@given(st.dates(date(2020, 1, 1), date(2032, 12, 31)), st.integers(0, 107))
def test_the_date_made_from_an_age_has_that_age_and_the_next_day_has_not(today: date, months: int) -> None:
    made = latest_birth_date(months, today)
    assert completed_months(made, today) == months
    after = made + timedelta(days=1)
    assert after > today or completed_months(after, today) < months


def test_weeks_told_with_the_birth_date_are_not_asked_again(family: Family) -> None:
    parent = family(until=Kind.BIRTH_DATE)
    outcome = _tells(parent, "x", Birth(dob=born(10), weeks_early=9))
    assert parent.open() == Expects(Kind.WORRY)
    adjusted = next(line for line in outcome.lines if line.name == "checklist_adjusted")
    assert (adjusted.variables["weeks"], adjusted.variables["months"]) == (9, 6)


@pytest.mark.parametrize(("reply", "weeks", "kept"), [("not_yet", None, "not_yet"), ("not_sure", None, "not_sure"),
                                                      ("skip", None, "skip"), ("inform", 6, "yes")])
def test_early_birth_is_kept_as_answered(family: Family, reply: str, weeks: int | None, kept: str) -> None:
    parent = family(until=Kind.EARLY_BIRTH)
    parent.say("x", lambda scene: tell_early_birth(scene, reply, weeks))
    assert parent.value(Kind.EARLY_BIRTH) == kept and parent.case()["child"]["weeks_early"] == weeks
    assert parent.open() == Expects(Kind.WORRY)


def test_a_bare_yes_to_early_birth_is_asked_for_the_weeks_once_and_never_twice(family: Family) -> None:
    parent = family(until=Kind.EARLY_BIRTH)
    parent.say("yes", lambda scene: tell_early_birth(scene, "yes", None))
    assert parent.open() == Expects(Kind.EARLY_BIRTH, "weeks")
    parent.say("yes", lambda scene: tell_early_birth(scene, "yes", None))
    assert parent.value(Kind.EARLY_BIRTH) == "not_sure" and parent.open() == Expects(Kind.WORRY)


@pytest.mark.parametrize("weeks", [0, 21, 40, -2])
def test_weeks_no_child_was_born_early_by_are_not_kept(family: Family, weeks: int) -> None:
    parent = family(until=Kind.EARLY_BIRTH)
    parent.say("x", lambda scene: tell_early_birth(scene, "yes", weeks))
    assert parent.case()["child"]["weeks_early"] is None


@pytest.mark.parametrize(("months", "line"), [(1, "no_checklist_young"), (80, "no_checklist_older")])
def test_where_there_is_no_list_the_parent_is_told_and_only_the_worry_is_asked(family: Family, months: int, line: str) -> None:
    parent = family(until=Kind.BIRTH_DATE)
    assert line in said(parent.say(*birth(born(months))))
    parent.goes_on_to(Kind.CONTACT_CONSENT)
    assert not [row for row in parent.case()["answers"] if row["item"].startswith("m0")]
