"""The glossary explains every word that the code keeps in the database or shows to staff."""

from __future__ import annotations

import re
from enum import StrEnum

import pytest
from tree import page

from intake.rules.after_danger import Told
from intake.rules.calls import CallOutcome, CallTo
from intake.rules.clearing import ClearedBecause
from intake.rules.concerns import ConcernDomain
from intake.rules.exporting import ExportColumns, ExportPurpose, ExportState
from intake.rules.interview import Kind
from intake.rules.keywords import Keyword
from intake.rules.outreach import OutreachKind, WhyNot
from intake.rules.promised import PartOfDay
from intake.rules.referral import BarrierCode, GapCode, MoveSource, ReferralStatus
from intake.rules.safety import SafetyCategory, SafetyLevel
from intake.rules.same_family import SameReason, Strength
from intake.rules.triage import AnswerValue, Urgency

GLOSSARY = "docs/glossary.md"
WORDS = (ClearedBecause, Kind, Urgency, AnswerValue, ConcernDomain, SafetyCategory, SafetyLevel, ReferralStatus, BarrierCode,
         GapCode, MoveSource, Keyword, CallTo, CallOutcome, OutreachKind, WhyNot,
         ExportColumns, ExportPurpose, ExportState,
         PartOfDay,
         SameReason, Strength, Told)
LEAST_WORDS = 3  # besides the term itself


def explained() -> set[str]:
    """The terms in backticks that begin a line with something said about them."""
    terms: set[str] = set()
    for line in page(GLOSSARY).splitlines():
        named = re.match(r"^[\s|*-]*((?:`[a-z0-9_]+`(?:, | and | or |/)?)+)(.*)$", line)
        if named and len(named[2].split()) >= LEAST_WORDS:
            terms |= set(re.findall(r"`([a-z0-9_]+)`", named[1]))
    return terms


@pytest.mark.parametrize("words", WORDS, ids=lambda words: words.__name__)
def test_every_member_has_a_line_in_the_glossary(words: type[StrEnum]) -> None:
    assert sorted({member.value for member in words} - explained()) == []
