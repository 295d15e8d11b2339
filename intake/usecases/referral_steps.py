"""One step of a referral: checked against the tables of the rules, then kept with who took it, who told us, and why.

The agent and staff take their steps through here, so that no way leads around the table of moves.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from intake.rules.referral import (
    BarrierCode,
    GapCode,
    MoveSource,
    Reason,
    ReferralStatus,
    check_move,
    check_reason,
)
from intake.store.audit import write_audit
from intake.store.models import Referral, ReferralMove

AGENT = "agent"


@dataclass(frozen=True)
class Step:
    """Where a referral goes, who takes the step (as in the audit trail), who told us, what stood in the way, and a note."""

    to: ReferralStatus
    actor: str
    source: MoveSource
    reason: Reason | None = None
    note: str | None = None


def begin(session: Session, referral: Referral, actor: str, source: MoveSource) -> None:
    """Adds a new referral with the step that made it."""
    session.add(referral)
    session.flush()
    session.add(ReferralMove(referral_id=referral.id, from_status=None, to_status=referral.status, actor=actor,
                             source=source.value, at=datetime.now(UTC)))
    write_audit(session, actor, "referral.made", "referral", referral.id)


def take_step(session: Session, referral: Referral, step: Step) -> int:
    """Takes the step and returns the referral's new version.

    Raises MoveNotAllowed and ReasonMissing; nothing is changed then.
    """
    before = ReferralStatus(referral.status)
    check_move(before, step.to)
    check_reason(before, step.to, step.reason, standing_reason(session, referral))
    # Not the time the transaction began: two people's steps then stand in the order they happened.
    now = datetime.now(UTC)
    session.add(ReferralMove(
        referral_id=referral.id, from_status=before.value, to_status=step.to.value, actor=step.actor,
        source=step.source.value, note=step.note or None, at=now,
        barrier=step.reason.value if isinstance(step.reason, BarrierCode) else None,
        gap=step.reason.value if isinstance(step.reason, GapCode) else None))
    referral.status, referral.status_at = step.to.value, now
    referral.version += 1
    write_audit(session, step.actor, f"referral.{step.to.value}", "referral", referral.id)
    return referral.version


def standing_reason(session: Session, referral: Referral) -> Reason | None:
    """The barrier or gap named at the step that led to where the referral stands."""
    query = (select(ReferralMove).where(ReferralMove.referral_id == referral.id)
             .order_by(ReferralMove.at.desc()).limit(1))
    last = session.scalar(query)
    return None if last is None else reason_of(last)


def reason_of(move: ReferralMove) -> Reason | None:
    """The barrier or gap of a kept step."""
    if move.gap:
        return GapCode(move.gap)
    return BarrierCode(move.barrier) if move.barrier else None
