"""The life of a referral: its statuses, the moves that may be made, and why a family may not have arrived.

Connected and pending stay apart, so that both rates of the Help Me Grow report can be made. A status is a report
of what happened, so most can be corrected by moving on; only a closed referral stays as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class ReferralStatus(StrEnum):
    """Where a referral stands."""

    DRAFT = "draft"
    READY = "ready"
    SENT = "sent"
    RECEIVED = "received"
    COULD_NOT_REACH = "could_not_reach"
    DECLINED = "declined"
    WAIT_LISTED = "wait_listed"
    NOT_ELIGIBLE = "not_eligible"
    EVALUATED = "evaluated"
    CONNECTED = "connected"
    CLOSED = "closed"


class BarrierCode(StrEnum):
    """Why a family that was referred did not reach the service."""

    WAIT_LIST = "wait_list"
    NOT_ELIGIBLE = "not_eligible"
    COST_OR_INSURANCE = "cost_or_insurance"
    TRANSPORT = "transport"
    LANGUAGE = "language"
    HOURS = "hours"
    CHILD_CARE_FOR_SIBLINGS = "child_care_for_siblings"
    PROGRAM_DID_NOT_RESPOND = "program_did_not_respond"
    FAMILY_COULD_NOT_BE_REACHED = "family_could_not_be_reached"
    FAMILY_CHOSE_NOT_TO = "family_chose_not_to"
    FEAR_OR_STIGMA = "fear_or_stigma"
    OTHER = "other"


class MoveNotAllowed(ValueError):
    """A referral cannot go from ``before`` to ``after``."""

    def __init__(self, before: ReferralStatus, after: ReferralStatus) -> None:
        self.before = before
        self.after = after
        super().__init__(f"a referral cannot move from {before} to {after}")


_S = ReferralStatus
_AFTER_SENDING = frozenset(
    {_S.COULD_NOT_REACH, _S.DECLINED, _S.WAIT_LISTED, _S.NOT_ELIGIBLE, _S.EVALUATED, _S.CONNECTED, _S.CLOSED}
)

MOVES: Mapping[ReferralStatus, frozenset[ReferralStatus]] = MappingProxyType(
    {
        _S.DRAFT: frozenset({_S.READY, _S.DECLINED, _S.CLOSED}),
        # Back to draft: the family corrected an answer before anything was sent.
        _S.READY: frozenset({_S.DRAFT, _S.SENT, _S.DECLINED, _S.CLOSED}),
        _S.SENT: _AFTER_SENDING | {_S.RECEIVED},
        _S.RECEIVED: _AFTER_SENDING,
        # Reached after all: the program, not we, says when it has the family.
        _S.COULD_NOT_REACH: _AFTER_SENDING - {_S.COULD_NOT_REACH} | {_S.SENT, _S.RECEIVED},
        # A family may change its mind; it then says yes anew.
        _S.DECLINED: frozenset({_S.READY, _S.CLOSED}),
        _S.WAIT_LISTED: _AFTER_SENDING - {_S.WAIT_LISTED},
        _S.NOT_ELIGIBLE: frozenset({_S.CLOSED}),
        _S.EVALUATED: _AFTER_SENDING - {_S.EVALUATED},
        _S.CONNECTED: frozenset({_S.CLOSED}),
        _S.CLOSED: frozenset(),
    }
)


def may_move(before: ReferralStatus, after: ReferralStatus) -> bool:
    """Whether a referral may go from ``before`` to ``after``; staying is no move."""
    return after in MOVES[before]


def check_move(before: ReferralStatus, after: ReferralStatus) -> None:
    """Raises MoveNotAllowed unless the move is in ``MOVES``."""
    if not may_move(before, after):
        raise MoveNotAllowed(before, after)
