"""What flags a case and how soon a person must look at it, with the reason for each.

No score and no threshold: the checklists sit where three of four children already show a skill, so one worry, one
skill not yet reached or one lost skill is enough to act on (https://www.first5nevada.org/milestones/6-months/).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum

from intake.rules.concerns import ConcernDomain
from intake.rules.safety import SafetyLevel


class Urgency(StrEnum):
    """How soon staff must look at a case."""

    EMERGENCY = "emergency"
    URGENT = "urgent"
    STANDARD = "standard"
    NONE = "none"


_GRAVEST_FIRST = tuple(Urgency)


class AnswerValue(StrEnum):
    """What a parent answered to one milestone."""

    YES = "yes"
    SOMETIMES = "sometimes"
    NOT_YET = "not_yet"
    NOT_SURE = "not_sure"
    SKIP = "skip"


@dataclass(frozen=True)
class Reason:
    """One cause of a flag: ``code`` (safety, lost_skill, worry, not_yet), the item or domain, the rule, and how urgent it is."""

    code: str
    item: str | None
    rule: str
    urgency: Urgency


@dataclass(frozen=True)
class Triage:
    """The outcome; ``reasons`` are sorted gravest first and are empty exactly when nothing is flagged."""

    flagged: bool
    urgency: Urgency
    reasons: tuple[Reason, ...]


def worst(*urgencies: Urgency) -> Urgency:
    """The gravest of the urgencies; NONE when there are none."""
    return min(urgencies, key=_GRAVEST_FIRST.index, default=Urgency.NONE)


def triage(
    answers: Mapping[str, AnswerValue],
    lost_skills: bool | None,
    worries: Collection[str],
    has_worry_words: bool,
    safety_level: SafetyLevel | None,
) -> Triage:
    """Whether a case is flagged, and how urgent it is.

    Safety words make it an emergency (``priority_follow_up``: urgent); a lost skill makes it urgent, told apart
    (``lost_skills``) or named as a worry (T3, https://raisingchildren.net.au/guides/a-z-health-reference/
    developmental-regression); a worry alone (T2, https://www.wichealth.org/Member/Resource?id=6304) or one "not yet"
    (T1) makes it standard. "Sometimes", "not sure" and "skip" are told to the doctor but flag nothing.
    """
    reasons = [
        *_from_safety(safety_level),
        *_from_lost_skills(lost_skills, worries),
        *_from_worries(worries, has_worry_words),
        *_from_answers(answers),
    ]
    reasons.sort(key=lambda reason: _GRAVEST_FIRST.index(reason.urgency))
    return Triage(bool(reasons), worst(*(reason.urgency for reason in reasons)), tuple(reasons))


def _from_safety(level: SafetyLevel | None) -> list[Reason]:
    if level is None:
        return []
    urgency = Urgency.URGENT if level is SafetyLevel.PRIORITY_FOLLOW_UP else Urgency.EMERGENCY
    return [Reason("safety", level.value, "D5", urgency)]


def _from_lost_skills(lost_skills: bool | None, worries: Collection[str]) -> list[Reason]:
    if not lost_skills and ConcernDomain.REGRESSION not in worries:
        return []
    return [Reason("lost_skill", None, "T3", Urgency.URGENT)]


def _from_worries(worries: Collection[str], has_worry_words: bool) -> list[Reason]:
    domains = sorted(str(domain) for domain in worries if domain != ConcernDomain.REGRESSION)
    if not domains and has_worry_words and not worries:
        return [Reason("worry", None, "T2", Urgency.STANDARD)]
    return [Reason("worry", domain, "T2", Urgency.STANDARD) for domain in domains]


def _from_answers(answers: Mapping[str, AnswerValue]) -> list[Reason]:
    missing = (item for item, value in answers.items() if value is AnswerValue.NOT_YET)
    return [Reason("not_yet", item, "T1", Urgency.STANDARD) for item in missing]
