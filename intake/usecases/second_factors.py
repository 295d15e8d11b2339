"""What is kept of a person's second factor: the last time step of a code, and the recovery codes as keyed hashes.

A code of an authenticator app is good for one sign-in (RFC 6238, section 5.2); so is a recovery code. Both are taken in a
transaction of their own, so that of two sign-ins with one code at the same moment one gets in.
"""

from __future__ import annotations

import hmac
import secrets

from sqlalchemy import delete, or_, update
from sqlalchemy.orm import Session

from intake.store.audit import write_audit
from intake.store.connection import Store
from intake.store.encryption import KeyRing
from intake.store.models import Staff, StaffChallenge, StaffWebauthn
from intake.usecases.staff import actor_of

RECOVERY_CODES = 10
_GROUPS, _GROUP_BYTES = 3, 2  # 48 bits, written as 12 characters; only a person whose password was right may try one


def take_step(store: Store, staff: int, step: int) -> bool:
    """Whether the code of this time step was not used before; from now on neither it nor an older one is good."""
    unused = or_(Staff.tf_last_step.is_(None), Staff.tf_last_step < step)
    with store.transaction() as session:
        taken = session.scalars(
            update(Staff).where(Staff.id == staff, unused).values(tf_last_step=step).returning(Staff.id)
        )
        return taken.one_or_none() is not None


def record_second_factor(store: Store, staff: int) -> None:
    """Writes down that a person has set up a second factor, the first or another one."""
    _record(store, staff, "staff.second_factor_set")


def record_failed_second_factor(store: Store, staff: int) -> None:
    """Writes down a wrong code after a right password."""
    _record(store, staff, "staff.second_factor_failed")


def make_recovery_codes(store: Store, staff: int) -> list[str]:
    """New recovery codes, to be shown once; those made before are worth nothing from now on."""
    codes = ["-".join(secrets.token_hex(_GROUP_BYTES) for _ in range(_GROUPS)) for _ in range(RECOVERY_CODES)]
    with store.transaction() as session:
        person = session.get_one(Staff, staff)
        person.mf_recovery_codes = [_hash(store.keys, staff, code) for code in codes]
        write_audit(session, actor_of(staff), "staff.recovery_codes_made", "staff", staff)
    return codes


def use_recovery_code(store: Store, staff: int, code: str) -> bool:
    """Whether this is one of the person's recovery codes; it is good once."""
    hashed = _hash(store.keys, staff, code)
    with store.transaction() as session:
        person = session.get_one(Staff, staff, with_for_update=True)
        left = [kept for kept in person.mf_recovery_codes or [] if not hmac.compare_digest(kept, hashed)]
        if len(left) == len(person.mf_recovery_codes or []):
            return False
        person.mf_recovery_codes = left
        write_audit(session, actor_of(staff), "staff.recovery_code_used", "staff", staff, detail=f"{len(left)} left")
        return True


def forget_second_factor(session: Session, staff: Staff) -> None:
    """Takes a person's app, keys and recovery codes away; at the next sign-in they set up a new second factor."""
    staff.tf_primary_method = staff.tf_totp_secret = staff.tf_last_step = staff.mf_recovery_codes = None
    session.execute(delete(StaffWebauthn).where(StaffWebauthn.staff_id == staff.id))
    session.execute(delete(StaffChallenge).where(StaffChallenge.staff_id == staff.id))
    session.flush()


def _hash(keys: KeyRing, staff: int, code: str) -> str:
    plain = "".join(code.split()).replace("-", "").lower()
    return hmac.digest(keys.derived_key("recovery codes"), f"{staff} {plain}".encode(), "sha256").hex()


def _record(store: Store, staff: int, action: str) -> None:
    with store.transaction() as session:
        write_audit(session, actor_of(staff), action, "staff", staff)
