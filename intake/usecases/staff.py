"""Accounts of the people who work with the console: who may sign in, and with which role.

A password is kept as an argon2id hash (RFC 9106, the library's own parameters) of a keyed hash of the
password, so that a stolen database alone is not enough to try passwords. There is no registration: an
operator adds each person.
"""

from __future__ import annotations

import base64
import hmac
import re
import secrets
import threading
import unicodedata
from datetime import UTC, datetime
from enum import StrEnum

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from intake.store.audit import write_audit
from intake.store.connection import Store
from intake.store.encryption import KeyRing
from intake.store.models import Role, Staff

PASSWORD_SHORTEST = 12  # characters (OWASP ASVS 5.0, 6.2.1 asks for 8 and advises 15)
PASSWORD_LONGEST = 128  # characters; a phrase fits, a flood of text to hash does not (the same list, 6.2.9)
OPERATOR = "operator"
FAILED_SIGN_IN = "staff.sign_in_failed"
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_EMAIL_LONGEST, _NAME_LONGEST = 254, 120
_UNIQUIFIER_BYTES = 32
_LOOKED_AT = 72  # characters; the estimate takes long for longer ones, and these are long enough
_STRONG_ENOUGH = 3  # of 4: more than a hundred million guesses for somebody who knows how people choose
_ESTIMATING = threading.Lock()  # zxcvbn keeps what is known of a person in one place for all


class StaffRole(StrEnum):
    """What a member of staff does here."""

    INTAKE = "intake"
    SUPERVISOR = "supervisor"
    ADMINISTRATOR = "administrator"


CASEWORK = (StaffRole.INTAKE, StaffRole.SUPERVISOR)  # an administrator looks after accounts and sees no family


class StaffNotAdded(ValueError):
    """A person cannot be added; the message says what to change, ``code`` says it to a program."""

    def __init__(self, code: str, remark: str) -> None:
        super().__init__(remark)
        self.code = code


class PasswordRefused(StaffNotAdded):
    """A password is too short, too long, or among those that are tried first."""


def actor_of(staff: int) -> str:
    """The name under which the member of staff with the id ``staff`` stands in the audit trail."""
    return f"staff:{staff}"


def password_key(keys: KeyRing) -> str:
    """The key mixed into every password before it is hashed; it is derived, so it never stands in the
    database.
    """
    return base64.urlsafe_b64encode(keys.derived_key("staff passwords")).decode()


def hash_password(keys: KeyRing, password: str) -> str:
    """The argon2id hash kept for ``password``: NFKD-normalised and keyed, as the console checks it at sign-
    in.
    """
    return PasswordHasher().hash(_keyed(keys, password))


def password_is_right(keys: KeyRing, kept: str, password: str) -> bool:
    """Whether ``password`` is the one whose hash is ``kept``."""
    try:
        return PasswordHasher().verify(kept, _keyed(keys, password))
    except (VerificationError, InvalidHashError):
        return False


def _keyed(keys: KeyRing, password: str) -> bytes:
    normal = unicodedata.normalize("NFKD", password)
    return base64.b64encode(hmac.digest(password_key(keys).encode(), normal.encode(), "sha512"))


def check_password(password: str, *about: str) -> None:
    """Raises PasswordRefused for a password that is too short or long, common, or made of what is known ``about`` the person.

    The lists of common and leaked passwords, names and words come with zxcvbn; nothing is asked of a service outside.
    """
    if not PASSWORD_SHORTEST <= len(password) <= PASSWORD_LONGEST:
        raise PasswordRefused("length", f"the password must have {PASSWORD_SHORTEST} to {PASSWORD_LONGEST} characters")
    from zxcvbn import zxcvbn  # its lists take memory that most programs need not spend

    known = [part for text in about for part in (text, *re.split(r"[^\w]+", text)) if part]
    with _ESTIMATING:
        score = zxcvbn(password[:_LOOKED_AT], user_inputs=known)["score"]
    if score < _STRONG_ENOUGH:
        raise PasswordRefused("common", "the password is among those that are tried first; several unusual words are better")


