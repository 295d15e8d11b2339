"""Why a flag is cleared: what somebody of the team has done about it."""

from __future__ import annotations

from enum import StrEnum


class ClearedBecause(StrEnum):
    """What was done about a flag."""

    TALKED_WITH_FAMILY = "talked_with_family"
    REFERRAL_UNDER_WAY = "referral_under_way"
    SAFE_NOW = "safe_now"
    NO_HELP_WANTED = "no_help_wanted"
    MISREAD = "misread"
    HANDLED_ELSEWHERE = "handled_elsewhere"
