"""Who somebody is whom an identity provider (OpenID Connect) vouches for: a person whom an administrator has added, or nobody.

At the first sign-in the address decides, when the provider says that it is verified. From then on the provider's own id of the
account does, and the address no more: an address passes to another person one day. A new person never comes about here.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from intake.store.audit import write_audit
from intake.store.connection import Store
from intake.store.models import Staff, StaffIdentity
from intake.usecases.staff import FAILED_SIGN_IN, actor_of

WAY = "oidc"  # how such a sign-in stands in the audit trail


@dataclass(frozen=True)
class Identity:
    """What a provider has said, checked. ``email`` is None unless it says that the address is verified."""

    issuer: str
    subject: str
    email: str | None


class NotLetIn(ValueError):
    """Nobody is signed in; ``code`` says why, to the audit trail and to nobody else."""

    def __init__(self, code: str) -> None:
        super().__init__("this account of the provider opens none here")
        self.code = code


def recognize(store: Store, identity: Identity) -> int:
    """The id of the person, bound to this account of the provider from now on; raises NotLetIn and leaves a line."""
    with store.transaction() as session:
        staff, problem = _found(session, identity)
        if problem:
            write_audit(session, "anonymous", FAILED_SIGN_IN, "staff", staff, detail=f"{WAY} {problem}")
    if staff is None or problem:
        raise NotLetIn(problem or "unknown")
    return staff


def bound_people(session: Session) -> set[int]:
    """The ids of everybody who has signed in by way of a provider."""
    return set(session.scalars(select(StaffIdentity.staff_id).distinct()))


def forget(session: Session, staff: int) -> None:
    """Takes a person's accounts at providers away; at the next sign-in the address decides again."""
    session.execute(delete(StaffIdentity).where(StaffIdentity.staff_id == staff))


def _found(session: Session, identity: Identity) -> tuple[int | None, str | None]:
    """The person, and what keeps them out."""
    bound = select(StaffIdentity.staff_id).where(
        StaffIdentity.issuer == identity.issuer, StaffIdentity.subject == identity.subject
    )
    known = session.scalar(bound)
    if known is not None:
        return known, None if session.get_one(Staff, known).active else "locked"
    if identity.email is None:
        return None, "unverified"
    # Locked, so that of two first sign-ins at one moment the second finds what the first has bound.
    of_address = select(Staff).where(func.lower(Staff.email) == identity.email.strip().lower()).with_for_update()
    person = session.scalars(of_address).one_or_none()
    if person is None:
        return None, "unknown"
    if not person.active:
        return person.id, "locked"
    return person.id, None if _bind(session, person.id, identity) else "other_account"


def _bind(session: Session, staff: int, identity: Identity) -> bool:
    """Whether this account is the person's from now on; not when they, or it, are bound already."""
    row = insert(StaffIdentity).values(staff_id=staff, issuer=identity.issuer, subject=identity.subject)
    bound = session.scalar(row.on_conflict_do_nothing().returning(StaffIdentity.staff_id))
    if bound is None:
        return False
    write_audit(session, actor_of(staff), "staff.identity_bound", "staff", staff, detail=WAY)
    return True
