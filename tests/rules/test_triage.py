"""What flags a case, how urgent it is, and that each flag names its reason."""

from __future__ import annotations

from itertools import product

import pytest

from intake.rules.concerns import ConcernDomain
from intake.rules.safety import SafetyLevel
from intake.rules.triage import AnswerValue, Reason, Urgency, triage, worst

YES, SOMETIMES, NOT_YET, NOT_SURE, SKIP = AnswerValue
EMERGENCY, SAME_DAY, PRIORITY = SafetyLevel


def judged(
    *values: AnswerValue,
    lost: bool | None = None,
    worries: tuple[str, ...] = (),
    words: bool = False,
    safety: SafetyLevel | None = None,
) -> Urgency:
    outcome = triage({f"item{n}": value for n, value in enumerate(values)}, lost, worries, words, safety)
    assert outcome.flagged is bool(outcome.reasons) is (outcome.urgency is not Urgency.NONE)
    return outcome.urgency


ROWS = [
    ("T1", "nothing said", judged(), Urgency.NONE),
    ("T1", "all reached", judged(YES, YES), Urgency.NONE),
    ("T1", "one not yet is enough", judged(YES, NOT_YET, YES), Urgency.STANDARD),
    ("T1", "sometimes, not sure and skip flag nothing", judged(SOMETIMES, NOT_SURE, SKIP), Urgency.NONE),
    ("T2", "a worry with every milestone met", judged(YES, YES, worries=("sleep",)), Urgency.STANDARD),
    ("T2", "a worry nobody could sort", judged(words=True), Urgency.STANDARD),
    ("T2", "a worry and no list at all", judged(worries=("feeding_eating",), words=True), Urgency.STANDARD),
    ("T3", "a lost skill", judged(YES, lost=True), Urgency.URGENT),
    ("T3", "a lost skill told as a worry", judged(worries=("regression",), words=True), Urgency.URGENT),
    ("T3", "no lost skill", judged(YES, lost=False), Urgency.NONE),
    ("D5", "an emergency", judged(YES, safety=EMERGENCY), Urgency.EMERGENCY),
    ("D5", "same-day danger is an emergency for staff", judged(safety=SAME_DAY), Urgency.EMERGENCY),
    ("D5", "priority follow-up is urgent", judged(safety=PRIORITY), Urgency.URGENT),
    ("D5", "danger outweighs a lost skill", judged(NOT_YET, lost=True, safety=EMERGENCY), Urgency.EMERGENCY),
]


@pytest.mark.parametrize(("rule", "remark", "urgency", "expected"), ROWS, ids=[f"{r[0]}-{r[1]}" for r in ROWS])
def test_the_urgency_follows_the_gravest_reason(rule: str, remark: str, urgency: Urgency, expected: Urgency) -> None:
    assert urgency is expected, (rule, remark)


def test_reasons_stand_gravest_first_and_name_item_and_rule() -> None:
    outcome = triage({"m18.points": NOT_YET}, True, {ConcernDomain.SLEEP, ConcernDomain.REGRESSION}, True, EMERGENCY)
    assert outcome.reasons == (
        Reason("safety", "emergency", "D5", Urgency.EMERGENCY),
        Reason("lost_skill", None, "T3", Urgency.URGENT),
        Reason("worry", "sleep", "T2", Urgency.STANDARD),
        Reason("not_yet", "m18.points", "T1", Urgency.STANDARD),
    )


@pytest.mark.parametrize("answers", [[], [YES], [SOMETIMES, NOT_SURE]])
def test_adding_a_not_yet_always_flags(answers: list[AnswerValue]) -> None:
    assert judged(*answers, NOT_YET) is Urgency.STANDARD


def test_worst_is_the_gravest_and_none_for_nothing() -> None:
    order = list(Urgency)
    for one, other in product(order, order):
        assert worst(one, other) is order[min(order.index(one), order.index(other))]
    assert worst() is Urgency.NONE