def add_staff(store: Store, email: str, name: str, password: str, role: StaffRole | str) -> int:
    """Adds a person who may sign in; returns their id.

    Raises StaffNotAdded when the address is taken or none, the name is empty, the role unknown or the
    password too short or too common.
    """
    email, name, role = checked_person(email, name, role)
    check_password(password, email, name)
    hashed = hash_password(store.keys, password)
    with store.transaction() as session:
        return new_staff(session, email, name, role, password=hashed, actor=OPERATOR).id


def new_staff(
    session: Session, email: str, name: str, role: StaffRole, *, password: str | None, actor: str
) -> Staff:
    """A new row for a person whose e-mail, name and role were checked; raises StaffNotAdded when the address is taken."""
    if session.scalar(select(Staff.id).where(func.lower(Staff.email) == email)) is not None:
        raise StaffNotAdded("taken", "a person with this e-mail address is there already")
    staff = Staff(
        email=email, name=name, password=password, fs_uniquifier=new_uniquifier(), roles=[role_row(session, role)]
    )
    session.add(staff)
    session.flush()
    write_audit(session, actor, "staff.added", "staff", staff.id, detail=role.value)
    return staff


def staff_is_known(store: Store, email: str) -> bool:
    """Whether somebody with this e-mail address may sign in."""
    with store.reading() as session:
        return (
            session.scalar(select(Staff.id).where(func.lower(Staff.email) == email.strip().lower()))
            is not None
        )


def record_sign_in(store: Store, staff: int, way: str | None = None) -> None:
    """Writes down that a member of staff has signed in, and by which way when it was not the password."""
    with store.transaction() as session:
        session.get_one(Staff, staff).last_login_at = datetime.now(UTC)
        write_audit(session, actor_of(staff), "staff.signed_in", "staff", staff, detail=way)


def record_failed_sign_in(store: Store, staff: int | None, detail: str | None = None) -> None:
    """Writes down a failed sign-in; ``staff`` is None when nobody has that address, which is never written
    down.
    """
    with store.transaction() as session:
        write_audit(session, "anonymous", FAILED_SIGN_IN, "staff", staff, detail=detail)


def sign_out(store: Store, staff: int) -> None:
    """Ends all sessions of a member of staff, on every device: a copied cookie is worth nothing then."""
    with store.transaction() as session:
        session.get_one(Staff, staff).fs_uniquifier = new_uniquifier()
        write_audit(session, actor_of(staff), "staff.signed_out", "staff", staff)


def record_refusal(store: Store, staff: int, permission: str, object_id: str | None) -> None:
    """Writes down that a member of staff asked for something their role does not allow."""
    with store.transaction() as session:
        write_audit(session, actor_of(staff), "access.refused", "permission", object_id, detail=permission)


def checked_person(email: str, name: str, role: StaffRole | str) -> tuple[str, str, StaffRole]:
    """E-mail, name and role in the form they are kept in; raises StaffNotAdded."""
    email, name = email.strip().lower(), " ".join(name.split())
    if not _EMAIL.fullmatch(email) or len(email) > _EMAIL_LONGEST:
        raise StaffNotAdded("no_address", "this is no e-mail address")
    if not name or len(name) > _NAME_LONGEST:
        raise StaffNotAdded("no_name", "a name is needed: colleagues see who moved a referral")
    return email, name, checked_role(role)


def checked_role(role: StaffRole | str) -> StaffRole:
    """The role of that name; raises StaffNotAdded for another word."""
    if role not in set(StaffRole):
        raise StaffNotAdded("unknown_role", "the role must be one of: " + ", ".join(StaffRole))
    return StaffRole(role)


def role_row(session: Session, role: StaffRole) -> Role:
    """The row of a role, made when it is the first of its kind."""
    session.execute(insert(Role).values(name=role.value).on_conflict_do_nothing())
    return session.scalars(select(Role).where(Role.name == role.value)).one()


def new_uniquifier() -> str:
    """A fresh id of a person's sessions: with another one every session that was open is over."""
    return secrets.token_urlsafe(_UNIQUIFIER_BYTES)
