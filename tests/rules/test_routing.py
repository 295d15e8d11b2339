"""Which programs fit by true age, place and worry; the 45 days before the third birthday to the day.

The doors are those of the first affiliate; tests/content/test_programs.py holds its directory to them.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.rules.age import add_months
from intake.rules.concerns import ConcernDomain
from intake.rules.routing import (
    MOST_OFFERS,
    Door,
    Doors,
    ProgramFit,
    advises_lead_test,
    days_to_age,
    further_offers,
    no_program_reason,
    offers_to_make,
    programs_for,
)

TODAY = date(2026, 11, 22)
B23, CDI, PRESCHOOL, HMG, SPARKLER = (
    "birth_to_three",
    "ct211_child_development",
    "early_childhood_special_education",
    "help_me_grow_ct",
    "ages_and_stages_sparkler",
)
DOORS = Doors(
    hub=CDI,
    coordination=HMG,
    early_intervention=Door(B23, 0, 36),
    closes_days_before=45,
    preschool=Door(PRESCHOOL, 36, 72),
    monitoring=Door(SPARKLER, 0, 72),
    by_concern=(
        (ConcernDomain.HOUSING_LEAD, Door("healthy_homes", 0, 72)),
        (ConcernDomain.ASTHMA_BREATHING, Door("easy_breathing", 6, 228)),
        (ConcernDomain.INJURY_VIOLENCE, Door("injury_prevention_safe_kids", 0, 240)),
        (ConcernDomain.MEDICAL_HEALTH, Door("cyshcn_medical_home", 0, 252)),
        (ConcernDomain.FAMILY_SUPPORT, Door("ccmc_care_coordination", 0, 252)),
    ),
)
WORRY = frozenset({ConcernDomain.LANGUAGE_COMMUNICATION})


def fits(
    birth: date | None,
    *,
    flagged: bool = True,
    concerns: frozenset[ConcernDomain] = WORRY,
    home: bool | None = True,
    already: bool = False,
    near: tuple[str, ...] = (),
    named: tuple[Door, ...] = (),
    doors: Doors = DOORS,
) -> list[tuple[str, str]]:
    found = programs_for(
        birth,
        TODAY,
        doors=doors,
        in_area=home,
        concerns=concerns,
        flagged=flagged,
        already_in_early_intervention=already,
        near_programs=near,
        named=named,
    )
    return [(fit.program_id, fit.reason_rule) for fit in found]


def turning_three_in(days: int) -> date:
    birth = date(TODAY.year - 3, TODAY.month, TODAY.day) + timedelta(days=days)
    assert days_to_age(birth, 36, TODAY) == days
    return birth


ROWS = [
    ("W1", "a year old", date(2025, 11, 1), [(B23, "W1"), (CDI, "W1")]),
    ("W1", "46 days before three", turning_three_in(46), [(B23, "W1"), (CDI, "W1")]),
    ("W2", "exactly 45 days before three (W3)", turning_three_in(45), [(CDI, "W2"), (PRESCHOOL, "W2")]),
    ("W2", "one day before three", turning_three_in(1), [(CDI, "W2"), (PRESCHOOL, "W2")]),
    ("W4", "the third birthday", turning_three_in(0), [(PRESCHOOL, "W4"), (CDI, "W4")]),
    (
        "W4",
        "the last day before six",
        add_months(TODAY, 0).replace(year=2020) + timedelta(days=1),
        [(PRESCHOOL, "W4"), (CDI, "W4")],
    ),
    ("W7", "six: no clear program", date(2020, 11, 22), [(CDI, "W7"), (HMG, "W7")]),
    ("W7", "eight", date(2018, 1, 1), [(CDI, "W7"), (HMG, "W7")]),
    ("W7", "birth date not told", None, [(CDI, "W7"), (HMG, "W7")]),
    ("W7", "not born yet: Help Me Grow starts in pregnancy", date(2027, 2, 1), [(CDI, "W7"), (HMG, "W7")]),
]


@pytest.mark.parametrize(("rule", "remark", "birth", "expected"), ROWS, ids=[f"{r[0]}-{r[1]}" for r in ROWS])
def test_a_flagged_family_is_sent_by_true_age(
    rule: str, remark: str, birth: date | None, expected: list[tuple[str, str]]
) -> None:
    assert fits(birth) == expected, (rule, remark)


def test_w5_a_child_in_birth_to_three_gets_no_second_referral_to_it() -> None:
    assert fits(turning_three_in(30), already=True) == [(CDI, "W5"), (HMG, "W5")]
    assert B23 not in dict(fits(date(2025, 1, 1), already=True))


def test_w7_nothing_flagged_means_help_me_grow_and_the_app() -> None:
    assert fits(date(2025, 1, 1), flagged=False) == [(HMG, "W7"), (SPARKLER, "W7")]
    assert fits(date(2020, 1, 1), flagged=False) == [(HMG, "W7")]


def test_p4_the_true_birth_date_decides_however_early_the_child_came() -> None:
    # Born 12 weeks early, the corrected child would be 46 days or more before three; the true one is not.
    assert dict(fits(turning_three_in(10)))[CDI] == "W2"


def test_n25_out_of_state_gives_no_program_and_says_why() -> None:
    assert fits(date(2025, 1, 1), home=False) == []
    assert no_program_reason(date(2025, 1, 1), TODAY, in_area=False) == "out_of_state"
    assert fits(date(2025, 1, 1), home=None)


def test_n4_over_age_gives_no_program_and_says_why() -> None:
    assert fits(date(1986, 1, 1)) == []
    assert no_program_reason(date(1986, 1, 1), TODAY, in_area=True) == "over_age"
    assert no_program_reason(date(2025, 1, 1), TODAY, in_area=True) is None


def test_a_special_worry_adds_its_program_within_its_age() -> None:
    lead = frozenset({ConcernDomain.HOUSING_LEAD})
    asthma = frozenset({ConcernDomain.ASTHMA_BREATHING})
    assert "healthy_homes" in dict(fits(date(2025, 1, 1), concerns=lead))
    assert "healthy_homes" not in dict(fits(date(2020, 1, 1), concerns=lead))
    assert "easy_breathing" in dict(fits(date(2025, 1, 1), concerns=asthma))
    assert "easy_breathing" not in dict(fits(date(2026, 8, 1), concerns=asthma))


def test_a_program_of_the_place_comes_last_and_once() -> None:
    found = fits(date(2025, 1, 1), near=("north_hartford_ascend", CDI))
    assert found[-1] == ("north_hartford_ascend", "place")
    assert [program for program, _ in found].count(CDI) == 1


def test_the_doors_alone_decide_when_early_intervention_ends_and_closes() -> None:
    later = replace(DOORS, early_intervention=Door(B23, 0, 60), closes_days_before=90, preschool=Door(PRESCHOOL, 60, 84))
    assert dict(fits(turning_three_in(10), doors=later))[B23] == "W1"
    nearly_five = add_months(TODAY, 0).replace(year=TODAY.year - 5) + timedelta(days=90)
    assert fits(nearly_five, doors=later) == [(CDI, "W2"), (PRESCHOOL, "W2")]
    assert fits(nearly_five + timedelta(days=1), doors=later) == [(B23, "W1"), (CDI, "W1")]


def test_an_age_that_no_door_serves_is_the_hubs() -> None:
    gap = replace(DOORS, preschool=Door(PRESCHOOL, 48, 72))
    assert fits(add_months(TODAY, 0).replace(year=TODAY.year - 3, month=6), doors=gap) == [(CDI, "W7"), (HMG, "W7")]


def test_an_affiliate_may_have_no_monitoring_and_one_program_for_two_parts() -> None:
    one = replace(DOORS, hub=HMG, monitoring=None)
    assert fits(date(2025, 1, 1), flagged=False, doors=one) == [(HMG, "W7")]
    assert fits(None, doors=one) == [(HMG, "W7")]


ASTHMA, HVIP = Door("easy_breathing", 6, 228), Door("hvip", 0, 252)


def test_what_the_family_names_itself_comes_before_the_kind_of_worry_and_the_place() -> None:
    lead = frozenset({ConcernDomain.HOUSING_LEAD})
    found = fits(date(2025, 1, 1), concerns=lead, named=(HVIP, ASTHMA), near=("north_hartford_ascend",))
    assert found[2:] == [("hvip", "words"), ("easy_breathing", "words"), ("healthy_homes", "concern"),
                         ("north_hartford_ascend", "place")]


def test_a_named_program_is_told_within_its_age_only() -> None:
    assert "easy_breathing" not in dict(fits(date(2026, 8, 1), named=(ASTHMA,)))
    assert "easy_breathing" in dict(fits(None, named=(ASTHMA,))), "an unknown age keeps no door shut"


@pytest.mark.parametrize("days", [46, 45, 1, 0])
def test_words_never_open_a_door_that_the_birth_date_opens(days: int) -> None:
    asked = fits(turning_three_in(days), named=(DOORS.early_intervention, DOORS.preschool))
    assert asked == fits(turning_three_in(days))


def test_nothing_flagged_and_a_named_program_or_place_come_before_monitoring() -> None:
    assert fits(date(2025, 1, 1), flagged=False, named=(ASTHMA,), near=("ascend",)) == [
        (HMG, "W7"), ("easy_breathing", "words"), ("ascend", "place"), (SPARKLER, "W7")]


def test_the_hub_and_the_coordination_are_no_further_offers_and_neither_is_what_is_known() -> None:
    told = [ProgramFit(program, "W1") for program in (B23, CDI, HMG, "asthma", "homes")]
    assert [fit.program_id for fit in further_offers(told, DOORS, {B23, "homes"})] == ["asthma"]


def test_within_the_45_days_the_preschool_program_is_a_further_offer() -> None:
    found = [ProgramFit(*fit) for fit in fits(turning_three_in(45))]
    assert [fit.program_id for fit in further_offers(found, DOORS, {CDI})] == [PRESCHOOL]


@given(st.lists(st.sampled_from("abcdef"), unique=True), st.lists(st.sampled_from("abcdef"), unique=True, max_size=3))
def test_at_most_three_are_offered_what_was_answered_stays_and_nothing_is_lost(fitting: list[str], answered: list[str]) -> None:
    offered, left = offers_to_make(answered, [ProgramFit(program, "words") for program in fitting])
    assert len(offered) <= MOST_OFFERS and list(offered[:len(answered)]) == answered
    assert {*offered, *(fit.program_id for fit in left)} == {*answered, *fitting}
    assert len(offered) + len(left) == len({*answered, *fitting})


@pytest.mark.parametrize(("remark", "birth", "concerns", "flagged", "advised"), [
    ("T7 a developmental worry under six", date(2025, 1, 1), WORRY, True, True),
    ("T7 not from six on", date(2020, 11, 22), WORRY, True, False),
    ("T7 a skill not yet reached without a worry", date(2025, 1, 1), frozenset(), True, True),
    ("lead at home", date(2025, 1, 1), frozenset({ConcernDomain.HOUSING_LEAD}), True, True),
    ("asthma alone is no developmental worry", date(2025, 1, 1), frozenset({ConcernDomain.ASTHMA_BREATHING}), True, False),
    ("nothing flagged", date(2025, 1, 1), frozenset(), False, False),
    ("age unknown", None, WORRY, True, False),
    ("not born yet", TODAY + timedelta(days=9), WORRY, True, False)])
def test_t7_a_blood_lead_test_is_advised(
    remark: str, birth: date | None, concerns: frozenset[ConcernDomain], flagged: bool, advised: bool
) -> None:
    assert advises_lead_test(birth, TODAY, concerns=concerns, flagged=flagged) is advised, remark
