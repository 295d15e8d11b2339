"""A person's security keys and passkeys: added, used, removed, and the challenge that each answer uses up.

What a key signs is checked by the console with a library. Kept here is what must not happen twice or by two people at once: a
challenge is good for one answer, a counter that goes back lets nobody in, and the last second factor stays where one is required.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from intake.store.audit import write_audit
from intake.store.connection import Store
from intake.store.models import Staff, StaffChallenge, StaffWebauthn
from intake.usecases.staff import actor_of

ANSWER_SECONDS = 300  # a key is looked for, a PIN is typed
NAME_LONGEST = 64
KEYS_AT_MOST = 20
SECOND_FACTOR = "secondary"  # Flask-Security's word: a key never replaces the password here


class KeyRefused(ValueError):
    """A key is not added or not removed; ``code`` says why."""

    def __init__(self, code: str, remark: str) -> None:
        super().__init__(remark)
        self.code = code


@dataclass(frozen=True)
class NewKey:
    """What a key that was just set up told about itself, after the library has checked it."""

    credential_id: bytes
    public_key: bytes
    sign_count: int
    transports: Sequence[str]
    device_type: str
    backed_up: bool


@dataclass(frozen=True)
class SecurityKey:
    """A key as its owner sees it."""

    id: int
    name: str
    added_at: datetime
    last_used: datetime | None


def keys_of(store: Store, staff: int) -> list[SecurityKey]:
    """The keys of a person, oldest first."""
    query = select(StaffWebauthn).where(StaffWebauthn.staff_id == staff).order_by(StaffWebauthn.id)
    with store.reading() as session:
        return [SecurityKey(key.id, key.name, key.added_at, key.lastuse_datetime) for key in session.scalars(query)]


def ask(store: Store, staff: int, challenge: str) -> None:
    """Keeps what the person's key is to sign; an earlier question is worth nothing from now on."""
    hashed, until = _hash(challenge), datetime.now(UTC) + timedelta(seconds=ANSWER_SECONDS)
    asked = insert(StaffChallenge).values(staff_id=staff, challenge_hash=hashed, until=until)
    newest = {"challenge_hash": asked.excluded.challenge_hash, "until": asked.excluded.until}
    with store.transaction() as session:
        session.execute(asked.on_conflict_do_update(index_elements=[StaffChallenge.staff_id], set_=newest))


def take_answer(store: Store, staff: int, challenge: str) -> bool:
    """Whether this is what the person's key was asked, and in time. It is used up by the question, right or wrong."""
    asked = (StaffChallenge.staff_id == staff, StaffChallenge.challenge_hash == _hash(challenge))
    with store.transaction() as session:
        until = session.scalar(delete(StaffChallenge).where(*asked).returning(StaffChallenge.until))
        return until is not None and until > datetime.now(UTC)


def user_handle(store: Store, staff: int) -> str:
    """The random name under which a key knows the person; it says nothing about them."""
    with store.transaction() as session:
        person = session.get_one(Staff, staff, with_for_update=True)
        person.fs_webauthn_user_handle = person.fs_webauthn_user_handle or uuid.uuid4().hex
        return person.fs_webauthn_user_handle


def checked_name(store: Store, staff: int, name: str) -> str:
    """A name for a new key in the form it is kept in; raises KeyRefused."""
    with store.reading() as session:
        return _checked_name(session, staff, name)


def add_key(store: Store, staff: int, name: str, key: NewKey, *, first: bool) -> None:
    """Adds a key. With ``first`` it is the very second factor a sign-in waits for, and only good when there is none yet.

    Raises KeyRefused.
    """
    try:
        with store.transaction() as session:
            person = session.get_one(Staff, staff, with_for_update=True)
            if first and has_second_factor(session, person):
                raise KeyRefused("late", "this sign-in began before another second factor was set up")
            name = _checked_name(session, staff, name)
            session.add(_row(staff, name, key))
            session.flush()
            write_audit(session, actor_of(staff), "staff.key_added", "staff", staff, detail=key.device_type)
    except IntegrityError:  # names were compared under the lock; the key's own id is what is left
        raise KeyRefused("known", "this key is set up already") from None


def note_use(store: Store, staff: int, credential_id: bytes, count: int) -> bool:
    """Writes down that a key let its owner in; False when its counter did not go on meanwhile, or it was removed."""
    row = (StaffWebauthn.staff_id == staff, StaffWebauthn.credential_id == credential_id)
    goes_on = or_(StaffWebauthn.sign_count < count, (StaffWebauthn.sign_count == 0) & (count == 0))
    used = {"sign_count": count, "lastuse_datetime": datetime.now(UTC)}
    with store.transaction() as session:
        key = session.scalar(update(StaffWebauthn).where(*row, goes_on).values(used).returning(StaffWebauthn.id))
        if key is not None:
            write_audit(session, actor_of(staff), "staff.key_used", "staff", staff, detail=f"key {key}")
        return key is not None


def note_copied(store: Store, staff: int, key: int) -> None:
    """Writes down that everything about an answer was right but its counter: somebody may have a copy of the key."""
    with store.transaction() as session:
        write_audit(session, actor_of(staff), "staff.key_counter_went_back", "staff", staff, detail=f"key {key}")


def remove_key(store: Store, staff: int, key: int, *, required: bool) -> None:
    """Removes a key of the person's own; with it their recovery codes, when no second factor is left that they could replace.

    Raises KeyRefused when it is the last second factor and one is ``required``, or when there is no such key.
    """
    with store.transaction() as session:
        person = session.get_one(Staff, staff, with_for_update=True)
        gone = delete(StaffWebauthn).where(StaffWebauthn.id == key, StaffWebauthn.staff_id == staff)
        if session.scalar(gone.returning(StaffWebauthn.id)) is None:
            raise KeyRefused("unknown", "this person has no such key")
        if not has_second_factor(session, person):
            if required:
                raise KeyRefused("last_one", "a second factor is required, and this is the only one")
            person.mf_recovery_codes = None
        write_audit(session, actor_of(staff), "staff.key_removed", "staff", staff, detail=f"key {key}")


def has_second_factor(session: Session, person: Staff) -> bool:
    """Whether the person has an app or a key."""
    keys = select(StaffWebauthn.id).where(StaffWebauthn.staff_id == person.id).limit(1)
    return bool(person.tf_primary_method and person.tf_totp_secret) or session.scalar(keys) is not None


def _checked_name(session: Session, staff: int, name: str) -> str:
    name = " ".join(name.split())
    if not name or len(name) > NAME_LONGEST or not name.isprintable():
        raise KeyRefused("name", "the key needs a name")
    taken = select(StaffWebauthn.name).where(StaffWebauthn.staff_id == staff)
    names = {kept.casefold() for kept in session.scalars(taken)}
    if name.casefold() in names:
        raise KeyRefused("taken", "another key of this person has the name")
    if len(names) >= KEYS_AT_MOST:
        raise KeyRefused("too_many", "this person has many keys already")
    return name


def _row(staff: int, name: str, key: NewKey) -> StaffWebauthn:
    return StaffWebauthn(
        staff_id=staff, credential_id=key.credential_id, public_key=key.public_key, name=name, sign_count=key.sign_count,
        transports=list(key.transports), backup_state=key.backed_up, device_type=key.device_type, usage=SECOND_FACTOR,
    )


def _hash(challenge: str) -> bytes:
    # Random and short-lived, so that a plain hash is enough.
    return hashlib.sha256(challenge.encode()).digest()
