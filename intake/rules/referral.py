"""The life of a referral: its statuses, the moves that may be made, who told us, and why a family may not have arrived.

Connected and pending stay apart, so that both rates of the Help Me Grow report can be made. A status is a report
of what happened, so most can be corrected by moving on; only a closed referral stays as it is. ``docs/referrals.md`` is
written from the tables here by ``growline referrals diagram``.
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


class MoveSource(StrEnum):
    """Who told us what a move reports."""

    FAMILY = "family"
    PROGRAM = "program"
    STAFF = "staff"
    AGENT = "agent"


# The agent speaks for itself: staff name the family, the program, or what they did or know themselves.
SOURCES_OF_STAFF = (MoveSource.FAMILY, MoveSource.PROGRAM, MoveSource.STAFF)


class BarrierCode(StrEnum):
    """Why a family that was referred did not reach a service that exists."""

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


class GapCode(StrEnum):
    """Why no service exists for what a child needs. Help Me Grow counts gaps and barriers in tables of their own: a barrier
    stands before a service that exists (http://helpmegrownational.org/pages/hmg-national/data-center.php, 4b and 4c; the
    codes are ours, after the need, town and age by which a gap is counted there).
    """

    NO_SERVICE = "no_service"
    NONE_NEAR = "none_near"
    NONE_FOR_AGE = "none_for_age"
    NO_CAPACITY = "no_capacity"


# A gap or a barrier, never both: either the service exists or it does not.
Reason = BarrierCode | GapCode


def read_reason(code: str) -> Reason | None:
    """The barrier or the gap that ``code`` names, or None; no code stands in both lists."""
    if code in set(BarrierCode):
        return BarrierCode(code)
    return GapCode(code) if code in set(GapCode) else None


class MoveNotAllowed(ValueError):
    """A referral cannot go from ``before`` to ``after``."""

    def __init__(self, before: ReferralStatus, after: ReferralStatus) -> None:
        self.before = before
        self.after = after
        super().__init__(f"a referral cannot move from {before} to {after}")


class ReasonMissing(ValueError):
    """A move to ``after`` must say what stood in the way: a barrier or a gap."""

    def __init__(self, after: ReferralStatus) -> None:
        self.after = after
        super().__init__(f"a move to {after} names a barrier or a gap")


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


# The family has not arrived, and the report asks why.
_WITHOUT_ARRIVING = frozenset({_S.COULD_NOT_REACH, _S.DECLINED, _S.WAIT_LISTED, _S.NOT_ELIGIBLE})


def needs_reason(before: ReferralStatus, after: ReferralStatus, standing: Reason | None = None) -> bool:
    """Whether the move must name a barrier or a gap.

    It must when the family has not arrived, and when a referral is closed that was never connected. ``standing`` is the
    reason named at the step that led to ``before``; it need not be named again to close.
    """
    if after is _S.CLOSED:
        return before is not _S.CONNECTED and standing is None
    return after in _WITHOUT_ARRIVING


def check_reason(
    before: ReferralStatus, after: ReferralStatus, reason: Reason | None, standing: Reason | None = None
) -> None:
    """Raises ReasonMissing when the move must name a barrier or a gap and names none."""
    if reason is None and needs_reason(before, after, standing):
        raise ReasonMissing(after)


# Nothing more is to be done or asked about such a referral: the family has arrived, or will not.
ENDED = frozenset({ReferralStatus.CONNECTED, ReferralStatus.DECLINED, ReferralStatus.NOT_ELIGIBLE, ReferralStatus.CLOSED})
# A draft waits for the yes of a parent or guardian (rule W6); what was declined, or is closed, goes nowhere.
NOT_TO_HAND_ON = frozenset({ReferralStatus.DRAFT, ReferralStatus.DECLINED, ReferralStatus.CLOSED})
# Where the next step is ours, or where a program's answer is to be asked for.
ON_THEIR_WAY = (ReferralStatus.READY, ReferralStatus.SENT, ReferralStatus.RECEIVED, ReferralStatus.COULD_NOT_REACH,
                ReferralStatus.WAIT_LISTED)
