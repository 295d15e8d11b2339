"""A person chooses another password for themselves, at the console, with the one they have now.

Every other session of theirs ends: whoever had signed in with the old password, anywhere, is out. Who has no password (a link
waits for them) has none to give here.
"""

from __future__ import annotations

from sqlalchemy.orm import Session

from intake.store.audit import write_audit
from intake.store.connection import Store
from intake.store.models import Staff
from intake.usecases.staff import actor_of, check_password, hash_password, new_uniquifier, password_is_right


class OwnPasswordRefused(ValueError):
    """The password stays as it is; ``code`` says why."""

    def __init__(self, code: str, remark: str) -> None:
        super().__init__(remark)
        self.code = code


def change_own_password(store: Store, staff: int, current: str, wanted: str) -> str:
    """Keeps ``wanted`` as the person's password; returns the new id of their sessions, which lets the one that asked go on.

    Raises OwnPasswordRefused when ``current`` is not right or ``wanted`` is the same, PasswordRefused when it is a weak one.
    """
    verified = _verified(store, staff, current)
    if verified is None:
        _record(store, staff, "staff.password_not_changed")
        raise OwnPasswordRefused("wrong", "this is not the person's password")
    if wanted == current:
        raise OwnPasswordRefused("unchanged", "this is the password they have")
    with store.transaction() as session:
        person = session.get_one(Staff, staff, with_for_update=True)
        # It may have been taken away or changed since it was looked at: whoever knew the old one has no word in that.
        if person.password != verified or not person.active:
            raise OwnPasswordRefused("wrong", "the password was taken away or changed meanwhile")
        check_password(wanted, person.email, person.name)
        return _keep(store, session, person, wanted)


def _verified(store: Store, staff: int, current: str) -> str | None:
    """The hash that is kept, if ``current`` is the password of it."""
    with store.reading() as session:
        kept = session.get_one(Staff, staff).password
    return kept if kept is not None and password_is_right(store.keys, kept, current) else None


def _keep(store: Store, session: Session, person: Staff, wanted: str) -> str:
    person.password = hash_password(store.keys, wanted)
    person.fs_uniquifier = new_uniquifier()
    write_audit(session, actor_of(person.id), "staff.password_changed", "staff", person.id)
    return person.fs_uniquifier


def _record(store: Store, staff: int, action: str) -> None:
    with store.transaction() as session:
        write_audit(session, actor_of(staff), action, "staff", staff)
